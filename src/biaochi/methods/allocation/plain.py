"""The rules offices use without a model: equal shares, stop at a miss, refill, pick a winner, halve the field.

Teams are ordered once: routes by ρΣ_k kπ_k (the payoff a mean class promises), one team of each in turn.  Later stages
have first call on the money.  Successive halving: Karnin, Koren & Somekh 2013 (ICML, pp. 1238–1246).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.batch import MONEY_EPS, BatchState, BoolArray
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.weights import route_weights, team_passes


@dataclass(frozen=True, eq=False)
class Roster:
    """Who would be funded without learning: slots in order, how many are chosen, and each one's path cost."""

    order: IntArray
    n: int
    path: FloatArray
    route_worth: FloatArray


def roster(programme: Programme) -> Roster:
    """Return the order of the teams and n=clamp(⌊B/Σc⌋,1,teams)."""
    _R, M = programme.tables.start.shape
    prior = np.einsum("f,frk->rk", programme.tables.factor, programme.tables.prior)
    worth = _scale(programme) * (prior @ np.arange(prior.shape[1]))
    by_worth = np.argsort(-worth, kind="stable")
    order = np.array([r * M + i for i in range(M) for r in by_worth if i < len(programme.routes[r].teams)])
    path = np.repeat([float(r.cost.sum()) for r in programme.routes], M)
    return Roster(order, _affordable(path[order], programme.budget), path, worth)


def _scale(programme: Programme) -> FloatArray:
    """Return ρ, or the best prize where the payoff is a prize."""
    if programme.payoff.kind == "best_prize":
        return np.array([0.0 if r.prizes is None else float(r.prizes.max()) for r in programme.routes])
    return np.array([r.coverage for r in programme.routes])


def _affordable(costs: FloatArray, budget: float) -> int:
    """Return how many paths the budget pays in order: ⌊B/Σc⌋ when all cost the same; at least one."""
    if np.isinf(budget):
        return int(costs.size)
    return int(np.clip(np.searchsorted(np.cumsum(costs), budget + MONEY_EPS, side="right"), 1, costs.size))


def _grant(programme: Programme, state: BatchState, wants: BoolArray, rank: IntArray) -> BoolArray:
    """Fund the teams wanted while money lasts, later stages first, then by rank; what does not fit is passed over."""
    n, R, M = state.code.shape
    code = state.code.reshape(n, R * M)
    cost = programme.tables.cost[code]
    wants = wants.reshape(n, R * M) & np.isfinite(cost)
    limit = state.limit(programme)
    if (np.where(wants, cost, 0.0).sum(axis=1) <= limit + MONEY_EPS).all():
        return wants.reshape(n, R, M)
    stage = programme.graph.stage[code]
    ranks = np.broadcast_to(rank, code.shape)
    sequence = np.lexsort((ranks, -stage, ~wants), axis=1)
    granted = np.zeros_like(wants)
    rows = np.arange(n)
    left = limit.copy()
    for position in range(int(wants.sum(axis=1).max(initial=0))):
        slot = sequence[:, position]
        pays = wants[rows, slot] & (cost[rows, slot] <= left + MONEY_EPS)
        granted[rows, slot] = pays
        left = left - np.where(pays, np.where(np.isfinite(cost[rows, slot]), cost[rows, slot], 0.0), 0.0)
    return granted.reshape(n, R, M)


def _rank(order: IntArray, size: int) -> IntArray:
    rank = np.full(size, size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    return rank


def _fixed(programme: Programme, state: BatchState, chosen: IntArray) -> BoolArray:
    """Fund the chosen teams, retries included, each up to B over their number."""
    n, R, M = state.code.shape
    code = state.code.reshape(n, R * M)
    share = programme.budget / chosen.size
    member = np.zeros(R * M, dtype=bool)
    member[chosen] = True
    within = programme.tables.spent[code] + programme.tables.cost[code] <= share + MONEY_EPS
    return _grant(programme, state, member[None] & within, _rank(chosen, R * M))


def equal(programme: Programme, state: BatchState) -> BoolArray:
    """Fund the first n teams, each up to B/n, retries included."""
    plan = roster(programme)
    return _fixed(programme, state, plan.order[: plan.n])


def winner(programme: Programme, state: BatchState) -> BoolArray:
    """Fund by equal shares within the route whose prior ρP(pass all) is highest."""
    plan = roster(programme)
    _R, M = programme.tables.start.shape
    prior = np.einsum("f,frk->rk", programme.tables.factor, programme.tables.prior)
    promise = []
    for r, route in enumerate(programme.routes):
        chance = (route.team_class * route.passing.prod(axis=0)).sum(axis=1)
        promise.append(float(prior[r, : chance.size] @ chance))
    best = int(np.argmax(_scale(programme) * np.array(promise)))
    members = np.array([slot for slot in plan.order if slot // M == best])
    return _fixed(programme, state, members[: _affordable(plan.path[members], programme.budget)])


def _started(programme: Programme, state: BatchState) -> tuple[BoolArray, BoolArray]:
    """Return who is running without a miss, and who was never tried; each (n, R·M)."""
    graph = programme.graph
    code = state.code.reshape(len(state), -1)
    missed = graph.misses.sum(axis=1)[code] > 0
    tried = graph.attempts[code] > 0
    open_ = np.isfinite(programme.tables.cost[code])
    return open_ & tried & ~missed, open_ & ~tried


def stop(programme: Programme, state: BatchState) -> BoolArray:
    """Fund the first n teams; a miss drops a team for good."""
    plan = roster(programme)
    _, R, M = state.code.shape
    running, fresh = _started(programme, state)
    member = np.zeros(R * M, dtype=bool)
    member[plan.order[: plan.n]] = True
    return _grant(programme, state, (running | fresh) & member[None], _rank(plan.order, R * M))


def stop_refill(programme: Programme, state: BatchState) -> BoolArray:
    """As ``stop``, but untried teams enter up to n active while what is left pays a full path."""
    plan = roster(programme)
    n, R, M = state.code.shape
    running, fresh = _started(programme, state)
    granted = _grant(programme, state, running, _rank(plan.order, R * M)).reshape(n, R * M)
    code = state.code.reshape(n, R * M)
    cost = np.where(np.isfinite(programme.tables.cost[code]), programme.tables.cost[code], 0.0)
    paid = (granted * cost).sum(axis=1)
    left = programme.budget - state.spent(programme) - paid
    now = state.limit(programme) - paid
    active = running.sum(axis=1)
    queue = _queue(programme, state, fresh.reshape(n, R, M), plan)
    rows = np.arange(n)
    for position in range(int(fresh.sum(axis=1).max(initial=0))):
        slot = queue[:, position]
        enters = fresh[rows, slot] & (active < plan.n) & (plan.path[slot] <= left + MONEY_EPS)
        enters &= cost[rows, slot] <= now + MONEY_EPS
        granted[rows, slot] |= enters
        active = active + enters
        left = left - enters * cost[rows, slot]
        now = now - enters * cost[rows, slot]
    return granted.reshape(n, R, M)


def _queue(programme: Programme, state: BatchState, fresh: BoolArray, plan: Roster) -> IntArray:
    """Return the slots of untried teams in the order they enter: one team of each route in turn.

    A team's turn is the number of teams of its route that come before it, tried ones first, so that the order does not
    depend on which of the like teams were tried.
    """
    n, R, M = fresh.shape
    tried = (programme.graph.attempts[state.code] > 0).sum(axis=2)
    turn = tried[:, :, None] + np.cumsum(fresh, axis=2) - 1
    by_worth = np.empty(R, dtype=np.int64)
    by_worth[np.argsort(-plan.route_worth, kind="stable")] = np.arange(R)
    place = np.where(fresh, turn * R + by_worth[None, :, None], R * M * R)
    return np.argsort(place.reshape(n, R * M), axis=1, kind="stable")


def halving(programme: Programme, state: BatchState) -> BoolArray:
    """In round t<S fund the max(1,⌊B/(S·c_t)⌋) teams at stage t of highest ρP(pass all the rest)."""
    n, R, M = state.code.shape
    S = len(programme.stages)
    if state.t >= S:
        return np.zeros((n, R, M), dtype=bool)
    code = state.code.reshape(n, R * M)
    weights = route_weights(programme, state.code)
    _, whole = team_passes(programme, state.code, weights)
    promise = (whole * _scale(programme)[None, :, None]).reshape(n, R * M)
    at_stage = (programme.graph.stage[code] == state.t) & (code > 0)
    sequence = np.argsort(np.where(at_stage, -promise, np.inf), axis=1, kind="stable")
    share = programme.budget / S
    cost = np.take_along_axis(np.where(at_stage, programme.tables.cost[code], np.inf), sequence, axis=1)
    fits = np.cumsum(cost, axis=1) <= share + MONEY_EPS
    fits[:, 0] = np.isfinite(cost[:, 0])
    wants = np.zeros((n, R * M), dtype=bool)
    np.put_along_axis(wants, sequence, fits, axis=1)
    rank = np.empty_like(sequence)
    np.put_along_axis(rank, sequence, np.broadcast_to(np.arange(R * M), sequence.shape).copy(), axis=1)
    return _grant(programme, state, wants.reshape(n, R, M), rank)


@dataclass(frozen=True)
class Plain:
    """A plain rule as a policy."""

    name: str
    rule: Callable[[Programme, BatchState], BoolArray]
    symmetric: bool = False

    def __call__(self, programme: Programme, state: BatchState) -> BoolArray:
        """Return whom to fund, shape (n, R, M)."""
        return self.rule(programme, state)


PLAIN: tuple[Plain, ...] = (
    Plain("equal", equal),
    Plain("stop", stop),
    Plain("stop_refill", stop_refill, symmetric=True),
    Plain("winner", winner),
    Plain("halving", halving),
)
