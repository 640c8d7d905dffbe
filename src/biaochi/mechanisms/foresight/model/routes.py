"""Functions and routes as an office writes them down."""

from __future__ import annotations

from dataclasses import dataclass, field

from biaochi.core.distribution import Distribution
from biaochi.core.text import Text
from biaochi.methods.forecasting.readiness import Node


@dataclass(frozen=True)
class RouteSpec:
    """A route as written: cost by year or a series' name, readiness by year or a graph with its goal."""

    code: str
    name: Text
    series: str | None
    cost: dict[int, Distribution] | None
    p_ready: dict[int, float] | None
    nodes: tuple[Node, ...] = ()
    goal: str = ""
    upkeep: float = 0.0
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FunctionSpec:
    """A function as written."""

    code: str
    track: str
    unit: str
    reference_cost: float
    demand: dict[int, float]
    discount: float
    routes: tuple[RouteSpec, ...]
