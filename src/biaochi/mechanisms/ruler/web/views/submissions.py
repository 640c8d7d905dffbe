"""Submissions of observations: the list, one submission, and the queue of who waits for validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import pandas as pd
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.ruler.decisions import decide_publication
from biaochi.mechanisms.ruler.model import unusual_changes
from biaochi.mechanisms.ruler.web import readings
from biaochi.mechanisms.ruler.web.forms import RevisionForm
from biaochi.mechanisms.ruler.web.models import Cell, Submission
from biaochi.mechanisms.ruler.web.profile_page import STATES, fixed
from biaochi.registry.acting import acting, page_language
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView, Section

MOST_WAITING = 20


class SubmissionList(ListView):
    """All submissions the viewer may see."""

    model = Submission
    heading = Text("数据报送", "Submissions")
    related = ("framework",)
    columns = (
        ListColumn("framework", Text("指标体系", "framework"), lambda s: s.framework.code),
        ListColumn("file", Text("文件", "file"), lambda s: s.file),
        ListColumn("rows", Text("行数", "rows"), lambda s: s.rows, numeric=True),
    )


class SubmissionPage(ObjectView):
    """One submission."""

    model = Submission
    related = ("framework",)
    move_forms: ClassVar = {"publish": RevisionForm}

    def answer(self, obj: Submission, actor: Actor, lang: Lang) -> str:
        """Return what the file held."""
        held = obj.published_cells()
        more = Text(
            f"；其中 {held} 个单元格已发布过，发布时须写修订原因",
            f"; {held} cells are published already and need a reason of revision",
        )
        text = Text(f"{obj.rows} 行，核验无错", f"{obj.rows} rows, no fault found")
        return text.within(lang) + (more.within(lang) if held else "") + ("。" if lang == "zh" else ".")

    def facts(self, obj: Submission, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the file's facts."""
        return [
            Item(Text("指标体系", "framework"), obj.framework.title),
            Item(Text("文件", "file"), obj.file),
            Item(Text("行数", "rows"), obj.rows),
            Item(Text("SHA-256", "SHA-256"), obj.sha256[:16]),
            Item(Text("版本日期", "vintage"), obj.vintage),
        ]

    def sections(self, obj: Submission, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the first cells."""
        cells = list(obj.cells.order_by("indicator", "period", "unit")[:100])
        shown = [(c, STATES[c.status].within(lang) if c.status in STATES else "") for c in cells]
        fed = any(c.cases is not None for c in cells)
        return [Section(Text("单元格", "Cells"), "ruler/cells.html", {"cells": shown, "rows": obj.rows, "fed": fed})]

    def decide(
        self, obj: Submission, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the reasons of a publication; it is refused when one of them is not met."""
        if move != "publish":
            return None
        reason, vintage = str(data.get("revision_reason", "")), data.get("vintage")
        if reason or vintage:
            Submission.objects.filter(pk=obj.pk).update(revision_reason=reason, vintage=vintage)
            obj.revision_reason, obj.vintage = reason, vintage if isinstance(vintage, date) else None
        found = decide_publication(
            obj.to_domain(),
            validator=obj.validator,
            validator_organisation=obj.validator_organisation,
            published_cells=obj.published_cells(),
            at=timezone.localdate(now),
        )
        return found.require("publish")


class ValidationQueue(View):
    """Submissions that wait for the viewer: handed in by another organisation, with what is new, revised or unusual."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the queue, the one that waits longest first."""
        actor = acting(request).actor
        if actor.role is not Role.OFFICER:
            raise PermissionDenied
        lang = page_language(request)
        waiting = (
            Submission.visible(actor, Submission.objects.filter(Submission.scope_of(actor)))
            .filter(state__in=("submitted", "validated"))
            .select_related("framework", "organisation", "creator")
            .order_by("entered_at")
        )
        histories: dict[int, pd.DataFrame] = {}
        rows = [_waiting(s, actor, lang, histories) for s in waiting[:MOST_WAITING]]
        mine = sum(r["mine"] for r in rows)
        answer = Text(
            f"{len(rows)} 份报送待办，{mine} 份可由您办理" if rows else "没有待核验、待发布的报送",
            f"{len(rows)} submissions wait, {mine} of them for you" if rows else "No submission waits",
        )
        return render(request, "ruler/queue.html", {"rows": rows, "answer": answer.within(lang)})


def unusual(submission: Submission, histories: dict[int, pd.DataFrame]) -> list[dict[str, Any]]:
    """Return the figures of a submission that moved unlike what is published of their indicators.

    ``histories`` keeps what is published of each framework, so that it is read once for a page.
    """
    columns = ("unit", "indicator", "period", "value")
    key = submission.framework.pk
    if key not in histories:
        published = Cell.objects.filter(
            submission__framework=submission.framework, submission__state__in=("published", "revised")
        )
        histories[key] = pd.DataFrame(list(published.order_by("vintage", "pk").values(*columns)), columns=list(columns))
    history = histories[key]
    new = pd.DataFrame(list(submission.cells.values(*columns)), columns=list(columns))
    if history.empty or new.empty:
        return []
    limit = float(str(readings.rules()["unusual_change"].value))
    found = unusual_changes(history.astype({"value": float}), new.astype({"value": float}), limit=limit)
    return [{str(k): v for k, v in line.items()} for line in found.to_dict("records")]


def _waiting(submission: Submission, actor: Actor, lang: Lang, histories: dict[int, pd.DataFrame]) -> dict[str, Any]:
    """Return one line of the queue."""
    moves = submission.workflow.allowed(submission.subject(), actor, timezone.now())
    found = unusual(submission, histories)
    return {
        "submission": submission,
        "mine": bool(moves),
        "moves": [t.name.within(lang) for t in moves],
        "revised": submission.published_cells(),
        "fed": submission.cells.exclude(cases=None).exists(),
        "unusual": [
            {**u, "change": fixed(u["change"], 1, sign=True), "usual": fixed(u["usual"], 1)} for u in found[:5]
        ],
        "more": max(0, len(found) - 5),
    }
