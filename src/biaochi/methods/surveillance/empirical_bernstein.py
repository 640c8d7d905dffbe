"""The predictable plug-in empirical Bernstein confidence sequence of a bounded mean.

Source: Waudby-Smith and Ramdas (2024), doi:10.1093/jrsssb/qkad009.  The running mean of its variance term starts at ½.

The weights are tuned for one level and are fixed before each reading, so the interval they give is valid at any other
level too; it is only a little wider than one tuned for that level.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from biaochi.core.distribution import Interval
from biaochi.methods.surveillance.pieces import Floats

START: tuple[float, ...] = (0.0, 0.5, 0.25, 0.0, 0.0, 0.0)


def advanced(memory: tuple[float, ...], x: float, alpha: float) -> tuple[float, ...]:
    """Return the six running numbers after one reading ``x`` in 0..1.

    They are: readings t, mean μ̂_t, variance numerator ¼ + Σ(x_i − μ̂_i)², Σλ, Σλx and the variance penalty.
    """
    t, mean, spread, weights, weighted, penalty = memory
    t += 1
    # σ̂²_{t−1}·t is the variance numerator itself
    weight = min(0.5, math.sqrt(2 * math.log(2 / alpha) / (spread * math.log1p(t))))
    penalty += (x - mean) ** 2 * (-math.log1p(-weight) - weight)
    mean = (mean * t + x) / (t + 1)
    return t, mean, spread + (x - mean) ** 2, weights + weight, weighted + weight * x, penalty


def bounds(memory: tuple[float, ...], level: float) -> Interval:
    """Return the interval of the mean, in 0..1."""
    _, _, _, weights, weighted, penalty = memory
    if weights == 0:
        return Interval(0.0, 1.0, level)
    half = (math.log(2 / (1 - level)) + penalty) / weights
    centre = weighted / weights
    return Interval(max(0.0, centre - half), min(1.0, centre + half), level)


def empirical_bernstein(values: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return lower and upper ends after every reading.

    Parameters
    ----------
    values : array_like
        Readings in 0..1, in order.
    level : float
        Confidence, in (0, 1).

    Examples
    --------
    >>> golden = (5 ** 0.5 - 1) / 2
    >>> low, high = empirical_bernstein([t * golden % 1 for t in range(1, 101)])
    >>> round(float(low[-1]), 8), round(float(high[-1]), 8)
    (0.39318848, 0.60795876)
    """
    x = np.asarray(values, dtype=float)
    if x.size == 0:
        return np.empty(0), np.empty(0)
    _, _, weights, weighted, penalty = _running(x, 1 - level)
    centre, half = weighted / weights, (np.log(2 / (1 - level)) + penalty) / weights
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)


def memory(values: Floats, alpha: float) -> tuple[float, ...]:
    """Return the six running numbers after all readings in 0..1, as :func:`advanced` would leave them."""
    if values.size == 0:
        return START
    return (float(values.size), *(float(series[-1]) for series in _running(values, alpha)))


def _running(x: Floats, alpha: float) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return mean, variance numerator, Σλ, Σλx and penalty after every reading."""
    t = np.arange(1.0, x.size + 1)
    mean = (0.5 + np.cumsum(x)) / (t + 1)
    spread = 0.25 + np.cumsum((x - mean) ** 2)
    before_mean = np.concatenate(([0.5], mean[:-1]))
    before_spread = np.concatenate(([0.25], spread[:-1]))
    weight = np.minimum(0.5, np.sqrt(2 * np.log(2 / alpha) / (before_spread * np.log1p(t))))
    penalty = np.cumsum((x - before_mean) ** 2 * (-np.log1p(-weight) - weight))
    return mean, spread, np.cumsum(weight), np.cumsum(weight * x), penalty
