"""Weights from people: pairwise comparison (AHP, 层次分析法) and budget allocation by experts.

Source: Saaty (1980), The Analytic Hierarchy Process; random indices simulated (see :data:`RANDOM_INDEX`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RANDOM_INDEX = {3: 0.525, 4: 0.889, 5: 1.110, 6: 1.249, 7: 1.340, 8: 1.405, 9: 1.450, 10: 1.485}


@dataclass(frozen=True)
class Pairwise:
    """Weights of a pairwise comparison with its largest eigenvalue and consistency ratio (NaN beyond 10 items)."""

    weights: np.ndarray
    eigenvalue: float
    consistency_ratio: float


def ahp_weights(matrix: np.ndarray) -> Pairwise:
    """Return the principal eigenvector of a positive reciprocal matrix, and CR = (λ − n)/((n − 1)·RI).

    Examples
    --------
    >>> found = ahp_weights(np.array([[1, 3, 5], [1/3, 1, 2], [1/5, 1/2, 1]]))
    >>> found.weights.round(8).tolist(), round(found.eigenvalue, 7)
    ([0.64832901, 0.22965079, 0.12202019], 3.0036946)
    """
    a = np.asarray(matrix, dtype=float)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or not (np.isfinite(a).all() and (a > 0).all()):
        raise ValueError("a pairwise comparison is a square matrix of positive numbers")
    if not np.allclose(a * a.T, 1.0, rtol=1e-6):
        raise ValueError("a pairwise comparison is reciprocal: a_ij · a_ji = 1")
    values, vectors = np.linalg.eig(a)
    largest = int(np.argmax(values.real))
    vector = np.abs(vectors[:, largest].real)
    eigenvalue, n = float(values[largest].real), len(a)
    if n <= 2:
        ratio = 0.0
    elif n in RANDOM_INDEX:
        ratio = max((eigenvalue - n) / ((n - 1) * RANDOM_INDEX[n]), 0.0)
    else:
        ratio = float("nan")
    return Pairwise(vector / vector.sum(), eigenvalue, ratio)


def budget_weights(
    shares: np.ndarray, *, rng: np.random.Generator, resamples: int = 1000
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean shares over experts, and their bootstrap over experts.

    Parameters
    ----------
    shares : ndarray, shape (experts, k)
        Points each expert gave; not negative, each row's sum positive.

    Returns
    -------
    weights, draws : ndarray, shape (k,) and (resamples, k)
    """
    points = np.asarray(shares, dtype=float)
    if points.ndim != 2 or not np.isfinite(points).all() or (points < 0).any() or (points.sum(1) <= 0).any():
        raise ValueError("budgets are points not negative, with a positive sum for every expert")
    parts = points / points.sum(1, keepdims=True)
    picks = rng.integers(0, len(parts), size=(resamples, len(parts)))
    return parts.mean(0), parts[picks].mean(1)
