"""Routes and readiness graphs (YAML or JSON)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from biaochi.core.distribution import Distribution
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model
from biaochi.mechanisms.foresight.model.routes import FunctionSpec, RouteSpec
from biaochi.methods.forecasting.readiness import Elicited, Graph, GraphError, Node, Stage

DAYS_A_YEAR = 365.2425


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Name(_Strict):
    zh: str = ""
    en: str = ""


class _Dist(_Strict):
    median: float = Field(gt=0)
    quantiles: dict[float, float] = Field(default_factory=dict)


class _Elicited(_Strict):
    year_p10: float
    year_p50: float
    year_p90: float
    p_never: float = Field(default=0.0, ge=0, le=1)


class _Stage(_Strict):
    level: int = Field(alias="from", ge=0, le=9)
    shape: float = Field(gt=0)
    rate: float = Field(gt=0)
    p_never: float = Field(default=0.0, ge=0, le=1)


class _Node(_Strict):
    code: str
    gate: Literal["and", "or", "k"] = "and"
    k: int | None = None
    needs: list[str] = Field(default_factory=list)
    trl: int = Field(default=9, ge=0, le=9)
    target: int = Field(default=9, ge=0, le=9)
    stages: list[_Stage] = Field(default_factory=list)
    elicited: _Elicited | None = None


class _Readiness(_Strict):
    schema_: str | None = Field(default=None, alias="schema")
    nodes: list[_Node]


class _GraphReadiness(_Strict):
    nodes: list[_Node]
    goal: str


class _Route(_Strict):
    code: str
    name: _Name | None = None
    series: str | None = None
    cost: dict[int, _Dist | float] | None = None
    readiness: dict[int, float] | _GraphReadiness | None = None
    graph: _GraphReadiness | None = None
    upkeep: float = Field(default=0.0, ge=0)
    attributes: dict[str, str | int | float | bool] = Field(default_factory=dict)


class _Function(_Strict):
    code: str
    track: str = ""
    unit: str
    reference_cost: float = Field(gt=0)
    demand: dict[int, float]
    discount: float = Field(ge=0, lt=1)
    routes: list[_Route] = Field(min_length=1)


class _Routes(_Strict):
    schema_: str | None = Field(default=None, alias="schema")
    functions: list[_Function] = Field(min_length=1)


def read_routes(path: Path | Source, faults: Faults) -> tuple[tuple[FunctionSpec, ...], Source]:
    """Read functions and their routes."""
    own = Faults(path.name)
    content, source = read_model(path, _Routes, faults=own)
    found = []
    for i, function in enumerate(content.functions if content else []):
        place = f"functions[{i}]"
        if not function.demand or any(v < 0 for v in function.demand.values()):
            _fault(
                own,
                "bad_value",
                Text("需求须逐年给出且不为负", "demand is given by year, never negative"),
                f"{place}.demand",
            )
        codes = [r.code for r in function.routes]
        for code in sorted({c for c in codes if codes.count(c) > 1}):
            _fault(own, "duplicate_key", Text("路线代号重复", "a route's code repeats"), f"{place}.routes", code)
        routes = tuple(_route(r, f"{place}.routes[{j}]", own) for j, r in enumerate(function.routes))
        found.append(
            FunctionSpec(
                function.code,
                function.track,
                function.unit,
                function.reference_cost,
                dict(function.demand),
                function.discount,
                routes,
            )
        )
    faults.extend(own)
    return tuple(found), source


def _fault(faults: Faults, code: str, message: Text, column: str, seen: object = "") -> None:
    faults.add(code, message, Text("请改正", "correct it"), column=column, seen=seen)


def _route(route: _Route, place: str, faults: Faults) -> RouteSpec:
    if (route.series is None) == (route.cost is None):
        _fault(
            faults, "bad_value", Text("series 与 cost 须且只须给一个", "give either series or cost"), place, route.code
        )
    cost = {y: _distribution(d, f"{place}.cost[{y}]", faults) for y, d in route.cost.items()} if route.cost else None
    graph = route.graph or (route.readiness if isinstance(route.readiness, _GraphReadiness) else None)
    by_year = route.readiness if isinstance(route.readiness, dict) else None
    if (graph is None) == (by_year is None):
        _fault(
            faults,
            "bad_value",
            Text("成熟度须给逐年概率或一张图", "give readiness by year or a graph, one of them"),
            f"{place}.readiness",
            route.code,
        )
    if by_year is not None:
        ordered = [by_year[y] for y in sorted(by_year)]
        if any(not 0 <= p <= 1 for p in ordered):
            _fault(
                faults, "share_range", Text("概率须在 0 与 1 之间", "probabilities lie in 0..1"), f"{place}.readiness"
            )
        elif any(a > b for a, b in pairwise(ordered)):
            _fault(faults, "falling_readiness", Text("成熟概率不能下降", "readiness cannot fall"), f"{place}.readiness")
    name = route.name or _Name(zh=route.code, en=route.code)
    return RouteSpec(
        route.code,
        Text(name.zh or name.en or route.code, name.en or name.zh or route.code),
        route.series,
        cost,
        dict(by_year) if by_year is not None else None,
        tuple(_node(n) for n in graph.nodes) if graph else (),
        graph.goal if graph else "",
        route.upkeep,
        {k: str(v) for k, v in route.attributes.items()},
    )


def _distribution(given: _Dist | float, place: str, faults: Faults) -> Distribution:
    if not isinstance(given, _Dist):
        if given > 0:
            return Distribution.point(given)
        _fault(faults, "not_positive", Text("成本须大于零", "costs must be above zero"), place, given)
        return Distribution.point(1.0)
    points = {**given.quantiles, 0.5: given.median} if 0.5 not in given.quantiles else dict(given.quantiles)
    try:
        law = Distribution.from_quantiles(points)
    except ValueError:
        _fault(faults, "crossing_quantiles", Text("分位数交叉", "quantiles cross"), place, points)
        return Distribution.point(1.0)
    if law.values[0] <= 0:
        _fault(faults, "not_positive", Text("成本须大于零", "costs must be above zero"), place, law.values[0])
        return Distribution.point(1.0)
    return law


def _node(node: _Node) -> Node:
    gate: str | int = node.gate if node.gate != "k" else int(node.k or 0)
    elicited = node.elicited
    return Node(
        node.code,
        gate,
        tuple(node.needs),
        node.trl,
        node.target,
        Elicited(elicited.year_p10, elicited.year_p50, elicited.year_p90, elicited.p_never) if elicited else None,
        {s.level: Stage(s.shape, s.rate, p_never=s.p_never) for s in node.stages},
    )


def read_readiness(path: Path | Source, faults: Faults) -> tuple[tuple[Node, ...], Source]:
    """Read the nodes of a readiness graph."""
    own = Faults(path.name)
    content, source = read_model(path, _Readiness, faults=own)
    nodes = content.nodes if content else []
    codes = [n.code for n in nodes]
    for code in sorted({c for c in codes if codes.count(c) > 1}):
        _fault(own, "duplicate_key", Text("节点代号重复", "a node's code repeats"), "nodes", code)
    for node in nodes:
        e = node.elicited
        if e is not None and not e.year_p10 <= e.year_p50 <= e.year_p90:
            _fault(own, "crossing_quantiles", Text("年份交叉", "years cross"), f"nodes.{node.code}.elicited")
        if node.gate == "k" and node.k is None:
            _fault(own, "missing_field", Text("k 门须给 k", "a k gate needs k"), f"nodes.{node.code}.k")
    faults.extend(own)
    return tuple(_node(n) for n in nodes), source


def build_graph(
    nodes: tuple[Node, ...],
    evidence: pd.DataFrame | None,
    *,
    prior: tuple[float, float],
    at: date,
    faults: Faults,
    file: str,
) -> Graph | None:
    """Return the graph with stages learned from evidence up to ``at``; a contradiction goes to ``faults``."""
    stages = {level: Stage(*prior) for level in range(9)}
    if evidence is not None:
        stages |= {level: Stage(*prior, passages=n, exposure=t) for level, (n, t) in passages(evidence, at).items()}
    try:
        return Graph(nodes, stages, float(at.year))
    except GraphError as error:
        faults.add(
            error.code,
            Text("成熟度图自相矛盾", "the readiness graph contradicts itself"),
            Text(f"请检查：{' → '.join(error.nodes)}", f"check: {' → '.join(error.nodes)}"),
            column="nodes",
            seen=" → ".join(error.nodes),
            file=file,
        )
        return None


def passages(evidence: pd.DataFrame, at: date) -> dict[int, tuple[int, float]]:
    """Return for each starting level the passages seen up to a day and the years spent there, finished or not."""
    found: dict[int, tuple[int, float]] = {}
    for record in evidence.to_dict("records"):
        entered: Any = record["entered_on"]
        left: Any = record["left_on"]
        if entered > at:
            continue
        passed = left is not None and left <= at
        years = ((left if passed else at) - entered).days / DAYS_A_YEAR
        n, exposure = found.get(int(record["from"]), (0, 0.0))
        found[int(record["from"])] = (n + int(passed), exposure + years)
    return found
