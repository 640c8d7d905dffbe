"""What the page of a firm shows, in the page's language; nothing is judged here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from biaochi.core.decision import Decision
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.cultivation.decisions import FirmStanding
from biaochi.mechanisms.cultivation.model import LADDER, SETS, Duty
from biaochi.mechanisms.cultivation.report import DUTIES, STATES
from biaochi.mechanisms.cultivation.web.readings import criterion_names, set_name
from biaochi.methods.rules.columns import BY_NAME, CHOICES, LEVEL_NAMES, LEVELS, UNITS
from biaochi.methods.rules.explain import shown

LAPSES_SOON_DAYS = 90


def answer(found: FirmStanding) -> Text:
    """Return the page's answer: the rung held, the next, and what it asks."""
    held = set_name(found.held) if found.held else Text("尚无称号", "no title yet")
    if not found.aim:
        return Text(f"现为“{held.zh}”，已在最高一级。", f"Now: {held.en}, the top rung.")
    aim, decision = set_name(found.aim), found.decisions.get(found.aim)
    if decision is None:
        return Text(
            f"现为“{held.zh}”；“{aim.zh}”当日没有有效规则。", f"Now: {held.en}; no rule of {aim.en} is in force."
        )
    counts = [r.verdict.value for r in decision.reasons]
    met, open_ = counts.count("met"), sum(c in ("unmet", "unknown", "manual_review") for c in counts)
    return Text(
        f"现为“{held.zh}”；下一级“{aim.zh}”有 {met} 条达到，{open_} 条还未达到或待人工审核。",
        f"Now: {held.en}. Of the next rung, {aim.en}, {met} criteria are met, {open_} are not or wait for a person.",
    )


def ladder(found: FirmStanding) -> list[dict[str, Any]]:
    """Return one row a rung, highest first, then the sets beside the ladder."""
    codes = dict.fromkeys(c for c in (*reversed(LADDER), *found.decisions) if c in found.decisions)
    return [_rung(code, found, code in LADDER) for code in codes]


def _rung(code: str, found: FirmStanding, on_ladder: bool) -> dict[str, Any]:
    decision = found.decisions[code]
    counts: dict[str, int] = {}
    for reason in decision.reasons:
        counts[reason.verdict.value] = counts.get(reason.verdict.value, 0) + 1
    return {
        "code": code,
        "name": set_name(code),
        "verdict": decision.outcome,
        "version": decision.facts.get("version", ""),
        "met": counts.get("met", 0),
        "of": len(decision.reasons) - counts.get("not_applicable", 0),
        "held": code == found.held,
        "aim": code == found.aim,
        "on_ladder": on_ladder,
    }


def criteria(decision: Decision, names: Mapping[str, Text], lang: Lang) -> list[dict[str, Any]]:
    """Return one row a criterion: verdict, reason, citation; what is open first."""
    order = {"unmet": 0, "unknown": 1, "manual_review": 2, "met": 3, "not_applicable": 4}
    rows = [
        {
            "name": names.get(r.rule, Text.same(r.rule)),
            "verdict": r.verdict.value,
            "reason": r.text.within(lang),
            "citation": r.citation.title if r.citation else "",
        }
        for r in decision.reasons
    ]
    return sorted(rows, key=lambda row: order[str(row["verdict"])])


def gaps(found: FirmStanding) -> list[dict[str, Any]]:
    """Return what the next rung lacks: the least change of one fact alone, or the day it comes by waiting."""
    names = criterion_names(found.aim)
    return [
        {
            "code": g.code,
            "column": BY_NAME[g.column].title,
            "value": worded(g.column, g.value),
            "threshold": worded(g.column, g.threshold),
            "needed": _figure(g.needed) if g.needed else None,
            "paper": g.needed == 0,
            "unit": UNITS.get(g.unit),
            "earliest_on": g.earliest_on,
            "criterion": names.get(g.code, Text.same(g.code)),
        }
        for g in found.gaps
    ]


def plans(found: FirmStanding) -> list[dict[str, Any]]:
    """Return the cheapest ways, cheapest first."""
    names = criterion_names(found.aim)
    return [
        {
            "at": p.at,
            "cost": _figure(p.cost),
            "verdict": p.verdict.value,
            "open": [names.get(code, Text.same(code)) for code in p.open],
            "steps": [
                {
                    "column": BY_NAME[s.column].title,
                    "start": worded(s.column, shown(s.start, None)),
                    "end": worded(s.column, shown(s.end, None)),
                    "unit": UNITS.get(BY_NAME[s.column].unit),
                }
                for s in p.steps
            ],
        }
        for p in found.plans
    ]


def worded(column: str, value: Any) -> Any:
    """Return a value of a column as a page shows it: codes by name, levels and flags in words."""
    kind = BY_NAME[column].kind
    if kind == "money" and isinstance(value, float):
        return _figure(value)
    if kind == "level" and isinstance(value, int | float):
        return next(name for code, name in LEVEL_NAMES.items() if LEVELS[code] == value)
    if kind in ("flag", "review") and value in (0, 1):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, str):
        if value == "at":
            return Text("当日有效", "valid on the day")
        if value == "none" and kind == "until":
            return Text("从未持有", "never held")
        return CHOICES.get(column, {}).get(value, value)
    return value


def _figure(value: float) -> int | Decimal | float:
    """Return a number as a page shows it: whole numbers whole, amounts to the fen, small ones as they are."""
    if value == int(value):
        return int(value)
    return Decimal(repr(round(value, 2))).quantize(Decimal("0.01")) if abs(value) >= 1000 else value


def duties(rows: Sequence[Duty], day: date) -> list[dict[str, Any]]:
    """Return what titles ask by when, in words."""
    return [
        {
            "grade": set_name(d.grade),
            "duty": DUTIES[d.duty],
            "due_on": d.due_on,
            "state": STATES[state],
            "code": _DUTY_BADGES[state],
            "firm": d.firm,
        }
        for d, state in ((d, _nearness(d, day)) for d in rows)
    ]


def _nearness(duty: Duty, day: date) -> str:
    near = duty.state == "due" and (duty.due_on - day).days <= LAPSES_SOON_DAYS
    return "soon" if near else duty.state


_DUTY_BADGES = {"due": "not_applicable", "soon": "soon", "overdue": "unmet", "running": "paused"}


def title_name(column: str) -> Text:
    """Return what the title is called whose last day a column holds."""
    grade = column.removesuffix("_until")
    return set_name(grade) if grade in SETS else BY_NAME[column].title


def expiries(found: FirmStanding, at: date) -> list[dict[str, Any]]:
    """Return titles by their last day, with how many days are left."""
    rows = []
    for e in found.expiries:
        left = (e.until - at).days
        rows.append(
            {
                "name": title_name(e.column),
                "until": e.until,
                "left": left,
                "code": "lapsed" if left < 0 else "soon" if left <= LAPSES_SOON_DAYS else "met",
            }
        )
    return rows
