"""What can be done in a state, and what can come of it: every action and every outcome, like teams merged.

States are rows of node codes over all slots (route × M + team), sorted within each route so that like teams stand side
by side.  An action is a set of slots, as bits; of like teams the first ones are funded.  Outcomes of like teams are
counted once, with the number of ways they can fall.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from biaochi.core.errors import BiaochiError
from biaochi.methods.allocation.batch import MONEY_EPS, BoolArray, canonical
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray

MAX_BITS = 62
CHUNK = 1_000_000


class TooLargeError(BiaochiError):
    """There are more states than the limit allows; simulate instead."""


@dataclass(frozen=True, eq=False)
class Actions:
    """Actions of many states, ordered by state: state (A,), bits (A,), cost (A,)."""

    state: IntArray
    bits: IntArray
    cost: FloatArray

    def part(self, low: int, high: int) -> Actions:
        """Return the actions low..high."""
        return Actions(self.state[low:high], self.bits[low:high], self.cost[low:high])


@dataclass(frozen=True, eq=False)
class Edges:
    """Outcomes of many actions: action (E,), ways (E,), grades packed slot by slot (E,), key of the child (E,)."""

    action: IntArray
    ways: FloatArray
    grades: IntArray
    key: np.ndarray


def check_size(programme: Programme) -> int:
    """Return the bits a grade takes, or raise when a state does not fit into one machine word."""
    slots = programme.tables.start.size
    width = max(1, int(programme.graph.counts.shape[2] - 1).bit_length())
    if slots * width > MAX_BITS:
        raise TooLargeError(f"{slots} teams are too many for exact enumeration")
    return width


def flat(code: IntArray) -> IntArray:
    """Return codes (n, R, M) sorted within each route as (n, R·M)."""
    return canonical(code)[0].reshape(code.shape[0], -1)


def likes(programme: Programme, code: IntArray) -> BoolArray:
    """Return whether a slot holds the same node as the slot before it on the same route, shape (n, R·M)."""
    M = programme.tables.start.shape[1]
    same = np.zeros(code.shape, dtype=bool)
    same[:, 1:] = (code[:, 1:] == code[:, :-1]) & (np.arange(1, code.shape[1]) % M != 0)
    return same & (code > 0)


def fundable(programme: Programme, code: IntArray, finishers_only: bool) -> BoolArray:
    """Return which slots can be funded at all; in the last round only teams at the last stage can still matter."""
    graph = programme.graph
    open_ = np.isfinite(programme.tables.cost)
    if finishers_only:
        open_ = open_ & (graph.stage == graph.stages - 1)
    return np.asarray(open_[code])


def count_actions(programme: Programme, code: IntArray, finishers_only: bool) -> FloatArray:
    """Return how many actions each state has if money does not bind, shape (n,)."""
    open_, same = fundable(programme, code, finishers_only), likes(programme, code)
    return _run_product(open_, same, 2.0)


def _run_product(member: BoolArray, same: BoolArray, kinds: float) -> FloatArray:
    """Return Π over runs of like members of C(length+kinds−1, length)."""
    total = np.ones(member.shape[0])
    position = np.zeros(member.shape[0])
    for slot in range(member.shape[1]):
        position = np.where(member[:, slot], np.where(same[:, slot], position, 0.0) + 1, 0.0)
        total *= np.where(member[:, slot], (position + kinds - 1) / np.maximum(position, 1.0), 1.0)
    return total


def all_actions(programme: Programme, code: IntArray, limit: FloatArray, finishers_only: bool = False) -> Actions:
    """Return every distinct affordable action of each state.

    Parameters
    ----------
    code : ndarray of shape (n, R·M)
        Sorted codes.
    limit : ndarray of shape (n,)
        What may be spent.
    finishers_only : bool
        Leave out teams that are not at the last stage.
    """
    open_, same = fundable(programme, code, finishers_only), likes(programme, code)
    cost = np.where(open_, programme.tables.cost[code], 0.0)
    state = np.arange(code.shape[0])
    bits = np.zeros(code.shape[0], dtype=np.int64)
    paid = np.zeros(code.shape[0])
    for slot in range(code.shape[1]):
        before = (bits >> (slot - 1)) & 1 if slot else np.zeros_like(bits)
        may = open_[state, slot] & (~same[state, slot] | (before == 1))
        may &= paid + cost[state, slot] <= limit[state] + MONEY_EPS
        if not may.any():
            continue
        state = np.concatenate([state, state[may]])
        paid = np.concatenate([paid, paid[may] + cost[state[-int(may.sum()) :], slot]])
        bits = np.concatenate([bits, bits[may] | (np.int64(1) << np.int64(slot))])
    order = np.argsort(state, kind="stable")
    return Actions(state[order], bits[order], paid[order])


def count_edges(programme: Programme, code: IntArray, actions: Actions, merged: bool) -> FloatArray:
    """Return how many outcomes each action has."""
    slots = np.arange(code.shape[1])
    funded = (actions.bits[:, None] >> slots) & 1 == 1
    same = likes(programme, code)[actions.state] if merged else np.zeros_like(funded)
    return _run_product(funded, same & funded, float(programme.graph.counts.shape[2]))


def outcomes(programme: Programme, code: IntArray, actions: Actions, *, merged: bool = True) -> Edges:
    """Return every outcome of each action.

    Parameters
    ----------
    merged : bool
        Count like teams together (codes must be sorted); else every team keeps its name.
    """
    graph = programme.graph
    width = check_size(programme)
    grades = graph.counts.shape[2]
    same = likes(programme, code) if merged else np.zeros(code.shape, dtype=bool)
    n = actions.state.size
    action, ways = np.arange(n), np.ones(n)
    packed = np.zeros(n, dtype=np.int64)
    last, run, even = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
    key = _keys(programme, code, merged)[actions.state]
    for slot in range(code.shape[1]):
        funded = (actions.bits[action] >> slot) & 1 == 1
        if not funded.any():
            continue
        here = actions.state[action]
        node = code[here, slot]
        before = (actions.bits[action] >> (slot - 1)) & 1 == 1 if slot else np.zeros_like(funded)
        linked = funded & same[here, slot] & before
        run = np.where(funded, np.where(linked, run, 0.0) + 1, 0.0)
        parts = [(~funded, action, ways, packed, last, run, even, key)]
        for y in range(grades):
            child = graph.following[node, y]
            may = funded & (child >= 0) & (~linked | (y >= last))
            equal = np.where(linked & (y == last), even, 0.0) + 1
            change = _slot_key(programme, child, slot, merged) - _slot_key(programme, node, slot, merged)
            parts.append(
                (
                    may,
                    action,
                    ways * run / equal,
                    packed | (np.int64(y) << np.int64(slot * width)),
                    np.full_like(last, y),
                    run,
                    equal,
                    key + change,
                )
            )
        action, ways, packed, last, run, even, key = (
            np.concatenate([part[column][part[0]] for part in parts]) for column in range(1, 8)
        )
    return Edges(action, ways, packed, key)


def _slot_key(programme: Programme, node: IntArray, slot: int, merged: bool) -> np.ndarray:
    key = programme.graph.key[node]
    return key if merged else key * (np.uint64(2 * slot + 1) + np.uint64(0x9E3779B97F4A7C14))


def _keys(programme: Programme, code: IntArray, merged: bool) -> np.ndarray:
    total = np.zeros(code.shape[0], dtype=np.uint64)
    for slot in range(code.shape[1]):
        total += _slot_key(programme, code[:, slot], slot, merged)
    return total


def children(
    programme: Programme, code: IntArray, actions: Actions, edges: Edges, which: IntArray, *, merged: bool = True
) -> IntArray:
    """Return the codes after the chosen edges, shape (len(which), R·M)."""
    graph = programme.graph
    width = check_size(programme)
    act = edges.action[which]
    after = code[actions.state[act]].copy()
    bits, packed = actions.bits[act], edges.grades[which]
    for slot in range(code.shape[1]):
        funded = np.flatnonzero((bits >> slot) & 1)
        if funded.size:
            grade = (packed[funded] >> (slot * width)) & ((1 << width) - 1)
            after[funded, slot] = graph.following[after[funded, slot], grade]
    R, M = programme.tables.start.shape
    return flat(after.reshape(-1, R, M)) if merged else after


def chunks(sizes: FloatArray, most: int = CHUNK) -> list[tuple[int, int]]:
    """Cut a sequence into parts whose sizes sum to about ``most`` each, at least one item a part."""
    if sizes.size == 0:
        return []
    group = (np.cumsum(sizes) - sizes) // most
    ends = np.flatnonzero(np.diff(group)) + 1
    bounds = [0, *ends.tolist(), sizes.size]
    return list(itertools.pairwise(bounds))
