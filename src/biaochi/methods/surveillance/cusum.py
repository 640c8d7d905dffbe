"""The cumulative sum chart, and its average run length.

Use it for measurements with a known level and scale in control, to see a lasting shift soon.  Its promise is an average
run length, not a probability.  Source: Page (1954), doi:10.1093/biomet/41.1-2.100; the integral equation: Brook and
Evans (1972), doi:10.1093/biomet/59.3.539; head start: Lucas and Crosier (1982), doi:10.1080/00401706.1982.10487759.
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

NODES = 60
_BLOCK = 1024


def cusum_arl(k: float, h: float, mean: float, start: float = 0.0) -> float:
    """Return the average run length of the one-sided chart.

    Parameters
    ----------
    k, h : float
        Allowance ≥ 0 and limit > 0, in σ.
    mean : float
        True shift of the mean, in σ, towards harm.
    start : float
        Value the sum starts from, 0 ≤ start < h.

    Examples
    --------
    >>> round(cusum_arl(0.5, 3, 0), 2), round(cusum_arl(0.5, 3, 1.5), 2)
    (117.6, 3.75)
    """
    if not (h > 0 and k >= 0 and 0 <= start < h):
        raise ValueError(f"a chart needs k >= 0, h > 0 and 0 <= start < h, seen k={k}, h={h}, start={start}")
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    y, w = h / 2 * (nodes + 1), h / 2 * weights
    points = np.concatenate(([0.0], y))

    def kernel(u: Floats) -> Floats:
        jump = points[None, 1:] - u[:, None] + k - mean
        dense = w * np.exp(-(jump**2) / 2) / math.sqrt(2 * math.pi)
        return np.column_stack((special.ndtr(k - mean - u), dense))

    lengths = np.linalg.solve(np.eye(NODES + 1) - kernel(points), np.ones(NODES + 1))
    return float(1 + kernel(np.array([start]))[0] @ lengths)


def cusum_arl_two_sided(k: float, h: float, mean: float, start: float = 0.0) -> float:
    """Return the average run length of two charts, one each way: 1/L = 1/L⁺ + 1/L⁻ from zero.

    With a head start the two are joined by Lucas and Crosier's formula.

    Examples
    --------
    >>> round(cusum_arl_two_sided(0.5, 4, 0)), round(cusum_arl_two_sided(0.5, 4, 0, 2))
    (168, 149)
    """
    up, down = cusum_arl(k, h, mean), cusum_arl(k, h, -mean)
    if start == 0:
        return up * down / (up + down)
    up_head, down_head = cusum_arl(k, h, mean, start), cusum_arl(k, h, -mean, start)
    return (up_head * down + down_head * up - up * down) / (up + down)


@lru_cache(maxsize=4096)
def cusum_limit(k: float, arl: float) -> float:
    """Return the limit h whose average run length in control, from zero, is ``arl`` (> 1).

    Examples
    --------
    >>> round(cusum_arl(0.5, cusum_limit(0.5, 500), 0), 6)
    500.0
    """
    if arl <= 1:
        raise ValueError(f"an average run length is greater than 1, seen {arl}")
    low, high = 1e-9, 1.0
    if cusum_arl(k, low, 0.0) >= arl:
        raise ValueError(f"even a limit of zero runs {cusum_arl(k, low, 0.0):.4g} on average with k={k}; seen {arl}")
    while cusum_arl(k, high, 0.0) < arl:
        high *= 2
        if high > 512:
            raise ValueError(f"no limit below 512 σ reaches an average run length of {arl} with k={k}")
    return float(optimize.brentq(lambda h: math.log(cusum_arl(k, h, 0.0) / arl), low, high, xtol=1e-13, rtol=1e-14))


def lag_one(values: Floats) -> float:
    """Return the lag-1 autocorrelation of one stream; NaN for fewer than three readings or a constant.

    A chart's run length assumes independent readings: sensors that drift alarm far too often.

    Examples
    --------
    >>> round(lag_one(np.array([1.0, 2.0, 3.0, 4.0, 5.0])), 2)
    0.4
    """
    apart = values - values.mean() if values.size else values
    spread = float(apart @ apart)
    return float(apart[1:] @ apart[:-1]) / spread if values.size > 2 and spread > 0 else math.nan


def threshold(rule: Rule) -> float:
    """Return h, given or solved from the average run length."""
    return rule.h if rule.h is not None else cusum_limit(number_of(rule.k), number_of(rule.arl))


def start(rule: Rule) -> State:
    """Return the state before the first reading."""
    limit = threshold(rule)
    return State(rule, limit, statistic=limit / 2 if rule.fast_start else 0.0)


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after one reading; :class:`ReadingError` when it is not a finite number."""
    rule = state.rule
    wrong = reading_fault(rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    step = (value - number_of(rule.mu0)) / number_of(rule.sigma)
    shift = (-step if rule.mirrored else step) - number_of(rule.k)
    return state.advanced(value, exposure, (), max(0.0, state.statistic + shift))


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the sum after every reading; arrays of streams × readings.

    Within a block the recursion is a walk minus its running minimum; blocks keep the walk short and so exact.
    """
    step = (values - number_of(rule.mu0)) / number_of(rule.sigma)
    shift = (-step if rule.mirrored else step) - number_of(rule.k)
    carry = np.full(values.shape[0], threshold(rule) / 2 if rule.fast_start else 0.0)
    out = np.empty_like(values)
    for begin in range(0, values.shape[1], _BLOCK):
        walk = shift[:, begin : begin + _BLOCK].copy()
        walk[:, 0] += carry
        np.cumsum(walk, axis=1, out=walk)
        block = walk - np.minimum(np.minimum.accumulate(walk, axis=1), 0.0)
        out[:, begin : begin + _BLOCK] = block
        carry = block[:, -1]
    return out


def statistic(state: State) -> float:
    """Return the sum, in σ."""
    return state.statistic
