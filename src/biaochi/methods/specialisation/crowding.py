"""Is it copying?  The mean similarity of declared portfolios, taken apart.

Portfolios look alike because they are large (*size*), because some tracks are popular everywhere (*popularity*), and
perhaps because particular regions imitate particular others (*copying*).  The three parts are differences between
the observed mean Jaccard similarity and its means under two null models, and sum to the observed value.

Use when every portfolio is complete: a track that is absent from a partial list is unknown, not absent.

Sources
-------
Null with both margins: doi 10.1038/ncomms5114.  False discovery rate of the pairs: Benjamini, Hochberg (1995),
doi 10.1111/j.2517-6161.1995.tb02031.x.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.null_models import Table, curveball, uniform_tables


@dataclass(frozen=True, slots=True)
class NullSummary:
    """Mean and standard deviation (ddof 1) of a statistic under a null, the observed z, and p = (1+#≥)/(1+draws)."""

    mean: float
    sd: float
    z: float
    p: float


@dataclass(frozen=True, slots=True)
class CrowdingParts:
    """The mean pairwise Jaccard similarity and what it is made of.

    Attributes
    ----------
    observed : float
        Mean over all pairs with at least one track, 0..1.
    uniform, popularity : NullSummary
        The same mean under the two nulls.
    size, popular, copying : float
        The parts; they sum to ``observed``.
    """

    observed: float
    uniform: NullSummary
    popularity: NullSummary
    size: float
    popular: float
    copying: float

    def to_dict(self) -> dict[str, object]:
        """Return the parts as the record files carry."""
        u, p = self.uniform, self.popularity
        return {
            "observed": self.observed,
            "uniform": {"mean": u.mean, "sd": u.sd, "z": u.z},
            "popularity": {"mean": p.mean, "sd": p.sd, "z": p.z, "p": p.p},
            "size": self.size,
            "popular": self.popular,
            "copying": self.copying,
        }


@dataclass(frozen=True)
class Crowding:
    """Parts for the whole table, and each pair of regions against the popularity null.

    ``pairs`` has columns a, b, value, expected, z, q; z is NaN where the null never varies.
    """

    parts: CrowdingParts
    pairs: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the pairs."""
        return self.pairs


def jaccard(plans: Table) -> NDArray[np.float64]:
    """Return the Jaccard similarity of every two rows; NaN for two empty ones.

    Examples
    --------
    >>> float(jaccard(np.array([[1, 1, 0], [0, 1, 1]], dtype=bool))[0, 1])
    0.3333333333333333
    """
    held = plans.astype(np.float64)
    common = held @ held.T
    size = held.sum(axis=1)
    union = size[:, None] + size[None, :] - common
    return np.asarray(np.divide(common, union, out=np.full_like(common, np.nan), where=union > 0), dtype=float)


def decompose_crowding(plans: pd.DataFrame, *, draws: int = 1000, rng: np.random.Generator) -> Crowding:
    """Take the mean similarity of portfolios apart.

    Parameters
    ----------
    plans : DataFrame of bool, regions × tracks
        Complete portfolios; columns are every track that could have been named.
    draws : int
        Tables drawn under each null, at least 2.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Crowding
        With fewer than two non-empty portfolios every number is NaN.

    Examples
    --------
    >>> plans = pd.DataFrame(np.eye(3, 6, dtype=bool), index=list("abc"))
    >>> parts = decompose_crowding(plans, draws=50, rng=np.random.default_rng(0)).parts
    >>> parts.observed, round(parts.size + parts.popular + parts.copying, 12)
    (0.0, 0.0)
    """
    if draws < 2:
        raise ValueError(f"at least two draws are needed, seen {draws}")
    table = plans.to_numpy(dtype=np.bool_)
    upper = np.triu_indices(len(table), 1)
    seen = jaccard(table)[upper]
    observed = _mean(seen)
    uniform, _ = _null(uniform_tables(table, draws, rng), seen, upper)
    popularity, pairs = _null(curveball(table, draws, rng), seen, upper)
    parts = CrowdingParts(
        observed,
        uniform,
        popularity,
        uniform.mean,
        popularity.mean - uniform.mean,
        observed - popularity.mean,
    )
    names = plans.index.to_numpy()
    pairs.insert(0, "a", names[upper[0]])
    pairs.insert(1, "b", names[upper[1]])
    return Crowding(parts, pairs)


def pair_shares(plans: pd.DataFrame) -> pd.Series:
    """Return each track's share of all coinciding choices, n(n−1)/2 over its sum; NaN when nothing coincides."""
    n = plans.sum(axis=0).astype(float)
    pairs = n * (n - 1).clip(lower=0) / 2
    total = pairs.sum()
    return pairs / total if total > 0 else pairs * np.nan


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return q-values: the least false discovery rate at which each p-value is found; NaN stays NaN.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.02, 0.5])).tolist()
    [0.03, 0.03, 0.5]
    """
    q = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    if not known.size:
        return q
    order = known[np.argsort(p[known])][::-1]
    ranks = np.arange(known.size, 0, -1)
    q[order] = np.minimum(np.minimum.accumulate(p[order] * known.size / ranks), 1.0)
    return q


def _null(
    tables: Iterable[Table], seen: NDArray[np.float64], upper: tuple[NDArray[np.intp], ...]
) -> tuple[NullSummary, pd.DataFrame]:
    """Run through the tables once, keeping only moments of the pairs and every mean."""
    means: list[float] = []
    total, squares, above = np.zeros(len(seen)), np.zeros(len(seen)), np.zeros(len(seen))
    for table in tables:
        values = jaccard(table)[upper]
        means.append(_mean(values))
        total += values
        squares += values**2
        above += values >= seen - 1e-12
    n = len(means)
    observed = _mean(seen)
    expected = total / n
    sd = np.sqrt(np.maximum(squares - n * expected**2, 0.0) / (n - 1))
    frame = pd.DataFrame(
        {
            "value": seen,
            "expected": expected,
            "z": _z(seen, expected, sd),
            "q": benjamini_hochberg(np.where(np.isnan(seen), np.nan, (1 + above) / (1 + n))),
        }
    )
    drawn = np.array(means)
    spread = float(np.std(drawn, ddof=1))
    centre = float(np.mean(drawn))
    p = float((1 + np.sum(drawn >= observed - 1e-12)) / (1 + n)) if np.isfinite(observed) else np.nan
    z = float(_z(np.array([observed]), np.array([centre]), np.array([spread]))[0])
    return NullSummary(centre, spread, z, p), frame


def _z(seen: NDArray[np.float64], mean: NDArray[np.float64], sd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance in standard deviations; NaN where the null never varies (a spread of rounding errors is none)."""
    moves = sd > 1e-9
    return np.asarray(np.divide(seen - mean, sd, out=np.full(len(seen), np.nan), where=moves), dtype=float)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
