"""Pages of what was said and what came: questions, how they are settled, the scoreboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.foresight.decisions import decide_resolution, propose_resolution
from biaochi.mechanisms.foresight.model import Outcome
from biaochi.mechanisms.foresight.web import pages, readings, survey_page
from biaochi.mechanisms.foresight.web.forms import OutcomeForm
from biaochi.mechanisms.foresight.web.models import Question, Study
from biaochi.registry.acting import page_language
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView


class QuestionList(ListView):
    """Everything that will come true or not."""

    model = Question
    heading = Text("待兑现的问题", "Questions")
    related = ("study",)
    ordering = ("due_on", "pk")
    columns = (
        ListColumn("study", Text("研究", "study"), lambda q: q.study.title),
        ListColumn("due_on", Text("判定日期", "due on"), lambda q: q.due_on),
    )


class QuestionPage(ObjectView):
    """One question: what the panel had said, what came, and who may settle it."""

    model = Question
    related = ("study", "item")
    move_forms: ClassVar = {"propose": OutcomeForm}

    def answer(self, obj: Question, actor: Actor, lang: Lang) -> str:
        """Return what the panel had said for the due day, and what came."""
        found = readings.survey(obj.study)
        year = obj.due_on.year
        rows = [r for r in found[0].items if r.item == obj.item.code] if found else []
        said = rows[-1].cdf.get(year) if rows else None
        came = survey_page.outcome_text(obj.outcome) if obj.state == "confirmed" else obj.current.public
        return Text(
            f"专家组曾给到 {year} 年实现的概率 {pages.share(said)}；现在：{came.zh}。",
            f"The panel had given {pages.share(said)} for {year}; now: {came.en}.",
        ).within(lang)

    def facts(self, obj: Question, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return when it is due and what was proposed."""
        inside = obj.seen_from_inside(actor) or obj.state == "confirmed"
        return [
            Item(Text("研究", "study"), obj.study.title),
            Item(Text("判定日期", "due on"), obj.due_on),
            Item(
                Text("提出的结果", "outcome proposed"),
                survey_page.outcome_text(obj.outcome) if inside and obj.outcome else None,
            ),
            Item(Text("实现日期", "came true on"), obj.realised_on if inside else None),
            Item(Text("依据", "evidence"), obj.evidence if inside and obj.evidence else None),
        ]

    def decide(self, obj: Question, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Propose only with evidence; confirm only what stands."""
        if move == "propose":
            return propose_resolution(
                Outcome(data["outcome"]),
                data.get("realised_on"),
                data["evidence"],
                due_on=obj.due_on,
                at=timezone.localdate(now),
            ).require("propose")
        if move != "confirm" or not obj.outcome:
            return None
        return decide_resolution(
            Outcome(obj.outcome),
            obj.due_on,
            obj.realised_on,
            proposer=obj.proposed_by,
            confirmer=actor.person,
            answered=obj.study.panel(),
            at=timezone.localdate(now),
        ).require("confirm")


class ScoreboardPage(View):
    """What was said and what came: panels and models alike, for everybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the record of every panel and of every shipped series."""
        lang = page_language(request)
        studies = []
        for study in Study.objects.filter(state__in=("awaiting", "resolved")).order_by("-entered_at")[:12]:
            scored = survey_page.scored_rows(study, lang)
            if scored is not None:
                studies.append((study, scored))
        scores = readings.past_forecasts()
        technologies = readings.technologies()
        records = []
        for code, own in scores.groupby("technology", sort=True):
            inside = float(((own["pit"] >= 0.05) & (own["pit"] <= 0.95)).mean())
            records.append((technologies[str(code)], len(own), pages.share(inside), pages.came_rows(own, most=6)))
        held = float(((scores["pit"] >= 0.05) & (scores["pit"] <= 0.95)).mean())
        context = {
            "studies": studies,
            "records": records,
            "n": len(scores),
            "held": pages.share(held),
            "csv": reverse("foresight:past"),
        }
        return render(request, "foresight/scoreboard.html", context)
