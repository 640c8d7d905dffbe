"""What the review page shows, from the kept packet: answer, lanes, plans, teams, beliefs, past forecasts, money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biaochi.core.document import Section as Part
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.fund.decisions import calibrate
from biaochi.mechanisms.fund.decisions.board import PAID, attempts, money_by_route
from biaochi.mechanisms.fund.model import TeamVerdict
from biaochi.mechanisms.fund.web import readings
from biaochi.mechanisms.fund.web.marks import axis_mark, lane_mark
from biaochi.mechanisms.fund.web.models import Programme, Review, as_past
from biaochi.methods.allocation import Programme as Model
from biaochi.registry.marks import interval_mark

SHOWN = 8


def answer(review: Review, packet: Mapping[str, Any], lang: Lang) -> str:
    """Return the advice in one sentence, with its interval and the chance that nothing comes of it."""
    found = packet["records"]["recommendation"]
    best, band = found["recommended"], found["band"]
    who = list(best["fund"])
    none = next(c["p_no_success"] for c in found["candidates"] if c["fund"] == who)
    tied = (
        ""
        if found["clear"]
        else Text(
            f"另有 {len(found['tied']) - 1} 个方案并列，由委员会择一。",
            f" {len(found['tied']) - 1} other plans tie: the board chooses.",
        ).within(lang)
    )
    return (
        Text(
            f"建议资助 {'、'.join(who) or '无'}，本轮 {best['cost']:g}；期望价值 {best['value']['mean']:.1f}"
            f"（判断稍变时 {band['low']:.1f}–{band['high']:.1f}）；一个成功也没有的概率 {none:.2f}。",
            f"Fund {', '.join(who) or 'nobody'}, {best['cost']:g} this round; "
            f"expected value {best['value']['mean']:.1f} "
            f"({band['low']:.1f}–{band['high']:.1f} when judgements move a little); "
            f"chance of no success {none:.2f}.",
        ).within(lang)
        + tied
    )


def lanes(programme: Model, verdicts: Mapping[str, str], lang: Lang) -> dict[str, Any]:
    """Return route × team × stage: what was tried, what came of it, what is proposed next."""
    made, rows = attempts(programme), []
    for route in programme.routes:
        for team in route.teams:
            own = [a for a in made if a.team == team]
            verdict = verdicts.get(team, "")
            told = [
                Text(
                    f"第 {a.round} 轮 {programme.stages[a.stage]} {'达标' if a.passed else '未达标'}",
                    f"round {a.round} {programme.stages[a.stage]} {'passed' if a.passed else 'missed'}",
                ).within(lang)
                for a in own
            ]
            said = f"{team}: " + (
                Text("；", "; ").within(lang).join(told) or Text("未起步", "not started").within(lang)
            )
            stage = sum(a.passed for a in own)
            mark = lane_mark(own, len(programme.stages), verdict in PAID, stage, lang, said)
            words = TeamVerdict(verdict).text if verdict else None
            rows.append({"team": team, "route": route.code, "mark": mark, "verdict": verdict, "words": words})
    names = [f"{s} {c:g}" for s, c in zip(programme.stages, programme.routes[0].cost, strict=True)]
    return {"axis": axis_mark(names), "rows": rows}


def plans(packet: Mapping[str, Any], lang: Lang) -> list[dict[str, Any]]:
    """Return the actions compared, best first, each with its interval."""
    shown = packet["records"]["recommendation"]["candidates"][:SHOWN]
    ends = [(c["value"]["low"], c["value"]["high"]) for c in shown]
    least, most = min(e[0] for e in ends), max(e[1] for e in ends)
    room = max((most - least) * 0.08, 0.5)
    tied = [list(t["fund"]) for t in packet["records"]["recommendation"]["tied"]]
    rows = []
    for number, c in enumerate(shown):
        value = c["value"]
        numbers = f"{value['mean']:.1f} ({value['low']:.1f}–{value['high']:.1f})"
        label = Text(f"期望价值 {numbers}", f"expected value {numbers}").within(lang)
        mark = interval_mark(
            value["low"], value["high"], label=label, least=least - room, most=most + room, middle=value["mean"]
        )
        rows.append(
            {
                "letter": chr(65 + number),
                "fund": " · ".join(c["fund"]) or "–",
                "cost": f"{c['cost']:g}",
                "mark": mark,
                "value": numbers,
                "none": f"{c['p_no_success']:.2f}",
                "tied": list(c["fund"]) in tied and len(tied) > 1,
            }
        )
    return rows


def teams(packet: Mapping[str, Any], lang: Lang) -> list[dict[str, Any]]:
    """Return each team's verdict with its reasons and what would turn it."""
    beliefs = {t["team"]: t for t in packet["records"]["posterior"]["teams"]}
    return [
        {
            "team": t["team"],
            "route": beliefs[t["team"]]["route"],
            "verdict": t["verdict"],
            "words": TeamVerdict(t["verdict"]).text,
            "funded": _share(t["p_success_if_funded"]),
            "not": _share(t["p_success_if_not"]),
            "next": _share(beliefs[t["team"]]["pass_next"]),
            "reasons": Text("；", "; ").within(lang).join(r[lang] for r in t["reasons"]),
            "flip": _flip(t["flip"], lang),
        }
        for t in packet["records"]["recommendation"]["teams"]
    ]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _flip(flip: Mapping[str, float | None], lang: Lang) -> str:
    said = []
    if flip["cost_factor"] is not None:
        said.append(Text(f"成本 × {flip['cost_factor']:.2f}", f"cost × {flip['cost_factor']:.2f}").within(lang))
    if flip["tilt"] is not None:
        said.append(Text(f"先验倾斜 {flip['tilt']:+.2f}", f"prior tilted {flip['tilt']:+.2f}").within(lang))
    none = Text("无单一改变可翻转", "no single change turns it").within(lang)
    return Text("；", "; ").within(lang).join(said).replace("-", "−") or none


def past(review: Review, lang: Lang) -> dict[str, Any]:
    """Return how past forecasts fared."""
    found = calibrate(as_past(review.past))
    few = found.n < 30
    said = (
        Text("还没有已知结果的预测。", "No forecast has a known outcome yet.")
        if found.brier is None
        else Text(
            f"{found.n} 次预测已知结果，Brier 分 {found.brier:.3f}（越低越好，一律说五成得 0.250）。"
            + ("样本尚少，不足以断言校准。" if few else ""),
            f"{found.n} forecasts with a known outcome, Brier score {found.brier:.3f} "
            "(less is better; always saying one half scores 0.250)."
            + (" Too few to speak of calibration." if few else ""),
        )
    )
    rows = [
        {
            **p,
            "recommended": _word(p["recommended"]),
            "decided": _word(p["decided"]),
            "forecast": _share(p["forecast"]),
            "badge": "unknown" if p["outcome"] is None else "met" if p["outcome"] else "unmet",
        }
        for p in review.past
    ]
    bins = [
        {
            "range": f"{b.low:.1f}–{b.high:.1f}",
            "n": b.n,
            "forecast": f"{b.forecast:.2f}",
            "frequency": f"{b.frequency:.2f}",
        }
        for b in found.bins
    ]
    return {"said": said.within(lang), "rows": rows, "bins": bins}


def _word(code: str) -> Text | str:
    return TeamVerdict(code).text if code in set(TeamVerdict) else code


def money(programme: Model, lang: Lang) -> dict[str, Any]:
    """Return where money went, route by route."""
    found = money_by_route(programme)
    most = max([m.spent for m in found] + [1e-9])
    rows = [
        {
            "route": m.route,
            "mark": interval_mark(
                0, m.spent, label=f"{m.route} {m.spent:g}", least=0, most=most, middle=None if m.spent else 0.0
            ),
            "spent": f"{m.spent:g}",
            "attempts": m.attempts,
            "passes": m.passes,
        }
        for m in found
    ]
    left = f"{programme.left:g}" if programme.left < float("inf") else "∞"
    said = Text(
        f"已支出 {programme.spent:g}，余 {left}，尚有 {programme.rounds_left} 轮。",
        f"Spent {programme.spent:g}, left {left}, {programme.rounds_left} rounds to come.",
    )
    return {"said": said.within(lang), "rows": rows}


def part(packet: Mapping[str, Any], key: str, lang: Lang) -> Part:
    """Return one kept section of the packet."""
    return next(s for s in readings.sections_of(packet, lang) if s.key == key)


def reviews_of(programme: Programme) -> list[Review]:
    """Return the reviews of a programme, the latest first."""
    return list(Review.of(programme))
