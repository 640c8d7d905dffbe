"""A bounded score: the mixture of constant bets against "the mean is at most the cap".

Use it for scores, shares and anything with a known range but no known distribution.  Source: Waudby-Smith and Ramdas
(2024), doi:10.1093/jrsssb/qkad009; the interval is their empirical Bernstein confidence sequence.
"""

from __future__ import annotations

import math

import numpy as np

from biaochi.core.distribution import Interval
from biaochi.methods.surveillance import empirical_bernstein
from biaochi.methods.surveillance.pieces import Floats
from biaochi.methods.surveillance.reading import reading_error, reading_fault
from biaochi.methods.surveillance.rule import BETS, Rule, number_of
from biaochi.methods.surveillance.state import State

_BLOCK = 1 << 16


def threshold(rule: Rule) -> float:
    """Return ln(1/α)."""
    return -math.log(number_of(rule.alpha))


def start(rule: Rule) -> State:
    """Return the state before the first reading: nine log wealths and six numbers of the interval."""
    return State(rule, threshold(rule), memory=(0.0,) * len(BETS) + empirical_bernstein.START)


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after one reading; :class:`ReadingError` outside the range."""
    rule = state.rule
    wrong = reading_fault(rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    cap, low, high = rule.harm_cap, *rule.bounds
    scaled = (value - low) / (high - low)
    gain = ((1 - scaled if rule.mirrored else scaled) - cap) / cap
    wealth = tuple(w + math.log1p(f * gain) for w, f in zip(state.memory, BETS, strict=False))
    best = max(wealth)
    log_e = best + math.log(sum(math.exp(w - best) for w in wealth) / len(BETS))
    inner = empirical_bernstein.advanced(state.memory[len(BETS) :], scaled, number_of(rule.alpha))
    return state.advanced(value, exposure, wealth + inner, log_e)


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the statistic after every reading; arrays of streams × readings."""
    cap, low, high = rule.harm_cap, *rule.bounds
    out = np.empty_like(values)
    carry = np.zeros((len(BETS), values.shape[0]))
    width = max(1, _BLOCK // max(1, values.shape[0]))
    for begin in range(0, values.shape[1], width):
        scaled = (values[:, begin : begin + width] - low) / (high - low)
        gain = ((1 - scaled if rule.mirrored else scaled) - cap) / cap
        wealth = np.log1p(np.multiply.outer(np.array(BETS), gain))
        wealth[:, :, 0] += carry
        np.cumsum(wealth, axis=2, out=wealth)
        carry = wealth[:, :, -1].copy()
        best = wealth.max(axis=0)
        np.exp(np.subtract(wealth, best, out=wealth), out=wealth)
        out[:, begin : begin + width] = best + np.log(wealth.sum(axis=0) / len(BETS))
    return out


def memory(values: Floats, exposure: Floats, rule: Rule) -> tuple[float, ...]:
    """Return the state's running numbers after all readings of one stream."""
    cap, low, high = rule.harm_cap, *rule.bounds
    scaled = (values - low) / (high - low)
    gain = ((1 - scaled if rule.mirrored else scaled) - cap) / cap
    wealth = np.log1p(np.multiply.outer(np.array(BETS), gain)).sum(axis=1)
    return (*wealth.tolist(), *empirical_bernstein.memory(scaled, number_of(rule.alpha)))


def statistic(state: State) -> float:
    """Return log e."""
    return state.statistic


def interval(state: State, level: float) -> Interval:
    """Return the confidence sequence of the mean, on the readings' own scale; ``level`` in (0, 1)."""
    low, high = state.rule.bounds
    found = empirical_bernstein.bounds(state.memory[len(BETS) :], level)
    return Interval(low + found.low * (high - low), low + found.high * (high - low), level)
