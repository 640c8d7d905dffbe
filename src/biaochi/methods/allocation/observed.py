"""Reading the observed attempts: stage and spend are derived, and what cannot have happened is a fault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from biaochi.core.text import Text
from biaochi.methods.allocation.histories import build_graph, build_tables
from biaochi.methods.allocation.plain_data import Reader, said
from biaochi.methods.allocation.routes import FloatArray, Observation, Route

MONEY_EPS = 1e-9


def read_observations(
    reader: Reader,
    value: object,
    elapsed: object,
    routes: Sequence[Route],
    rounds: int,
    caps: Sequence[float],
    budget: float,
    factors: Sequence[float],
    priors: Sequence[Sequence[FloatArray]],
) -> tuple[tuple[Observation, ...], int]:
    """Return the attempts in order, and the rounds that are over."""
    place = {team: r for r in routes for team in r.teams}
    read = _records(reader, value, place, rounds)
    last = max((o.round for _, o, _ in read), default=0)
    over = last if elapsed is None else reader.integer(elapsed, "elapsed", low=0, high=rounds)
    if over < last:
        reader.fault(
            "out_of_range",
            "elapsed",
            over,
            *said(f"已有第 {last} 轮的观测", f"there are observations of round {last}"),
        )
    kept = _replay(reader, read, place, caps, budget)
    if not reader.faults and kept:
        graph = build_graph(routes, kept, 0)
        tables = build_tables(graph, routes, factors, priors)
        evidence = np.einsum("frk,rk->fr", tables.prior, tables.z[graph.start].prod(axis=1)).prod(axis=1)
        if float(tables.factor @ evidence) <= 0:
            _impossible(reader, read, routes, factors, priors)
    return tuple(kept), over


def _records(
    reader: Reader, value: object, place: Mapping[str, Route], rounds: int
) -> list[tuple[str, Observation, bool]]:
    found = []
    attempts: set[tuple[int, str]] = set()
    for path, item in reader.records(
        [] if value is None else value, "observations", ("round", "team"), ("outcome", "grade")
    ):
        t = reader.integer(item.get("round"), f"{path}.round", low=1, high=rounds)
        team = item.get("team")
        if not isinstance(team, str) or team not in place:
            reader.fault("unknown_team", f"{path}.team", team, *said("没有这个团队", "there is no such team"))
            continue
        if ("outcome" in item) == ("grade" in item):
            reader.fault(
                "missing_field" if "outcome" not in item else "bad_structure",
                f"{path}.outcome",
                "",
                *said("须且只须写 outcome 或 grade", "state either outcome or grade"),
            )
            continue
        if (t, team) in attempts:
            reader.fault(
                "two_attempts",
                f"{path}.team",
                team,
                *said(f"第 {t} 轮已有一次", f"it already has an attempt in round {t}"),
            )
            continue
        attempts.add((t, team))
        graded = "grade" in item
        if graded:
            grade = reader.integer(item["grade"], f"{path}.grade", low=0, high=10_000)
        else:
            grade = int(reader.choice(item["outcome"], f"{path}.outcome", ("pass", "miss")) == "pass")
        found.append((path, Observation(t, team, grade), graded))
    return sorted(found, key=lambda f: f[1].round)


def _replay(
    reader: Reader,
    read: Sequence[tuple[str, Observation, bool]],
    place: Mapping[str, Route],
    caps: Sequence[float],
    budget: float,
) -> list[Observation]:
    """Follow every team through its stages; add up the money of each round."""
    at: dict[str, int] = defaultdict(int)
    by_round: dict[int, float] = defaultdict(float)
    total, kept = 0.0, []
    for path, seen, graded in read:
        route = place[seen.team]
        s = at[seen.team]
        if s == len(route.outcomes):
            reader.fault(
                "attempt_after_success", path, seen.team, *said("该团队此前已成功", "this team had already succeeded")
            )
            continue
        if not _fits(reader, path, seen, graded, route, s):
            continue
        at[seen.team] += seen.grade >= route.gate[s]
        cost = float(route.cost[s])
        before = by_round[seen.round]
        by_round[seen.round] += cost
        cap = caps[seen.round - 1]
        if before <= cap + MONEY_EPS < by_round[seen.round]:
            reader.fault(
                "over_cap",
                path,
                by_round[seen.round],
                *said(f"第 {seen.round} 轮上限为 {cap:g}", f"the cap of round {seen.round} is {cap:g}"),
            )
        if total <= budget + MONEY_EPS < total + cost:
            reader.fault("over_budget", path, total + cost, *said(f"预算为 {budget:g}", f"the budget is {budget:g}"))
        total += cost
        kept.append(seen)
    return kept


def _fits(reader: Reader, path: str, seen: Observation, graded: bool, route: Route, s: int) -> bool:
    grades = route.outcomes[s].shape[0]
    if not graded and (grades != 2 or route.gate[s] != 1):
        reader.fault(
            "missing_field",
            f"{path}.grade",
            "",
            *said("这一阶段分等级，须写 grade", "this stage is graded: state grade"),
        )
        return False
    if seen.grade >= grades:
        reader.fault(
            "out_of_range",
            f"{path}.grade",
            seen.grade,
            *said(f"等级应在 0..{grades - 1} 之内", f"the grade must lie within 0..{grades - 1}"),
        )
        return False
    return True


def _impossible(
    reader: Reader,
    read: Sequence[tuple[str, Observation, bool]],
    routes: Sequence[Route],
    factors: Sequence[float],
    priors: Sequence[Sequence[FloatArray]],
) -> None:
    """Name the first observation after which nothing in the model explains the history."""
    seen: list[Any] = []
    for path, observation, _ in read:
        seen.append(observation)
        graph = build_graph(routes, seen, 0)
        tables = build_tables(graph, routes, factors, priors)
        evidence = np.einsum("frk,rk->fr", tables.prior, tables.z[graph.start].prod(axis=1)).prod(axis=1)
        if float(tables.factor @ evidence) <= 0:
            reader.fault(
                "impossible_history",
                path,
                observation.team,
                Text("按所给概率，这段历史不可能发生", "under the probabilities given, this history cannot happen"),
            )
            return
