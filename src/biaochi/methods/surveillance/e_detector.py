"""A change for the worse: e-detectors of Shiryaev–Roberts or CUSUM kind, with a guaranteed average run length.

Use it beside an e-process: the e-process judges the average since the start, the detector sees a late change.  Alarms
come less than once in ``arl`` readings on average while the rate stays at or below the cap.  Source: Shin, Ramdas and
Rinaldo (2024), doi:10.51387/23-NEJSDS51.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from biaochi.methods.surveillance.pieces import Floats
from biaochi.methods.surveillance.reading import reading_error, reading_fault
from biaochi.methods.surveillance.rule import BETS, RATIOS, Rule, number_of
from biaochi.methods.surveillance.state import State

_BLOCK = 4096


def _components(rule: Rule) -> tuple[float, ...]:
    if rule.base == "betting":
        return BETS
    return rule.ratios if rule.ratios is not None else RATIOS


def _slopes(rule: Rule) -> tuple[tuple[float, float], ...]:
    """Return for each component the log-likelihood ratio's weights of harm and of exposure (beta and gamma)."""
    cap = rule.harm_cap
    if rule.base == "gamma":
        return tuple((math.log(r), -(r - 1) * cap) for r in _components(rule))
    pairs = []
    for r in _components(rule):
        worse = r * cap if r * cap < 1 else (1 + cap) / 2
        safe = math.log1p(-worse) - math.log1p(-cap)
        pairs.append((math.log(worse / cap) - safe, safe))
    return tuple(pairs)


def threshold(rule: Rule) -> float:
    """Return ln(average run length)."""
    return math.log(number_of(rule.arl))


def start(rule: Rule) -> State:
    """Return the state before the first reading: every component's log M is −∞."""
    memory = (-math.inf,) * len(_components(rule))
    return State(rule, threshold(rule), memory=memory, statistic=-math.inf)


def update(state: State, value: float, exposure: float = 1.0) -> State:
    """Return the state after one reading; :class:`ReadingError` when impossible."""
    rule = state.rule
    wrong = reading_fault(rule, value, exposure)
    if wrong:
        raise reading_error(wrong, value, exposure)
    shiryaev = rule.kind == "sr"
    memory = []
    for before, step in zip(state.memory, _steps(rule, value, exposure), strict=True):
        if not shiryaev:
            grown = max(before, 0.0)
        else:
            grown = before + math.log1p(math.exp(-before)) if before > 0 else math.log1p(math.exp(before))
        memory.append(grown + step)
    best = max(memory)
    mean = best + math.log(sum(math.exp(m - best) for m in memory) / len(memory))
    return state.advanced(value, exposure, tuple(memory), mean)


def _steps(rule: Rule, value: float, exposure: float) -> list[float]:
    cap = rule.harm_cap
    if rule.base == "betting":
        low, high = rule.bounds
        scaled = (value - low) / (high - low)
        gain = ((1 - scaled if rule.mirrored else scaled) - cap) / cap
        return [math.log1p(f * gain) for f in BETS]
    harm = exposure - value if rule.mirrored else value
    return [per_event * harm + per_exposure * exposure for per_event, per_exposure in _slopes(rule)]


def _all_steps(rule: Rule, values: Floats, exposure: Floats) -> Floats:
    cap = rule.harm_cap
    if rule.base == "betting":
        low, high = rule.bounds
        scaled = (values - low) / (high - low)
        gain = ((1 - scaled if rule.mirrored else scaled) - cap) / cap
        return np.asarray(np.log1p(np.multiply.outer(np.array(BETS), gain)), dtype=float)
    harm = exposure - values if rule.mirrored else values
    return np.stack([per_event * harm + per_exposure * exposure for per_event, per_exposure in _slopes(rule)])


def trace(values: Floats, exposure: Floats, rule: Rule) -> Floats:
    """Return log M after every reading; arrays of streams × readings."""
    out = np.empty_like(values)
    for begin, log_m in _blocks(values, exposure, rule):
        best = log_m.max(axis=0)
        out[:, begin : begin + log_m.shape[2]] = best + np.log(np.exp(log_m - best).mean(axis=0))
    return out


def memory(values: Floats, exposure: Floats, rule: Rule) -> tuple[float, ...]:
    """Return the state's running numbers after all readings of one stream: log M of each component."""
    last = (-math.inf,) * len(_components(rule))
    for _, log_m in _blocks(values[None, :], exposure[None, :], rule):
        last = tuple(log_m[:, 0, -1].tolist())
    return last


def _blocks(values: Floats, exposure: Floats, rule: Rule) -> Iterator[tuple[int, Floats]]:
    """Give log M of every component (components × streams × readings), block by block.

    With W the running sum of log L within a block, log M_t = W_t + log(M₀ + Σ_{j<t} e^(−W_j)) (``sr``) or
    W_t + max(log M₀, max_{j<t} −W_j) (``cusum``).
    """
    shiryaev = rule.kind == "sr"
    carry = np.full((len(_components(rule)), values.shape[0], 1), -np.inf)
    for begin in range(0, values.shape[1], _BLOCK):
        part = slice(begin, begin + _BLOCK)
        walk = np.cumsum(_all_steps(rule, values[:, part], exposure[:, part]), axis=2)
        ahead = np.concatenate((np.zeros_like(carry), -walk[:, :, :-1]), axis=2)
        ahead[:, :, :1] = np.logaddexp(carry, 0.0) if shiryaev else np.maximum(carry, 0.0)
        gather = np.logaddexp if shiryaev else np.maximum
        log_m = walk + gather.accumulate(ahead, axis=2)
        carry = log_m[:, :, -1:]
        yield begin, log_m


def statistic(state: State) -> float:
    """Return log M."""
    return state.statistic
