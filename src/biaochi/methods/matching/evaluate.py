"""How good a ranking is: average precision, precision at k, nDCG at k, with a clustered bootstrap over queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over queries with its interval."""

    estimate: float
    lo: float
    hi: float


def average_precision(relevant: NDArray[np.bool_], total: int | None = None) -> float:
    """Return the average precision of one ranking; ``total`` relevant ones exist (default: those ranked).

    Examples
    --------
    >>> round(average_precision(np.array([True, False, True])), 4)
    0.8333
    """
    hits = np.flatnonzero(relevant)
    count = int(relevant.sum()) if total is None else total
    return float(np.sum(np.arange(1, hits.size + 1) / (hits + 1)) / count) if count else float("nan")


def ndcg(relevant: NDArray[np.bool_], k: int = 10, total: int | None = None) -> float:
    """Return the normalised discounted cumulative gain of the first ``k`` places."""
    count = int(relevant.sum()) if total is None else total
    if not count:
        return float("nan")
    discount = 1 / np.log2(np.arange(2, k + 2))
    gained = float(np.sum(discount[: min(k, relevant.size)] * relevant[:k]))
    return gained / float(np.sum(discount[: min(k, count)]))


def bootstrapped(
    values: NDArray[np.float64],
    clusters: NDArray[np.int64],
    rng: np.random.Generator,
    level: float = 0.9,
    rounds: int = 1000,
) -> Measure:
    """Return the mean of values with a percentile interval, whole clusters drawn together.

    Parameters
    ----------
    values : array, shape (n,)
        One value a query; NaN is left out.
    clusters : array of int, shape (n,)
        Queries of one scene (or owner) belong together.
    rng : numpy.random.Generator
        Source of draws.
    level : float
        Level of the interval.
    rounds : int
        Number of draws.
    """
    kept = ~np.isnan(values)
    values, clusters = values[kept], clusters[kept]
    if not values.size:
        return Measure(float("nan"), float("nan"), float("nan"))
    place = np.unique(clusters, return_inverse=True)[1]
    sums = np.bincount(place, weights=values)
    sizes = np.bincount(place)
    draws = rng.integers(0, sums.size, size=(rounds, sums.size))
    means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Measure(float(values.mean()), float(low), float(high))


def ranking_measures(
    rankings: Sequence[NDArray[np.bool_]],
    totals: Sequence[int],
    clusters: NDArray[np.int64],
    rng: np.random.Generator,
    level: float = 0.9,
) -> Mapping[str, Measure]:
    """Return MAP, precision at 10 and nDCG at 10 of many rankings."""
    pairs = list(zip(rankings, totals, strict=True))
    values = {
        "map": [average_precision(r, t) for r, t in pairs],
        "p10": [float(r[:10].sum()) / 10 if t else float("nan") for r, t in pairs],
        "ndcg10": [ndcg(r, 10, t) for r, t in pairs],
    }
    return {name: bootstrapped(np.asarray(v), clusters, rng, level) for name, v in values.items()}
