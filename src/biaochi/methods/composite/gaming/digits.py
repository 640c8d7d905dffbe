"""Heaping on round numbers, and bunching just above a threshold."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

MIN_CASES = 20


def heaping(values: np.ndarray) -> float:
    """Return the one-sided p-value that last significant digits 0 and 5 are no more frequent than two in ten.

    Numbers are taken as whole numbers when all are, else to the most decimals any of them shows (at most 6).  NaN with
    fewer than 20 values or fewer than 10 distinct ones.

    Examples
    --------
    >>> heaping(np.arange(100, 200, 5.0)) < 0.001
    True
    """
    held = values[np.isfinite(values) & (values != 0)]
    if held.size < MIN_CASES or np.unique(held).size < 10:
        return math.nan
    decimals = next((d for d in range(7) if np.allclose(held, np.round(held, d), rtol=0, atol=1e-9)), 6)
    last = np.abs(np.round(held * 10**decimals)).astype(np.int64) % 10
    hits = int(np.isin(last, (0, 5)).sum())
    return float(stats.binomtest(hits, held.size, 0.2, alternative="greater").pvalue)


def bunching(values: np.ndarray, threshold: float, *, width: float | None = None) -> float:
    """Return the one-sided p-value that as many values lie just below a threshold as just above it.

    ``width`` of the two windows is 5 % of the threshold's size by default; NaN with fewer than 20 values in both.
    """
    held = values[np.isfinite(values)]
    gap = width if width is not None else 0.05 * abs(threshold)
    above = int(((held >= threshold) & (held < threshold + gap)).sum())
    below = int(((held < threshold) & (held >= threshold - gap)).sum())
    if above + below < MIN_CASES:
        return math.nan
    return float(stats.binomtest(above, above + below, 0.5, alternative="greater").pvalue)
