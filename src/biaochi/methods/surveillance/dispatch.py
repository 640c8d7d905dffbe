"""One door to all methods: start, update, statistic, interval and estimate by the rule's method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from biaochi.core.distribution import Interval
from biaochi.methods.surveillance import (
    asymptotic,
    beta_mixture,
    betting,
    cusum,
    e_detector,
    gamma_mixture,
    hard,
    maxsprt,
    normal_mixture,
)
from biaochi.methods.surveillance.pieces import Floats
from biaochi.methods.surveillance.rule import Method, Rule
from biaochi.methods.surveillance.state import State


@dataclass(frozen=True)
class _Kernel:
    start: Callable[[Rule], State]
    update: Callable[[State, float, float], State]
    trace: Callable[[Floats, Floats, Rule], Floats]
    interval: Callable[[State, float], Interval] | None = None
    kind: str = ""
    memory: Callable[[Floats, Floats, Rule], tuple[float, ...]] | None = None


_KERNELS: dict[Method, _Kernel] = {
    Method.BETA: _Kernel(
        beta_mixture.start, beta_mixture.update, beta_mixture.trace, beta_mixture.interval, "beta_mixture"
    ),
    Method.GAMMA: _Kernel(
        gamma_mixture.start, gamma_mixture.update, gamma_mixture.trace, gamma_mixture.interval, "gamma_mixture"
    ),
    Method.BETTING: _Kernel(
        betting.start, betting.update, betting.trace, betting.interval, "empirical_bernstein", betting.memory
    ),
    Method.NORMAL: _Kernel(
        normal_mixture.start,
        normal_mixture.update,
        normal_mixture.trace,
        normal_mixture.interval,
        "normal_mixture",
        normal_mixture.memory,
    ),
    Method.ASYMPTOTIC: _Kernel(
        asymptotic.start, asymptotic.update, asymptotic.trace, asymptotic.interval, "asymptotic", asymptotic.memory
    ),
    Method.CUSUM: _Kernel(cusum.start, cusum.update, cusum.trace),
    Method.E_DETECTOR: _Kernel(e_detector.start, e_detector.update, e_detector.trace, memory=e_detector.memory),
    Method.MAXSPRT: _Kernel(maxsprt.start, maxsprt.update, maxsprt.trace),
    Method.HARD: _Kernel(hard.start, hard.update, hard.trace),
}


def start(rule: Rule) -> State:
    """Return the state before the first reading.

    Raises
    ------
    ValueError
        When a limit has to be solved and there is none (``cusum`` with an unreachable ``arl``, ``maxsprt``).

    Examples
    --------
    >>> state = start(Rule(Method.BETA, cap=0.1, alpha=0.05))
    >>> for value in (1, 0, 1, 1, 1):
    ...     state = update(state, value)
    >>> state.readings, state.alarm_index, round(statistic(state), 3)
    (5, 4, 4.677)
    """
    return _KERNELS[rule.method].start(rule)


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after one reading; constant time and memory, the old state is untouched."""
    return _KERNELS[state.rule.method].update(state, value, exposure)


def statistic(state: State) -> float:
    """Return the present statistic: log e, log M, the cusum, or what the method file says."""
    return state.statistic


def interval(state: State, level: float) -> Interval | None:
    """Return the confidence sequence at ``level``, or ``None`` for a method that has none."""
    found = _KERNELS[state.rule.method].interval
    return found(state, level) if found is not None else None


def interval_kind(rule: Rule) -> str:
    """Return the name of the confidence sequence; empty for a method that has none."""
    return _KERNELS[rule.method].kind


def estimate(state: State) -> float | None:
    """Return the rate or the mean so far, in the readings' own units; for ``hard`` the last reading."""
    if state.readings == 0:
        return None
    if state.rule.method is Method.HARD:
        return state.statistic
    rate = state.rule.likelihood in ("beta", "gamma", "maxsprt")
    return state.total / (state.exposure if rate else state.readings)


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return the statistic after every reading; arrays of streams × readings without gaps."""
    return _KERNELS[rule.method].trace(values, exposure, rule)


def memory(values: Floats, exposure: Floats, rule: Rule) -> tuple[float, ...]:
    """Return a state's running numbers after all readings of one stream without gaps."""
    found = _KERNELS[rule.method].memory
    return found(values, exposure, rule) if found is not None else ()
