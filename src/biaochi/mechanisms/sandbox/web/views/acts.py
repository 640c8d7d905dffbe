"""Pages of acts beside moves: plan editor, assessment, waivers, incidents, amendments, exit papers, bundle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox import model
from biaochi.mechanisms.sandbox.decisions import amend_plan
from biaochi.mechanisms.sandbox.model import CRITERIA, read_instant
from biaochi.mechanisms.sandbox.report import simulation_rows
from biaochi.mechanisms.sandbox.web import planning
from biaochi.mechanisms.sandbox.web.evidence import bundle_of
from biaochi.mechanisms.sandbox.web.forms import (
    AmendmentForm,
    AssessForm,
    GrantForm,
    IncidentForm,
    PapersForm,
    PlanForm,
    ServiceForm,
    WaiverForm,
    lines,
)
from biaochi.mechanisms.sandbox.web.incidents import report_incident
from biaochi.mechanisms.sandbox.web.models import ZONE, Amendment, Grant, SandboxCase, Service, WaiverRow
from biaochi.mechanisms.sandbox.web.views.cases import case_acts
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models.work import ExportLog
from biaochi.registry.transition import create, record


class Act(View):
    """A form that does something to a case; open only to whom the case's page offers it."""

    code: ClassVar[str]
    heading: ClassVar[Text]
    consequence: ClassVar[Text]
    form_class: ClassVar[type[forms.Form]]
    template_name: ClassVar[str] = "sandbox/act.html"

    def initial(self, trial: SandboxCase) -> Mapping[str, Any]:
        """Return what the form starts with."""
        return {}

    def perform(self, trial: SandboxCase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """Do it; raise what refuses it."""
        raise RefusedError("unknown", self.heading)

    def trial(self, request: HttpRequest, public_id: str) -> SandboxCase:
        """Return the case if the viewer may do this to it."""
        actor = acting(request).actor
        rows = SandboxCase.objects.select_related("organisation", "region", "creator")
        found = SandboxCase.visible(actor, rows.filter(public_id=public_id)).first()
        if found is None:
            raise Http404
        if self.code not in {code for code, _, _ in case_acts(found, actor, found.seen_from_inside(actor))}:
            raise PermissionDenied
        return found

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show the form."""
        trial = self.trial(request, public_id)
        return self.page(request, trial, self.form_class(initial=dict(self.initial(trial))), 200)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Do it, or show every fault."""
        trial = self.trial(request, public_id)
        form = self.form_class(request.POST)
        lang = page_language(request)
        if not form.is_valid():
            return self.page(request, trial, form, 422)
        try:
            with database.atomic():
                self.perform(trial, form.cleaned_data, acting(request).actor, timezone.now())
        except RefusedError as error:
            form.add_error(None, error.text.within(lang))
            return self.page(request, trial, form, 422)
        except InputError as error:
            for fault in error.faults[:50]:
                form.add_error(None, fault.line(lang))
            return self.page(request, trial, form, 422)
        messages.success(request, Text("已办理，记入台账。", "Done; it is in the ledger.").within(lang))
        return HttpResponseRedirect(trial.get_absolute_url())

    def page(
        self, request: HttpRequest, trial: SandboxCase, form: forms.Form, status: int, **more: Any
    ) -> HttpResponse:
        """Draw the page."""
        context = {"case": trial, "form": form, "heading": self.heading, "consequence": self.consequence}
        return render(request, self.template_name, context | more, status=status)


class PlanEditor(Act):
    """The plan's text, checked whole; simulated before it is kept."""

    code = "plan"
    heading = Text("监测方案", "Supervision plan")
    consequence = Text(
        "存为草案并记入台账；议定时登记并冻结。", "Kept as a draft; registered and frozen when it is agreed."
    )
    form_class = PlanForm
    template_name = "sandbox/plan_editor.html"

    def initial(self, trial: SandboxCase) -> Mapping[str, Any]:
        """Return the draft, or an example to begin with."""
        text = planning.as_text(trial.plan) if trial.plan else planning.TEMPLATE
        return {"text": text, "exposure": 40, "readings": 90, "worse": 2}

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Simulate and show, or simulate and keep."""
        trial = self.trial(request, public_id)
        form = PlanForm(request.POST)
        lang = page_language(request)
        if not form.is_valid():
            return self.page(request, trial, form, 422)
        data, now = form.cleaned_data, timezone.now()
        try:
            draft = planning.read_plan(data["text"], now)
        except InputError as error:
            for fault in error.faults[:50]:
                form.add_error("text", fault.line(lang))
            return self.page(request, trial, form, 422)
        found = planning.simulate(draft.plan, exposure=data["exposure"], readings=data["readings"], worse=data["worse"])
        if "keep" not in request.POST:
            rows = simulation_rows(found, lang)
            return self.page(request, trial, form, 200, rows=rows, streams=planning.STREAMS, readings=data["readings"])
        planning.keep_draft(trial, draft, found, acting(request).actor, now)
        messages.success(request, Text("方案草案已存。", "The draft is kept.").within(lang))
        return HttpResponseRedirect(trial.get_absolute_url())


class Assess(Act):
    """The regulator's findings on the five criteria."""

    code = "assess"
    heading = Text("评定五条标准", "Assess the five criteria")
    consequence = Text("逐条结论与理由记入台账。", "Findings and reasons enter the ledger.")
    form_class = AssessForm

    def initial(self, trial: SandboxCase) -> Mapping[str, Any]:
        """Return what was found before."""
        found: dict[str, Any] = {}
        for code in CRITERIA:
            held = trial.eligibility.get(code, {})
            found |= {code: held.get("verdict", "unknown"), f"why_{code}": held.get("reason", "")}
        return found

    def perform(self, trial: SandboxCase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """Keep the findings."""
        if trial.organisation is not None and trial.organisation.public_id == actor.organisation:
            raise RefusedError("same_organisation", Text("须由另一单位的人评定", "another organisation must assess it"))
        trial.eligibility = {
            c: {**trial.eligibility.get(c, {}), "verdict": data[c], "reason": data[f"why_{c}"], "evidence": []}
            for c in CRITERIA
        }
        SandboxCase.objects.filter(pk=trial.pk).update(eligibility=trial.eligibility)
        reasons = tuple(Reason(c, Verdict(data[c]), Text.same(data[f"why_{c}"] or "–")) for c in CRITERIA)
        record(trial, "assess", actor, "", Decision("assessed", reasons, now), now=now)


class AddWaiver(Act):
    """A rule to be relieved."""

    code = "waiver"
    heading = Text("增加豁免", "Add a waiver")
    consequence = Text(
        "存为拟议；由监管员批准，到期自行终止。", "Proposed; a regulator grants it, and it ends by itself."
    )
    form_class = WaiverForm

    def perform(self, trial: SandboxCase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """Propose it."""
        touching = [t for t in data["touching"] if t != "none"]
        values = {k: v for k, v in data.items() if k != "touching"}
        number = trial.waivers.count() + 1
        title = str(data["citation"])[:180]
        waiver = WaiverRow(
            trial=trial, code=f"W{number}", touches=touching, region=trial.region, simulated=trial.simulated,
            title_zh=f"W{number} {title}", title_en=f"W{number} {title}", **values,
        )  # fmt: skip
        create(waiver, actor, now=now)


class Incident(Act):
    """Something that happened."""

    code = "incident"
    heading = Text("报告事件", "Report an incident")
    consequence = Text("达到停止线的事件立即停止试验。", "From the severity in the plan on it stops the trial at once.")
    form_class = IncidentForm

    def perform(self, trial: SandboxCase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """Report it."""
        report_incident(trial, data["occurred_at"], data["severity"], data["text"], actor, now)


class Amend(Act):
    """A change of the registered plan, asked for."""

    code = "amend"
    heading = Text("提出修订", "Ask for an amendment")
    consequence = Text("由另一人批准后自所定时刻生效。", "Takes effect at its instant once another person approves it.")
    form_class = AmendmentForm

    def perform(self, trial: SandboxCase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """Keep the request after it was read as the plan would hold it."""
        try:
            effective = read_instant(data["effective_at"], ZONE)
        except ValueError as error:
            raise RefusedError("bad_date", Text("生效时刻不是时刻", "effective_at is not an instant")) from error
        amendment = Amendment(
            trial=trial, code=f"A{trial.amendments.count() + 1}", effective_at=effective, reason=data["reason"],
            changes=data["changes"], requested_by=actor.person, requested_at=now,
        )  # fmt: skip
        read_amended(trial, amendment, "?")
        amendment.save()
        facts: dict[str, Scalar] = {"amendment": amendment.code, "effective_at": effective}
        record(trial, "amendment_asked", actor, data["reason"], Decision("asked", (), now, facts=facts), now=now)


def read_amended(trial: SandboxCase, amendment: Amendment, approved_by: str) -> dict[str, Any]:
    """Return the plan with an amendment, read by the reader of ``cases.yaml``; its digest is the old one."""
    plan = dict(trial.plan or {})
    plan["amendments"] = [*plan.get("amendments", []), amendment.written(approved_by)]
    trial.plan, before = plan, trial.plan
    try:
        trial.to_file()
    finally:
        trial.plan = before
    return plan


class ApproveAmendment(View):
    """Approve what another person asked for."""

    def post(self, request: HttpRequest, public_id: str, code: str) -> HttpResponseBase:
        """Decide, and put the amendment into the plan."""
        actor, lang, now = acting(request).actor, page_language(request), timezone.now()
        rows = SandboxCase.visible(actor, SandboxCase.objects.filter(public_id=public_id))
        trial = get_object_or_404(rows)
        if actor.role is not Role.REGULATOR or not trial.seen_from_inside(actor):
            raise PermissionDenied
        try:
            with database.atomic():
                held = SandboxCase.objects.select_for_update(of=("self",)).get(pk=trial.pk)
                self._approve(held, get_object_or_404(held.amendments, code=code, approved_by=""), actor, now)
        except RefusedError as error:
            messages.error(request, error.text.within(lang))
        else:
            messages.success(request, Text("修订已批准。", "The amendment is approved.").within(lang))
        return HttpResponseRedirect(trial.get_absolute_url())

    def _approve(self, trial: SandboxCase, amendment: Amendment, actor: Actor, now: datetime) -> None:
        plan = trial.to_case().plan
        if plan is None:
            raise Http404
        asked = model.Amendment(
            amendment.code, amendment.effective_at, amendment.reason, actor.person, amendment.changes
        )
        decision = amend_plan(plan, asked, requested_by=amendment.requested_by, at=now).require("accept")
        written = read_amended(trial, amendment, actor.person)
        amendment.approved_by = actor.person
        amendment.save(update_fields=["approved_by"])
        SandboxCase.objects.filter(pk=trial.pk).update(plan=written)
        record(trial, "amend", actor, amendment.reason, decision, now=now)


class Papers(Act):
    """The rule-change proposal and the public summary."""

    code = "papers"
    heading = Text("出箱文件", "Exit papers")
    consequence = Text("建议与摘要记入台账；没有它们不得结案。", "They enter the ledger; no case closes without them.")
    form_class = PapersForm

    def initial(self, trial: SandboxCase) -> Mapping[str, Any]:
        """Return what was written before."""
        held = trial.proposal or {}
        found = {k: held.get(k, "") for k in ("clause", "text", "authority")}
        return found | {
            "evidence": "\n".join(held.get("evidence", [])),
            "summary_zh": trial.summary_zh,
            "summary_en": trial.summary_en,
        }

    def perform(self, trial: SandboxCase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """Keep them."""
        proposal = {k: data[k] for k in ("clause", "text", "authority")} | {"evidence": lines(data["evidence"])}
        SandboxCase.objects.filter(pk=trial.pk).update(
            proposal=proposal, summary_zh=data["summary_zh"], summary_en=data["summary_en"]
        )
        facts = {"clause": proposal["clause"], "authority": proposal["authority"]}
        record(trial, "exit_papers", actor, "", Decision("written", (), now, facts=facts), now=now)


class AskGrant(Act):
    """Data for a case."""

    code = "grant"
    heading = Text("申请数据授权", "Ask for data")
    consequence = Text("由监管员批准；导出须由第二人放行。", "A regulator approves it; exports need a second person.")
    form_class = GrantForm

    def perform(self, trial: SandboxCase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """Ask."""
        values = {k: v for k, v in data.items() if k != "field_names"}
        title = str(data["purpose"]).splitlines()[0][:180]
        grant = Grant(
            trial=trial, fields=lines(data["field_names"]), title_zh=title, title_en=title, region=trial.region,
            simulated=trial.simulated, **values,
        )  # fmt: skip
        create(grant, actor, now=now)


class AskService(Act):
    """The accelerator's service for a case."""

    code = "service"
    heading = Text("提出服务需求", "Ask the accelerator")
    consequence = Text("由未来产业办对接服务方。", "The office matches a provider.")
    form_class = ServiceForm

    def perform(self, trial: SandboxCase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        """Ask."""
        service = Service(
            trial=trial, title_zh=data["kind"], title_en=data["kind"], region=trial.region,
            simulated=trial.simulated, **data,
        )  # fmt: skip
        create(service, actor, now=now)


class Bundle(View):
    """The evidence bundle as a download; every download is logged."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Give the bundle to whoever sees the case from inside, and to its firm."""
        who = acting(request)
        rows = SandboxCase.visible(who.actor, SandboxCase.objects.filter(public_id=public_id))
        trial = get_object_or_404(rows.select_related("organisation"))
        if "bundle.zip" not in {code for code, _, _ in case_acts(trial, who.actor, trial.seen_from_inside(who.actor))}:
            raise PermissionDenied
        now = timezone.now()
        data = bundle_of(trial, who.actor, now)
        ExportLog.objects.create(
            person=who.person, role=who.role.value, path=request.path, format="zip", rows=trial.readings.count()
        )
        name = f"{trial.public_id}-{timezone.localtime(now):%Y%m%d%H%M}.zip"
        return HttpResponse(
            data, content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
