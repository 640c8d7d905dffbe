"""Where gains come from: cheap to report, taken by a few, or made by the denominator."""

from __future__ import annotations

import math

import numpy as np


def reporting_advantage(cost_doing: float | None, cost_reporting: float | None) -> float:
    """Return how many times cheaper a point is to report than to earn; NaN when a cost is unknown."""
    if not cost_doing or not cost_reporting or cost_doing <= 0 or cost_reporting <= 0:
        return math.nan
    return cost_doing / cost_reporting


def gain_concentration(gains: np.ndarray) -> float:
    """Return the Herfindahl index of positive gains, shape (n,), from 1/n (even) to 1 (one unit took all).

    Examples
    --------
    >>> gain_concentration(np.array([1.0, 1.0, -3.0, 2.0]))
    0.375
    """
    held = gains[np.isfinite(gains) & (gains > 0)]
    total = held.sum()
    return float(((held / total) ** 2).sum()) if held.size and total > 0 else math.nan


def growth_split(numerator: np.ndarray, denominator: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Δln numerator and −Δln denominator between two periods; their sum is Δln of the ratio.

    Parameters
    ----------
    numerator, denominator : ndarray, shape (2, U)
        Earlier and later values; growth is NaN where either is not positive.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.log(np.where(numerator > 0, numerator, np.nan))
        bottom = np.log(np.where(denominator > 0, denominator, np.nan))
    return top[1] - top[0], bottom[0] - bottom[1]


def worst_case(score_slope: np.ndarray, value: np.ndarray, misreport: float) -> np.ndarray:
    """Return the loss of score if a value was overstated by the largest share that would not be found.

    Parameters
    ----------
    score_slope, value : ndarray, shape (U,)
        ∂S/∂x and x.
    misreport : float
        Largest share, 0..1.
    """
    return np.asarray(np.abs(score_slope * value) * misreport / (1 + misreport))
