"""Simulating policies from the present state on, in worlds that may differ from the model.

Each run draws the hidden classes from the posterior of its world and one random number for every attempt a team may
make, the same for every policy (common random numbers).  Runs are cut into chunks of fixed size whose seeds are spawned
from one seed, so the number of workers never changes a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from math import sqrt

import numpy as np

from biaochi.methods.allocation.batch import BatchState, Policy, decide
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.payoff import payoff
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray, World
from biaochi.methods.allocation.weights import route_weights
from biaochi.methods.allocation.worlds import truth

CHUNK = 25_000
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A simulated mean with its standard error and 95 % interval."""

    mean: float
    se: float

    @property
    def low(self) -> float:
        """Lower end."""
        return self.mean - Z95 * self.se

    @property
    def high(self) -> float:
        """Upper end."""
        return self.mean + Z95 * self.se

    def to_dict(self) -> dict[str, float]:
        """Return mean, se, low, high."""
        return {"mean": self.mean, "se": self.se, "low": self.low, "high": self.high}

    @classmethod
    def of(cls, values: FloatArray) -> Estimate:
        """Return the estimate of a mean from independent draws."""
        n = values.size
        spread = float(values.std(ddof=1)) if n > 1 else 0.0
        return cls(float(values.mean()), spread / sqrt(n) if n else 0.0)


@dataclass(frozen=True, eq=False)
class Draws:
    """Hidden truth of n runs: pass thresholds (n, R, M, S, Y−1) and a random number for each attempt (n, R, M, T)."""

    thresholds: FloatArray
    luck: FloatArray


@dataclass(frozen=True, eq=False)
class Runs:
    """What happened in n runs of one policy.

    Attributes
    ----------
    value : ndarray of shape (n,)
        Σ_t δ^(t+1)ΔF − λδ^t cost from the present on.
    payoff : ndarray of shape (n,)
        F at the end, past successes included.
    calls : ndarray of shape (n, T)
        Money spent in each round still to come.
    success, tried, later : ndarray of bool, shape (n, R, M)
        Succeeded at the end; was funded now or before at least once; was funded after the first round.
    outlay : ndarray of shape (n, R, M)
        Money spent on each team from the present on.
    """

    value: FloatArray
    payoff: FloatArray
    calls: FloatArray
    success: np.ndarray
    tried: np.ndarray
    later: np.ndarray
    outlay: FloatArray

    @property
    def estimate(self) -> Estimate:
        """Mean value with its standard error."""
        return Estimate.of(self.value)

    @property
    def p_no_success(self) -> float:
        """Share of runs without any success."""
        return float((~self.success.any(axis=(1, 2))).mean())

    @property
    def spend(self) -> float:
        """Mean money spent."""
        return float(self.calls.sum(axis=1).mean())

    @property
    def stopped(self) -> float:
        """Mean number of teams that were funded and never succeeded."""
        return float((self.tried & ~self.success).sum(axis=(1, 2)).mean())

    @property
    def spent_on_stopped(self) -> float:
        """Mean money spent on them."""
        return float((self.outlay * ~self.success).sum(axis=(1, 2)).mean())

    @classmethod
    def joined(cls, parts: Sequence[Runs]) -> Runs:
        """Return the runs of several chunks as one."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def draw(programme: Programme, world: Programme, n: int, rng: np.random.Generator) -> Draws:
    """Draw the hidden truth of n runs from the world's posterior given what was observed.

    ``programme`` gives the horizon, ``world`` the probabilities; both share their histories.
    """
    start = programme.tables.start
    R, M = start.shape
    weights = route_weights(world, start[None])
    factor = _choose(np.broadcast_to(weights.factors[0], (n, weights.factors.shape[1])), rng.random(n))
    classes = _choose(weights.given[0][factor], rng.random((n, R)))
    b = world.tables.b[start]
    teams = _choose(
        b[np.arange(R)[None, :, None], np.arange(M)[None, None, :], classes[:, :, None]], rng.random((n, R, M))
    )
    cumulative = _thresholds(world)
    r = np.arange(R)[None, :, None]
    found = cumulative[np.broadcast_to(r, teams.shape), :, :, classes[:, :, None], teams]
    return Draws(found, rng.random((n, R, M, max(programme.rounds_left, 1))))


def _choose(p: FloatArray, u: FloatArray) -> IntArray:
    """Return one index along the last axis of p for each u."""
    cumulative = np.cumsum(p, axis=-1)
    picked = (u[..., None] * cumulative[..., -1:] >= cumulative).sum(axis=-1)
    return np.asarray(np.minimum(picked, p.shape[-1] - 1))


def _thresholds(world: Programme) -> FloatArray:
    """Return P(grade > y) by route, stage, y, k, j: shape (R, S, Y−1, K, J)."""
    graph = world.graph
    R = len(world.routes)
    S, Y = graph.counts.shape[1:]
    K, J = world.tables.b.shape[1:]
    table = np.zeros((R, S, Y - 1, K, J))
    for r, route in enumerate(world.routes):
        k, j = route.team_class.shape
        for s, outcome in enumerate(route.outcomes):
            above = 1 - np.cumsum(outcome, axis=0)[:-1]
            table[r, s, : above.shape[0], :k, :j] = above
    return table


def run(programme: Programme, policy: Policy, draws: Draws, *, first: np.ndarray | None = None) -> Runs:
    """Follow one policy through the draws.

    Parameters
    ----------
    programme : Programme
        What the policy believes.
    policy : Policy
    draws : Draws
    first : ndarray of bool, shape (n, R, M) or (1, R, M), optional
        Whom to fund in the first round instead of asking the policy.
    """
    graph, tables = programme.graph, programme.tables
    n = draws.luck.shape[0]
    R, M = tables.start.shape
    code = np.broadcast_to(tables.start, (n, R, M)).copy()
    past = graph.attempts[tables.start]
    before = payoff(programme, tables.start[None])[0]
    worth = np.full(n, before)
    value = np.zeros(n)
    calls = np.zeros((n, programme.rounds_left))
    later = np.zeros((n, R, M), dtype=bool)
    for step in range(programme.rounds_left):
        state = BatchState(programme.elapsed + step, code)
        if first is not None and step == 0:
            fund = np.broadcast_to(first, code.shape)
        else:
            fund = decide(policy, programme, state)
        if not fund.any():
            continue
        rows, r, i = np.nonzero(fund)
        here = code[rows, r, i]
        cost = tables.cost[here]
        calls[:, step] = np.bincount(rows, weights=cost, minlength=n)
        luck = draws.luck[rows, r, i, graph.attempts[here] - past[r, i]]
        grade = (luck[:, None] < draws.thresholds[rows, r, i, graph.stage[here]]).sum(axis=1)
        after = graph.following[here, grade]
        code[rows, r, i] = after
        value -= programme.return_value * programme.discount**step * calls[:, step]
        won = np.unique(rows[graph.done[after]])
        if won.size:
            now = payoff(programme, code[won])
            value[won] += programme.discount ** (step + 1) * (now - worth[won])
            worth[won] = now
        if step:
            later[rows, r, i] = True
    success = graph.done[code]
    outlay = tables.spent[code] - tables.spent[tables.start][None]
    return Runs(value, worth, calls, success, graph.attempts[code] > 0, later, outlay)


def simulate(
    programme: Programme,
    policies: Sequence[Policy],
    *,
    n: int,
    worlds: Sequence[World] = (World("base"),),
    rng: np.random.SeedSequence | int = 0,
    executor: Executor | None = None,
) -> dict[tuple[str, str], Runs]:
    """Simulate every policy in every world with common random numbers.

    Parameters
    ----------
    programme : Programme
    policies : sequence of Policy
    n : int
        Runs.
    worlds : sequence of World
    rng : int or numpy.random.SeedSequence
        Seed; one child is spawned for each chunk of 25,000 runs.
    executor : concurrent.futures.Executor, optional
        Where chunks run; the result does not depend on it.

    Returns
    -------
    dict
        (policy name, world code) → Runs.

    Examples
    --------
    >>> from biaochi.methods.allocation.plain import PLAIN
    >>> p = Programme.from_tables([[1.0]], [[[1]]], [[[[.5]]]], [1], 2, [1], B=2, T=1, V=10, lam=0)
    >>> runs = simulate(p, PLAIN[:1], n=1000)[("equal", "base")]
    >>> abs(runs.estimate.mean - 7.5) < 4 * runs.estimate.se
    True
    """
    seed = rng if isinstance(rng, np.random.SeedSequence) else np.random.SeedSequence(rng)
    sizes = [min(CHUNK, n - at) for at in range(0, n, CHUNK)]
    jobs = list(zip(seed.spawn(len(sizes)), sizes, strict=True))
    parts: list[Mapping[tuple[str, str], Runs]]
    if executor is None:
        parts = [_chunk(programme, policies, worlds, child, size) for child, size in jobs]
    else:
        futures = [executor.submit(_chunk, programme, policies, worlds, child, size) for child, size in jobs]
        parts = [f.result() for f in futures]
    keys = [(p.name, w.code) for w in worlds for p in policies]
    return {key: Runs.joined([part[key] for part in parts]) for key in keys}


def _chunk(
    programme: Programme,
    policies: Sequence[Policy],
    worlds: Sequence[World],
    seed: np.random.SeedSequence,
    size: int,
) -> dict[tuple[str, str], Runs]:
    found = {}
    for world in worlds:
        true = truth(programme, world)
        draws = draw(programme, true, size, np.random.default_rng(seed))
        believed = true if world.known else programme
        for policy in policies:
            found[(policy.name, world.code)] = run(believed, policy, draws)
    return found
