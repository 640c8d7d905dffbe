"""Non-negative first principal component: weights that can be read as weights.

arg max wᵀRw with w ≥ 0, ‖w‖ = 1, found exactly: on its support the maximiser is the leading eigenvector of that block
of R, with all entries strictly positive; every support is tried.  Above :data:`EXACT` indicators the support is grown
and pruned greedily instead.  Source: Jolliffe (2002), Principal Component Analysis, doi 10.1007/b98835.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

EXACT = 14
_POSITIVE = 1e-9


@dataclass(frozen=True)
class Component:
    """Weights summing to one, the variance they explain, and whether they ended on a corner (one indicator only)."""

    weights: np.ndarray
    variance: float
    corner: bool


def pca_weights(z: np.ndarray) -> Component:
    """Return non-negative principal weights.

    Parameters
    ----------
    z : ndarray, shape (n, k)
        Scores; rows with any missing value are left out.
    """
    whole = z[np.isfinite(z).all(1)]
    k = z.shape[1]
    if k == 1 or len(whole) < 3:
        return Component(np.full(k, 1 / k), 1.0, False)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.corrcoef(whole, rowvar=False)
    r = np.where(np.isfinite(r), r, 0.0)
    np.fill_diagonal(r, 1.0)
    best, value = _search(r, _supports(r, k))
    weights = best / best.sum()
    return Component(weights, float(value), bool((weights > _POSITIVE).sum() == 1 and k > 1))


def _search(r: np.ndarray, supports: list[tuple[int, ...]]) -> tuple[np.ndarray, float]:
    best, value = np.zeros(len(r)), -np.inf
    for support in supports:
        found = _leading(r, support)
        if found is not None and found[1] > value + 1e-12:
            best, value = found
    return best, value


def _leading(r: np.ndarray, support: tuple[int, ...]) -> tuple[np.ndarray, float] | None:
    values, vectors = np.linalg.eigh(r[np.ix_(support, support)])
    vector = vectors[:, -1] * (1 if vectors[:, -1].sum() >= 0 else -1)
    if not (vector > _POSITIVE).all():
        return None
    full = np.zeros(len(r))
    full[list(support)] = vector
    return full, float(values[-1])


def _supports(r: np.ndarray, k: int) -> list[tuple[int, ...]]:
    if k <= EXACT:
        return [c for size in range(1, k + 1) for c in combinations(range(k), size)]
    found: list[tuple[int, ...]] = [(i,) for i in range(k)]
    support = tuple(range(k))
    while len(support) > 1:
        found.append(support)
        vectors = np.linalg.eigh(r[np.ix_(support, support)])[1]
        vector = vectors[:, -1] * (1 if vectors[:, -1].sum() >= 0 else -1)
        support = tuple(s for s, v in zip(support, vector, strict=True) if v > vector.min())
    return found
