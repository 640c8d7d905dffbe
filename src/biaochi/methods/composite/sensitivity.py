"""Variance-based sensitivity: Sobol' first-order and total indices with bootstrap intervals.

First-order after Saltelli et al. (2010), doi 10.1016/j.cpc.2009.09.018, centred; total after Jansen (1999), doi
10.1016/S0010-4655(98)00154-4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Indices:
    """First-order and total indices, shape (d, T), with 5 % and 95 % bootstrap quantiles; NaN where nothing varies."""

    first: np.ndarray
    first_lo: np.ndarray
    first_hi: np.ndarray
    total: np.ndarray
    total_lo: np.ndarray
    total_hi: np.ndarray

    @property
    def implausible(self) -> np.ndarray:
        """Where the first-order index is above the total one: more runs are needed."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.first > self.total)

    def to_frame(self, targets: Sequence[str], factors: Sequence[str]) -> pd.DataFrame:
        """Return one row a target and factor."""
        parts = []
        for t, target in enumerate(targets):
            columns = {k: getattr(self, k)[:, t] for k in _FIELDS}
            parts.append(pd.DataFrame({"target": target, "factor": list(factors), **columns}))
        return pd.concat(parts, ignore_index=True)


_FIELDS = ("first", "first_lo", "first_hi", "total", "total_lo", "total_hi")


def sobol_indices(
    y_a: np.ndarray,
    y_b: np.ndarray,
    y_ab: np.ndarray,
    *,
    rng: np.random.Generator,
    resamples: int = 200,
    level: float = 0.9,
) -> Indices:
    """Return Sobol' indices from a radial design.

    Parameters
    ----------
    y_a, y_b : ndarray, shape (N,) or (N, T)
        Output of blocks A and B, T targets.
    y_ab : ndarray, shape (d, N) or (d, N, T)
        Output of block AB_k: A with column k of B.
    resamples : int
        Bootstrap over rows; the variance is recomputed each time.

    Examples
    --------
    >>> from scipy.stats import qmc
    >>> u = qmc.Sobol(4, rng=np.random.default_rng(1)).random(512)
    >>> f = lambda x: 2 * x[:, 0] + x[:, 1]
    >>> a, b = u[:, :2], u[:, 2:]
    >>> ab = np.stack([f(np.c_[b[:, 0], a[:, 1]]), f(np.c_[a[:, 0], b[:, 1]])])
    >>> sobol_indices(f(a), f(b), ab, rng=np.random.default_rng(0)).total.round(1).ravel().tolist()
    [0.8, 0.2]
    """
    a = y_a.reshape(len(y_a), -1).astype(float)
    b = y_b.reshape(len(y_b), -1).astype(float)
    mixed = y_ab.reshape(len(y_ab), len(a), -1).astype(float)
    whole = np.isfinite(a) & np.isfinite(b) & np.isfinite(mixed).all(0)
    keep = whole.all(1)
    a, b, mixed = a[keep], b[keep], mixed[:, keep]
    n = len(a)
    if n < 2:
        empty = np.full((len(mixed), a.shape[1]), np.nan)
        return Indices(empty, empty, empty, empty, empty, empty)
    centre = (a.mean(0) + b.mean(0)) / 2
    a, b, mixed = a - centre, b - centre, mixed - centre
    first, total = _estimates(np.ones((1, n)), a, b, mixed)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(float) if resamples else np.ones((1, n))
    drawn_first, drawn_total = _estimates(counts, a, b, mixed)
    tail = (1 - level) / 2
    ends = [tail, 1 - tail]
    first_lo, first_hi = np.quantile(drawn_first, ends, axis=0)
    total_lo, total_hi = np.quantile(drawn_total, ends, axis=0)
    return Indices(first[0], first_lo, first_hi, total[0], total_lo, total_hi)


def _estimates(counts: np.ndarray, a: np.ndarray, b: np.ndarray, mixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return first and total indices (resamples, d, T) for rows taken ``counts`` times."""
    n = counts.sum(1)[:, None]
    mean = counts @ (a + b) / (2 * n)
    variance = (counts @ (a**2 + b**2) - 2 * n * mean**2) / (2 * n - 1)
    scale = np.maximum(np.abs(a).max(0), np.abs(b).max(0))
    variance = np.where(variance > 1e-20 * np.maximum(scale, 1e-300) ** 2, variance, np.nan)
    first, total = [], []
    for block in mixed:
        step = block - a
        first.append((counts @ (b * step) / n - mean * (counts @ step) / n) / variance)
        total.append(counts @ step**2 / (2 * n) / variance)
    return np.stack(first, 1), np.stack(total, 1)
