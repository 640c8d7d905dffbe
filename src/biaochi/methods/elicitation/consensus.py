"""What a panel says of an item in one round, and how far it agrees.

Kendall (1939, doi 10.1214/aoms/1177732186) for W; Krippendorff (2011) for α; Diamond et al. (2014,
doi 10.1016/j.jclinepi.2013.12.002) for the need of a definition of consensus set beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special
from scipy.stats import rankdata

from biaochi.methods.elicitation.answers import Floats

MIN_CAMPS = 4  # fewer answers have no camps
ItemType = Literal["likert", "rank", "probability", "quantiles", "interval", "year", "choice"]


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """What an item asks.

    Parameters
    ----------
    code : str
        Key.
    type : str
        Kind of answer.
    low, high : float or None
        Ends of a numeric scale.
    top : float or None
        Smallest answer that counts as the top box; by default the two best of an integer scale, 0.5 of a probability.
    """

    code: str
    type: ItemType
    low: float | None = None
    high: float | None = None
    top: float | None = None

    @property
    def top_from(self) -> float | None:
        """Smallest answer in the top box; None when the item has none."""
        if self.top is not None:
            return self.top
        if self.type == "probability":
            return 0.5
        return self.high - 1 if self.type == "likert" and self.high is not None else None


def summarise_round(answers: pd.DataFrame, items: Mapping[str, ItemSpec] | None = None) -> pd.DataFrame:
    """Summarise single-valued answers of one or several rounds.

    Parameters
    ----------
    answers : DataFrame
        Columns ``round, item, version, value``; one row an expert and item, ``value`` NaN where it was skipped.
    items : mapping or None
        Item → what it asks; without it scales are read from the answers.

    Returns
    -------
    DataFrame
        One row a round, item and version: ``n, skipped, median, iqr, iqr_share, top_share, entropy, polarised``.
        ``iqr_share`` is the interquartile range over the length of the scale, ``entropy`` that of the answers in
        bits, ``polarised`` whether both ends hold a quarter or more and the middle less than either.
    """
    keys = ["round", "item", "version"]
    grouped = answers.groupby(keys, sort=True)["value"]
    table = grouped.agg(n="count", size="size")
    table["skipped"] = table["size"] - table["n"]
    ordered = answers.dropna(subset=["value"]).sort_values([*keys, "value"])
    starts = np.concatenate([[0], np.cumsum(table["n"].to_numpy())[:-1]]).astype(np.int64)
    values = ordered["value"].to_numpy(dtype=np.float64)
    n = table["n"].to_numpy()
    low, middle, high = (_quantile(values, starts, n, p) for p in (0.25, 0.5, 0.75))
    table["median"], table["iqr"] = middle, high - low
    codes = table.index.get_level_values("item")
    specs = [items.get(str(c)) if items else None for c in codes]
    ends = [_ends(values[s : s + k], spec) for s, k, spec in zip(starts, n, specs, strict=True)]
    length = np.array([b - a for a, b in ends])
    table["iqr_share"] = np.where(length > 0, table["iqr"] / np.where(length > 0, length, 1.0), np.nan)
    shape = [
        _shape(values[s : s + k], a, b, _top(spec, b))
        for s, k, spec, (a, b) in zip(starts, n, specs, ends, strict=True)
    ]
    table[["top_share", "entropy", "polarised"]] = pd.DataFrame(shape, index=table.index)
    return table.drop(columns="size").reset_index()


def _quantile(values: Floats, starts: np.ndarray, n: np.ndarray, level: float) -> Floats:
    """Return linear quantiles of consecutive sorted groups."""
    position = level * np.maximum(n - 1, 0)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    share = position - below
    if len(values) == 0:
        return np.full(len(n), np.nan)
    safe = np.minimum(starts, len(values) - 1)
    top = np.minimum(safe + above, len(values) - 1)
    found = values[np.minimum(safe + below, len(values) - 1)] * (1 - share) + values[top] * share
    return np.where(n > 0, found, np.nan)


def _ends(values: Floats, spec: ItemSpec | None) -> tuple[float, float]:
    if spec is not None and spec.low is not None and spec.high is not None:
        return spec.low, spec.high
    if spec is not None and spec.type == "probability":
        return 0.0, 1.0
    return (float(values[0]), float(values[-1])) if len(values) else (0.0, 0.0)


def _top(spec: ItemSpec | None, high: float) -> float:
    found = spec.top_from if spec is not None else None
    return high - 1 if found is None else found


def _shape(values: Floats, low: float, high: float, top: float) -> tuple[float, float, bool]:
    if len(values) == 0:
        return np.nan, np.nan, False
    n = len(values)
    change = np.flatnonzero(np.diff(values)) + 1
    share = np.diff(np.concatenate([[0], change, [n]])) / n
    entropy = float(-np.sum(special.xlogy(share, share)) / np.log(2)) + 0.0
    third = (high - low) / 3
    bottom_share = float(np.searchsorted(values, low + third, side="left")) / n
    top_third = 1 - float(np.searchsorted(values, high - third, side="right")) / n
    middle = 1 - bottom_share - top_third
    polarised = bool(
        n >= MIN_CAMPS and third > 0 and min(bottom_share, top_third) >= 0.25 and middle < min(bottom_share, top_third)
    )
    return 1 - float(np.searchsorted(values, top, side="left")) / n, entropy, polarised


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W with its χ² test."""

    w: float
    chi2: float
    df: int
    p: float
    n_experts: int


def kendall_w(ranks: ArrayLike) -> Concordance:
    """Return Kendall's coefficient of concordance, corrected for ties.

    Parameters
    ----------
    ranks : array, shape (experts, items)
        Ranks or scores: each expert's row is ranked again with average ranks.

    Raises
    ------
    ValueError
        With fewer than two experts or items, or missing ranks.

    Examples
    --------
    >>> round(kendall_w([[1, 2, 3, 4], [1, 3, 2, 4], [2, 1, 3, 4]]).w, 4)
    0.7778
    """
    table = np.asarray(ranks, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(f"ranks need at least two experts (rows) and two items (columns), seen {table.shape}")
    if np.isnan(table).any():
        raise ValueError("every expert must rank every item")
    k, n = table.shape
    again = rankdata(table, axis=1)
    sums = again.sum(axis=0)
    s = float(np.sum((sums - sums.mean()) ** 2))
    ties = 0.0
    for row in again:
        _, counts = np.unique(row, return_counts=True)
        ties += float(np.sum(counts.astype(np.float64) ** 3 - counts))
    divisor = k**2 * (n**3 - n) - k * ties
    w = 12 * s / divisor if divisor > 0 else float("nan")
    chi2 = k * (n - 1) * w
    return Concordance(w, chi2, n - 1, float(special.gammaincc((n - 1) / 2, chi2 / 2)), k)


def krippendorff_alpha(values: ArrayLike, metric: Literal["nominal", "ordinal", "interval"] = "ordinal") -> float:
    """Return Krippendorff's α of experts (rows) over items (columns); NaN cells are missing.

    Examples
    --------
    >>> krippendorff_alpha([[1, 2, 3], [1, 2, 3]])
    1.0
    """
    table = np.asarray(values, dtype=np.float64)
    table = table[:, np.sum(~np.isnan(table), axis=0) >= 2]
    if table.size == 0:
        return float("nan")
    codes = np.unique(table[~np.isnan(table)])
    counts = np.stack([(table == c).sum(axis=0) for c in codes], axis=1).astype(np.float64)
    per_item = counts.sum(axis=1)
    weighted = counts / (per_item - 1)[:, None]
    coincidence = counts.T @ weighted - np.diag(weighted.sum(axis=0))
    totals = coincidence.sum(axis=1)
    distance = _distance(codes, totals, metric)
    expected = np.outer(totals, totals) - np.diag(totals)
    below = float(np.sum(expected * distance)) / (totals.sum() - 1)
    if below == 0:
        return 1.0
    return float(1 - np.sum(coincidence * distance) / below)


def _distance(codes: Floats, totals: Floats, metric: str) -> Floats:
    if metric == "nominal":
        return 1.0 - np.eye(len(codes))
    if metric == "interval":
        return np.asarray(np.subtract.outer(codes, codes) ** 2)
    upto = np.cumsum(totals)
    between = np.abs(np.subtract.outer(upto, upto))
    half = np.add.outer(totals, totals) / 2
    lower = np.minimum.outer(np.arange(len(codes)), np.arange(len(codes)))
    # Mass from one code to the other inclusive, less half of both ends.
    inclusive = between + totals[lower]
    return np.asarray(np.where(np.eye(len(codes)) > 0, 0.0, (inclusive - half) ** 2))


def importance_index(counts: Sequence[float]) -> float:
    """Return the importance index of Chinese foresight surveys: (100N₁+75N₂+50N₃+25N₄)/ΣN.

    Status unverified.  ``counts`` are very important, important, fairly important, not important.

    Examples
    --------
    >>> importance_index([10, 10, 0, 0])
    87.5
    """
    n = np.asarray(counts, dtype=np.float64)
    if n.shape != (4,) or np.any(n < 0):
        raise ValueError("four counts are needed, none negative")
    total = n.sum()
    return float(n @ np.array([100.0, 75.0, 50.0, 25.0]) / total) if total > 0 else float("nan")


def weighted_median(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the value at which half of the weight is reached (mean of two where it falls between)."""
    v, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    keep = ~np.isnan(v) & (w > 0)
    v, w = v[keep], w[keep]
    if len(v) == 0:
        return float("nan")
    order = np.argsort(v, kind="stable")
    v, share = v[order], np.cumsum(w[order]) / w.sum()
    i = int(np.searchsorted(share, 0.5 - 1e-12))
    if abs(share[i] - 0.5) <= 1e-12 and i + 1 < len(v):
        return float((v[i] + v[i + 1]) / 2)
    return float(v[i])
