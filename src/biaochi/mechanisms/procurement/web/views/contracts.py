"""Pages of R&D contracts: stages, money, tests, settlement; who may do what stands beside each form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import RefusedError
from biaochi.core.parameters import Citation
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions.case import RULES
from biaochi.mechanisms.procurement.decisions.compensation import account
from biaochi.mechanisms.procurement.decisions.needs import meets
from biaochi.mechanisms.procurement.report.words import OUTCOME, STAGE
from biaochi.mechanisms.procurement.web import forms, record
from biaochi.mechanisms.procurement.web.models import RdContract
from biaochi.mechanisms.procurement.web.services import contracting
from biaochi.mechanisms.procurement.web.views.acting import faults_of
from biaochi.mechanisms.procurement.web.views.purchases import WholeMove
from biaochi.registry.acting import acting, page_language
from biaochi.registry.views import Item, ListColumn, ListView, Section

Do = Callable[[RdContract, Mapping[str, Any], Actor, datetime], None]
ACTS: Mapping[str, tuple[tuple[str, ...], type[django_forms.Form], Do]] = {
    "stage": (("signed", "verified"), forms.StageForm, contracting.agree_stage),
    "test": (("verified",), forms.TestForm, contracting.test),
    "settle": (("eliminated",), forms.SettleForm, lambda r, d, a, n: contracting.settle_costs(r, d["costs"], a, n)),
}


class ContractList(ListView):
    """The R&D contracts the viewer may see."""

    model = RdContract
    heading = Text("研发合同", "R&D contracts")
    related = ("purchase", "supplier")
    columns = (
        ListColumn("supplier", Text("供应商", "supplier"), lambda c: c.supplier.title),
        ListColumn("cap", Text("补偿上限（元）", "cap, yuan"), lambda c: c.cap, numeric=True),
        ListColumn("ends", Text("到期", "ends on"), lambda c: c.ends_on),
    )


class ContractPage(WholeMove):
    """One R&D contract."""

    model = RdContract
    related = ("purchase", "purchase__organisation", "supplier")
    upload_roles = (Role.FIRM,)
    filled = {"report": ("report_and_costs",), "verify": ("evidence_verified",)}
    move_forms = {"report": forms.StageReportForm, "verify": forms.VerifyForm}

    def answer(self, obj: RdContract, actor: Actor, lang: Lang) -> str:
        """Return how far the stages are and how much is left."""
        money = account(obj.domain, obj.settled or account(obj.domain).settled)
        met = sum(s.verdict == "met" for s in obj.domain.stages)
        return Text(
            f"已达到 {met} 个里程碑；已付补偿 {money.paid:,.2f} 元，上限 {money.cap:,.2f} 元。",
            f"{met} milestones met; {money.paid:,.2f} yuan paid of at most {money.cap:,.2f}.",
        ).within(lang)

    def facts(self, obj: RdContract, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return supplier, term, cap and scope."""
        return [
            Item(Text("采购", "purchase"), obj.purchase.title),
            Item(Text("供应商", "supplier"), obj.supplier.title),
            Item(Text("签订", "signed on"), obj.signed_on),
            Item(Text("到期", "ends on"), obj.ends_on),
            Item(Text("补偿范围", "scope"), "、".join(obj.scope) if lang == "zh" else ", ".join(obj.scope)),
        ]

    def sections(self, obj: RdContract, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the stages with their money, the tests, and what the buyer does between the moves."""
        contract = obj.domain
        costs = {s["code"]: s.get("costs") for s in obj.stages}
        rows = [
            {
                "s": s,
                "name": STAGE[s.code],
                "outcome": OUTCOME[s.verdict] if s.verdict else None,
                "code": s.verdict or "active",
                "costs": costs.get(s.code),
            }
            for s in contract.stages
        ]
        money = account(contract, obj.settled or account(contract).settled)
        needs = record.plan_of(obj.purchase).needs
        tests = {t["need"]: t for t in obj.tests}
        results = [
            {"need": n, "t": tests.get(n.code), "code": _tested(n, tests.get(n.code))} for n in needs if n.mandatory
        ]
        given: dict[str, Any] = {"obj": obj, "forms": {}}
        for code, (_, form_class, _do) in ACTS.items():
            if may(obj, code, actor):
                given["forms"][code] = bound(obj, code, form_class, None)
        pending = record.stage_of(obj.pending) if obj.pending else None
        stages = {
            "rows": rows,
            "money": money,
            "settled": obj.settled,
            "pending": pending,
            "pending_name": STAGE[pending.code] if pending else None,
        }
        found = [Section(Text("阶段与补偿", "Stages and compensation"), "procurement/stages.html", stages)]
        if obj.tests or "test" in given["forms"]:
            found.append(Section(Text("验收测试", "Tests of acceptance"), "procurement/tests.html", {"rows": results}))
        if given["forms"]:
            found.insert(0, Section(Text("先写明", "Write first"), "procurement/contract_acts.html", given, now=True))
        return found

    def decide(
        self, obj: RdContract, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Keep what a report or a verification says, for the move that follows."""
        if move == "report":
            contracting.report_stage(obj, data)
        elif move == "verify":
            contracting.verify_stage(obj, data)
            last = obj.last
            good = last is not None and last.verdict == "met"
            name = STAGE[last.code] if last is not None else Text.same("–")
            text = Text(
                f"{name.zh}：里程碑{'达到' if good else '未达到'}",
                f"{name.en}: milestone {'met' if good else 'not met'}",
            )
            seen = "；".join(last.evidence) if last is not None else ""
            reason = Reason(
                "milestone",
                Verdict.MET if good else Verdict.UNMET,
                text,
                seen,
                citation=Citation(RULES, "24", "2024-04-24"),
            )
            return Decision("met" if good else "unmet", (reason,), timezone.localdate(now))
        return None


def _tested(need: Any, test: Mapping[str, Any] | None) -> str:
    if test is None:
        return "unknown"
    return "met" if test["evidence"] and meets(need, test["value"]) else "unmet"


def may(obj: RdContract, code: str, actor: Actor) -> bool:
    """Return whether the actor may do this now: the buyer of the purchase, in the right state."""
    own = actor.role is Role.BUYER and obj.purchase.house == actor.organisation and bool(actor.person)
    return own and obj.state in ACTS[code][0] and not (code == "settle" and obj.settled is not None)


def bound(
    obj: RdContract, code: str, form_class: type[django_forms.Form], data: Mapping[str, Any] | None
) -> django_forms.Form:
    """Return a form with what fits this contract."""
    initial = {"scope": "、".join(obj.scope)} if code == "stage" else {}
    form = form_class(data, prefix=code) if data is not None else form_class(prefix=code, initial=initial)
    if code == "stage":
        done = {s["code"] for s in obj.stages}
        lang = forms.lang_now()
        forms.choose(form, "code", [(c, t.within(lang)) for c, t in STAGE.items() if c not in done])
    if code == "test":
        lang = forms.lang_now()
        needs = record.plan_of(obj.purchase).needs
        names = [(n.code, f"{n.code} {n.function.zh if lang == 'zh' else n.function.en}") for n in needs]
        forms.choose(form, "need", names)
    return form


class ContractAct(View):
    """What the buyer writes between the moves of a contract."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do it, or say what is wrong with it."""
        actor, lang = acting(request).actor, page_language(request)
        rows = RdContract.visible(actor, RdContract.objects.filter(public_id=public_id))
        obj = rows.select_related("purchase__organisation", "supplier").first()
        if obj is None or act not in ACTS:
            raise Http404
        if not may(obj, act, actor):
            raise PermissionDenied
        _, form_class, do = ACTS[act]
        form = bound(obj, act, form_class, request.POST)
        faults = [] if form.is_valid() else faults_of(form)
        if not faults:
            try:
                with database.atomic():
                    locked = (
                        RdContract.objects.select_for_update(of=("self",))
                        .select_related("purchase__organisation", "supplier")
                        .get(pk=obj.pk)
                    )
                    if not may(locked, act, actor):
                        raise PermissionDenied
                    do(locked, form.cleaned_data, actor, timezone.now())
                return HttpResponseRedirect(obj.get_absolute_url())
            except RefusedError as error:
                faults = [error.text.within(lang)]
        return render(request, "procurement/faults.html", {"obj": obj, "faults": faults}, status=422)
