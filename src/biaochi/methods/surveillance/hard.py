"""A line that one reading may not cross: nothing is averaged."""

from __future__ import annotations

import math

from biaochi.methods.surveillance.pieces import Floats
from biaochi.methods.surveillance.reading import reading_error, reading_fault
from biaochi.methods.surveillance.rule import Rule, number_of
from biaochi.methods.surveillance.state import State


def threshold(rule: Rule) -> float:
    """Return the cap."""
    return number_of(rule.cap)


def start(rule: Rule) -> State:
    """Return the state before the first reading."""
    worst = math.inf if rule.mirrored else -math.inf
    return State(rule, threshold(rule), statistic=worst, maximum=worst)


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after one reading; :class:`ReadingError` when it is not a finite number."""
    wrong = reading_fault(state.rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    return state.advanced(value, exposure, (), value)


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the readings themselves; arrays of streams × readings."""
    return values.copy()


def statistic(state: State) -> float:
    """Return the last reading."""
    return state.statistic
