"""Confidence sets for ranks from estimates with a covariance.

For each unit the rank lies in [1 + #{j surely better}, n − #{j surely worse}], "surely" by a max-t bootstrap of the
differences with step-down over the ordered pairs still undecided.  Source: Mogstad, Romano, Shaikh & Wilhelm (2024),
doi 10.1093/restud/rdad006.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class RankSets:
    """Lowest and highest rank each unit can have (1 = largest estimate), and the level they hold at."""

    low: np.ndarray
    high: np.ndarray
    level: float
    simultaneous: bool

    def to_frame(self, units: list[str]) -> pd.DataFrame:
        """Return ``unit, rank_lo, rank_hi``."""
        return pd.DataFrame({"unit": units, "rank_lo": self.low, "rank_hi": self.high})


def rank_confidence_sets(
    x: np.ndarray,
    cov: np.ndarray,
    *,
    level: float = 0.95,
    simultaneous: bool = True,
    rng: np.random.Generator,
    draws: int = 2000,
) -> RankSets:
    """Return rank sets.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Estimates; larger is better.
    cov : ndarray, shape (n, n) or (n,)
        Their covariance, or variances of independent estimates.
    level : float
        Coverage: of all ranks at once, or (``simultaneous=False``) of each unit's rank on its own.

    Examples
    --------
    >>> found = rank_confidence_sets(np.array([9.0, 5.0, 1.0]), np.array([0.1, 0.1, 0.1]),
    ...                              rng=np.random.default_rng(0))
    >>> found.low.tolist(), found.high.tolist()
    ([1, 2, 3], [1, 2, 3])
    """
    estimate = np.asarray(x, dtype=float)
    sigma = np.diag(cov) if np.ndim(cov) == 1 else np.asarray(cov, dtype=float)
    n = len(estimate)
    if sigma.shape != (n, n) or not np.isfinite(sigma).all() or not np.isfinite(estimate).all():
        raise ValueError(f"estimates of length {n} need a finite {n} × {n} covariance, seen {sigma.shape}")
    values, vectors = np.linalg.eigh(sigma)
    if values.min() < -1e-8 * max(values.max(), 1e-300):
        raise ValueError("the covariance is not positive semi-definite")
    noise = rng.standard_normal((draws, n)) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    variance = np.diag(sigma)[:, None] + np.diag(sigma)[None, :] - 2 * sigma
    se = np.sqrt(np.maximum(variance, 0.0))
    if simultaneous:
        above = _decided(estimate, se, noise, level, np.argwhere(~np.eye(n, dtype=bool)))
        return RankSets(1 + above.sum(0), n - above.sum(1), level, True)
    low, high = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for i in range(n):
        others = np.delete(np.arange(n), i)
        pairs = np.concatenate([np.c_[others, np.full(n - 1, i)], np.c_[np.full(n - 1, i), others]])
        above = _decided(estimate, se, noise, level, pairs)
        low[i], high[i] = 1 + above[:, i].sum(), n - above[i].sum()
    return RankSets(low, high, level, False)


def _decided(x: np.ndarray, se: np.ndarray, noise: np.ndarray, level: float, pairs: np.ndarray) -> np.ndarray:
    """Return which ordered pairs (a, b) are decided "a above b", stepping down over those left."""
    above = np.zeros((len(x), len(x)), dtype=bool)
    a, b = pairs[:, 0], pairs[:, 1]
    exact = se[a, b] == 0
    above[a[exact], b[exact]] = x[a[exact]] > x[b[exact]]
    a, b = a[~exact], b[~exact]
    statistic = (x[a] - x[b]) / se[a, b]
    open_ = np.ones(len(a), dtype=bool)
    while open_.any():
        critical = np.quantile(_maxima(noise, a[open_], b[open_], se), level)
        fresh = open_ & (statistic > critical)
        if not fresh.any():
            break
        above[a[fresh], b[fresh]] = True
        open_ &= ~fresh
    return above


def _maxima(noise: np.ndarray, a: np.ndarray, b: np.ndarray, se: np.ndarray, chunk: int = 4096) -> np.ndarray:
    best = np.full(len(noise), -np.inf)
    for start in range(0, len(a), chunk):
        i, j = a[start : start + chunk], b[start : start + chunk]
        np.maximum(best, ((noise[:, i] - noise[:, j]) / se[i, j]).max(1), out=best)
    return best
