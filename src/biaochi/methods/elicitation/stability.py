"""Whether answers still move between two rounds: stopping needs stability, not only agreement.

Cohen (1968, doi 10.1037/h0026256) for weighted κ; Scheibe, Skutsch and Schofer (1975) for the share that changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from biaochi.methods.elicitation.answers import Floats


@dataclass(frozen=True, slots=True)
class Stability:
    """Change of the same experts' answers to the same wording; NaN where it cannot be told."""

    n: int
    share_changed: float
    kappa: float
    spearman: float
    cv_change: float


def stability(before: ArrayLike, after: ArrayLike, tolerance: float = 0.0) -> Stability:
    """Compare two rounds.

    Parameters
    ----------
    before, after : array, shape (experts,)
        Answers of the same experts; those missing in either round drop out.
    tolerance : float
        Largest difference that is not a change.

    Examples
    --------
    >>> stability([1, 2, 3, 4], [1, 2, 4, 4]).share_changed
    0.25
    """
    a, b = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"both rounds must hold the same experts, seen {a.shape} and {b.shape}")
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[both], b[both]
    if len(a) == 0:
        return Stability(0, float("nan"), float("nan"), float("nan"), float("nan"))
    changed = float(np.mean(np.abs(a - b) > tolerance))
    return Stability(len(a), changed, weighted_kappa(a, b), _spearman(a, b), _cv(b) - _cv(a))


def weighted_kappa(a: Floats, b: Floats) -> float:
    """Return κ with quadratic weights; 1 when all answers are equal and the same, NaN when nothing varies otherwise."""
    observed = float(np.mean((a - b) ** 2))
    expected = float(np.mean(a**2) + np.mean(b**2) - 2 * a.mean() * b.mean())
    if expected <= 1e-15:
        return 1.0 if observed == 0 else float("nan")
    return 1 - observed / expected


def _spearman(a: Floats, b: Floats) -> float:
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def _cv(values: Floats) -> float:
    mean = float(values.mean())
    return float(values.std(ddof=1) / abs(mean)) if len(values) > 1 and mean != 0 else float("nan")
