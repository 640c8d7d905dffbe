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
    """
    n, R, M = state.code.shape
    most = int(min(width, R * M))
    order = np.full((n, most), -1, dtype=np.int64)
    gain, cost = np.zeros((n, most)), np.zeros((n, most))
    search = _Search(programme, state, phi)
    for step in range(most):
        best = search.best()
        if not best.found.any():
            break
        order[best.rows, step] = best.slot
        gain[best.rows, step], cost[best.rows, step] = best.gain, best.cost
        search.take(best)
    return Commitment(order, gain, cost)


@dataclass(frozen=True, eq=False)
class _Best:
    found: BoolArray
    rows: IntArray
    slot: IntArray
    patience: IntArray
    gain: FloatArray
    cost: FloatArray


class _Search:
    """The greedy of many states in step; states that are finished drop out."""

    def __init__(self, programme: Programme, state: BatchState, phi: float) -> None:
        graph, tables = programme.graph, programme.tables
        code = state.code
        n, R, M = code.shape
        self.lam = programme.return_value
        chain = programme.__dict__.setdefault("_paths", None) or paths(programme)
        programme.__dict__["_paths"] = chain
        weights = route_weights(programme, code)
        self.gains: Gains = gains_of(programme, code, weights, chain.success)
        need = graph.stages - graph.stage[code]
        slack = (programme.rounds - state.t) - need
        self.open = (need > 0) & (slack >= 0)
        patience = np.arange(PATIENCE)
        self.allowed = self.open[..., None] & (patience <= slack[..., None])
        self.cost = np.einsum("nrk,nrmpk->nrmp", weights.marginal, chain.cost[code])
        self.now = np.where(self.open, tables.cost[code], 0.0)
        left = programme.budget - state.spent(programme)
        self.room_now = np.minimum(left, programme.cap(state.t))
        self.room_all = phi * left
        self.stage = graph.stage[code].reshape(n, R * M)
        self.alive = np.arange(n)

    def best(self) -> _Best:
        n, R, M = self.open.shape
        gain = self.gains.all()
        fits_now = self.now <= self.room_now[:, None, None] + MONEY_EPS
        fits_all = self.cost <= self.room_all[:, None, None, None] + MONEY_EPS
        net = gain - self.lam * self.cost
        good = self.allowed & fits_now[..., None] & fits_all & (net > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where(good, np.where(self.cost > 0, net / self.cost, np.inf), -np.inf).reshape(
                n, R * M, PATIENCE
            )
        patience = score.argmax(axis=2)
        top = score.max(axis=2)
        highest = top.max(axis=1, keepdims=True)
        near = top >= highest - TIE * np.abs(np.where(np.isfinite(highest), highest, 0.0))
        slot = np.where(near & np.isfinite(highest) | (near & (highest == np.inf)), self.stage, -1).argmax(axis=1)
        found = highest[:, 0] > -np.inf
        rows = np.flatnonzero(found)
        slot, m = slot[rows], patience[rows, slot[rows]]
        flat_gain = gain.reshape(n, R * M, PATIENCE)
        flat_cost = self.cost.reshape(n, R * M, PATIENCE)
        return _Best(found, self.alive[rows], slot, m, flat_gain[rows, slot, m], flat_cost[rows, slot, m])

    def take(self, best: _Best) -> None:
        keep = best.found
        if not keep.all():
            self._keep(keep)
        n, R, M = self.open.shape
        rows = np.arange(n)
        r, i = np.divmod(best.slot, M)
        self.gains.take(r, i, best.patience)
        self.room_now = self.room_now - self.now[rows, r, i]
        self.room_all = self.room_all - best.cost
        self.allowed[rows, r, i] = False

    def _keep(self, keep: BoolArray) -> None:
        for name in ("open", "allowed", "cost", "now", "room_now", "room_all", "stage", "alive"):
            setattr(self, name, getattr(self, name)[keep])
        self.gains.keep(keep)


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
