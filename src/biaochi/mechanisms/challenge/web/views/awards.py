"""Pages of awards and milestones: registered tests, results, decisions with their grounds, money, exemption file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.exchange.jsonfile import to_json
from biaochi.mechanisms.challenge.decisions import decide_diligence, may_complete
from biaochi.mechanisms.challenge.model import StopCause
from biaochi.mechanisms.challenge.report import DUTY_NAMES, OUTCOME_NAMES, STAGE_NAMES, case_document
from biaochi.mechanisms.challenge.web.forms import GroundsForm, MilestoneForm, assess_form
from biaochi.mechanisms.challenge.web.models import DECIDED, ENDED, Award, Milestone
from biaochi.mechanisms.challenge.web.screens import free_of_conflict
from biaochi.mechanisms.challenge.web.services import contracting, reviewing
from biaochi.mechanisms.challenge.web.views.whole import WholePage
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models.work import ExportLog
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView, Section
from biaochi.registry.views.objects import Act

_OUTCOME_BADGES = {"complete": "met", "incomplete": "unknown", "contradicted": "unmet"}


class AwardList(ListView):
    """The awards the viewer may see."""

    model = Award
    heading = Text("揭榜项目", "Awards")
    related = ("organisation",)
    columns = (
        ListColumn("route", Text("路线", "route"), lambda a: a.route),
        ListColumn("team", Text("团队", "team"), lambda a: a.organisation.title if a.organisation else None),
    )


class AwardPage(ObjectView):
    """One award."""

    model = Award
    related = ("challenge", "bid", "challenge__organisation")

    def answer(self, obj: Award, actor: Actor, lang: Lang) -> str:
        """Return how far the award has come."""
        if not obj.seen_from_inside(actor) and actor.role is not Role.FIRM:
            return ""
        done = [m for m in obj.milestones.all() if m.state in DECIDED.values()]
        met = sum(m.state == "continued" for m in done)
        return Text(
            f"路线 {obj.route}：已考核 {len(done)} 个里程碑，{met} 个继续。",
            f"Route {obj.route}: {len(done)} milestones decided, {met} continued.",
        ).within(lang)

    def facts(self, obj: Award, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return route, money, acceptance, cause."""
        found = [
            Item(Text("榜单", "challenge"), obj.challenge.title),
            Item(Text("路线", "route"), obj.route),
            Item(Text("团队", "team"), obj.organisation.title if obj.organisation else None),
        ]
        if not (obj.seen_from_inside(actor) or actor.role is Role.FIRM):
            return found
        found.append(Item(Text("申请金额（元）", "amount asked, yuan"), obj.amount))
        if obj.acceptance:
            said = Text("已验收", "accepted") if obj.acceptance["accepted"] else Text("未验收", "not accepted")
            by = obj.acceptance["by"]
            found.append(Item(Text("用户验收", "user acceptance"), Text(f"{said.zh}：{by}", f"{said.en}: {by}")))
        if obj.cause:
            found.append(Item(Text("停止原因", "cause of the stop"), StopCause(obj.cause).text))
        return found

    def sections(self, obj: Award, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return acts, milestones and the exemption file."""
        inside = obj.seen_from_inside(actor)
        own = (
            actor.role is Role.FIRM
            and obj.organisation is not None
            and (obj.organisation.public_id == actor.organisation)
        )
        if not inside and not own:
            return []
        parts = []
        acts = _award_acts(obj, actor, own)
        if any(acts.values()):
            causes = [(c.value, c.text) for c in StopCause]
            context = {"obj": obj, "acts": acts, "causes": causes}
            title = Text("现在可做", "What you can do")
            parts.append(Section(title, "challenge/award_acts.html", context, now=True))
        rows = [_milestone_row(m) for m in obj.milestones.select_related("verifier").order_by("number")]
        parts.append(Section(Text("里程碑", "Milestones"), "challenge/milestones.html", {"rows": rows}))
        if inside:
            note = Text(
                "免责的是人，不是档案；未经核实的规则不作结论。",
                "People are exempt, not the file; unverified rules decide nothing.",
            )
            title = Text("尽职免责材料", "Exemption file")
            parts.append(Section(title, "challenge/diligence.html", _file(obj, lang), note))
        return parts

    def decide(self, obj: Award, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Whoever decides has declared; completion rests on the user's acceptance."""
        contracting.require_declared(obj, actor)
        if move != "complete":
            return None
        accepted = obj.acceptance.get("accepted")
        return may_complete(accepted_by_user=accepted, at=timezone.localdate(now), parameters=reviewing.rules())


def _award_acts(obj: Award, actor: Actor, own: bool) -> dict[str, bool]:
    officer = actor.role is Role.OFFICER and obj.within_scope(actor)
    declared = officer and obj.challenge.declarations.filter(person=actor.person).exists()
    free = declared and free_of_conflict(obj.challenge, actor)
    return {
        "declare": officer and not declared,
        "milestone": free and obj.state in ("contracted", "active"),
        "accept": free and obj.state == "active" and not obj.acceptance.get("accepted"),
        "cause": free and obj.state not in ENDED and not obj.cause,
        "gain": own and obj.gain_declared is None,
    }


def _milestone_row(m: Milestone) -> dict[str, Any]:
    return {
        "milestone": m,
        "stage": STAGE_NAMES.get(m.stage, Text.same(m.stage)),
        "result": m.assessment.text if m.measured else None,
        "badge": m.badge_of(m.state),
    }


def _file(obj: Award, lang: Lang) -> dict[str, Any]:
    found = decide_diligence(contracting.case_of(obj), at=timezone.localdate(), parameters=reviewing.rules())
    gap = Text("；", "; ").within(lang)
    rows = [
        {
            "name": DUTY_NAMES[d.duty],
            "verdict": d.verdict.value,
            "because": gap.join(dict.fromkeys(r.text.within(lang) for r in d.reasons if r.verdict is d.verdict)),
            "basis": next((str(r.citation) for r in d.reasons if r.citation), ""),
        }
        for d in found.duties
    ]
    return {
        "obj": obj,
        "outcome": OUTCOME_NAMES[found.outcome],
        "badge": _OUTCOME_BADGES[found.outcome],
        "cause": StopCause(found.stop_cause).text if found.stop_cause else None,
        "rows": rows,
    }


class CaseFile(View):
    """The case as the file that the command line reads."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Return it, and note that it was taken."""
        who = acting(request)
        obj = Award.visible(who.actor, Award.objects.filter(public_id=public_id)).first()
        if obj is None or not obj.seen_from_inside(who.actor):
            raise Http404
        ExportLog.objects.create(
            person=who.person, role=who.actor.role.value, path=request.path[:300], format="json", rows=1
        )
        answer = HttpResponse(to_json(case_document(contracting.case_of(obj))), content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="{obj.public_id}-case.json"'
        return answer


class AwardAct(View):
    """What is done to an award beside its moves."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do it, or say why not."""
        actor, now = acting(request).actor, timezone.now()
        obj = get_object_or_404(Award.visible(actor, Award.objects.filter(public_id=public_id)))
        officer = actor.role is Role.OFFICER and obj.within_scope(actor)
        if not officer and not (actor.role is Role.FIRM and act == "gain"):
            raise PermissionDenied
        try:
            if act == "declare":
                reviewing.declare(obj.challenge, request.POST.get("conflict") != "no", actor)
            elif act == "accept":
                contracting.accept(obj, request.POST.get("accepted") == "yes", request.POST.get("by", ""), actor, now)
            elif act == "cause":
                evidence = request.POST.get("evidence", "")[:4000]
                contracting.name_cause(obj, request.POST.get("cause", ""), evidence, actor, now)
            elif act == "gain":
                contracting.declare_gain(obj, request.POST.get("gained") != "no", actor, now)
            else:
                raise Http404
        except RefusedError as error:
            messages.error(request, error.text.within(page_language(request)))
        return HttpResponseRedirect(obj.get_absolute_url())


class NewMilestone(View):
    """A stage's tests, registered on its award."""

    heading = Text("登记里程碑", "Register a milestone")
    consequence = Text("测试就此登记，之后不能更改。", "The tests stand from now on; they cannot be changed.")

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show the form."""
        self._award(request, public_id)
        return self._page(request, MilestoneForm(), 200)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Register it, or show every fault."""
        award = self._award(request, public_id)
        form = MilestoneForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, 422)
        made: Milestone = form.save(commit=False)
        made.indicators = form.cleaned_data["indicators_text"]
        stage = STAGE_NAMES[made.stage]
        made.title_zh, made.title_en = f"{stage.zh} · {award.public_id}", f"{stage.en} · {award.public_id}"
        try:
            contracting.register_milestone(award, made, acting(request).actor, timezone.now())
        except RefusedError as error:
            form.add_error(None, error.text.within(page_language(request)))
            return self._page(request, form, 422)
        return HttpResponseRedirect(award.get_absolute_url())

    def _award(self, request: HttpRequest, public_id: str) -> Award:
        actor = acting(request).actor
        found = Award.visible(actor, Award.objects.filter(public_id=public_id)).first()
        if found is None:
            raise Http404
        if actor.role is not Role.OFFICER or not found.within_scope(actor):
            raise PermissionDenied
        return found

    def _page(self, request: HttpRequest, form: MilestoneForm, status: int) -> HttpResponseBase:
        context = {"form": form, "heading": self.heading, "consequence": self.consequence}
        return render(request, "challenge/form.html", context, status=status)


class MilestoneList(ListView):
    """The milestones the viewer may see."""

    model = Milestone
    heading = Text("里程碑", "Milestones")
    related = ("award",)
    columns = (
        ListColumn("due_on", Text("到期", "due"), lambda m: m.due_on),
        ListColumn("route", Text("路线", "route"), lambda m: m.award.route),
    )


class MilestonePage(WholePage):
    """One milestone."""

    model = Milestone
    related = ("award", "award__challenge", "award__challenge__organisation", "award__organisation", "verifier")
    upload_roles = (Role.REVIEWER,)

    def get_object(self, request: HttpRequest, public_id: str) -> Any:
        """Return the milestone; its verifier's form asks for its own indicators."""
        found = super().get_object(request, public_id)
        move_forms: dict[str, Any] = dict.fromkeys(DECIDED, GroundsForm)
        move_forms["assess"] = assess_form(found)
        self.__dict__["move_forms"] = move_forms
        return found

    def _acts(self, obj: Any, actor: Actor, bound: Mapping[str, forms.Form]) -> list[Act]:
        # The four decisions share one form: the first of them shows it.
        found, shown = [], False
        again = next((form for code, form in bound.items() if code in DECIDED), None)
        for act in super()._acts(obj, actor, bound):
            if act.move.code in DECIDED:
                found.append(replace(act, form=None if shown else again or act.form))
                shown = True
            else:
                found.append(act)
        return found

    def answer(self, obj: Milestone, actor: Actor, lang: Lang) -> str:
        """Return by when, by whom, and with what result."""
        who = obj.verifier.title
        if obj.measured:
            result = obj.assessment.text
            said = Text(f"第三方检验结果：{result.zh}（{who.zh}）。", f"Verified: {result.en} ({who.en}).")
        else:
            said = Text(
                f"{obj.due_on} 到期，由 {who.zh} 按登记的测试检验。",
                f"Due on {obj.due_on}; {who.en} verifies by the registered tests.",
            )
        return said.within(lang)

    def facts(self, obj: Milestone, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return when its tests were registered, when it started, what it pays."""
        return [
            Item(Text("阶段", "stage"), STAGE_NAMES.get(obj.stage, Text.same(obj.stage))),
            Item(Text("测试登记", "tests registered"), obj.registered_at),
            Item(Text("阶段开始", "stage started"), obj.started_at),
            Item(Text("到期", "due"), obj.due_on),
            Item(Text("达到后付款（元）", "paid on a pass, yuan"), obj.amount),
            Item(Text("付款", "paid"), obj.paid_at),
        ]

    def sections(self, obj: Milestone, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the registered tests with the measured values, and the decision's grounds."""
        verdicts = contracting.verdicts_of(obj)
        rows = [{**i, "seen": obj.measured.get(i["name"]), "verdict": verdicts.get(i["name"])} for i in obj.indicators]
        parts = [Section(Text("登记的测试", "Registered tests"), "challenge/tests.html", {"rows": rows})]
        if obj.grounds.get("at") and obj.seen_from_inside(actor):
            cause = obj.grounds.get("cause")
            context = {**obj.grounds, "cause": StopCause(cause).text if cause else None}
            parts.append(Section(Text("决定的依据", "Grounds"), "challenge/grounds.html", context))
        officer = actor.role is Role.OFFICER and obj.within_scope(actor)
        if officer and obj.state == "assessed" and not free_of_conflict(obj.award.challenge, actor):
            title = Text("先申报利益关系", "Declare first")
            parts.append(Section(title, "challenge/declare_first.html", {"obj": obj.award}, now=True))
        if officer and obj.state == "continued" and obj.paid_at is None and obj.amount:
            parts.insert(0, Section(Text("付款", "Payment"), "challenge/pay.html", {"obj": obj}, now=True))
        return parts

    def decide(
        self, obj: Milestone, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Results come from the verifier; decisions come with their grounds."""
        if move == "assess":
            values = {i["name"]: data[f"value_{n}"] for n, i in enumerate(obj.indicators)}
            return contracting.measure(obj, values, data["report"], actor, now)
        if move in DECIDED:
            return contracting.ground(obj, move, data, actor, now)
        return None


class MilestoneAct(View):
    """Paying a milestone."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Pay it, or say why not."""
        actor = acting(request).actor
        obj = get_object_or_404(Milestone.visible(actor, Milestone.objects.filter(public_id=public_id)))
        if actor.role is not Role.OFFICER or not obj.within_scope(actor):
            raise PermissionDenied
        try:
            contracting.pay(obj, actor, timezone.now())
        except RefusedError as error:
            messages.error(request, error.text.within(page_language(request)))
        return HttpResponseRedirect(obj.get_absolute_url())
