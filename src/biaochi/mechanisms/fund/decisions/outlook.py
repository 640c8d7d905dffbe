"""Foresight's outlook of routes as a programme's priors; the user adds stages, money and teams, and confirms.

P(ready) of the last year is P(viable); routes that are ready together make the factors, so that evidence on one route
moves the others as the outlook says; payoffs relative to the best route make the coverage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biaochi.core.parameters import Snapshot

LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class RoutePrior:
    """What an outlook says of one route: P(viable) and the share of the need its first success covers."""

    route: str
    viable: float
    coverage: float


@dataclass(frozen=True, slots=True)
class OutlookPriors:
    """What an outlook says of a function's routes; ``joint`` is (routes ready together, probability)."""

    function: str
    year: int
    routes: tuple[RoutePrior, ...]
    joint: tuple[tuple[tuple[str, ...], float], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the outlook does not know: stages (code, cost, difficulty), money, teams, and how good the reviews are."""

    stages: tuple[tuple[str, float, float], ...]
    rounds: int
    budget: float
    value: float
    overlap: float
    ready_if_viable: float
    teams: int
    false_pass: float
    false_miss: float


def priors_of(outlook: Mapping[str, Any], *, parameters: Snapshot) -> OutlookPriors:
    """Read the priors out of one function's outlook, as foresight writes it.

    Parameters
    ----------
    outlook : mapping
        ``function, routes[route, p_ready{year}, payoff{median}], joint[year, ready[], p]``.
    parameters : Snapshot
        ``fund.most_coverage``: what one success of the best route covers at most.

    Raises
    ------
    ValueError
        When no route or no year is there.
    """
    rows = list(outlook.get("routes", []))
    years = sorted({int(y) for r in rows for y in r.get("p_ready", {})})
    if not rows or not years:
        raise ValueError("the outlook names no route with a chance of being ready")
    last = years[-1]
    payoffs = [max(0.0, float(r["payoff"]["median"])) for r in rows]
    best = max(payoffs)
    most = float(str(parameters["fund.most_coverage"].value))
    routes = tuple(
        RoutePrior(str(r["route"]), _at(r["p_ready"], last), most * p / best if best > 0 else most)
        for r, p in zip(rows, payoffs, strict=True)
    )
    joint = [
        (tuple(sorted(str(x) for x in j["ready"])), float(j["p"]))
        for j in outlook.get("joint", [])
        if int(j["year"]) == last and float(j["p"]) > LEAST
    ]
    total = sum(p for _, p in joint)
    return OutlookPriors(
        str(outlook.get("function", "")), last, routes, tuple((names, p / total) for names, p in joint)
    )


def programme_of(priors: OutlookPriors, plan: Plan) -> dict[str, Any]:
    """Return a programme file (``biaochi.fund.programme/1``) of an outlook and a plan.

    Classes of a route are: not viable, viable but not ready, viable and ready.
    """
    irt = {
        "difficulty": [d for _, _, d in plan.stages],
        "false_pass": plan.false_pass,
        "false_miss": plan.false_miss,
    }
    document: dict[str, Any] = {
        "schema": "biaochi.fund.programme/1",
        "stages": [{"code": code, "cost": cost} for code, cost, _ in plan.stages],
        "rounds": {"count": plan.rounds},
        "budget": plan.budget,
        "payoff": {"kind": "coverage", "value": plan.value, "overlap": plan.overlap},
        "objective": {"return_value": 0, "discount": 1},
        "routes": [
            {
                "code": r.route,
                "judgement": {"viable": r.viable, "ready_if_viable": plan.ready_if_viable},
                "irt": irt,
                "coverage": r.coverage,
                "teams": plan.teams,
            }
            for r in priors.routes
        ],
    }
    if priors.joint:
        document["factors"] = [
            {"p": p, "class_prior": {r.route: _classes(r.route in names, plan) for r in priors.routes}}
            for names, p in priors.joint
        ]
    return document


def _classes(viable: bool, plan: Plan) -> Sequence[float]:
    h = plan.ready_if_viable
    return [0.0, 1 - h, h] if viable else [1.0, 0.0, 0.0]


def _at(by_year: Mapping[Any, Any], year: int) -> float:
    return float(next(v for y, v in by_year.items() if int(y) == year))
