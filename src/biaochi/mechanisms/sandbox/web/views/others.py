"""Pages of waivers, ethics reviews, data grants and services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision, Scalar
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import grant_waiver, release_export, review_ethics
from biaochi.mechanisms.sandbox.model import Floor, Level, WaiverKind
from biaochi.mechanisms.sandbox.web.forms import EthicsForm, ExportForm, MatchForm, OutcomeForm, lines
from biaochi.mechanisms.sandbox.web.models import (
    ZONE,
    EthicsReview,
    Export,
    Grant,
    SandboxCase,
    Service,
    WaiverRow,
    rules_on,
)
from biaochi.mechanisms.sandbox.web.views.cases import Whole
from biaochi.registry.acting import acting, page_language
from biaochi.registry.transition import record
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView, Section

_CASE = ListColumn("case", Text("案例", "case"), lambda o: o.trial.public_id)


def _case(trial: SandboxCase) -> Section:
    return Section(Text("案例", "Case"), "sandbox/case_link.html", {"case": trial})


class WaiverList(ListView):
    """All waivers."""

    model = WaiverRow
    heading = Text("豁免", "Waivers")
    columns = (
        _CASE,
        ListColumn("start_on", Text("起", "from"), lambda w: w.start_on),
        ListColumn("end_on", Text("止", "to"), lambda w: w.end_on),
    )
    related = ("trial",)
    ordering = ("end_on", "pk")


class WaiverPage(Whole, ObjectView):
    """One waiver."""

    model = WaiverRow
    related = ("trial", "trial__organisation")

    def answer(self, obj: WaiverRow, actor: Actor, lang: Lang) -> str:
        """Return until when it holds."""
        left = (obj.end_on - timezone.localdate()).days
        if left >= 0:
            text = Text(
                f"止于 {obj.end_on}，余 {left} 天，到期自行终止。", f"Ends by itself on {obj.end_on}, in {left} days."
            )
        else:
            text = Text(f"已于 {obj.end_on} 终止。", f"Ended on {obj.end_on}.")
        return text.within(lang)

    def facts(self, obj: WaiverRow, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the facts of the waiver."""
        touches = None if obj.touches is None else "、".join(Floor(f).text.within(lang) for f in obj.touches)
        none = Text("均不触及", "none").within(lang)
        return [
            Item(Text("条文", "clause"), obj.citation),
            Item(Text("规则层级", "rank"), Level(obj.level).text),
            Item(Text("主管部门", "authority"), obj.authority),
            Item(Text("授权", "authorisation"), obj.authorisation),
            Item(Text("方式", "manner"), WaiverKind(obj.kind).text),
            Item(Text("触及的底线", "floor items touched"), none if touches == "" else touches),
            Item(Text("地域", "area"), obj.area),
            Item(Text("使用者上限", "most users"), obj.users_max),
            Item(Text("起止", "dates"), f"{obj.start_on} – {obj.end_on}"),
        ]

    def sections(self, obj: WaiverRow, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the case."""
        return [_case(obj.trial)]

    def decide(
        self, obj: WaiverRow, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the reasons of a grant; what waits for a person is this person's to sign."""
        if move != "grant":
            return None
        day = now.astimezone(ZONE).date()
        return grant_waiver(obj.to_waiver(), at=day, parameters=rules_on(day)).require("grant", "more_info")


class EthicsList(ListView):
    """All ethics reviews."""

    model = EthicsReview
    heading = Text("伦理审查", "Ethics reviews")
    columns = (_CASE, ListColumn("next_review_on", Text("下次审查", "next review"), lambda e: e.next_review_on))
    related = ("trial",)


class EthicsPage(Whole, ObjectView):
    """One ethics review."""

    model = EthicsReview
    related = ("trial", "trial__organisation")

    def answer(self, obj: EthicsReview, actor: Actor, lang: Lang) -> str:
        """Return what was decided."""
        name = obj.current.name
        if obj.decided_on is None:
            return Text(f"{name.zh}，尚无结论。", f"{name.en.capitalize()}; not yet decided.").within(lang)
        text = Text(
            f"{obj.decided_on} {name.zh}，{obj.in_favour}/{obj.present} 赞成；下次审查 {obj.next_review_on}。",
            f"{name.en.capitalize()} on {obj.decided_on}, {obj.in_favour} of {obj.present} in favour; "
            f"next review {obj.next_review_on}.",
        )
        return text.within(lang)

    def facts(self, obj: EthicsReview, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return who sat."""
        return [
            Item(Text("委员", "members"), obj.members),
            Item(Text("外部委员", "outside members"), obj.external),
            Item(Text("到会", "present"), obj.present),
            Item(Text("赞成", "in favour"), obj.in_favour),
            Item(Text("下次审查", "next review"), obj.next_review_on),
        ]

    def sections(self, obj: EthicsReview, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the conditions, what is due, and the case."""
        day = timezone.localdate()
        due = review_ethics(obj.trial.to_case(), at=day, parameters=rules_on(day))
        context: dict[str, Any] = {"conditions": obj.conditions, "reasons": due.reasons}
        context["vote"] = actor.role is Role.ETHICS_MEMBER and obj.state == "deliberating"
        return [
            Section(Text("条件与应办", "Conditions and what is due"), "sandbox/ethics.html", context),
            _case(obj.trial),
        ]

    def decide(
        self, obj: EthicsReview, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the reasons a committee's decision rests on; how it voted was kept before."""
        outcome = _OUTCOMES.get(move)
        if outcome is None:
            return None
        if obj.present is None:
            raise RefusedError("no_vote", Text("请先记录表决", "record the vote first"))
        day = now.astimezone(ZONE).date()
        obj.outcome, obj.decided_on = outcome, day
        case = obj.trial.to_case_with(obj.raw())
        found = review_ethics(case, at=day, parameters=rules_on(day))
        facts: dict[str, Scalar] = {"conditions": len(obj.conditions)}
        return Decision(outcome, found.reasons, now, parameters=found.parameters, facts=facts)


_OUTCOMES = {"approve": "approved", "approve_with_conditions": "approved_with_conditions", "reject": "rejected"}


class Fill(View):
    """A page that keeps what a later move needs, before the move: its guards read what is stored."""

    model: ClassVar[type[EthicsReview] | type[Service]]
    form_class: ClassVar[type[forms.Form]]
    heading: ClassVar[Text]
    consequence: ClassVar[Text]
    role: ClassVar[Role]
    state: ClassVar[str]
    code: ClassVar[str]

    def values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored of the form; refuse what cannot be."""
        return dict(data)

    def found(self, request: HttpRequest, public_id: str) -> Any:
        """Return the object if the viewer may fill it in now."""
        actor = acting(request).actor
        rows: Any = self.model.visible(actor, self.model.objects.filter(public_id=public_id))
        obj = get_object_or_404(rows)
        house = obj.trial.organisation
        foreign = house is None or house.public_id != actor.organisation
        if actor.role is not self.role or obj.state != self.state or not foreign or not obj.seen_from_inside(actor):
            raise PermissionDenied
        return obj

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show the form."""
        return self._page(request, self.found(request, public_id), self.form_class(), 200)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep what was written, with a line in the ledger."""
        obj = self.found(request, public_id)
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self._page(request, obj, form, 422)
        now = timezone.now()
        try:
            values = self.values(form.cleaned_data)
        except RefusedError as error:
            form.add_error(None, error.text.within(page_language(request)))
            return self._page(request, obj, form, 422)
        with database.atomic():
            self.model.objects.filter(pk=obj.pk).update(**values)
            facts: dict[str, Scalar] = {k: v if isinstance(v, int | date) else str(v) for k, v in values.items()}
            record(obj, self.code, acting(request).actor, "", Decision(self.code, (), now, facts=facts), now=now)
        return HttpResponseRedirect(obj.get_absolute_url())

    def _page(self, request: HttpRequest, obj: Any, form: forms.Form, status: int) -> HttpResponseBase:
        context = {"case": obj, "form": form, "heading": self.heading, "consequence": self.consequence}
        return render(request, "sandbox/act.html", context, status=status)


class Vote(Fill):
    """How the committee voted, on what conditions, and when it looks again."""

    model = EthicsReview
    form_class = EthicsForm
    heading = Text("记录表决", "Record the vote")
    consequence = Text("记入台账；随后可作出决定。", "Enters the ledger; then the decision can be made.")
    role, state, code = Role.ETHICS_MEMBER, "deliberating", "vote"

    def values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the vote; nobody is counted twice."""
        if data["in_favour"] > data["present"] or data["present"] > data["members"]:
            told = Text("赞成不多于到会，到会不多于委员", "in favour ≤ present ≤ members")
            raise RefusedError("impossible_count", told)
        return dict(data) | {"conditions": lines(data["conditions"])}


class Outcome(Fill):
    """What came of an accelerator's service."""

    model = Service
    form_class = OutcomeForm
    heading = Text("写明成效", "Write down the outcome")
    consequence = Text("记入台账；随后可办结。", "Enters the ledger; then the service can be completed.")
    role, state, code = Role.OFFICER, "delivering", "outcome"


class GrantList(ListView):
    """All data grants."""

    model = Grant
    heading = Text("数据授权", "Data grants")
    columns = (_CASE, ListColumn("end_on", Text("止", "to"), lambda g: g.end_on))
    related = ("trial",)


class GrantPage(Whole, ObjectView):
    """One data grant, with what was asked to leave."""

    model = Grant
    related = ("trial", "trial__organisation")

    def answer(self, obj: Grant, actor: Actor, lang: Lang) -> str:
        """Return until when it holds."""
        text = Text(f"可用不可见，止于 {obj.end_on}。", f"Used where they are, until {obj.end_on}.")
        return text.within(lang)

    def facts(self, obj: Grant, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return what was granted."""
        return [
            Item(Text("目的", "purpose"), obj.purpose),
            Item(Text("依据", "basis"), obj.basis),
            Item(Text("字段", "fields"), "、".join(obj.fields)),
            Item(Text("起止", "dates"), f"{obj.start_on} – {obj.end_on}"),
            Item(Text("每日行数上限", "rows a day at most"), obj.rows_per_day),
            Item(Text("最小单元", "smallest cell"), obj.smallest_cell),
        ]

    def sections(self, obj: Grant, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the exports and the case."""
        context = {
            "grant": obj,
            "exports": list(obj.exports.all()[:50]),
            "ask": ExportForm() if _may_ask(obj, actor) else None,
            "release": actor.role is Role.REGULATOR and obj.state == "active",
        }
        note = Text("由申请人以外的人放行。", "Released by somebody else than who asked.")
        return [Section(Text("导出", "Exports"), "sandbox/exports.html", context, note), _case(obj.trial)]


def _may_ask(grant: Grant, actor: Actor) -> bool:
    house = grant.trial.organisation
    return actor.role is Role.FIRM and house is not None and house.public_id == actor.organisation


class ExportAct(View):
    """Ask for an export, or decide on it."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep the request, or release or refuse it with every reason."""
        actor, lang, now = acting(request).actor, page_language(request), timezone.now()
        rows = Grant.visible(actor, Grant.objects.filter(public_id=public_id))
        grant = get_object_or_404(rows.select_related("trial__organisation"))
        if grant.state != "active":
            raise PermissionDenied
        if "code" in request.POST:
            if actor.role is not Role.REGULATOR or not grant.seen_from_inside(actor):
                raise PermissionDenied
            self._decide(request, grant, actor, lang, now)
        elif _may_ask(grant, actor):
            form = ExportForm(request.POST)
            if not form.is_valid():
                return render(
                    request,
                    "sandbox/act.html",
                    {
                        "case": grant,
                        "form": form,
                        "heading": Text("申请导出", "Ask for an export"),
                        "consequence": Text("由第二人放行。", "A second person releases it."),
                    },
                    status=422,
                )
            self._ask(grant, form.cleaned_data, actor, now)
        else:
            raise PermissionDenied
        return HttpResponseRedirect(grant.get_absolute_url())

    def _ask(self, grant: Grant, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        with database.atomic():
            held = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
            export = Export.objects.create(
                grant=held, code=f"X{held.exports.count() + 1}", fields=lines(data["field_names"]), rows=data["rows"],
                smallest_count=data["smallest_count"], purpose=data["purpose"], requested_by=actor.person,
                requested_at=now,
            )  # fmt: skip
            facts: dict[str, Scalar] = {"export": export.code, "rows": export.rows}
            record(held, "export_asked", actor, "", Decision("asked", (), now, facts=facts), now=now)

    def _decide(self, request: HttpRequest, grant: Grant, actor: Actor, lang: Lang, now: datetime) -> None:
        with database.atomic():
            held = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
            export = held.exports.filter(code=request.POST["code"], outcome="").first()
            if export is None:
                raise Http404
            day = now.astimezone(ZONE).date()
            decision = release_export(held.to_grant(), export.to_export(actor.person, day), at=day)
            if decision.outcome == "release":
                export.released_by, export.released_on = actor.person, day
            if decision.outcome != "hold":
                export.outcome = decision.outcome
                export.save()
            record(held, "export", actor, request.POST.get("reason", "")[:4000], decision, now=now)
        told = {
            "release": Text("已放行。", "Released."),
            "hold": Text("须先补齐，暂不放行。", "Held until it is complete."),
            "refuse": Text("不予放行，理由见台账。", "Refused; the reasons are in the ledger."),
        }[decision.outcome]
        messages.info(request, told.within(lang))


class ServiceList(ListView):
    """All services of accelerators."""

    model = Service
    heading = Text("加速器服务", "Accelerator services")
    columns = (_CASE, ListColumn("provider", Text("服务方", "provider"), lambda s: s.provider))
    related = ("trial",)


class ServicePage(Whole, ObjectView):
    """One service."""

    model = Service
    related = ("trial", "trial__organisation")
    move_forms = {"match": MatchForm}

    def facts(self, obj: Service, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the facts of the service."""
        return [
            Item(Text("需求", "need"), obj.need),
            Item(Text("服务方", "provider"), obj.provider),
            Item(Text("成效", "outcome"), obj.outcome),
        ]

    def sections(self, obj: Service, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the case."""
        fill = actor.role is Role.OFFICER and obj.state == "delivering"
        note = [Section(Text("成效", "Outcome"), "sandbox/outcome.html", {})] if fill else []
        return [*note, _case(obj.trial)]

    def decide(self, obj: Service, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Keep the provider."""
        if data:
            Service.objects.filter(pk=obj.pk).update(**data)
        return None
