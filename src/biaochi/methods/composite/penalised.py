"""Means with a penalty for imbalance: the Mazziotta–Pareto index (mpi) and its adjusted form (ampi).

Children are first put on a common scale learnt from base rows, then M − S²/M: an unbalanced profile scores below its
mean.  mpi: 100 + 10·z-score, S with ddof 1.  ampi: 70 + 60(x − lo)/(hi − lo), lo and hi the base reference ∓ half the
range over all units and periods, S with ddof 0.  Source: Mazziotta & Pareto (2016), doi 10.1007/s11205-015-0998-2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

PENALISED = frozenset({"mpi", "ampi"})
_DDOF = {"mpi": 1, "ampi": 0}


@dataclass(frozen=True)
class Common:
    """The common scale of one parent's children, y = offset + factor·(x − centre); arrays of shape (…, k).

    Examples
    --------
    >>> scale = Common.learn("mpi", np.array([[1.0, 2.0, 3.0], [10.0, 10.0, 40.0]]))
    >>> scale.factor.round(3).tolist()
    [10.0, 0.577]
    """

    centre: np.ndarray
    factor: np.ndarray
    offset: float

    @classmethod
    def learn(cls, name: str, z: np.ndarray, base: Any = None) -> Common:
        """Learn from children (…, k, R), on the rows ``base`` (all by default)."""
        rows = slice(None) if base is None else base
        learnt = np.swapaxes(z[..., rows], -1, -2)
        present = np.isfinite(z)
        centre, spread = mean_sd(learnt, np.isfinite(learnt), _DDOF[name])
        with np.errstate(invalid="ignore", divide="ignore"):
            if name == "mpi":
                return cls(centre, 10 / np.where(spread > 0, spread, np.nan), 100.0)
            half = (np.where(present, z, -np.inf).max(-1) - np.where(present, z, np.inf).min(-1)) / 2
            half = np.where(half > 0, half, np.nan)
            return cls(centre - half, 30 / half, 70.0)

    @classmethod
    def identity(cls, k: int) -> Common:
        """Return the scale of children that are on it already."""
        return cls(np.zeros(k), np.ones(k), 0.0)

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Return children (…, k, R) on the common scale."""
        return np.asarray(self.offset + self.factor[..., None] * (z - self.centre[..., None]))

    def first(self) -> Common:
        """Return the scale without its leading axis of one state."""
        return Common(self.centre[0], self.factor[0], self.offset) if self.centre.ndim > 1 else self


def mean_sd(z: np.ndarray, present: np.ndarray, ddof: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation over the second-last axis of the values present."""
    n = present.sum(-2)
    filled = np.where(present, z, 0.0)
    mean = filled.sum(-2) / np.maximum(n, 1)
    squares = np.where(present, (z - mean[..., None, :]) ** 2, 0.0).sum(-2)
    return mean, np.sqrt(squares / np.maximum(n - ddof, 1))


def penalised_mean(name: str, y: np.ndarray) -> np.ndarray:
    """Return M − S²/M of children (…, k, R) on their common scale."""
    mean, sd = mean_sd(y, np.isfinite(y), _DDOF[name])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(mean - sd**2 / mean)


def penalised_gradient(name: str, y: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return the derivatives of M − S²/M by children (k,) before they were put on their common scale."""
    n, ddof = len(y), _DDOF[name]
    mean = y.mean()
    spread = y - mean
    free = max(n - ddof, 1)
    variance = (spread**2).sum() / free
    return np.asarray(factor * ((1 + variance / mean**2) / n - 2 * spread / (free * mean)))
