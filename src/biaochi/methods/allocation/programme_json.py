"""Reading ``biaochi.fund.programme/1``: plain data in, the parts of a programme out, or every fault with its path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from biaochi.core.errors import InputError
from biaochi.methods.allocation.irt import ROUTE_LEVEL, TEAM_CLASS, TEAM_LEVEL, judgement_prior
from biaochi.methods.allocation.observed import read_observations
from biaochi.methods.allocation.pass_tables import read_outcomes, read_prizes
from biaochi.methods.allocation.plain_data import Reader, said
from biaochi.methods.allocation.routes import FloatArray, Payoff, Route, World

SCHEMA = "biaochi.fund.programme/1"
_TOP = ("stages", "rounds", "payoff", "routes")
_TOP_OPTIONAL = ("schema", "name", "budget", "objective", "observations", "elapsed", "factors", "worlds")


def parse_programme(data: object, file: str = "") -> dict[str, Any]:
    """Return the keyword arguments of :class:`Programme`.

    Parameters
    ----------
    data : object
        The content of the file as plain mappings, lists and scalars.
    file : str
        Name of the file, for faults.

    Raises
    ------
    InputError
        Codes ``wrong_schema``, ``unknown_key``, ``missing_field``, ``not_a_number``, ``out_of_range``,
        ``sum_not_one``, ``ragged_table``, ``unknown_value``, ``duplicate_code``, ``duplicate_team``, ``unknown_team``,
        ``unknown_route``, ``two_attempts``, ``attempt_after_success``, ``over_cap``, ``over_budget``,
        ``impossible_history``, ``bad_structure``.
    """
    reader = Reader(file)
    top = reader.mapping(data, "", _TOP, _TOP_OPTIONAL)
    if top is None:
        raise InputError(reader.faults)
    if top.get("schema") != SCHEMA:
        reader.fault(
            "wrong_schema", "schema", top.get("schema"), *said(f"schema 应为 {SCHEMA}", f"schema must be {SCHEMA}")
        )
    stages, costs = _stages(reader, top.get("stages"))
    rounds, caps = _rounds(reader, top.get("rounds"))
    budget = np.inf if top.get("budget") is None else reader.number(top["budget"], "budget", low=0.0)
    payoff = _payoff(reader, top.get("payoff"))
    objective = reader.mapping(top.get("objective", {}), "objective", (), ("return_value", "discount")) or {}
    lam = reader.number(objective.get("return_value", 1.0), "objective.return_value", low=0.0)
    delta = reader.number(objective.get("discount", 1.0), "objective.discount", low=0.0, high=1.0)
    names: dict[str, Any] = {}
    factored = _factored(top.get("factors"))
    routes = _routes(reader, top.get("routes"), stages, costs, payoff, factored, names)
    factors, priors = _factors(reader, top.get("factors"), routes)
    worlds = _worlds(reader, top.get("worlds"), routes)
    name = reader.name(top.get("name"), "name")
    if reader.faults:
        raise InputError(reader.faults)
    observations, elapsed = read_observations(
        reader, top.get("observations"), top.get("elapsed"), routes, rounds, caps, budget, factors, priors
    )
    if reader.faults:
        raise InputError(reader.faults)
    return {
        "stages": tuple(stages),
        "routes": tuple(routes),
        "rounds": rounds,
        "budget": budget,
        "caps": caps,
        "payoff": payoff,
        "return_value": lam,
        "discount": delta,
        "factors": factors,
        "factor_priors": priors,
        "observations": observations,
        "elapsed": elapsed,
        "worlds": worlds,
        "name": name,
        "team_names": names,
    }


def _stages(reader: Reader, value: object) -> tuple[list[str], FloatArray]:
    codes: list[str] = []
    costs: list[float] = []
    for path, item in reader.records(value, "stages", ("code", "cost"), ("name",), nonempty=True):
        codes.append(reader.code(item.get("code"), f"{path}.code", codes))
        costs.append(reader.number(item.get("cost"), f"{path}.cost", low=0.0))
        reader.name(item.get("name"), f"{path}.name")
    return codes, np.array(costs)


def _rounds(reader: Reader, value: object) -> tuple[int, tuple[float, ...]]:
    rounds = reader.mapping(value, "rounds", ("count",), ("caps",)) or {}
    count = reader.integer(rounds.get("count"), "rounds.count", low=1, high=1000)
    caps = rounds.get("caps")
    if caps is None:
        return count, (np.inf,) * count
    if not isinstance(caps, list) or len(caps) != count:
        reader.fault(
            "ragged_table",
            "rounds.caps",
            len(caps) if isinstance(caps, list) else caps,
            *said(f"应有 {count} 个上限，没有上限写 null", f"there must be {count} caps; write null for none"),
        )
        return count, (np.inf,) * count
    read = [np.inf if c is None else reader.number(c, f"rounds.caps[{i}]", low=0.0) for i, c in enumerate(caps)]
    return count, tuple(read)


def _payoff(reader: Reader, value: object) -> Payoff:
    found = reader.mapping(value, "payoff", ("kind",), ("value", "overlap")) or {}
    kind = reader.choice(found.get("kind"), "payoff.kind", ("coverage", "best_prize"))
    if kind == "best_prize":
        return Payoff("best_prize", 1.0, 0.0)
    if "value" not in found:
        reader.missing("payoff.value")
    worth = reader.number(found.get("value", 1.0), "payoff.value", low=0.0)
    overlap = reader.number(found.get("overlap", 0.0), "payoff.overlap", low=0.0, high=1.0)
    return Payoff("coverage", worth, overlap)


def _factored(value: object) -> set[str]:
    """Return the routes whose prior every factor states, so that their own may be left out."""
    if not isinstance(value, list) or not value:
        return set()
    named = [
        set(f["class_prior"]) for f in value if isinstance(f, Mapping) and isinstance(f.get("class_prior"), Mapping)
    ]
    return set.intersection(*named) if len(named) == len(value) else set()


_ROUTE = ("code", "teams")
_ROUTE_OPTIONAL = (
    "name",
    "class_prior",
    "judgement",
    "team_class",
    "pass",
    "irt",
    "grades",
    "gate",
    "coverage",
    "cost",
    "prizes",
)


def _routes(
    reader: Reader,
    value: object,
    stages: list[str],
    costs: FloatArray,
    payoff: Payoff,
    factored: set[str],
    names: dict[str, Any],
) -> list[Route]:
    routes: list[Route] = []
    teams_seen: list[str] = []
    for path, item in reader.records(value, "routes", _ROUTE, _ROUTE_OPTIONAL, nonempty=True):
        code = reader.code(item.get("code"), f"{path}.code", [r.code for r in routes])
        before = len(reader.faults)
        prior = _prior(reader, item, path, code in factored)
        team_class = _team_class(reader, item, path, prior)
        outcomes, gate = read_outcomes(reader, item, path, len(stages), team_class)
        cost = costs
        if "cost" in item:
            cost = reader.array(item["cost"], f"{path}.cost", (len(stages),), low=0.0)
        coverage = 1.0
        if "coverage" in item or payoff.kind == "coverage":
            if "coverage" not in item:
                reader.missing(f"{path}.coverage")
            coverage = reader.number(item.get("coverage", 1.0), f"{path}.coverage", low=0.0, high=1.0)
        prizes = read_prizes(reader, item, path, payoff, outcomes, gate)
        teams, likelihoods = _teams(reader, item.get("teams"), path, code, team_class, teams_seen, names)
        if len(reader.faults) == before:
            routes.append(
                Route(
                    code,
                    prior,
                    team_class,
                    tuple(outcomes),
                    tuple(gate),
                    cost,
                    coverage,
                    tuple(teams),
                    tuple(likelihoods),
                    prizes,
                    reader.name(item.get("name"), f"{path}.name"),
                )
            )
    return routes


def _prior(reader: Reader, item: Mapping[str, Any], path: str, factored: bool) -> FloatArray:
    if "judgement" in item and "class_prior" in item:
        reader.fault(
            "bad_structure",
            f"{path}.judgement",
            "",
            *said("class_prior 与 judgement 只能写一个", "state class_prior or judgement, not both"),
        )
    if "judgement" in item:
        place = f"{path}.judgement"
        found = reader.mapping(item["judgement"], place, ("viable", "ready_if_viable"), ()) or {}
        viable = reader.number(found.get("viable", 0.0), f"{place}.viable", low=0.0, high=1.0)
        ready = reader.number(found.get("ready_if_viable", 0.0), f"{place}.ready_if_viable", low=0.0, high=1.0)
        return judgement_prior(viable, ready)
    if "class_prior" not in item:
        if not factored:
            reader.missing(f"{path}.class_prior")
        return _placeholder(item)
    return reader.simplex(item["class_prior"], f"{path}.class_prior")


def _placeholder(item: Mapping[str, Any]) -> FloatArray:
    """Return a flat prior of the right length for a route whose prior only the factors state."""
    rows = item.get("team_class")
    if isinstance(rows, list) and rows:
        return np.full(len(rows), 1 / len(rows))
    levels = item["irt"].get("route_level", ROUTE_LEVEL) if isinstance(item.get("irt"), Mapping) else ROUTE_LEVEL
    return np.full(max(1, len(levels)), 1 / max(1, len(levels)))


def _team_class(reader: Reader, item: Mapping[str, Any], path: str, prior: FloatArray) -> FloatArray:
    place = f"{path}.team_class"
    if "team_class" not in item:
        irt = item.get("irt")
        levels = irt.get("team_level", TEAM_LEVEL) if isinstance(irt, Mapping) else None
        if isinstance(levels, list | tuple) and len(levels) == len(TEAM_CLASS):
            return np.tile(TEAM_CLASS, (prior.size, 1))
        reader.missing(place)
        return np.ones((prior.size, 1))
    table = reader.array(item["team_class"], place, (prior.size, None), low=0.0, high=1.0)
    for k, row in enumerate(table):
        reader.sums_to_one(row, f"{place}[{k}]")
    return table


def _teams(
    reader: Reader,
    value: object,
    path: str,
    route: str,
    team_class: FloatArray,
    seen: list[str],
    names: dict[str, Any],
) -> tuple[list[str], list[FloatArray | None]]:
    place = f"{path}.teams"
    codes: list[str] = []
    likelihoods: list[FloatArray | None] = []
    if isinstance(value, int) and not isinstance(value, bool):
        count = reader.integer(value, place, low=1, high=10_000)
        value = [f"{route}-{i + 1}" for i in range(count)]
    if not isinstance(value, list) or not value:
        reader.fault(
            "bad_structure",
            place,
            value,
            *said("应为团队代码的列表，或团队数", "this must be a list of team codes, or a number"),
        )
        return [], []
    for i, item in enumerate(value):
        here = f"{place}[{i}]"
        likelihood = None
        if isinstance(item, Mapping):
            found = reader.mapping(item, here, ("code",), ("name", "likelihood")) or {}
            code = reader.code(found.get("code"), f"{here}.code", seen, fault="duplicate_team")
            if "likelihood" in found:
                likelihood = reader.array(found["likelihood"], f"{here}.likelihood", team_class.shape, low=0.0)
            name = reader.name(found.get("name"), f"{here}.name")
            if name is not None:
                names[code] = name
        else:
            code = reader.code(item, here, seen, fault="duplicate_team")
        seen.append(code)
        codes.append(code)
        likelihoods.append(likelihood)
    return codes, likelihoods


def _factors(
    reader: Reader, value: object, routes: list[Route]
) -> tuple[tuple[float, ...], tuple[tuple[FloatArray, ...], ...]]:
    own = tuple(r.prior for r in routes)
    if value is None or value == []:
        return (1.0,), (own,)
    weights: list[float] = []
    priors: list[tuple[FloatArray, ...]] = []
    known = {r.code: r for r in routes}
    for path, item in reader.records(value, "factors", ("p", "class_prior"), ("name", "code")):
        weights.append(reader.number(item.get("p"), f"{path}.p", low=0.0, high=1.0))
        table = item.get("class_prior")
        table = table if isinstance(table, Mapping) else {}
        for code in table:
            if code not in known and not reader.faults:
                reader.fault(
                    "unknown_route", f"{path}.class_prior.{code}", code, *said("没有这条路线", "there is no such route")
                )
        row = []
        for route in routes:
            prior = route.prior
            if route.code in table:
                prior = reader.simplex(table[route.code], f"{path}.class_prior.{route.code}", route.prior.size)
            row.append(prior)
        priors.append(tuple(row))
    reader.sums_to_one(np.array(weights), "factors[:].p")
    return tuple(weights), tuple(priors)


def _worlds(reader: Reader, value: object, routes: list[Route]) -> tuple[World, ...]:
    optional = ("name", "tilt", "shift", "false_pass", "false_miss", "gaming", "reverse", "known")
    found: list[World] = []
    for path, item in reader.records([] if value is None else value, "worlds", ("code",), optional):
        gaming = None
        if item.get("gaming") is not None:
            sizes = {r.team_class.shape[1] for r in routes}
            gaming = tuple(reader.array(item["gaming"], f"{path}.gaming", (None,), low=0.0, high=1.0).tolist())
            if routes and sizes != {len(gaming)}:
                reader.fault(
                    "ragged_table",
                    f"{path}.gaming",
                    len(gaming),
                    *said("每个团队类别一个值", "there must be one value for each team class"),
                )
        found.append(
            World(
                reader.code(item.get("code"), f"{path}.code", [w.code for w in found]),
                reader.number(item.get("tilt", 0.0), f"{path}.tilt"),
                reader.number(item.get("shift", 0.0), f"{path}.shift"),
                reader.number(item.get("false_pass", 0.0), f"{path}.false_pass", low=0.0, high=1.0),
                reader.number(item.get("false_miss", 0.0), f"{path}.false_miss", low=0.0, high=1.0),
                gaming,
                reverse=reader.flag(item.get("reverse", False), f"{path}.reverse"),
                known=reader.flag(item.get("known", False), f"{path}.known"),
            )
        )
    return tuple(found)
