"""The log-rank test, plain or stratified: do groups end at different rates?

Source: Mantel 1966; Peto and Peto 1972, doi:10.2307/2344317.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biaochi.methods.survival.kaplan_meier import checked


@dataclass(frozen=True, slots=True)
class RankTest:
    """Statistic, degrees of freedom and p value of a log-rank test."""

    chi2: float
    df: int
    p: float


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
) -> RankTest:
    """Test whether groups share one survival curve.

    Parameters
    ----------
    time, event, entry : arrays, shape (n,)
        As in :func:`kaplan_meier`.
    group : array, shape (n,)
        Group of each case; at least two groups.
    strata : array, shape (n,), optional
        Cases are compared within a stratum only.

    Returns
    -------
    RankTest

    Raises
    ------
    ValueError
        When there are fewer than two groups.

    Examples
    --------
    >>> found = log_rank([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, list("aaaabbbb"))
    >>> round(found.chi2, 4), found.df
    (7.3444, 1)
    """
    ends, seen, starts = checked(time, event, entry)
    names, groups = np.unique(np.asarray(group), return_inverse=True)
    if names.size < 2:
        raise ValueError("a log-rank test needs at least two groups")
    layers = np.zeros(ends.size, dtype=np.int64)
    if strata is not None:
        layers = np.unique(np.asarray(strata), return_inverse=True)[1]
    k = names.size
    difference, covariance = np.zeros(k), np.zeros((k, k))
    for layer in range(int(layers.max(initial=0)) + 1):
        rows = layers == layer
        found = _one_stratum(ends[rows], seen[rows], starts[rows], groups[rows], k)
        difference += found[0]
        covariance += found[1]
    inner, reduced = difference[:-1], covariance[:-1, :-1]
    statistic = float(inner @ np.linalg.pinv(reduced) @ inner)
    df = int(np.linalg.matrix_rank(reduced)) or k - 1
    return RankTest(statistic, df, float(chdtrc(df, statistic)))


def _one_stratum(
    ends: NDArray[np.float64],
    seen: NDArray[np.bool_],
    starts: NDArray[np.float64],
    groups: NDArray[np.int64],
    k: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    times = np.unique(ends[seen])
    at_risk, events = np.empty((times.size, k)), np.empty((times.size, k))
    for g in range(k):
        own = groups == g
        entered = np.searchsorted(np.sort(starts[own]), times, side="left")
        at_risk[:, g] = entered - np.searchsorted(np.sort(ends[own]), times, side="left")
        dead = np.sort(ends[own & seen])
        events[:, g] = np.searchsorted(dead, times, "right") - np.searchsorted(dead, times, "left")
    n, d = at_risk.sum(axis=1), events.sum(axis=1)
    expected = at_risk * (d / n)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(n > 1, d * (n - d) / (n - 1), 0.0)
    share = at_risk / n[:, None]
    covariance = np.diag((factor[:, None] * share).sum(axis=0)) - (share * factor[:, None]).T @ share
    return (events - expected).sum(axis=0), covariance
