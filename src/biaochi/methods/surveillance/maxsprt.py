"""The Poisson maximised sequential probability ratio test, as a comparator.

Use it to compare with drug-safety practice; it may only notify.  Its level holds up to the horizon and no further.
Source: Kulldorff, Davis, Kolczak, Lewis, Lieu and Platt (2011), doi:10.1080/07474946.2011.539924.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from biaochi.methods.surveillance.pieces import Floats
from biaochi.methods.surveillance.reading import reading_error, reading_fault
from biaochi.methods.surveillance.rule import Rule, number_of
from biaochi.methods.surveillance.state import State


def _boundary_time(n: int, critical: float) -> float:
    """Return τ < n where n ln(n/τ) − n + τ = critical: n events by then alarm."""
    # with τ = n·u the equation is u − ln u = 1 + critical/n, so u = −W₀(−e^(−1−critical/n))
    return float(-n * special.lambertw(-math.exp(-1 - critical / n), 0).real)


def crossing_probability(critical: float, horizon: float, min_events: int = 1) -> float:
    """Return the chance to alarm by ``horizon`` expected events when the rate is at the cap."""
    alive = np.array([1.0])
    clock, n = 0.0, min_events
    while True:
        tau = min(_boundary_time(n, critical), horizon)
        arrivals = np.exp(
            special.xlogy(np.arange(n), tau - clock) - (tau - clock) - special.gammaln(np.arange(1, n + 1))
        )
        alive = np.convolve(alive, arrivals)[:n]  # n or more events by τ_n: absorbed
        clock = tau
        if tau >= horizon:
            return float(1 - alive.sum())
        n += 1


@lru_cache(maxsize=1024)
def maxsprt_critical(horizon: float, alpha: float, min_events: int = 1) -> float:
    """Return the critical value whose chance of a crossing by the horizon is ``alpha``.

    Parameters
    ----------
    horizon : float
        Expected events at the end of surveillance, positive.
    alpha : float
        Level, in (0, 1).
    min_events : int
        Events before the first alarm.

    Raises
    ------
    ValueError
        When even the least boundary is crossed with a chance below ``alpha``.

    Examples
    --------
    >>> round(maxsprt_critical(20, 0.05), 8)
    3.62812302
    """
    if not (horizon > 0 and 0 < alpha < 1 and min_events >= 1):
        raise ValueError(f"horizon > 0, 0 < alpha < 1, min_events >= 1; seen {horizon}, {alpha}, {min_events}")
    low, high = 1e-12, 2.0

    def excess(critical: float) -> float:
        return crossing_probability(critical, horizon, min_events) - alpha

    if excess(low) < 0:
        raise ValueError(
            f"{min_events} events within {horizon} expected are rarer than {alpha}: there is no critical value"
        )
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, low, high, xtol=1e-13, rtol=1e-14))


def threshold(rule: Rule) -> float:
    """Return the critical value, given or solved."""
    if rule.critical is not None:
        return rule.critical
    return maxsprt_critical(number_of(rule.horizon), number_of(rule.alpha), rule.min_events or 1)


def start(rule: Rule) -> State:
    """Return the state before the first reading."""
    return State(rule, threshold(rule))


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after ``value`` events over ``exposure``; :class:`ReadingError` when impossible."""
    rule = state.rule
    wrong = reading_fault(rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    events, expected = state.total + value, number_of(rule.cap) * (state.exposure + exposure)
    ratio = 0.0
    if events > expected and events >= (rule.min_events or 1):
        ratio = events * math.log(events / expected) - events + expected
    return state.advanced(value, exposure, (), ratio)


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the statistic after every reading; arrays of streams × readings."""
    events, expected = np.cumsum(values, axis=1), number_of(rule.cap) * np.cumsum(exposure, axis=1)
    ratio = special.xlogy(events, events / expected) - events + expected
    return np.where((events > expected) & (events >= (rule.min_events or 1)), ratio, 0.0)


def statistic(state: State) -> float:
    """Return the log-likelihood ratio."""
    return state.statistic
