"""Balanced weights: on the simplex, every child correlates equally with the parent.

Source: Paruolo, Saisana & Saltelli (2013), doi 10.1111/j.1467-985X.2012.01059.x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize


@dataclass(frozen=True)
class Balance:
    """Weights, the correlations they give, and whether they ended on a corner (some weight at zero)."""

    weights: np.ndarray
    correlations: np.ndarray
    corner: bool


def balance_weights(z: np.ndarray) -> Balance:
    """Return simplex weights that bring child–parent correlations as near to equal as they can be.

    Parameters
    ----------
    z : ndarray, shape (n, k)
        Scores; rows with any missing value are left out.
    """
    whole = z[np.isfinite(z).all(1)]
    k = z.shape[1]
    if len(whole) < 3:
        return Balance(np.full(k, 1 / k), np.full(k, np.nan), False)
    cov = np.atleast_2d(np.cov(whole, rowvar=False))
    sd = np.sqrt(np.diag(cov))
    if k == 1 or not (sd > 0).all():
        return Balance(np.full(k, 1 / k), np.full(k, np.nan), False)

    def correlations(w: np.ndarray) -> np.ndarray:
        return np.asarray(cov @ w / (sd * np.sqrt(w @ cov @ w)))

    exact = np.linalg.lstsq(cov, sd, rcond=None)[0]
    if (exact > 0).all():
        weights = exact / exact.sum()
        return Balance(weights, correlations(weights), False)

    def unequal(w: np.ndarray) -> float:
        r = correlations(w)
        return float(((r - r.mean()) ** 2).sum())

    starts = [np.full(k, 1 / k), *(0.7 * np.eye(k) + 0.3 / k)]
    found = [
        optimize.minimize(
            unequal,
            start,
            bounds=optimize.Bounds(0, 1),
            constraints=optimize.LinearConstraint(np.ones(k), 1, 1),
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 500},
        )
        for start in starts
    ]
    best = np.maximum(min(found, key=lambda f: f.fun).x, 0)
    best = np.where(best < 1e-8, 0, best)
    best /= best.sum()
    return Balance(best, correlations(best), bool((best == 0).any()))
