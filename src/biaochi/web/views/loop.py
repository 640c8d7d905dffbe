"""One indicator on its way round: the ledger of a year, the ruler's observation, and where next year starts from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.programme.pace import LEAST, YEAR_DAYS, Interval, Pace, pace
from biaochi.registry import ledger
from biaochi.registry.acting import PUBLIC, acting, page_language
from biaochi.registry.marks import interval_mark
from biaochi.registry.models.record import Decision
from biaochi.web.journeys import ledgers_to_ruler
from biaochi.web.kept import kept
from biaochi.web.process import HOUSE, figures
from biaochi.web.sites import sites

MOST_DAYS = 60
ALL = "all"


@dataclass(frozen=True, slots=True)
class Start:
    """Where next year of one mechanism starts: what a round is, and how many decisions it takes."""

    mechanism: str
    what: Text
    steps: int
    then: Text


STARTS = (
    Start(
        "foresight",
        Text("一轮调查：开题、收卷、反馈", "a survey round: open, close, give feedback"),
        3,
        Text("问卷的轮次上限据此定。", "The limit of rounds is set from it."),
    ),
    Start(
        "layout",
        Text("一份规划：登记、两人编码", "a plan: handed in, coded by two"),
        2,
        Text("拥挤度按此节奏更新。", "Crowding is renewed at this pace."),
    ),
    Start(
        "fund",
        Text("一轮评审：出材料、委员会决定", "a review: packet, the board's decision"),
        2,
        Text("基金模型的轮次据此定。", "The rounds of the fund's model are set from it."),
    ),
)


@require_GET
def loop(request: HttpRequest) -> HttpResponse:
    """Show the indicator "days to a decision" of a year at its four stops."""
    lang, actor = page_language(request), acting(request).actor
    years = _years()
    year = next((y for y, _ in years if str(y) == request.GET.get("year")), _fullest(years))
    if year is None:
        return render(request, "web/loop.html", {"years": (), "rows": ()})
    zone = timezone.get_current_timezone()
    begin, end = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    now = timezone.now()
    gathered = kept("pace", PUBLIC, now, lambda: list(figures(begin, end)), str(year))
    together = [d for _, days, _ in gathered for d in days]
    found = {m: pace(days, reasoned) for m, days, reasoned in gathered if len(days) >= LEAST}
    if len(together) >= LEAST:
        found = {ALL: pace(together, sum(reasoned for _, _, reasoned in gathered)), **found}
    names = {ALL: Text("全部机制", "all mechanisms"), **{s.code: s.title for s in sites()}}
    head = ledger.head()
    rows = [
        {"name": names.get(m, Text.same(m)), "pace": p, "mark": _mark(p.days), "shown": _days(p.days)}
        for m, p in sorted(found.items(), key=lambda pair: -pair[1].decisions)
    ]
    context: dict[str, Any] = {
        "years": [y for y, _ in years],
        "year": year,
        "decisions": dict(years)[year],
        "rows": rows,
        "observations": _observations(found, names, year, actor.scope or "", head.digest if head else ""),
        "open": ledgers_to_ruler.JOURNEY.open([*sites(), HOUSE]) and actor.role is Role.OFFICER,
        "starts": [_start(s, found, names) for s in STARTS],
        "next": year + 1,
        "least": LEAST,
        "answer": _answer(found, names, year).within(lang),
    }
    return render(request, "web/loop.html", context)


def _years() -> list[tuple[int, int]]:
    """Return years with decisions and how many each has, the newest first."""
    rows = Decision.objects.annotate(y=ExtractYear("decided_at")).values("y").annotate(n=Count("pk")).order_by("-y")
    return [(r["y"], r["n"]) for r in rows]


def _fullest(years: list[tuple[int, int]]) -> int | None:
    return max(years, key=lambda pair: pair[1])[0] if years else None


def _answer(found: Mapping[str, Pace], names: Mapping[str, Text], year: int) -> Text:
    if ALL not in found:
        return Text(
            f"{year} 年的决定不足 {LEAST} 项，不作推断。",
            f"Fewer than {LEAST} decisions in {year}; nothing is concluded.",
        )
    days = _days(found[ALL].days)
    own = {m: p for m, p in found.items() if m != ALL}
    slow = max(own, key=lambda m: own[m].days.middle) if own else ""
    worst = Text(
        f"，最慢的是{names.get(slow, Text.same(slow)).zh}", f", slowest in {names.get(slow, Text.same(slow)).en}"
    )
    return Text(
        f"{year} 年一步办理的中位天数是 {days}{worst.zh if slow else ''}。这个数从台账来，进标尺，再定明年的轮次。",
        f"In {year} a step took a median of {days} days{worst.en if slow else ''}. The figure comes from the ledger, "
        "enters the ruler, and sets next year's rounds.",
    )


def _days(found: Interval) -> str:
    return f"{found.middle:.1f} ({found.low:.1f}–{found.high:.1f})"


def _mark(found: Interval) -> SafeString:
    low, high = min(found.low, MOST_DAYS), min(found.high, MOST_DAYS)
    return interval_mark(low, high, label=_days(found), least=0, most=MOST_DAYS, middle=min(found.middle, MOST_DAYS))


def _observations(
    found: Mapping[str, Pace], names: Mapping[str, Text], year: int, scope: str, head: str
) -> list[dict[str, object]]:
    """Return the rows as the ruler's table of observations takes them: value, standard error, grade B (system log)."""
    return [
        {
            "unit": scope or "–",
            "name": names.get(m, Text.same(m)),
            "period": year,
            "value": round(p.days.middle, 2),
            "low": round(p.days.low, 2),
            "high": round(p.days.high, 2),
            "grade": "B",
            "source": Text(f"台账 {head[:12]}", f"ledger {head[:12]}"),
        }
        for m, p in found.items()
    ]


def _most(rounds: float) -> str:
    return "365+" if rounds > YEAR_DAYS else f"{rounds:.0f}"


def _start(start: Start, paces: Mapping[str, Pace], names: Mapping[str, Text]) -> dict[str, object]:
    """Return where next year starts: at the mechanism's own pace, else at that of all together."""
    basis = start.mechanism if start.mechanism in paces else ALL
    found = paces.get(basis)
    rounds = found.rounds(start.steps) if found else None
    shown = f"{_most(rounds.middle)} ({_most(rounds.low)}–{_most(rounds.high)})" if rounds else ""
    station = next((s.station for s in sites() if s.code == start.mechanism), None)
    return {
        "name": names.get(start.mechanism, Text.same(start.mechanism)),
        "what": start.what,
        "then": start.then,
        "days": _days(found.days) if found else "",
        "basis": names[ALL] if basis == ALL else None,
        "rounds": shown,
        "url": reverse("station", args=[station.value]) if station else "",
    }
