"""The frontier and the way to it: distance between worst and best, and the years left at a given pace."""

from __future__ import annotations

import math

import numpy as np

P95 = 0.95


def frontier(scores: np.ndarray, *, standard: float | None = None) -> float:
    """Return the frontier of a node: a standard when one is set, else the 95th percentile of the units' scores."""
    if standard is not None:
        return standard
    held = scores[np.isfinite(scores)]
    return float(np.quantile(held, P95)) if held.size else math.nan


def distance(score: float, worst: float, best: float) -> float:
    """Return (x − worst)/(f − worst): 0 at the worst unit, 1 on the frontier, above 1 beyond it.

    Examples
    --------
    >>> distance(30.0, 20.0, 60.0)
    0.25
    """
    return (score - worst) / (best - worst) if best > worst else math.nan


def pace(series: np.ndarray, per_year: int = 1) -> float:
    """Return the yearly pace of a series by period: the median of its yearly changes; NaN without any."""
    change = series[per_year:] - series[:-per_year]
    held = change[np.isfinite(change)]
    return float(np.median(held)) if held.size else math.nan


def years_to(score: float, target: float, yearly: float) -> float:
    """Return years until a target at a yearly pace: 0 when reached, NaN when the pace leads nowhere.

    Examples
    --------
    >>> years_to(40.0, 50.0, 2.5), years_to(60.0, 50.0, 1.0)
    (4.0, 0.0)
    """
    if not (math.isfinite(score) and math.isfinite(target)):
        return math.nan
    if score >= target:
        return 0.0
    return (target - score) / yearly if math.isfinite(yearly) and yearly > 0 else math.nan
