"""Benefit of the doubt: each unit is scored with the weights that show it best; the weights show comparative advantage
(错位发展).

Source: Cherchye et al. (2007), doi 10.1007/s11205-006-9029-7; order-m: Cazals, Florens & Simar (2002), doi
10.1016/S0304-4076(01)00080-X.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

DEFAULT_LOW, DEFAULT_HIGH = 0.5, 2.0


@dataclass(frozen=True)
class BenefitOfDoubt:
    """Scores (0..1], weights and shares w_j y_ij / Σ, rows as given; NaN where a unit misses an indicator."""

    scores: np.ndarray
    weights: np.ndarray
    shares: np.ndarray


def default_share(k: int) -> tuple[float, float]:
    """Return the bounds on each indicator's share: half to twice an equal share, never above one.

    Without bounds a unit may put everything on one indicator: on the ASEM pillars 20 of 51 would be "efficient".
    """
    return DEFAULT_LOW / k, min(DEFAULT_HIGH / k, 1.0)


def benefit_of_doubt(
    scores: np.ndarray, *, share: tuple[float, float] | None = None, bounded: bool = True
) -> BenefitOfDoubt:
    """Return max Σ w_j y_ij subject to Σ w_j y_kj ≤ 1 for every unit k, w ≥ 0, one unit at a time.

    Parameters
    ----------
    scores : ndarray, shape (n, k)
        Normalised scores, not negative; units with a missing value get NaN and bound no other.
    share : tuple or None
        Bounds on w_j y_ij / Σ_j w_j y_ij; by default :func:`default_share`.
    bounded : bool
        False drops the bounds altogether.

    Examples
    --------
    >>> benefit_of_doubt(np.array([[1.0, 1.0], [0.5, 0.5]])).scores.round(6).tolist()
    [1.0, 0.5]
    """
    y = np.asarray(scores, dtype=float)
    if np.nanmin(y, initial=0.0) < 0:
        raise ValueError("benefit of the doubt needs scores that are not negative")
    n, k = y.shape
    low, high = (share or default_share(k)) if bounded else (0.0, 1.0)
    if low * k > 1 + 1e-12 or high * k < 1 - 1e-12:
        raise ValueError(f"shares between {low} and {high} cannot sum to one over {k} indicators")
    whole = np.isfinite(y).all(1)
    frontier = _undominated(y[whole])
    result = BenefitOfDoubt(np.full(n, np.nan), np.full((n, k), np.nan), np.full((n, k), np.nan))
    for i in np.flatnonzero(whole):
        weights = _solve(y[i], frontier, low, high)
        if weights is not None:
            total = float(weights @ y[i])
            result.scores[i] = total
            result.weights[i] = weights
            result.shares[i] = weights * y[i] / total if total > 0 else np.nan
    return result


def _undominated(y: np.ndarray) -> np.ndarray:
    """Return the rows no other row is at least as good as everywhere: with w ≥ 0 only these bind."""
    keep = [i for i, row in enumerate(y) if not ((y >= row).all(1) & (y > row).any(1)).any()]
    return np.unique(y[keep], axis=0)


def _solve(own: np.ndarray, frontier: np.ndarray, low: float, high: float) -> np.ndarray | None:
    k = len(own)
    rows = [frontier]
    eye = np.diag(own)
    if low > 0:
        rows.append(low * np.tile(own, (k, 1)) - eye)
    if high < 1:
        rows.append(eye - high * np.tile(own, (k, 1)))
    limits = np.concatenate([np.ones(len(frontier)), np.zeros(k * (len(rows) - 1))])
    found = linprog(
        -own, A_ub=np.vstack(rows), b_ub=limits, bounds=(0, None), method="highs-ds", options={"presolve": False}
    )
    return np.asarray(found.x) if found.status == 0 else None


def order_m(
    scores: np.ndarray, *, m: int, draws: int, rng: np.random.Generator, share: tuple[float, float] | None = None
) -> np.ndarray:
    """Return order-m scores, shape (n,): each unit against ``m`` others drawn with replacement, averaged over draws.

    One extreme unit then no longer sets the frontier; scores may exceed one.
    """
    y = np.asarray(scores, dtype=float)
    low, high = share or default_share(y.shape[1])
    whole = np.flatnonzero(np.isfinite(y).all(1))
    result = np.full(len(y), np.nan)
    for i in whole:
        totals = []
        for _ in range(draws):
            weights = _solve(y[i], y[rng.choice(whole, size=m)], low, high)
            if weights is not None:
                totals.append(float(weights @ y[i]))
        result[i] = np.mean(totals) if totals else np.nan
    return result
