"""The exact value of a policy: every history it can meet, none drawn.

Used where a programme is small enough; the same walk gives the distribution of final states, from which success
chances, spending and quantiles are read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.batch import EMPTY_LAST, BatchState, BoolArray, Policy, decide, present
from biaochi.methods.allocation.expansion import (
    Actions,
    TooLargeError,
    check_size,
    children,
    chunks,
    count_edges,
    flat,
    outcomes,
)
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.payoff import payoff
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.weights import evidence

LIMIT = 1_000_000


@dataclass(frozen=True, eq=False)
class Step:
    """One round of a walk: codes (n, R·M), what is paid (n,), and edges from parent to child with their ways."""

    code: IntArray
    likely: FloatArray
    worth: FloatArray
    cost: FloatArray
    parent: IntArray
    child: IntArray
    ways: FloatArray


@dataclass(frozen=True, eq=False)
class Walk:
    """All histories a policy meets from some states on; ``likely`` are prior probabilities of histories."""

    programme: Programme
    steps: tuple[Step, ...]
    code: IntArray
    likely: FloatArray
    worth: FloatArray

    @property
    def states(self) -> int:
        """Histories met, final ones left out."""
        return sum(s.code.shape[0] for s in self.steps)

    def values(self) -> FloatArray:
        """Return the value to go of each state the walk began with."""
        p = self.programme
        worth, likely, ahead = self.worth, self.likely, np.zeros(self.worth.size)
        for step in reversed(self.steps):
            goal = np.append(likely * (worth + ahead), 0.0)
            total = np.bincount(step.parent, weights=step.ways * goal[step.child], minlength=step.worth.size)
            ahead = p.discount * (total / step.likely - step.worth) - p.return_value * step.cost
            worth, likely = step.worth, step.likely
        return ahead

    def final(self) -> FloatArray:
        """Return the probability of each final state when the walk began with one state."""
        paths: FloatArray = np.ones(1)
        for step in self.steps:
            paths = _pushed(step, paths)
        return np.asarray(paths[: self.likely.size] * self.likely / self.steps[0].likely[0]) if self.steps else paths

    def calls(self) -> FloatArray:
        """Return the expected spending of each round when the walk began with one state."""
        paths: FloatArray = np.ones(1)
        spent = []
        for step in self.steps:
            p = paths[: step.likely.size] * step.likely / self.steps[0].likely[0]
            spent.append(float(p @ step.cost))
            paths = _pushed(step, paths)
        return np.array(spent)


def _pushed(step: Step, paths: FloatArray) -> FloatArray:
    """Return the number of ways to each child from the ways to its parents."""
    size = int(step.child.max()) + 1
    return np.asarray(np.bincount(step.child, weights=step.ways * paths[step.parent], minlength=size), dtype=np.float64)


def walk(
    programme: Programme,
    policy: Policy,
    state: BatchState,
    *,
    first: BoolArray | None = None,
    merged: bool | None = None,
    limit: int = LIMIT,
) -> Walk:
    """Follow a policy through every history it can meet.

    Parameters
    ----------
    programme, policy
    state : BatchState
        Where to begin; every state must be possible under the model.
    first : ndarray of bool, shape (n, R, M), optional
        Whom to fund in the first round instead of asking the policy.
    merged : bool, optional
        Whether to merge like teams; by default when the policy is symmetric.
    limit : int
        Most histories before :class:`TooLargeError`.
    """
    check_size(programme)
    R, M = programme.tables.start.shape
    together = policy.symmetric if merged is None else merged
    code = flat(state.code) if together and first is None else state.code.reshape(len(state), -1)
    likely = evidence(programme, code.reshape(-1, R, M))
    worth = payoff(programme, code.reshape(-1, R, M))
    steps: list[Step] = []
    total = 0
    for t in range(state.t, programme.rounds):
        total += code.shape[0]
        if total > limit:
            raise TooLargeError(f"the policy meets more than {limit} histories")
        here = BatchState(t, code.reshape(-1, R, M))
        fund = first if first is not None and t == state.t else decide(policy, programme, here)
        step, code = _step(programme, code, fund.reshape(code.shape), likely, worth, together, limit)
        cube = code.reshape(-1, R, M)
        likely, worth = evidence(programme, cube), payoff(programme, cube)
        alive = likely > 0
        place = np.where(alive, np.cumsum(alive) - 1, int(alive.sum()))
        steps.append(Step(step.code, step.likely, step.worth, step.cost, step.parent, place[step.child], step.ways))
        code, likely, worth = code[alive], likely[alive], worth[alive]
    return Walk(programme, tuple(steps), code, likely, worth)


def _step(
    programme: Programme,
    code: IntArray,
    fund: BoolArray,
    likely: FloatArray,
    worth: FloatArray,
    merged: bool,
    limit: int,
) -> tuple[Step, IntArray]:
    slots = np.arange(code.shape[1])
    bits = (fund.astype(np.int64) << slots).sum(axis=1)
    cost = np.where(fund, programme.tables.cost[code], 0.0).sum(axis=1)
    if merged:
        bits, code = _first_of_likes(programme, code, fund)
    actions = Actions(np.arange(code.shape[0]), bits, cost)
    sizes = count_edges(programme, code, actions, merged)
    if sizes.sum() > 40 * limit:
        raise TooLargeError("more outcomes than can be enumerated")
    parents, ways, keys, fresh = [], [], [], []
    for low, high in chunks(sizes):
        part = actions.part(low, high)
        edges = outcomes(programme, code, part, merged=merged)
        unique, at = np.unique(edges.key, return_index=True)
        parents.append(edges.action + low)
        ways.append(edges.ways)
        keys.append(edges.key)
        fresh.append((unique, children(programme, code, part, edges, at, merged=merged)))
    names, position = np.unique(np.concatenate([u for u, _ in fresh]), return_index=True)
    after = np.concatenate([c for _, c in fresh])[position]
    child = np.concatenate([np.searchsorted(names, k) for k in keys])
    return Step(code, likely, worth, cost, np.concatenate(parents), child, np.concatenate(ways)), after


def _first_of_likes(programme: Programme, code: IntArray, fund: BoolArray) -> tuple[IntArray, IntArray]:
    """Sort each route so that of like teams the funded stand first; return the bits and the sorted codes."""
    R, M = programme.tables.start.shape
    cube, taken = code.reshape(-1, R, M), fund.reshape(-1, R, M)
    order = np.argsort(np.where(cube == 0, EMPTY_LAST, cube * 2 + ~taken), axis=2, kind="stable")
    sorted_code: IntArray = np.take_along_axis(cube, order, axis=2).reshape(code.shape)
    sorted_fund: BoolArray = np.take_along_axis(taken, order, axis=2).reshape(code.shape)
    return (sorted_fund.astype(np.int64) << np.arange(code.shape[1])).sum(axis=1), sorted_code


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a policy brings from the present state on, exactly.

    Attributes
    ----------
    value, p_no_success, spend : float
    success, tried_later : ndarray of shape (R, M)
        P(the team is successful at the end); P(it is funded after the first round).
    payoffs, probabilities : ndarray
        The distribution of F.
    states : int
        Histories met.
    """

    value: float
    p_no_success: float
    spend: float
    success: FloatArray
    tried_later: FloatArray
    payoffs: FloatArray
    probabilities: FloatArray
    states: int


def evaluate(programme: Programme, policy: Policy, *, first: BoolArray | None = None, limit: int = LIMIT) -> Evaluation:
    """Return the exact value of a policy from the present state on.

    Examples
    --------
    >>> from biaochi.methods.allocation.plain import PLAIN
    >>> p = Programme.from_tables([[1.0]], [[[1]]], [[[[.5]]]], [1], 2, [1], B=2, T=1, V=10, lam=0)
    >>> evaluate(p, PLAIN[0]).value
    7.5
    """
    start = present(programme)
    found = walk(programme, policy, start, first=None if first is None else first[None], merged=False, limit=limit)
    R, M = programme.tables.start.shape
    p = found.final()
    cube = found.code.reshape(-1, R, M)
    won: BoolArray = np.take(programme.graph.done, cube)
    chosen = first[None] if first is not None else decide(policy, programme, start)
    used = programme.graph.attempts[programme.tables.start] + chosen[0]
    later: BoolArray = np.greater(programme.graph.attempts[cube], used[None])
    value = float(found.values()[0]) if found.steps else 0.0
    return Evaluation(
        value,
        float(p @ ~won.any(axis=(1, 2))),
        float(found.calls().sum()),
        np.einsum("n,nrm->rm", p, won.astype(np.float64)),
        np.einsum("n,nrm->rm", p, later.astype(np.float64)),
        found.worth,
        p,
        found.states,
    )
