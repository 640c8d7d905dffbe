"""CUSUM of an indicator against a shadow: an independent series that should move with it.

Source: Page (1954), doi 10.1093/biomet/41.1-2.100.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

SLACK, LIMIT = 0.5, 4.0


@dataclass(frozen=True)
class Cusum:
    """Upper sums by period, shape (T,), their largest value, and the first period beyond the limit (−1: none)."""

    sums: np.ndarray
    peak: float
    alarm: int


def cusum(growth: np.ndarray, shadow: np.ndarray, *, scale: float, slack: float = SLACK, limit: float = LIMIT) -> Cusum:
    """Return the one-sided CUSUM of growth beyond the shadow's.

    Parameters
    ----------
    growth, shadow : ndarray, shape (T,)
        Growth rates of the indicator and its shadow; missing steps add nothing.
    scale : float
        Standard deviation of the difference among all units.
    """
    level, sums = 0.0, []
    for a, b in zip(growth, shadow, strict=True):
        step = (a - b) / scale if scale > 0 and math.isfinite(a - b) else math.nan
        level = max(0.0, level + step - slack) if math.isfinite(step) else level
        sums.append(level)
    path = np.array(sums)
    over = np.flatnonzero(path > limit)
    return Cusum(path, float(path.max(initial=0.0)), int(over[0]) if over.size else -1)
