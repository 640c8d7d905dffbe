"""The register of titles an office keeps: what lapses when, how long titles last, whose new name is unknown."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.cultivation.decisions import check_registry, cohort_tables, ending_by_month
from biaochi.mechanisms.cultivation.model import SETS, Duty, Grant
from biaochi.mechanisms.cultivation.report import ending_figure, survival_figure
from biaochi.mechanisms.cultivation.web import pages, readings
from biaochi.mechanisms.cultivation.web.forms import page_lang
from biaochi.mechanisms.cultivation.web.models import RegisterLine
from biaochi.registry.acting import acting

SHOWN = 100
SOON_DAYS = 90
LEVEL = 0.95


class RegisterPage(View):
    """Lapses ahead, cohorts and lost names of one office's register."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the register, of all titles or of one."""
        actor = acting(request).actor
        if actor.role not in (Role.OFFICER, Role.AUDITOR):
            raise PermissionDenied
        grants, sources = _lines(actor)
        kept = [c for c in SETS if any(g.grade == c for g in grants)]
        asked = request.GET.get("grade", "")
        grade = asked if asked in kept else ""
        own = [g for g in grants if not grade or g.grade == grade]
        day = timezone.localdate()
        context = {"grades": [(c, readings.set_name(c)) for c in kept], "grade": grade, "sources": sources}
        return render(request, "cultivation/register.html", context | _found(own, grade, day))


def _lines(actor: Actor) -> tuple[list[Grant], list[str]]:
    """Return the register of the actor's office (an auditor reads every office's) and the files it came from."""
    rows = RegisterLine.objects.all()
    if actor.role is Role.OFFICER:
        rows = rows.filter(organisation=actor.organisation)
    return [r.grant() for r in rows], sorted(set(rows.values_list("source", flat=True)))


def _found(own: list[Grant], grade: str, day: date) -> dict[str, object]:
    snapshot, lang = readings.parameters(day), page_lang()
    found = check_registry(own, at=day, parameters=snapshot)
    survival, _ = cohort_tables(own, grade, "", "", day, LEVEL) if grade else ([], [])
    ending = ending_by_month(own, at=day, parameters=snapshot)
    return {
        "answer": _answer(own, found.duties, day),
        "duties": pages.duties(found.duties[:SHOWN], day),
        "all_duties": len(found.duties),
        "shown": min(SHOWN, len(found.duties)),
        "unlinked": found.unlinked[:SHOWN],
        "ending": ending_figure(ending, lang) if sum(ending.values()) else None,
        "survival": survival_figure(survival, lang) if survival else None,
        "firms": len({g.firm for g in own}),
        "lines": len(own),
    }


def _answer(own: list[Grant], duties: tuple[Duty, ...], day: date) -> Text:
    renewals = [d for d in duties if d.duty == "renew"]
    overdue = sum(d.state == "overdue" for d in renewals)
    soon = sum(d.state == "due" and (d.due_on - day).days <= SOON_DAYS for d in renewals)
    return Text(
        f"{len(own)} 个称号在册；{SOON_DAYS} 天内到期 {soon} 个，逾期未复核 {overdue} 个。",
        f"{len(own)} titles on the register; {soon} end within {SOON_DAYS} days, {overdue} are past their term.",
    )
