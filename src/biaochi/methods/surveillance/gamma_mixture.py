"""Events per exposure: the gamma-Poisson mixture e-process against "the rate is at most the cap", and its interval.

Use it for counts over miles, hours or users.  Source: Robbins (1970), doi:10.1214/aoms/1177696786; Howard, Ramdas,
McAuliffe and Sekhon (2021), doi:10.1214/20-AOS1991; continued fraction of Γ(A, X): DLMF 8.9.2.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from biaochi.core.distribution import Interval
from biaochi.methods.surveillance.pieces import Floats, in_pieces
from biaochi.methods.surveillance.reading import reading_error, reading_fault
from biaochi.methods.surveillance.rule import Rule, number_of
from biaochi.methods.surveillance.state import State

TINY = 1e-250
_MAX_TERMS = 10_000


def gamma_log_e(events: ArrayLike, expected: ArrayLike, a: float = 1.0, b: float = 0.5) -> Floats:
    """Return log e for ``events`` seen where at most ``expected`` were allowed.

    Parameters
    ----------
    events, expected : array_like
        Events so far and cap × exposure so far, both ≥ 0; they broadcast.
    a, b : float
        Gamma prior of the rate relative to the cap, positive, cut to ratios above 1; ``b`` in expected counts.

    Returns
    -------
    ndarray
        log e, same shape, finite everywhere.

    Examples
    --------
    >>> round(float(gamma_log_e(10, 5.0, 1.0, 1.0)), 9)
    1.351502555
    """
    seen, allowed = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(expected, dtype=float))
    base = _base(a, b)

    def piece(shape: Floats, reach: Floats) -> Floats:
        return _log_tail(shape, reach) - base

    return in_pieces(piece, a + np.ravel(seen), b + np.ravel(allowed)).reshape(seen.shape)


def _log_tail(shape: Floats, reach: Floats) -> Floats:
    """Return ln[Γ(A, X) X^(−A) e^X]."""
    tail = special.gammaincc(shape, reach)
    small = tail < TINY
    with np.errstate(divide="ignore"):
        out = special.gammaln(shape) + np.log(tail) - shape * np.log(reach) + reach
    if small.any():
        out[small] = -np.log(_fraction(shape[small], reach[small]))
    return np.asarray(out, dtype=float)


@lru_cache(maxsize=4096)
def _base(a: float, b: float) -> float:
    return b + math.lgamma(a) + math.log(special.gammaincc(a, b)) - a * math.log(b)


def _fraction(shape: Floats, reach: Floats) -> Floats:
    """Return X+1−A − 1(1−A)/(X+3−A − …), so that Γ(A, X) = X^A e^(−X) / it (modified Lentz)."""
    value = reach + 1 - shape
    active, c, d, aa, xx = np.arange(shape.size), value.copy(), np.zeros_like(shape), shape, reach
    for m in range(1, _MAX_TERMS):
        term, partial = -m * (m - aa), xx + (2 * m + 1) - aa
        d = 1 / _nonzero(partial + term * d)
        c = _nonzero(partial + term / c)
        step = c * d
        value[active] *= step
        if m % 4 == 0:
            going = np.abs(step - 1) > 1e-15
            if not going.any():
                break
            if not going.all():
                active, aa, xx, c, d = active[going], aa[going], xx[going], c[going], d[going]
    return np.asarray(value, dtype=float)


def _nonzero(values: Floats) -> Floats:
    return np.where(np.abs(values) < 1e-300, 1e-300, values)


def threshold(rule: Rule) -> float:
    """Return ln(1/α)."""
    return -math.log(number_of(rule.alpha))


def start(rule: Rule) -> State:
    """Return the state before the first reading."""
    return State(rule, threshold(rule))


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after ``value`` events over ``exposure``; :class:`ReadingError` when impossible."""
    rule = state.rule
    wrong = reading_fault(rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    events, expected = state.total + value, rule.harm_cap * (state.exposure + exposure)
    return state.advanced(value, exposure, (), _scalar_log_e(events, expected, *rule.shape))


def _scalar_log_e(events: float, expected: float, a: float, b: float) -> float:
    """Return the same as :func:`gamma_log_e` for one pair, without arrays."""
    shape, reach = a + events, b + expected
    tail = float(special.gammaincc(shape, reach))
    if tail < TINY:
        return -math.log(_scalar_fraction(shape, reach)) - _base(a, b)
    return math.lgamma(shape) + math.log(tail) - shape * math.log(reach) + reach - _base(a, b)


def _scalar_fraction(shape: float, reach: float) -> float:
    """Return the same as :func:`_fraction` for one pair."""
    value = c = reach + 1 - shape
    d = 0.0
    for m in range(1, _MAX_TERMS):
        term, partial = -m * (m - shape), reach + (2 * m + 1) - shape
        d = 1 / (partial + term * d or TINY)
        c = partial + term / c or TINY
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the statistic after every reading; arrays of streams × readings."""
    return gamma_log_e(np.cumsum(values, axis=1), rule.harm_cap * np.cumsum(exposure, axis=1), *rule.shape)


def statistic(state: State) -> float:
    """Return log e."""
    return state.statistic


def interval(state: State, level: float) -> Interval:
    """Return the confidence sequence of the rate per unit of exposure; ``level`` in (0, 1)."""
    rule = state.rule
    ratio = gamma_interval(state.total, rule.harm_cap * state.exposure, level, *rule.shape)
    return Interval(ratio.low * rule.harm_cap, ratio.high * rule.harm_cap, level)


def gamma_interval(events: float, expected: float, level: float, a: float = 1.0, b: float = 0.5) -> Interval:
    """Return the confidence sequence of the rate relative to the cap.

    It holds the ratios r where lnΓ(a+N) − lnΓ(a) + a ln b − (a+N) ln(b+x) − N ln r + r x < ln(1/(1−level)).

    Examples
    --------
    >>> found = gamma_interval(10, 5.0, 0.95)
    >>> found.low < 2.0 < found.high
    True
    """
    if expected <= 0:
        return Interval(0.0, math.inf, level)
    fixed = math.lgamma(a + events) - math.lgamma(a) + a * math.log(b) - (a + events) * math.log(b + expected)

    def over(r: float) -> float:
        return fixed - float(special.xlogy(events, r)) + r * expected + math.log(1 - level)

    centre = events / expected
    if over(centre) >= 0:  # no ratio is left; the sequence shrinks to its most likely point
        return Interval(centre, centre, level)
    low, bottom = 0.0, centre * 1e-290
    if events > 0 and over(bottom) > 0:
        low = float(optimize.brentq(over, bottom, centre, xtol=1e-15, rtol=1e-14))
    reach = max(centre, 1 / expected)
    while over(reach) < 0:
        reach *= 2
    return Interval(low, float(optimize.brentq(over, centre, reach, xtol=1e-15, rtol=1e-14)), level)
