"""A mean with unknown scale: the asymptotic confidence sequence.

Use it to be told, never to act: its level holds only in the long run.  Source: Waudby-Smith, Arbour, Sinha, Kennedy
and Ramdas (2024), doi:10.1214/24-AOS2408.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from biaochi.core.distribution import Interval
from biaochi.methods.surveillance.pieces import Floats
from biaochi.methods.surveillance.reading import reading_error, reading_fault
from biaochi.methods.surveillance.rule import Rule, number_of
from biaochi.methods.surveillance.state import State


@lru_cache(maxsize=4096)
def tuning(tune_at: float, alpha: float) -> float:
    """Return ρ² that makes the sequence tightest at ``tune_at`` readings.

    Examples
    --------
    >>> round(tuning(100, 0.05), 9)
    0.082119681
    """
    return float((-special.lambertw(-(alpha**2) / math.e, -1).real - 1) / tune_at)


def half_width(t: ArrayLike, sd: ArrayLike, alpha: float, rho2: float) -> Floats:
    """Return the half width after ``t`` readings with standard deviation ``sd`` (divisor t)."""
    count = np.asarray(t, dtype=float)
    scale = count * rho2 + 1
    # ln(√(tρ²+1)/α) doubled inside the root
    return np.asarray(
        np.asarray(sd, dtype=float) * np.sqrt(scale / (count**2 * rho2) * (np.log(scale) - 2 * math.log(alpha))),
        dtype=float,
    )


def threshold(rule: Rule) -> float:
    """Return the cap: the alarm is a lower end above it."""
    return number_of(rule.cap)


def start(rule: Rule) -> State:
    """Return the state before the first reading; its memory: origin, Σ(x−origin), Σ(x−origin)²."""
    return State(rule, threshold(rule), memory=(math.nan, 0.0, 0.0), statistic=-math.inf)


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after one reading; :class:`ReadingError` when it is not a finite number."""
    rule = state.rule
    wrong = reading_fault(rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    origin, first, second = state.memory
    if state.readings == 0:
        origin = value
    first, second = first + (value - origin), second + (value - origin) ** 2
    t = state.readings + 1
    low, _ = _ends(origin, first, second, t, number_of(rule.alpha), number_of(rule.tune_at), number_of(rule.alpha))
    return state.advanced(value, exposure, (origin, first, second), low)


def _ends(
    origin: float, first: float, second: float, t: int, alpha: float, tune_at: float, tuned: float
) -> tuple[float, float]:
    rho2 = tuning(tune_at, tuned)
    scale = t * rho2 + 1
    sd = math.sqrt(max(0.0, second / t - (first / t) ** 2))
    half = sd * math.sqrt(scale / (t**2 * rho2) * (math.log(scale) - 2 * math.log(alpha)))
    mean = origin + first / t
    return mean - half, mean + half


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the lower end after every reading; arrays of streams × readings."""
    origin = values[:, :1]
    t = np.arange(1.0, values.shape[1] + 1)
    first = np.cumsum(values - origin, axis=1) / t
    second = np.cumsum((values - origin) ** 2, axis=1) / t
    sd = np.sqrt(np.maximum(0.0, second - first**2))
    alpha = number_of(rule.alpha)
    return np.asarray(origin + first - half_width(t, sd, alpha, tuning(number_of(rule.tune_at), alpha)), dtype=float)


def memory(values: Floats, exposure: Floats, rule: Rule) -> tuple[float, ...]:
    """Return the state's running numbers after all readings of one stream."""
    if values.size == 0:
        return (math.nan, 0.0, 0.0)
    apart = values - values[0]
    return float(values[0]), float(apart.sum()), float((apart**2).sum())


def statistic(state: State) -> float:
    """Return the lower end of the sequence at level 1−α."""
    return state.statistic


def interval(state: State, level: float) -> Interval:
    """Return the asymptotic confidence sequence of the mean; ``level`` in (0, 1)."""
    rule = state.rule
    if state.readings == 0:
        return Interval(-math.inf, math.inf, level)
    alpha = 1 - level
    origin, first, second = state.memory
    low, high = _ends(origin, first, second, state.readings, alpha, number_of(rule.tune_at), alpha)
    return Interval(low, high, level)
