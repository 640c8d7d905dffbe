"""The exact optimum by backward induction over histories, like teams merged.

With L(x) the prior probability of a history x and F(x) its payoff, the value of an action a in x is
−λ·cost + δ(Σ ways·L(x')(F(x')+V(x'))/L(x) − F(x)) over the histories x' it can lead to.  Teams that cannot finish in
time stay in: they teach about their route.  Dynamic programming: Bellman 1957; learning about hidden classes as a
belief-state problem: Smallwood & Sondik 1973, doi:10.1287/opre.21.5.1071.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from biaochi.methods.allocation.batch import BatchState, BoolArray, canonical, merged_key
from biaochi.methods.allocation.expansion import (
    Actions,
    TooLargeError,
    all_actions,
    check_size,
    children,
    chunks,
    count_actions,
    count_edges,
    flat,
    outcomes,
)
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.payoff import payoff
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.weights import evidence

LIMIT = 250_000
EDGES_A_STATE = 60
TIE = 1e-9
REVIVED = 1e-9
SAMPLE = 128


@dataclass(frozen=True, eq=False)
class Choice:
    """One distinct action now: the teams (the first of like teams), money, value, whether it ties with the best."""

    fund: tuple[str, ...]
    count_by_route: dict[str, int]
    cost: float
    value: float
    tie: bool
    mask: BoolArray


@dataclass(frozen=True, eq=False)
class Layer:
    """One round: sorted keys of its states (n,), the best action of each as bits (n,), and its value (n,)."""

    key: np.ndarray
    best: IntArray
    value: FloatArray


@dataclass(eq=False)
class _Stage:
    """One round while solving: states, their actions, and the edges to the next round."""

    code: IntArray
    likely: FloatArray
    worth: FloatArray
    actions: Actions
    edge_action: IntArray
    edge_ways: FloatArray
    edge_child: IntArray
    after: IntArray
    after_likely: FloatArray
    after_worth: FloatArray


@dataclass(frozen=True, eq=False)
class Solution:
    """The optimum from the present state on.

    Attributes
    ----------
    value : float
        Expected value to go.
    states : int
        Histories at which a decision is due.
    actions : tuple of Choice
        Every distinct action now, best first; among equals more teams, lower cost, code.
    layers : tuple of Layer
        The optimal action of every reachable state.
    tree : tuple
        The enumerated histories, for :func:`revalue`.
    """

    value: float
    states: int
    actions: tuple[Choice, ...]
    layers: tuple[Layer, ...]
    tree: tuple[_Stage, ...] = ()

    @property
    def best(self) -> Choice:
        """The recommended action."""
        return self.actions[0]


def solve(programme: Programme, *, limit: int = LIMIT) -> Solution:
    """Return the exact optimum.

    Parameters
    ----------
    programme : Programme
    limit : int
        Most states (and 60 outcomes a state, over all of them) before :class:`TooLargeError` is raised.

    Returns
    -------
    Solution

    Examples
    --------
    >>> p = Programme.from_tables([[.5, .5]], [[[1], [1]]], [[[[0], [.5]]]], [10], 1, [.9], B=30, T=3, V=100, lam=1)
    >>> round(solve(p).value, 9)
    16.25
    """
    check_size(programme)
    return _backward(programme, _forward(programme, limit))


def revalue(programme: Programme, solution: Solution, *, limit: int = LIMIT) -> Solution:
    """Return the optimum under other probabilities with the same costs and budget, reusing the enumerated histories.

    Where the other probabilities make histories possible that were not, the programme is solved anew.
    """
    stages = []
    for old in solution.tree:
        cube, after = _cube(programme, old.code), _cube(programme, old.after)
        likely, after_likely = evidence(programme, cube), evidence(programme, after)
        total = np.bincount(
            old.edge_action,
            weights=old.edge_ways * np.append(after_likely, 0.0)[old.edge_child],
            minlength=old.actions.state.size,
        )
        wanted = likely[old.actions.state]
        if np.any(likely <= 0) or np.any(np.abs(total - wanted) > REVIVED * wanted):
            return solve(programme, limit=limit)
        stages.append(
            replace(
                old,
                likely=likely,
                worth=payoff(programme, cube),
                after_likely=after_likely,
                after_worth=payoff(programme, after),
            )
        )
    return _backward(programme, stages)


def _backward(programme: Programme, stages: list[_Stage]) -> Solution:
    if not stages:
        return Solution(0.0, 0, (_nothing(programme),), ())
    ahead = np.zeros(stages[-1].after_likely.size)
    layers: list[Layer] = []
    values = np.zeros(0)
    for stage in reversed(stages):
        values = _action_values(programme, stage, ahead)
        best, ahead = _best(programme, stage, values)
        layers.append(Layer(_key_of(programme, stage.code), best, ahead))
    total = sum(s.code.shape[0] for s in stages)
    choices = _choices(programme, stages[0], values)
    return Solution(float(ahead[0]), total, choices, tuple(reversed(layers)), tuple(stages))


def count_states(programme: Programme, *, limit: int = LIMIT) -> int:
    """Return the number of histories at which a decision is due."""
    check_size(programme)
    return sum(s.code.shape[0] for s in _forward(programme, limit))


def _key_of(programme: Programme, code: IntArray) -> np.ndarray:
    R, M = programme.tables.start.shape
    return merged_key(programme, code.reshape(-1, R, M))


def _cube(programme: Programme, code: IntArray) -> IntArray:
    R, M = programme.tables.start.shape
    return code.reshape(-1, R, M)


def _forward(programme: Programme, limit: int) -> list[_Stage]:
    code = flat(programme.tables.start[None])
    likely = evidence(programme, _cube(programme, code))
    stages: list[_Stage] = []
    states, edges = 0, 0
    for t in range(programme.elapsed, programme.rounds):
        states += code.shape[0]
        if states > limit:
            raise TooLargeError(f"more than {limit} histories")
        stage, code, likely = _expand(programme, t, code, likely, limit, limit * EDGES_A_STATE - edges)
        edges += stage.edge_action.size
        stages.append(stage)
    return stages


def _expand(
    programme: Programme, t: int, code: IntArray, likely: FloatArray, limit: int, room: int
) -> tuple[_Stage, IntArray, FloatArray]:
    last = t == programme.rounds - 1 and t > programme.elapsed
    money = BatchState(t, _cube(programme, code)).limit(programme)
    _refuse_early(programme, code, money, last, room)
    found: list[Actions] = []
    acts, ways, keys, codes = [], [], [], []
    met, edges_so_far = 0, 0
    for low, high in chunks(count_actions(programme, code, last)):
        mine = all_actions(programme, code[low:high], money[low:high], last)
        mine = Actions(mine.state + low, mine.bits, mine.cost)
        before = sum(a.state.size for a in found)
        found.append(mine)
        sizes = count_edges(programme, code, mine, merged=True)
        edges_so_far += int(sizes.sum())
        if edges_so_far > room:
            raise TooLargeError("more outcomes than can be enumerated")
        for a, b in chunks(sizes):
            part = mine.part(a, b)
            edges = outcomes(programme, code, part)
            unique, first = np.unique(edges.key, return_index=True)
            acts.append((edges.action + before + a).astype(np.int32))
            ways.append(edges.ways.astype(np.float32))
            keys.append(edges.key)
            codes.append((unique, children(programme, code, part, edges, first)))
            met += unique.size
            if met > 2 * limit and not last:
                met = np.unique(np.concatenate([u for u, _ in codes])).size
                if met > limit:
                    raise TooLargeError(f"more than {limit} histories")
    actions = Actions(*(np.concatenate([getattr(a, f) for a in found]) for f in ("state", "bits", "cost")))
    names, position = np.unique(np.concatenate([u for u, _ in codes]), return_index=True)
    after = np.concatenate([c for _, c in codes])[position]
    after_likely = evidence(programme, _cube(programme, after))
    alive = after_likely > 0
    place = np.where(alive, np.cumsum(alive) - 1, int(alive.sum()))
    child = [place[np.searchsorted(names, k)].astype(np.int32) for k in keys]
    stage = _Stage(
        code,
        likely,
        payoff(programme, _cube(programme, code)),
        actions,
        np.concatenate(acts),
        np.concatenate(ways),
        np.concatenate(child),
        after[alive],
        after_likely[alive],
        payoff(programme, _cube(programme, after[alive])),
    )
    return stage, after[alive], after_likely[alive]


def _refuse_early(programme: Programme, code: IntArray, money: FloatArray, last: bool, room: int) -> None:
    """Raise when a sample of the states shows that their outcomes are far too many; a few show the plain cases."""
    if code.shape[0] <= 16 * SAMPLE:
        return
    for size, margin in ((SAMPLE // 16, 20), (SAMPLE, 3)):
        picked = np.linspace(0, code.shape[0] - 1, size).astype(np.int64)
        actions = all_actions(programme, code[picked], money[picked], last)
        outcomes_a_state = float(count_edges(programme, code[picked], actions, merged=True).sum()) / size
        if outcomes_a_state * code.shape[0] > margin * max(room, 0):
            raise TooLargeError("more outcomes than can be enumerated")


def _action_values(programme: Programme, stage: _Stage, ahead: FloatArray) -> FloatArray:
    goal = np.append(stage.after_likely * (stage.after_worth + ahead), 0.0)
    total = np.bincount(
        stage.edge_action, weights=stage.edge_ways * goal[stage.edge_child], minlength=stage.actions.state.size
    )
    at = stage.actions.state
    mean = total / stage.likely[at] - stage.worth[at]
    return np.asarray(programme.discount * mean - programme.return_value * stage.actions.cost)


def _best(programme: Programme, stage: _Stage, values: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the preferred action of each state and its value: best, then more teams, then lower cost."""
    at = stage.actions.state
    starts = np.flatnonzero(np.diff(at, prepend=-1))
    top = np.maximum.reduceat(values, starts)
    near = values >= (top - TIE * np.maximum(1.0, np.abs(top)))[at]
    teams = np.bitwise_count(stage.actions.bits)
    order = np.lexsort((stage.actions.cost, -teams.astype(np.int64), ~near, at))
    picked = order[starts]
    return stage.actions.bits[picked], top


def _choices(programme: Programme, stage: _Stage, values: FloatArray) -> tuple[Choice, ...]:
    top = float(values.max())
    R, M = programme.tables.start.shape
    _, order = canonical(programme.tables.start[None])
    found = []
    for bits, cost, value in zip(stage.actions.bits, stage.actions.cost, values, strict=True):
        mask = unsorted_mask(np.array([bits]), order, R, M)[0]
        found.append(choice(programme, mask, float(cost), float(value), top))
    return tuple(sorted(found, key=preference(top)))


def preference(top: float) -> Callable[[Choice], tuple[float, int, float, tuple[str, ...]]]:
    """Return the sort key of choices: value (ties first), more teams, lower cost, code."""
    tolerance = TIE * max(1.0, abs(top))

    def key(c: Choice) -> tuple[float, int, float, tuple[str, ...]]:
        level = -np.inf if c.value >= top - tolerance else -c.value
        return (level, -len(c.fund), c.cost, c.fund)

    return key


def choice(programme: Programme, mask: BoolArray, cost: float, value: float, top: float) -> Choice:
    """Return one action as its team codes."""
    fund = tuple(team for r, route in enumerate(programme.routes) for i, team in enumerate(route.teams) if mask[r, i])
    counts = {route.code: int(mask[r].sum()) for r, route in enumerate(programme.routes)}
    return Choice(fund, counts, cost, value, value >= top - TIE * max(1.0, abs(top)), mask)


def _nothing(programme: Programme) -> Choice:
    return choice(programme, np.zeros(programme.tables.start.shape, dtype=bool), 0.0, 0.0, 0.0)


def unsorted_mask(bits: IntArray, order: IntArray, R: int, M: int) -> BoolArray:
    """Return funded slots of sorted states as masks over the teams in their own places."""
    taken = ((bits[:, None] >> np.arange(R * M)) & 1 == 1).reshape(-1, R, M)
    mask = np.zeros_like(taken)
    np.put_along_axis(mask, order, taken, axis=2)
    return np.asarray(mask, dtype=bool)


@dataclass(frozen=True, eq=False)
class Optimal:
    """The policy ``exact``: the optimal action of every state, looked up."""

    solution: Solution
    start: int
    name: str = "exact"
    symmetric: bool = True

    def __call__(self, programme: Programme, state: BatchState) -> BoolArray:
        """Return whom to fund, shape (n, R, M); nobody in states the model holds impossible."""
        _n, R, M = state.code.shape
        layer = self.solution.layers[state.t - self.start]
        _, order = canonical(state.code)
        key = merged_key(programme, state.code)
        ranked = np.argsort(layer.key)
        at = np.minimum(np.searchsorted(layer.key, key, sorter=ranked), layer.key.size - 1)
        known = layer.key[ranked[at]] == key
        bits = np.where(known, layer.best[ranked[at]], 0)
        return unsorted_mask(bits, order, R, M)


def optimal(programme: Programme, *, limit: int = LIMIT) -> Optimal:
    """Solve the programme and return the optimum as a policy."""
    return Optimal(solve(programme, limit=limit), programme.elapsed)
