"""What a board decides on every team beside the advice, whether the money pays for it, and where money went so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.fund.decisions.teams import may_decide
from biaochi.mechanisms.fund.model import TeamVerdict
from biaochi.methods.allocation import Programme

PAID = (TeamVerdict.START, TeamVerdict.CONTINUE, TeamVerdict.ADJUST)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was paid: when, by whom, at which stage (from 0), and whether it passed."""

    round: int
    team: str
    route: str
    stage: int
    passed: bool
    cost: float


@dataclass(frozen=True, slots=True)
class RouteMoney:
    """What a route has cost so far and what came of it."""

    route: str
    spent: float
    attempts: int
    passes: int


def attempts(programme: Programme) -> tuple[Attempt, ...]:
    """Return every observed attempt with its stage and cost, round by round."""
    stage = dict.fromkeys(programme.team_codes, 0)
    found = []
    for seen in sorted(programme.observations, key=lambda o: o.round):
        route = programme.routes[programme.slot(seen.team)[0]]
        at = stage[seen.team]
        passed = seen.grade >= route.gate[at]
        found.append(Attempt(seen.round, seen.team, route.code, at, passed, float(route.cost[at])))
        stage[seen.team] = at + int(passed)
    return tuple(found)


def money_by_route(programme: Programme) -> tuple[RouteMoney, ...]:
    """Return what each route has cost so far."""
    made = attempts(programme)
    found = []
    for route in programme.routes:
        own = [a for a in made if a.route == route.code]
        found.append(RouteMoney(route.code, sum(a.cost for a in own), len(own), sum(a.passed for a in own)))
    return tuple(found)


def cost_of(programme: Programme, chosen: Mapping[str, str]) -> float:
    """Return what this round costs when these verdicts are decided."""
    stage = dict.fromkeys(programme.team_codes, 0)
    for made in attempts(programme):
        stage[made.team] += int(made.passed)
    total = 0.0
    for team, verdict in chosen.items():
        if verdict in PAID:
            total += float(programme.routes[programme.slot(team)[0]].cost[stage[team]])
    return total


def decide_board(
    programme: Programme,
    advised: Mapping[str, str],
    chosen: Mapping[str, str],
    reasons: Mapping[str, str],
    *,
    at: date,
) -> Decision:
    """Return the board's decision: each departure has its reason, and the round's money pays for all of it.

    Parameters
    ----------
    programme : Programme
        As it stood when the packet was made.
    advised, chosen : mapping
        Team → verdict.
    reasons : mapping
        Team → why the board departs from the advice; not needed where it does not.
    at : date
        Day of the decision.
    """
    found = []
    for team, verdict in chosen.items():
        one = may_decide(advised[team], verdict, reasons.get(team, ""), at=at).reasons[0]
        words = TeamVerdict(verdict).text
        why = reasons.get(team, "").strip() if verdict != advised[team] else ""
        text = Text(
            f"{team}：{words.zh}；{one.text.zh}{'：' + why if why else ''}",
            f"{team}: {words.en}; {one.text.en}{': ' + why if why else ''}",
        )
        found.append(Reason(one.rule, one.verdict, text, verdict, advised[team]))
    cost = cost_of(programme, chosen)
    limit = min(programme.left, programme.cap(programme.elapsed))
    fits = cost <= limit + 1e-9
    shown = f"{limit:g}" if limit < float("inf") else "∞"
    found.append(
        Reason(
            "money_suffices",
            Verdict.MET if fits else Verdict.UNMET,
            Text(f"本轮需 {cost:g}，可用 {shown}", f"this round costs {cost:g} of {shown} available"),
            cost,
            limit if limit < float("inf") else None,
        )
    )
    verdict = all_of(r.verdict for r in found)
    return Decision("decided" if verdict is Verdict.MET else "may_not_decide", tuple(found), at)
