"""Events in trials: the beta-binomial mixture e-process against "the rate is at most the cap", and its interval.

Use it for event counts out of known trials.  The mixture lives above the cap only, so that calm data never count as
evidence.  Source: Robbins (1970), doi:10.1214/aoms/1177696786; Howard, Ramdas, McAuliffe and Sekhon (2021),
doi:10.1214/20-AOS1991; incomplete beta continued fraction: DLMF 8.17.22.
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
_MAX_TERMS = 20_000


def beta_log_e(s: ArrayLike, n: ArrayLike, cap: float, a: float = 1.0, b: float = 1.0) -> Floats:
    """Return log e for ``s`` events in ``n`` trials against a rate of at most ``cap``.

    Parameters
    ----------
    s, n : array_like
        Events and trials so far, 0 ≤ s ≤ n; they broadcast.
    cap : float
        Greatest allowed rate, in (0, 1).
    a, b : float
        Prior of the mixture, positive, cut to rates above the cap.

    Returns
    -------
    ndarray
        log e, same shape; finite everywhere, also where the tail of the incomplete beta underflows.

    Examples
    --------
    >>> round(float(beta_log_e(25, 100, 0.1)), 8)
    7.11153288
    >>> bool(abs(float(beta_log_e(0, 10_000, 0.1)) + np.log(10_001)) < 1e-9)
    True
    """
    events, trials = np.broadcast_arrays(np.asarray(s, dtype=float), np.asarray(n, dtype=float))
    flat_s, flat_n = np.ravel(events), np.ravel(trials)
    base = _base(cap, a, b)

    def piece(events_: Floats, trials_: Floats) -> Floats:
        return _log_mixture(events_, trials_, cap, a, b, base)

    return in_pieces(piece, flat_s, flat_n).reshape(events.shape)


def _log_mixture(s: Floats, n: Floats, cap: float, a: float, b: float, base: float) -> Floats:
    high, low = a + s, b + n - s
    tail = special.betainc(low, high, 1 - cap)
    small = tail < TINY
    with np.errstate(divide="ignore"):
        out = np.log(tail)
    out += special.betaln(low, high)
    out -= s * math.log(cap) + (n - s) * math.log1p(-cap)
    if small.any():
        q = low[small]
        out[small] = (
            b * math.log1p(-cap) + a * math.log(cap) - np.log(q) + np.log(_hypergeometric(q, high[small], 1 - cap))
        )
    return np.asarray(out - base, dtype=float)


def _hypergeometric(p: Floats, q: Floats, x: float) -> Floats:
    """Return ₂F₁(1, p+q; p+1; x) by its continued fraction (modified Lentz), fast where p/(p+q) > x."""
    first = 1 - (p + q) * x / (p + 1)
    value = 1 / _nonzero(first)
    active, c, d, pp, qq = np.arange(p.size), np.ones_like(p), value.copy(), p, q
    for m in range(2, _MAX_TERMS):
        j = m // 2
        if m % 2:
            term = -(pp + j) * (pp + qq + j) * x / ((pp + 2 * j) * (pp + 2 * j + 1))
        else:
            term = j * (qq - j) * x / ((pp + 2 * j - 1) * (pp + 2 * j))
        d = 1 / _nonzero(1 + term * d)
        c = _nonzero(1 + term / c)
        step = c * d
        value[active] *= step
        if m % 4 == 0:
            going = np.abs(step - 1) > 1e-15
            if not going.any():
                break
            if not going.all():
                active, pp, qq, c, d = active[going], pp[going], qq[going], c[going], d[going]
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
    """Return the state after ``value`` events in ``exposure`` trials; :class:`ReadingError` when impossible."""
    rule = state.rule
    wrong = reading_fault(rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    total, trials = state.total + value, state.exposure + exposure
    a, b = rule.shape
    harm = trials - total if rule.mirrored else total
    return state.advanced(value, exposure, (), _scalar_log_e(harm, trials, rule.harm_cap, a, b))


@lru_cache(maxsize=4096)
def _base(cap: float, a: float, b: float) -> float:
    """Return ln of the prior's own mass above the cap, times B(a, b)."""
    return math.log(special.betainc(b, a, 1 - cap)) + float(special.betaln(a, b))


def _scalar_log_e(s: float, n: float, cap: float, a: float, b: float) -> float:
    """Return the same as :func:`beta_log_e` for one pair, without arrays."""
    low, high = b + n - s, a + s
    tail = float(special.betainc(low, high, 1 - cap))
    if tail < TINY:
        front = b * math.log1p(-cap) + a * math.log(cap) - math.log(low)
        return front + math.log(_scalar_hypergeometric(low, high, 1 - cap)) - _base(cap, a, b)
    spent = s * math.log(cap) + (n - s) * math.log1p(-cap)
    return math.log(tail) + float(special.betaln(low, high)) - spent - _base(cap, a, b)


def _scalar_hypergeometric(p: float, q: float, x: float) -> float:
    """Return the same as :func:`_hypergeometric` for one pair: a loop of plain floats is faster than arrays of one."""
    value = d = 1 / (1 - (p + q) * x / (p + 1) or TINY)
    c = 1.0
    for j in range(1, _MAX_TERMS // 2):
        for term in (
            j * (q - j) * x / ((p + 2 * j - 1) * (p + 2 * j)),
            -(p + j) * (p + q + j) * x / ((p + 2 * j) * (p + 2 * j + 1)),
        ):
            d = 1 / (1 + term * d or TINY)
            c = 1 + term / c or TINY
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the statistic after every reading; arrays of streams × readings."""
    total, trials = np.cumsum(values, axis=1), np.cumsum(exposure, axis=1)
    harm = trials - total if rule.mirrored else total
    return beta_log_e(harm, trials, rule.harm_cap, *rule.shape)


def statistic(state: State) -> float:
    """Return log e."""
    return state.statistic


def interval(state: State, level: float) -> Interval:
    """Return the confidence sequence of the event rate; ``level`` in (0, 1)."""
    return beta_interval(state.total, state.exposure, level)


def beta_interval(s: float, n: float, level: float) -> Interval:
    """Return {p: B(1+s, 1+n−s) / (p^s (1−p)^(n−s)) < 1/(1−level)}.

    Examples
    --------
    >>> found = beta_interval(12, 100, 0.95)
    >>> round(found.low, 9), round(found.high, 9)
    (0.040096289, 0.253535046)
    """
    if n <= 0:
        return Interval(0.0, 1.0, level)
    budget = -math.log(1 - level) - float(special.betaln(1 + s, 1 + n - s))
    centre = s / n

    def over(p: float) -> float:
        return -float(special.xlogy(s, p)) - float(special.xlog1py(n - s, -p)) - budget

    low, high, bottom, top = 0.0, 1.0, 1e-300, 1 - 1e-16
    if over(bottom) > 0:
        low = float(optimize.brentq(over, bottom, centre, xtol=1e-15, rtol=1e-14))
    if s < n and over(top) > 0:
        high = float(optimize.brentq(over, centre, top, xtol=1e-15, rtol=1e-14))
    return Interval(low, high, level)
