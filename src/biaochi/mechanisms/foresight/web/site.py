"""What foresight adds to the site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.foresight.web import pages, readings
from biaochi.mechanisms.foresight.web.demonstration import demo
from biaochi.mechanisms.foresight.web.models import FunctionOfRoutes, Question, Study
from biaochi.registry.marks import interval_mark
from biaochi.registry.site import (
    CalendarEntry,
    HomeFigure,
    NavItem,
    Offer,
    PortalSection,
    Site,
    Station,
    TodoItem,
)
from biaochi.registry.transition import transition


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return how often past forecasts held what they claimed: the first thing to know of any forecast."""
    scores = readings.past_forecasts()
    held = float(((scores["pit"] >= 0.05) & (scores["pit"] <= 0.95)).mean())
    label = Text(f"实际覆盖 {held:.0%}，声称 90%", f"held {held:.0%}, claimed 90 %").zh
    return HomeFigure(
        Text.same(f"{held:.0%}"),
        Text("声称 90%", "claimed 90 %"),
        Text(
            f"过去 {len(scores)} 次预测的 90% 区间实际覆盖多少。",
            f"What the 90 % bands of {len(scores)} past forecasts held.",
        ),
        reverse("foresight:scoreboard"),
        interval_mark(min(held, 0.9), max(held, 0.9), label=label, least=0, most=1, middle=held, ticks=10),
    )


def todo(actor: Actor, now: datetime) -> list[TodoItem]:
    """Return the rounds an expert is invited to; nobody knows whether the sheet is in, so it says so."""
    if actor.role is not Role.REVIEWER:
        return []
    rows = Study.objects.filter(
        state="round_open",
        invitations__person__public_id=actor.person,
        invitations__state__in=("invited", "accepted"),
    )
    then = Text("若已提交且没有空题，则无事可做。", "If your sheet is in and complete, nothing is left to do.")
    return [
        TodoItem(
            Text(f"作答：{s.title_zh}（第 {s.round} 轮）", f"answer: {s.title_en} (round {s.round})"),
            then,
            reverse("foresight:answer", args=[s.public_id]),
            s.due_at,
        )
        for s in rows.order_by("entered_at")[:20]
    ]


def portal_record() -> Mapping[str, Any]:
    """Return the record the public sees: how models did, and which panels are settled."""
    scores = readings.past_forecasts()
    held = float(((scores["pit"] >= 0.05) & (scores["pit"] <= 0.95)).mean())
    studies = list(Study.objects.filter(state="resolved").order_by("-entered_at")[:5])
    functions = list(FunctionOfRoutes.objects.all()[:5])
    return {"n": len(scores), "held": pages.share(held), "studies": studies, "functions": functions}


def calendar(actor: Actor, now: datetime) -> list[CalendarEntry]:
    """Return the days on which questions are settled."""
    rows = Question.visible(actor, Question.objects.filter(state__in=("open", "due"))).order_by("due_on")[:100]
    return [
        CalendarEntry(
            q.public_id,
            Text(f"判定：{q.title_zh}", f"to be settled: {q.title_en}"),
            q.due_on,
            q.get_absolute_url(),
        )
        for q in rows
    ]


def fall_due(now: datetime) -> int:
    """Let questions whose day has come fall due."""
    made = 0
    for question in Question.objects.filter(state="open", due_on__lte=timezone.localdate(now)).order_by("due_on"):
        if now.date() >= question.due_on:
            transition(question, "fall_due", CLOCK, "到期，由系统时钟办理", now=now)
            made += 1
    return made


def outlooks(actor: Actor, now: datetime) -> list[Offer]:
    """Return the outlook of every function, for the fund's priors and the layout of tracks."""
    if not actor.role.decides:
        return []
    found = []
    for function in FunctionOfRoutes.objects.all()[:50]:
        if function.content is None:
            readings.outlook(function)
        content: Any = function.content
        payload = {**content["functions"][0], "as_of": function.as_of.isoformat(), "simulated": function.simulated}
        found.append(Offer(function.public_id, function.title, function.created_at, payload))
    return found


SITE = Site(
    code="foresight",
    station=Station.FORESEE,
    title=Text("技术预见", "Foresight"),
    purpose=Text(
        "什么何时到来，或永不到来；每个预测先给自己的成绩。",
        "What arrives when, or never; every forecast shows its record first.",
    ),
    models=(Study, Question),
    nav=(
        NavItem(Text("技术预测", "Forecasts"), "foresight:forecasts", Text("先看回测，再看预测", "the record first")),
        NavItem(
            Text("功能与路线", "Functions and routes"),
            "foresight:functions",
            Text("留几条路线值多少", "what keeping several routes is worth"),
        ),
        NavItem(
            Text("预见研究", "Studies"),
            "foresight:study_list",
            Text("匿名征询，事先定规则", "without names, by rules set first"),
        ),
        NavItem(
            Text("待兑现的问题", "Questions"),
            "foresight:question_list",
            Text("到期后由两人判定", "settled by two people"),
        ),
        NavItem(
            Text("上升的词", "Rising terms"),
            "foresight:scans",
            Text("先看此类词后来怎样", "first what became of such terms"),
        ),
        NavItem(
            Text("兑现榜", "Scoreboard"), "foresight:scoreboard", Text("说过什么，来了什么", "what was said, what came")
        ),
    ),
    home_figure=home_figure,
    todo=todo,
    portal_sections=(
        PortalSection(
            "foresight",
            Text("预测兑现", "What came true"),
            Text("旧预测与后来的实际。", "Old forecasts and what came."),
            "foresight/portal.html",
            portal_record,
            kind="real",
        ),
    ),
    calendar=calendar,
    gives={"outlook": outlooks},
    clock=fall_due,
    demo=demo,
)
