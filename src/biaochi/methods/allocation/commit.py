"""Expected-commitment greedy: fund the teams whose whole remaining path is worth most for its expected cost.

For each unfinished team that can still finish, and each patience m (retries a stage), the chance of chaining its stages
to success and the expected cost of doing so are known under the posterior.  Teams are added one by one by the marginal
gain per cost, counting that a further success on the same route is worth less.  The submodular greedy with costs:
Nemhauser, Wolsey & Fisher 1978, doi:10.1007/BF01588971; Khuller, Moss & Naor 1999, doi:10.1016/S0020-0190(99)00031-9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.batch import MONEY_EPS, BatchState, BoolArray
from biaochi.methods.allocation.gains import Gains, gains_of
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.weights import route_weights

PATIENCE = 4
TIE = 1e-12
KEPT = 0.6


@dataclass(frozen=True, eq=False)
class Paths:
    """Chains to success by node.

    Attributes
    ----------
    success : ndarray of shape (N, P, K, J)
        Π of stage passes with m retries, before averaging over the team's class.
    cost : ndarray of shape (N, P, K)
        Expected cost of the chain given the route's class.
    """

    success: FloatArray
    cost: FloatArray


@dataclass(frozen=True, eq=False)
class Commitment:
    """What the greedy chose.

    Attributes
    ----------
    order : ndarray of shape (n, L)
        Slots (route × M + team) in the order chosen; −1 after the last.
    gain, cost : ndarray of shape (n, L)
        Gain and expected cost of each choice; 0 after the last.
    """

    order: IntArray
    gain: FloatArray
    cost: FloatArray

    def value(self, return_value: float) -> FloatArray:
        """Return Σ(gain−λC), shape (n,)."""
        return np.asarray((self.gain - return_value * self.cost).sum(axis=1))

    def mask(self, R: int, M: int) -> BoolArray:
        """Return the chosen teams, shape (n, R, M)."""
        n = self.order.shape[0]
        chosen = np.zeros((n, R * M), dtype=bool)
        rows, columns = np.nonzero(self.order >= 0)
        chosen[rows, self.order[rows, columns]] = True
        return chosen.reshape(n, R, M)


def paths(programme: Programme) -> Paths:
    """Return the chance and expected cost of every node's chain, for each patience 0..3.

    With pass probability q, a stage tried up to m+1 times passes with a=1−(1−q)^(m+1) and takes a/q attempts.
    """
    tables, graph = programme.tables, programme.graph
    n, S, K, J = tables.passing.shape
    success = np.ones((n, PATIENCE, K, J))
    cost = np.zeros((n, PATIENCE, K, J))
    for m in range(PATIENCE):
        for s in range(S):
            open_stage = (graph.stage <= s)[:, None, None]
            q = tables.passing[:, s]
            a = 1 - (1 - q) ** (m + 1)
            attempts = np.where(q > 0, a / np.where(q > 0, q, 1.0), m + 1.0)
            cost[:, m] += np.where(open_stage, success[:, m] * attempts * tables.stage_cost[:, s, None, None], 0.0)
            success[:, m] = np.where(open_stage, success[:, m] * a, success[:, m])
    return Paths(success, np.einsum("nkj,nmkj->nmk", tables.b, cost))


def commit(programme: Programme, state: BatchState, *, width: float = np.inf, phi: float = 1.0) -> Commitment:
    """Choose teams by expected commitment.

    Parameters
    ----------
    programme : Programme
    state : BatchState
    width : float
        W, most teams funded in one round.
    phi : float
        How much may be committed, as a multiple of the money left.

    Returns
    -------
    Commitment
        Of teams in the same state the first is chosen first.
    """
    n, R, M = state.code.shape
    most = int(min(width, R * M))
    order = np.full((n, most), -1, dtype=np.int64)
    gain, cost = np.zeros((n, most)), np.zeros((n, most))
    search = _Search(programme, state, phi)
    for step in range(most):
        rows, slot, won, paid = search.take_best()
        if not rows.size:
            break
        order[rows, step], gain[rows, step], cost[rows, step] = slot, won, paid
    return Commitment(order, gain, cost)


class _Search:
    """The greedy of many states in step.

    Candidates (a team's node with a patience) of all states stand in one flat list, ordered by state; teams that stand
    side by side with the same node are one candidate with a number.
    """

    def __init__(self, programme: Programme, state: BatchState, phi: float) -> None:
        graph, tables = programme.graph, programme.tables
        code = state.code
        _n, R, M = code.shape
        self.M, self.lam = M, programme.return_value
        need = graph.stages - graph.stage
        slack = (programme.rounds - state.t) - need
        fit = (need > 0) & (slack >= 0)
        fit[0] = False
        rows, r, i = np.nonzero(fit[code])
        node = code[rows, r, i]
        fresh = np.ones(rows.size, dtype=bool)
        fresh[1:] = (rows[1:] != rows[:-1]) | (node[1:] != node[:-1])
        first = np.flatnonzero(fresh)
        self.slots, self.begins = r * M + i, first
        self.left_of = np.diff(np.append(first, rows.size))
        self.taken = np.zeros(first.size, dtype=np.int64)
        patience = np.minimum(slack[node[first]], PATIENCE - 1) + 1
        group = np.repeat(np.arange(first.size), patience)
        self.m = np.arange(group.size) - np.repeat(np.cumsum(patience) - patience, patience)
        self.group, self.state, self.route = group, rows[first][group], r[first][group]
        self.node = node[first][group]
        chain = _paths_of(programme)
        weights = route_weights(programme, code)
        self.gains: Gains = gains_of(programme, code, weights, chain.success)
        self.chance = self.gains.chance(self.node, self.m)
        self.cost = (weights.marginal[self.state, self.route] * chain.cost[self.node, self.m]).sum(axis=1)
        with np.errstate(divide="ignore"):
            self.per_cost = np.where(self.cost > 0, 1 / self.cost, np.inf)
        self.now = tables.cost[self.node]
        left = programme.budget - state.spent(programme)
        self.room_now = np.minimum(left, programme.cap(state.t))
        self.room_all = phi * left
        self.rank = graph.stage[self.node] * (R * M * PATIENCE + 1) + R * M * PATIENCE
        self.rank -= (r * M + i)[first][group] * PATIENCE + self.m
        self._cut()

    def _cut(self) -> None:
        """Note where the candidates of each state begin, and which state's part each belongs to."""
        fresh = np.ones(self.state.size, dtype=bool)
        fresh[1:] = self.state[1:] != self.state[:-1]
        self.starts, self.part = np.flatnonzero(fresh), np.cumsum(fresh) - 1

    def take_best(self) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Choose one candidate of every state that still has a good one: states, slots, gains, costs."""
        gain = (self.chance * self.gains.weights()[self.state, self.route]).sum(axis=1)
        net = gain - self.lam * self.cost
        good = (net > 0) & (self.now < np.inf) & (self.now <= self.room_now[self.state] + MONEY_EPS)
        good &= self.cost <= self.room_all[self.state] + MONEY_EPS
        if np.count_nonzero(good) < KEPT * good.size:
            self._keep(good)
            gain, net, good = gain[good], net[good], good[good]
        if not good.any():
            empty = np.zeros(0, dtype=np.int64)
            return empty, empty, np.zeros(0), np.zeros(0)
        score = np.where(good, net, -1.0) * self.per_cost
        score[~good] = -np.inf
        top = np.maximum.reduceat(score, self.starts)
        slip = TIE * np.abs(np.where(np.isfinite(top), top, 0.0))
        near = good & (score >= (top - slip)[self.part])
        rank = np.where(near, self.rank, -1)
        at = np.flatnonzero(near & (rank == np.maximum.reduceat(rank, self.starts)[self.part]))
        rows, group = self.state[at], self.group[at]
        slot = self.slots[self.begins[group] + self.taken[group]]
        won, paid = gain[at], self.cost[at]
        self.gains.take(rows, self.route[at], self.chance[at])
        self.room_now[rows] -= self.now[at]
        self.room_all[rows] -= paid
        self.taken[group] += 1
        self.now[self.taken[self.group] >= self.left_of[self.group]] = np.inf
        return rows, slot, won, paid

    def _keep(self, good: BoolArray) -> None:
        if not good.all():
            for name in ("group", "state", "route", "m", "node", "chance", "cost", "per_cost", "now", "rank"):
                setattr(self, name, getattr(self, name)[good])
            self._cut()


def _paths_of(programme: Programme) -> Paths:
    """Return the chains of a programme, worked out once."""
    if "_paths" not in programme.__dict__:
        programme.__dict__["_paths"] = paths(programme)
    found: Paths = programme.__dict__["_paths"]
    return found


@dataclass(frozen=True)
class Commit:
    """The policy ``commit:W:phi``."""

    width: float = np.inf
    phi: float = 1.0
    symmetric: bool = True

    @property
    def name(self) -> str:
        """The name used on the command line."""
        width = "inf" if np.isinf(self.width) else f"{self.width:g}"
        return f"commit:{width}:{self.phi:g}"

    def __call__(self, programme: Programme, state: BatchState) -> BoolArray:
        """Return whom to fund, shape (n, R, M)."""
        _, R, M = state.code.shape
        return commit(programme, state, width=self.width, phi=self.phi).mask(R, M)
