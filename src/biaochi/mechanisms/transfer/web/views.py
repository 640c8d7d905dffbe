"""Pages of transfer: projects, their gates and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.transfer.model import Stage
from biaochi.mechanisms.transfer.report import RULES
from biaochi.mechanisms.transfer.web.forms import GradeForm, ProjectForm, ShownForm
from biaochi.mechanisms.transfer.web.models import Project, StagePassage
from biaochi.registry.acting import acting
from biaochi.registry.models import Organisation
from biaochi.registry.transition import record
from biaochi.registry.views import CreateView, ListColumn, ListView, ObjectView, Section

OPEN = ("lab", "poc", "pilot", "small_batch")


class ProjectList(ListView):
    """Projects on their way."""

    model = Project
    heading = Text("转化项目", "Transfer projects")
    create_url = "transfer:project_new"
    columns = (ListColumn("track", Text("赛道", "track"), lambda p: p.track),)


class ProjectPage(ObjectView):
    """One project: its way, the present gate, what is shown."""

    model = Project
    upload_roles = (Role.OFFICER,)

    def answer(self, obj: Project, actor: Actor, lang: Lang) -> str:
        """Return whether the gate is met, and what is missing."""
        decision = obj.gate()
        passage = obj.passage()
        if obj.current.final or decision is None or passage is None or passage.stage != obj.state:
            return (
                Text("还没有填报本阶段的结果。", "Nothing is shown for this stage yet.").within(lang)
                if not obj.current.final
                else ""
            )
        missing = [RULES[r.rule] for r in decision.reasons if r.verdict.value not in ("met", "not_applicable")]
        if not missing:
            return Text("关口各项齐备，可由评审人放行。", "Every item of the gate is met; it may be passed.").within(
                lang
            )
        return Text(
            f"关口还差：{'、'.join(m.zh for m in missing)}。",
            f"The gate still lacks: {', '.join(m.en for m in missing)}.",
        ).within(lang)

    def sections(self, obj: Project, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the gate, what was shown at every stage, and the form of the owner or the office."""
        decision, passage = obj.gate(), obj.passage()
        current = decision is not None and passage is not None and passage.stage == obj.state
        rows = [
            {
                "name": RULES[r.rule],
                "verdict": r.verdict.value,
                "text": r.text,
                "citation": r.citation.title if r.citation else "",
            }
            for r in (decision.reasons if decision and current else ())
        ]
        form = _form(obj, actor)
        return [
            Section(
                Text("本阶段关口", "The gate of this stage"),
                "transfer/gate.html",
                {
                    "rows": rows,
                    "verdict": decision.outcome if decision and current else "unknown",
                    "project": obj,
                    "form": form,
                },
                now=True,
            ),
            Section(
                Text("走过的阶段", "Stages passed"),
                "transfer/way.html",
                {"rows": [{"p": p, "stage": Stage(p.stage).text, "cost": _yuan(p.cost)} for p in obj.passages.all()]},
            ),
        ]

    def decide(self, obj: Project, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """A gate is passed with its reasons."""
        return obj.gate() if move.startswith("to_") or move == "fail" else None


def _yuan(cost: float | None) -> Decimal | int | None:
    if cost is None:
        return None
    return int(cost) if cost == int(cost) else Decimal(repr(round(cost, 2)))


def _form(obj: Project, actor: Actor) -> forms.Form | None:
    own = obj.organisation is not None and obj.organisation.public_id == actor.organisation
    passage = obj.passage()
    here = passage if passage is not None and passage.stage == obj.state else None
    if obj.state not in OPEN:
        return None
    if actor.role is Role.FIRM and own:
        return ShownForm(initial={n: getattr(here, n) for n in ShownForm.base_fields} if here else {})
    return GradeForm(initial={"grade": here.grade}) if actor.role is Role.OFFICER and here else None


class ShowView(View):
    """What a stage has shown: stated by the owner, graded by the office."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep what was stated, or the grade; the owner never grades its own evidence."""
        actor = acting(request).actor
        project = Project.visible(actor, Project.objects.filter(public_id=public_id)).first()
        if project is None:
            raise Http404
        if _form(project, actor) is None:
            raise PermissionDenied
        form = ShownForm(request.POST) if actor.role is Role.FIRM else GradeForm(request.POST)
        if not form.is_valid():
            for faults in form.errors.values():
                messages.error(request, "; ".join(str(f) for f in faults))
            return HttpResponseRedirect(project.get_absolute_url())
        changes = dict(form.cleaned_data)
        if actor.role is Role.FIRM:
            # What was graded was the evidence before; new statements need a new grade.
            changes["grade"] = ""
        StagePassage.objects.update_or_create(
            project=project,
            stage=project.state,
            defaults=changes,
            create_defaults=changes | {"entered_on": timezone.localdate(project.entered_at)},
        )
        record(
            project, "shown" if actor.role is Role.FIRM else "graded", actor, str(form.cleaned_data.get("grade", ""))
        )
        return HttpResponseRedirect(project.get_absolute_url())


class NewProject(CreateView):
    """A project begins in the laboratory."""

    model = Project
    form_class = ProjectForm
    heading = Text("新转化项目", "New transfer project")
    consequence = Text(
        "从实验室阶段开始；每个关口由未来产业办放行。", "Begins in the laboratory; the office passes each gate."
    )

    def prepare(self, obj: Project, form: forms.ModelForm[Any], actor: Actor) -> None:
        """It lies where its owner is."""
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        obj.region = house.region if house else None
