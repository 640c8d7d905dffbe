"""How alike the structures of regions are (产业结构相似系数), by five measures.

``unido`` Σ s_a s_b / √(Σs_a² Σs_b²); ``krugman`` Σ|s_a − s_b| (0 alike, 2 nothing in common); ``overlap`` 1 − K/2;
``bahar`` the correlation of ln(RCA + 0.1); ``jaccard`` of portfolios (RCA ≥ 1, or the declared tracks).
With three sectors every measure is near 1: say at which level tracks are cut.

Sources
-------
UNIDO (1979), World Industry since 1960; Krugman (1991); Bahar, Hausmann, Hidalgo (2014),
doi 10.1016/j.jinteco.2013.11.001; Jaccard (1912), doi 10.1111/j.1469-8137.1912.tb05611.x.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.crowding import jaccard
from biaochi.methods.specialisation.location_quotient import quotients

Array = NDArray[np.float64]
Measure = Literal["unido", "krugman", "overlap", "bahar", "jaccard"]


def similarity(x: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Return the similarity of every two regions.

    Parameters
    ----------
    x : DataFrame, regions × tracks
        Activity X ≥ 0 (or shares); portfolios of bool are taken as they are by ``jaccard``.
    measure : str
        One of the five; ``krugman`` is a distance.

    Returns
    -------
    DataFrame, regions × regions
        NaN for regions without activity.

    Examples
    --------
    >>> table = pd.DataFrame([[1, 1], [3, 3], [1, 0]], index=list("abc"))
    >>> similarity(table, "overlap").loc["a"].tolist()
    [1.0, 1.0, 0.5]
    """
    if measure not in get_args(Measure):
        raise ValueError(f"measure must be one of {', '.join(get_args(Measure))}, seen {measure!r}")
    values = x.to_numpy()
    if measure == "jaccard":
        found = jaccard(values if values.dtype == bool else quotients(values.astype(float)) >= 1)
    else:
        found = structures(values.astype(float), measure)
    return pd.DataFrame(found, index=x.index, columns=x.index)


def structures(x: Array, measure: Measure) -> Array:
    """Return similarity of arrays of activity."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "bahar":
            profile = np.log(quotients(x) + 0.1)
            profile = profile[:, ~np.isnan(profile).all(axis=0)]
            centred = profile - profile.mean(axis=1, keepdims=True)
            return _cosine(centred)
        share = x / x.sum(axis=1, keepdims=True)
    if measure == "unido":
        return _cosine(share)
    distance = np.stack([np.abs(share - row).sum(axis=1) for row in share]) if len(share) else np.zeros((0, 0))
    return distance if measure == "krugman" else 1 - distance / 2


def _cosine(rows: Array) -> Array:
    length = np.sqrt((rows**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = rows / np.where(length > 1e-300, length, np.nan)[:, None]
    return np.asarray(np.clip(unit @ unit.T, -1.0, 1.0), dtype=float)


def mean_over_pairs(matrix: Array) -> float:
    """Return the mean over all pairs of different regions that are known."""
    values = matrix[np.triu_indices(len(matrix), 1)]
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def bootstrap_mean(matrix: Array, *, draws: int, level: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return an interval of the mean over pairs, regions drawn with replacement.

    A region drawn twice is not compared with itself.
    """
    n = len(matrix)
    if n < 3:
        return float("nan"), float("nan")
    means = []
    for _ in range(draws):
        chosen = rng.integers(0, n, n)
        part = matrix[np.ix_(chosen, chosen)]
        pairs = part[(chosen[:, None] < chosen[None, :])]
        known = pairs[~np.isnan(pairs)]
        if known.size:
            means.append(known.mean())
    if not means:
        return float("nan"), float("nan")
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
