"""Every history a team can have, as a numbered graph, and what each history says.

A team's history is how often it got each grade at each stage; the order in which teams were funded does not matter to
any posterior.  Each history is one node; a whole programme is then one node number a team, so that posteriors, costs
and rules are look-ups, whatever the number of simulated runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.allocation.routes import FloatArray, Observation, Route

IntArray = NDArray[np.int64]
_HASH_SEED = 20090427
MAX_NODES = 2_000_000


@dataclass(frozen=True, eq=False)
class Graph:
    """Histories without probabilities; node 0 stands for an empty place.

    Attributes
    ----------
    start : ndarray of shape (R, M)
        Node of each team now; 0 where a route has fewer than M teams.
    route, stage, attempts : ndarray of shape (N,)
        Route of a node (0 for node 0); stage it is at (S when done); attempts made.
    counts : ndarray of shape (N, S, Y)
        Times each grade was seen at each stage.
    following : ndarray of shape (N, Y)
        Node after one more attempt with each grade; −1 beyond the horizon or where the grade does not exist.
    done : ndarray of bool, shape (N,)
        Whether the last stage was passed.
    grade : ndarray of shape (N,)
        Grade of the success; −1 when there is none.
    kind : ndarray of shape (N,)
        Number of the team kind: teams of one route with the same proposal likelihood are like teams.
    key, check : ndarray of uint64, shape (N,)
        Two random numbers a node; the sum over teams names a merged state.
    """

    start: IntArray
    route: IntArray
    stage: IntArray
    attempts: IntArray
    counts: NDArray[np.int16]
    following: IntArray
    done: NDArray[np.bool_]
    grade: IntArray
    kind: IntArray
    key: NDArray[np.uint64]
    check: NDArray[np.uint64]

    @property
    def stages(self) -> int:
        """S."""
        return int(self.counts.shape[1])

    @property
    def misses(self) -> IntArray:
        """Misses at each stage by node: all attempts there except the one that passed; shape (N, S)."""
        tried = self.counts.sum(axis=2).astype(np.int64)
        passed = np.arange(self.stages)[None, :] < self.stage[:, None]
        return np.asarray(np.maximum(tried - passed, 0), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Tables:
    """What each history says and costs.

    Attributes
    ----------
    start : ndarray of shape (R, M)
        As in the graph.
    cost, spent : ndarray of shape (N,)
        Cost of the next attempt (``inf`` where there is none); money spent so far.
    z : ndarray of shape (N, K)
        Likelihood of the history given the route's class.
    zhat : ndarray of shape (N, K)
        The same scaled to a maximum of 1, for posteriors.
    b : ndarray of shape (N, K, J)
        Posterior of the team's class given the route's.
    ahead : ndarray of shape (N, Y, K)
        Probability of each grade at the next attempt given the route's class.
    passing : ndarray of shape (N, S, K, J)
        Pass probability of the node's route at each stage.
    stage_cost : ndarray of shape (N, S)
        Cost of each stage on the node's route.
    prize : ndarray of shape (N,)
        Prize won; 0 when there is none.
    factor : ndarray of shape (F,)
    prior : ndarray of shape (F, R, K)
        Padded with zeros where a route has fewer classes.
    """

    start: IntArray
    cost: FloatArray
    spent: FloatArray
    z: FloatArray
    zhat: FloatArray
    b: FloatArray
    ahead: FloatArray
    passing: FloatArray
    stage_cost: FloatArray
    prize: FloatArray
    factor: FloatArray
    prior: FloatArray


def build_graph(routes: Sequence[Route], observations: Sequence[Observation], rounds_left: int) -> Graph:
    """Return every history reachable from the observed ones within the rounds left."""
    stages = len(routes[0].outcomes)
    grades = max(table.shape[0] for r in routes for table in r.outcomes)
    seen = _observed(routes, observations, stages, grades)
    nodes = _Nodes(stages, grades)
    start = np.zeros((len(routes), max(1, max(len(r.teams) for r in routes))), dtype=np.int64)
    for index, route in enumerate(routes):
        kinds = team_kinds(route)
        sources = []
        for position, team in enumerate(route.teams):
            node = nodes.number(index, kinds[position], seen[team])
            start[index, position] = node
            sources.append(node)
        nodes.grow(route, index, sorted(set(sources)), rounds_left)
    return nodes.finish(routes, start)


def team_kinds(route: Route) -> list[int]:
    """Return a number for each team, equal for teams whose proposals say the same."""
    kinds: dict[bytes, int] = {}
    found = []
    for table in route.likelihood:
        label = b"" if table is None else table.tobytes()
        found.append(kinds.setdefault(label, len(kinds)))
    return found


def _observed(
    routes: Sequence[Route], observations: Sequence[Observation], stages: int, grades: int
) -> dict[str, tuple[int, ...]]:
    place = {team: r for r in routes for team in r.teams}
    counts = {team: np.zeros((stages, grades), dtype=np.int64) for team in place}
    at = dict.fromkeys(place, 0)
    for seen in sorted(observations, key=lambda o: o.round):
        counts[seen.team][at[seen.team], seen.grade] += 1
        at[seen.team] += seen.grade >= place[seen.team].gate[at[seen.team]]
    return {team: tuple(int(v) for v in table.ravel()) for team, table in counts.items()}


class _Nodes:
    """Collects the nodes while the graph grows; a history is the tuple of its counts, stage by stage."""

    def __init__(self, stages: int, grades: int) -> None:
        self.stages, self.grades = stages, grades
        self.index: dict[tuple[int, int, tuple[int, ...]], int] = {}
        empty = (0,) * (stages * grades)
        self.records: list[tuple[int, int, tuple[int, ...]]] = [(0, -1, empty)]
        self.next: list[list[int]] = [[-1] * grades]

    def number(self, route: int, kind: int, counts: tuple[int, ...]) -> int:
        label = (route, kind, counts)
        node = self.index.get(label)
        if node is None:
            node = self.index[label] = len(self.records)
            self.records.append(label)
            self.next.append([-1] * self.grades)
            if node > MAX_NODES:
                raise ValueError(
                    f"a team could have more than {MAX_NODES} histories: use fewer rounds, stages or grades"
                )
        return node

    def stage(self, route: Route, counts: tuple[int, ...]) -> int:
        for s in range(self.stages):
            if not any(counts[s * self.grades + route.gate[s] : (s + 1) * self.grades]):
                return s
        return self.stages

    def grow(self, route: Route, index: int, frontier: list[int], depth: int) -> None:
        grown: set[int] = set()
        for _ in range(depth):
            fresh: list[int] = []
            for node in frontier:
                _, kind, counts = self.records[node]
                s = self.stage(route, counts)
                if node in grown or s == self.stages:
                    continue
                grown.add(node)
                for y in range(route.outcomes[s].shape[0]):
                    place = s * self.grades + y
                    after = (*counts[:place], counts[place] + 1, *counts[place + 1 :])
                    child = self.number(index, kind, after)
                    self.next[node][y] = child
                    fresh.append(child)
            frontier = fresh

    def finish(self, routes: Sequence[Route], start: IntArray) -> Graph:
        n = len(self.records)
        route = np.array([r for r, _, _ in self.records], dtype=np.int64)
        counts = np.array([c for _, _, c in self.records], dtype=np.int16).reshape(n, self.stages, self.grades)
        stage = np.array([self.stage(routes[r], c) for r, _, c in self.records], dtype=np.int64)
        stage[0] = self.stages
        done = stage == self.stages
        done[0] = False
        last = counts[:, -1, :]
        gates = np.array([r.gate[-1] for r in routes])[route]
        passed = (last > 0) & (np.arange(self.grades)[None, :] >= gates[:, None])
        grade = np.where(done, passed.argmax(axis=1), -1)
        rng = np.random.default_rng(_HASH_SEED)
        key, check = rng.integers(1, 2**63, size=(2, n), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        return Graph(
            start,
            route,
            stage,
            counts.sum(axis=(1, 2)).astype(np.int64),
            counts,
            np.array(self.next, dtype=np.int64),
            done,
            grade.astype(np.int64),
            np.array([k for _, k, _ in self.records], dtype=np.int64),
            key,
            check,
        )


def build_tables(
    graph: Graph, routes: Sequence[Route], factors: Sequence[float], factor_priors: Sequence[Sequence[FloatArray]]
) -> Tables:
    """Return the likelihoods, posteriors and costs of every node."""
    n, stages, grades = graph.counts.shape
    K = max(r.prior.size for r in routes)
    J = max(r.team_class.shape[1] for r in routes)
    z, b = np.zeros((n, K)), np.zeros((n, K, J))
    ahead = np.zeros((n, grades, K))
    passing = np.zeros((n, stages, K, J))
    stage_cost, prize = np.zeros((n, stages)), np.zeros(n)
    z[0] = 1.0
    for index, route in enumerate(routes):
        k, j = route.team_class.shape
        nodes = np.flatnonzero(graph.route == index)
        nodes = nodes[nodes > 0]
        like = np.broadcast_to(_proposals(graph, route, index)[graph.kind[nodes]], (nodes.size, k, j)).copy()
        outcomes = np.zeros((stages, grades, k, j))
        for s, table in enumerate(route.outcomes):
            outcomes[s, : table.shape[0]] = table
            for y in range(table.shape[0]):
                like *= table[y][None] ** graph.counts[nodes, s, y][:, None, None]
        joint = route.team_class[None] * like
        z[nodes, :k] = joint.sum(axis=2)
        known = z[nodes, :k] > 0
        b[nodes[:, None, None], np.arange(k)[None, :, None], np.arange(j)[None, None, :]] = np.where(
            known[:, :, None], joint / np.where(known, z[nodes, :k], 1.0)[:, :, None], route.team_class[None]
        )
        open_stage = np.minimum(graph.stage[nodes], stages - 1)
        ahead[nodes, :, :k] = np.einsum("nkj,nykj->nyk", b[nodes][:, :k, :j], outcomes[open_stage])
        passing[nodes, :, :k, :j] = route.passing[None]
        stage_cost[nodes] = route.cost[None]
        if route.prizes is not None:
            prize[nodes] = np.where(graph.done[nodes], route.prizes[np.maximum(graph.grade[nodes], 0)], 0.0)
    top = z.max(axis=1, keepdims=True)
    spent = (graph.counts.sum(axis=2) * stage_cost).sum(axis=1)
    tried = (graph.stage < stages) & (np.arange(n) > 0)
    here = stage_cost[np.arange(n), np.minimum(graph.stage, stages - 1)]
    return Tables(
        graph.start,
        np.where(tried, here, np.inf),
        spent,
        z,
        z / np.where(top > 0, top, 1.0),
        b,
        ahead,
        passing,
        stage_cost,
        prize,
        np.asarray(factors, dtype=np.float64),
        _padded_priors(factor_priors, K),
    )


def _proposals(graph: Graph, route: Route, index: int) -> FloatArray:
    kinds = team_kinds(route)
    k, j = route.team_class.shape
    table = np.ones((max(kinds, default=0) + 1, k, j))
    for kind, likelihood in zip(kinds, route.likelihood, strict=True):
        if likelihood is not None:
            table[kind] = likelihood
    return table


def _padded_priors(factor_priors: Sequence[Sequence[FloatArray]], K: int) -> FloatArray:
    padded = np.zeros((len(factor_priors), len(factor_priors[0]), K))
    for f, priors in enumerate(factor_priors):
        for r, prior in enumerate(priors):
            padded[f, r, : prior.size] = prior
    return padded
