"""The IDEA protocol: low, high, best and confidence, stretched to a common level and averaged.

Hemming et al. (2018, doi 10.1111/2041-210X.12857).  The stretch by target/c on both sides is status unverified.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from biaochi.core.distribution import Distribution
from biaochi.methods.elicitation.answers import Floats

TARGET = 0.8


def stretch(low: ArrayLike, best: ArrayLike, high: ArrayLike, confidence: ArrayLike, target: float = TARGET) -> Floats:
    """Return low, best and high at the target confidence, shape (…, 3).

    Parameters
    ----------
    low, best, high : array
        Not crossing.
    confidence : array
        In (0, 1]: the expert's own confidence that the interval holds the truth.

    Raises
    ------
    ValueError
        For crossing values or a confidence outside (0, 1].

    Examples
    --------
    >>> stretch(2.0, 5.0, 9.0, 0.5).round(6).tolist()
    [0.2, 5.0, 11.4]
    """
    a, m, b, c = (np.asarray(v, dtype=np.float64) for v in (low, best, high, confidence))
    if np.any((a > m) | (m > b)):
        raise ValueError("low ≤ best ≤ high must hold")
    if np.any((c <= 0) | (c > 1)):
        raise ValueError("a confidence lies in (0, 1]")
    factor = target / c
    return np.stack([m - (m - a) * factor, m, m + (b - m) * factor], axis=-1)


def combine_intervals(stretched: Floats, target: float = TARGET, levels: ArrayLike | None = None) -> Distribution:
    """Average the experts' distributions: each linear through its three points, tails going on at the same slope.

    Parameters
    ----------
    stretched : array, shape (experts, 3)
        Low, best, high at the target confidence.
    """
    p = np.array([(1 - target) / 2, 0.5, (1 + target) / 2])
    wanted = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]) if levels is None else np.asarray(levels)
    tail = p[0] / (p[1] - p[0])
    low = stretched[:, 0] - tail * (stretched[:, 1] - stretched[:, 0])
    high = stretched[:, 2] + tail * (stretched[:, 2] - stretched[:, 1])
    knots = np.concatenate([low[:, None], stretched, high[:, None]], axis=1)
    heights = np.concatenate([[0.0], p, [1.0]])
    grid = np.unique(knots)
    curve = np.mean([_rise(grid, row, heights) for row in knots], axis=0)
    curve = np.maximum.accumulate(curve)
    rising = np.append(True, np.diff(curve) > 0)
    smooth = np.interp(wanted, curve[rising], grid[rising])
    return Distribution(tuple(wanted.tolist()), tuple(np.maximum.accumulate(smooth).tolist()))


def _rise(grid: Floats, knots: Floats, heights: Floats) -> Floats:
    rising = np.append(np.diff(knots) > 0, True)
    if rising.sum() < 2:
        return np.asarray(grid >= knots[-1], dtype=np.float64)
    return np.asarray(np.interp(grid, knots[rising], heights[rising], left=0.0, right=1.0))
