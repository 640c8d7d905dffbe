"""A sub-Gaussian mean with known scale: the one-sided normal mixture, and the two-sided interval.

Use it for measurements whose noise is known.  Source: Howard, Ramdas, McAuliffe and Sekhon (2021),
doi:10.1214/20-AOS1991.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from biaochi.core.distribution import Interval
from biaochi.methods.surveillance.pieces import Floats
from biaochi.methods.surveillance.reading import reading_error, reading_fault
from biaochi.methods.surveillance.rule import Rule, number_of
from biaochi.methods.surveillance.state import State


def mixing(tune_at: float, alpha: float) -> float:
    """Return ρ that makes the boundary tightest at ``tune_at`` readings and level ``alpha``."""
    spent = 2 * math.log(1 / alpha)
    return tune_at / (spent + math.log1p(spent))


def normal_log_e(s: ArrayLike, v: ArrayLike, rho: float) -> Floats:
    """Return the one-sided log e of a sum ``s`` in σ after intrinsic time ``v``.

    Examples
    --------
    >>> round(float(normal_log_e(30, 100, mixing(100, 0.1))), 9)
    3.580569604
    """
    total, time = np.asarray(s, dtype=float), np.asarray(v, dtype=float)
    scale = time + rho
    return np.asarray(
        0.5 * np.log(4 * rho / scale) + total**2 / (2 * scale) + special.log_ndtr(total / np.sqrt(scale)), dtype=float
    )


def normal_boundary(v: float, alpha: float, rho: float, *, two_sided: bool = False) -> float:
    """Return the sum in σ at which the mixture reaches 1/α.

    Examples
    --------
    >>> round(normal_boundary(100, 0.05, mixing(100, 0.1)), 9)
    27.660708831
    """
    wide = math.sqrt((v + rho) * (math.log1p(v / rho) + 2 * math.log(1 / alpha)))
    if two_sided:
        return wide
    target = math.log(1 / alpha)
    return float(optimize.brentq(lambda s: float(normal_log_e(s, v, rho)) - target, 0.0, 2 * wide, xtol=1e-13))


def threshold(rule: Rule) -> float:
    """Return ln(1/α)."""
    return -math.log(number_of(rule.alpha))


def start(rule: Rule) -> State:
    """Return the state before the first reading; its memory is the sum in σ."""
    return State(rule, threshold(rule), memory=(0.0,))


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after one reading; :class:`ReadingError` when it is not a finite number."""
    rule = state.rule
    wrong = reading_fault(rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    step = (value - number_of(rule.cap)) / number_of(rule.sigma)
    total = state.memory[0] + (-step if rule.mirrored else step)
    rho = mixing(number_of(rule.tune_at), 2 * number_of(rule.alpha))
    scale = state.readings + 1 + rho
    log_e = 0.5 * math.log(4 * rho / scale) + total**2 / (2 * scale) + float(special.log_ndtr(total / math.sqrt(scale)))
    return state.advanced(value, exposure, (total,), log_e)


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the statistic after every reading; arrays of streams × readings."""
    step = (values - number_of(rule.cap)) / number_of(rule.sigma)
    total = np.cumsum(-step if rule.mirrored else step, axis=1)
    rho = mixing(number_of(rule.tune_at), 2 * number_of(rule.alpha))
    return normal_log_e(total, np.arange(1.0, values.shape[1] + 1), rho)


def memory(values: Floats, exposure: Floats, rule: Rule) -> tuple[float, ...]:
    """Return the state's running number after all readings of one stream: the sum in σ."""
    total = float(((values - number_of(rule.cap)) / number_of(rule.sigma)).sum())
    return (-total if rule.mirrored else total,)


def statistic(state: State) -> float:
    """Return log e."""
    return state.statistic


def interval(state: State, level: float) -> Interval:
    """Return the two-sided confidence sequence of the mean; ``level`` in (0, 1)."""
    rule, n = state.rule, state.readings
    if n == 0:
        return Interval(-math.inf, math.inf, level)
    alpha, sigma = 1 - level, number_of(rule.sigma)
    shift = state.memory[0] * sigma / n
    mean = number_of(rule.cap) + (-shift if rule.mirrored else shift)
    half = sigma / n * normal_boundary(n, alpha, mixing(number_of(rule.tune_at), alpha), two_sided=True)
    return Interval(mean - half, mean + half, level)
