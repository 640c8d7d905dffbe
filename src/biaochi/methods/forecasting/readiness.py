"""When a technology is ready: stages with learned rates, gates between components, never allowed.

Readiness levels are states, never averaged.  The rate of a stage is Gamma(a, b); n passages in exposure T make it
Gamma(a+n, b+T), so that P(stage lasts longer than t) = ((b+T)/(b+T+t))^(a+n).  Time already spent without passing is
exposure.  One rate serves all nodes in a draw: what is learned of a stage moves all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx
import numpy as np

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.series import Floats

LEVELS = tuple(k / 100 for k in range(1, 100))
SPEED_UP = 0.9


class GraphError(ValueError):
    """A graph that cannot be evaluated; ``nodes`` names where."""

    def __init__(self, code: str, message: str, nodes: Sequence[str]) -> None:
        self.code, self.nodes = code, tuple(nodes)
        super().__init__(f"{message}: {' → '.join(nodes)}")


@dataclass(frozen=True, slots=True)
class Stage:
    """The passage from one readiness level to the next.

    Parameters
    ----------
    shape, rate : float
        Prior of the passage rate a year, Gamma(shape, rate).
    passages, exposure : float
        Passages seen, and years in the stage of all cases, finished or not.
    p_never : float
        Probability that the stage is never passed.
    """

    shape: float
    rate: float
    passages: float = 0.0
    exposure: float = 0.0
    p_never: float = 0.0

    def longer_than(self, years: Floats | float) -> Floats:
        """Return P(the stage lasts longer than this many years).

        Examples
        --------
        >>> float(Stage(2.0, 4.0).longer_than(4.0))
        0.25
        """
        known = self.rate + self.exposure
        lasting = (known / (known + np.asarray(years, dtype=np.float64))) ** (self.shape + self.passages)
        return np.asarray(self.p_never + (1 - self.p_never) * lasting)


@dataclass(frozen=True, slots=True)
class Elicited:
    """Years of 10, 50 and 90 % given that it happens, and the probability of never."""

    p10: float
    p50: float
    p90: float
    p_never: float = 0.0


@dataclass(frozen=True)
class Node:
    """A component or system.

    Parameters
    ----------
    code : str
        Key.
    gate : {"and", "or"} or int
        How needs combine: all, any, or k of them.
    needs : tuple of str
        Nodes it waits for.
    trl, target : int
        Level now and level that counts as ready; equal when the node has no work of its own.
    elicited : Elicited or None
        Experts' years for the node's own work, instead of stages.
    stages : mapping of int to Stage
        Own stages by starting level, where they differ from the graph's.
    """

    code: str
    gate: str | int = "and"
    needs: tuple[str, ...] = ()
    trl: int = 9
    target: int = 9
    elicited: Elicited | None = None
    stages: Mapping[int, Stage] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """Nodes and the stages they pass; ``origin`` is the year counted from.

    Raises
    ------
    GraphError
        ``unknown_node``, ``graph_cycle`` (named in order) or ``bad_gate``.
    """

    nodes: tuple[Node, ...]
    stages: Mapping[int, Stage]
    origin: float

    def __post_init__(self) -> None:
        known = {n.code for n in self.nodes}
        for node in self.nodes:
            for need in node.needs:
                if need not in known:
                    raise GraphError("unknown_node", "a node needs one that is not there", (node.code, need))
            if isinstance(node.gate, int) and not 1 <= node.gate <= len(node.needs):
                raise GraphError("bad_gate", f"{node.gate} of {len(node.needs)} needs is impossible", (node.code,))
            if node.trl > node.target:
                raise GraphError("bad_level", "the level now is above the target", (node.code,))
            for level in range(node.trl, node.target):
                if node.elicited is None and level not in node.stages and level not in self.stages:
                    raise GraphError("unknown_stage", f"no stage starts at level {level}", (node.code,))
        try:
            cycle = [str(edge[0]) for edge in nx.find_cycle(self.network())]
        except nx.NetworkXNoCycle:
            return
        raise GraphError("graph_cycle", "nodes wait for each other", (*cycle, cycle[0]))

    def network(self) -> nx.DiGraph:
        """Return the graph with edges from needs to the nodes that wait."""
        found = nx.DiGraph()
        found.add_nodes_from(n.code for n in self.nodes)
        found.add_edges_from((need, n.code) for n in self.nodes for need in n.needs)
        return found

    @property
    def order(self) -> tuple[Node, ...]:
        """Nodes, needs before those that wait."""
        by_code = {n.code: n for n in self.nodes}
        return tuple(by_code[c] for c in nx.lexicographical_topological_sort(self.network()))

    @property
    def goals(self) -> tuple[str, ...]:
        """Nodes nobody waits for."""
        needed = {need for n in self.nodes for need in n.needs}
        return tuple(n.code for n in self.nodes if n.code not in needed)


@dataclass(frozen=True, eq=False)
class NodeReadiness:
    """When a node is ready."""

    node: str
    p_ready: Mapping[int, float]
    p_never: float
    year: Distribution
    criticality: float
    leverage: float


@dataclass(frozen=True, eq=False)
class Readiness:
    """When the nodes of a graph are ready.

    Attributes
    ----------
    nodes : tuple of NodeReadiness
        In declared order.
    times : mapping
        Node → draws of years after the origin; infinity for never.
    origin : float
        Year counted from.
    """

    nodes: tuple[NodeReadiness, ...]
    times: Mapping[str, Floats]
    origin: float


def ready_by(graph: Graph, years: Sequence[int], rng: np.random.Generator, draws: int = 20_000) -> Readiness:
    """Simulate when each node is ready.

    Parameters
    ----------
    graph : Graph
        What waits for what.
    years : sequence of int
        Calendar years to report; the last also measures leverage.
    rng : numpy.random.Generator
        For the draws.
    draws : int
        Number of draws.

    Returns
    -------
    Readiness
        ``criticality`` is the share of draws in which the node's own work binds the way to a goal; ``leverage`` the
        gain in a goal's probability by the last year when the node's own work goes ten per cent faster.
    """
    own = _own_times(graph, rng, draws)
    times = _passed(graph, own)
    critical = _critical(graph, own, times)
    last = max(years) - graph.origin
    goals = graph.goals
    base = np.mean([np.mean(times[g] <= last) for g in goals])
    found = []
    for node in graph.nodes:
        faster = _passed(graph, {**own, node.code: own[node.code] * SPEED_UP})
        gain = float(np.mean([np.mean(faster[g] <= last) for g in goals]) - base)
        mine = times[node.code]
        quantiles = np.quantile(graph.origin + mine, LEVELS, method="inverted_cdf")
        found.append(
            NodeReadiness(
                node.code,
                {int(y): float(np.mean(mine <= y - graph.origin)) for y in years},
                float(np.mean(np.isinf(mine))),
                Distribution(LEVELS, tuple(quantiles.tolist())),
                critical[node.code],
                gain,
            )
        )
    return Readiness(tuple(found), times, graph.origin)


def _own_times(graph: Graph, rng: np.random.Generator, draws: int) -> dict[str, Floats]:
    """Draw the time of each node's own work; one rate a stage and draw."""
    rates = {
        level: rng.gamma(s.shape + s.passages, 1 / (s.rate + s.exposure), draws)
        for level, s in sorted(graph.stages.items())
    }
    found = {}
    for node in graph.nodes:
        total = np.zeros(draws)
        if node.elicited is not None:
            found[node.code] = _elicited_times(node.elicited, graph.origin, rng, draws)
            continue
        for level in range(node.trl, node.target):
            stage = node.stages.get(level)
            if stage is None:
                stage, rate = graph.stages[level], rates[level]
            else:
                rate = rng.gamma(stage.shape + stage.passages, 1 / (stage.rate + stage.exposure), draws)
            passed = rng.standard_exponential(draws) / rate
            total += np.where(rng.random(draws) < stage.p_never, np.inf, passed)
        found[node.code] = total
    return found


def _elicited_times(answer: Elicited, origin: float, rng: np.random.Generator, draws: int) -> Floats:
    u = rng.random(draws)
    given = u / max(1 - answer.p_never, 1e-12)
    knots = [origin, answer.p10, answer.p50, answer.p90]
    inside = np.interp(np.minimum(given, 0.9), [0.0, 0.1, 0.5, 0.9], knots)
    tail = answer.p90 - (answer.p90 - answer.p50) / 4 * np.log(np.maximum(1 - given, 1e-12) / 0.1)
    year = np.where(given <= 0.9, inside, tail)
    return np.where(given >= 1, np.inf, np.maximum(year - origin, 0.0))


def _passed(graph: Graph, own: Mapping[str, Floats]) -> dict[str, Floats]:
    times: dict[str, Floats] = {}
    for node in graph.order:
        mine = own[node.code]
        times[node.code] = np.maximum(mine, _gate(node, times)[0]) if node.needs else mine
    return times


def _gate(node: Node, times: Mapping[str, Floats]) -> tuple[Floats, np.ndarray]:
    """Return when a gate opens, and which need opened it."""
    needs = np.stack([times[n] for n in node.needs])
    rank = {"and": len(node.needs), "or": 1}.get(node.gate, node.gate) if isinstance(node.gate, str) else node.gate
    which = np.argsort(needs, axis=0, kind="stable")[int(rank) - 1]
    return np.take_along_axis(needs, which[None, :], 0)[0], which


def _critical(graph: Graph, own: Mapping[str, Floats], times: Mapping[str, Floats]) -> dict[str, float]:
    draws = len(next(iter(times.values())))
    reached = {n.code: np.zeros(draws, dtype=bool) for n in graph.nodes}
    binding = {}
    for goal in graph.goals:
        reached[goal][:] = True
    for node in reversed(graph.order):
        mine = reached[node.code]
        if not node.needs:
            binding[node.code] = float(np.mean(mine))
            continue
        opened, which = _gate(node, times)
        itself = own[node.code] >= opened
        binding[node.code] = float(np.mean(mine & itself))
        for i, need in enumerate(node.needs):
            reached[need] |= mine & ~itself & (which == i)
    return binding
