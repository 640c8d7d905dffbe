"""Pages of pilot zones: the list, one zone from application to rolling assessment, what is recorded between moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.decisions import decide_zone_admission, decide_zone_assessment
from biaochi.mechanisms.layout.model import (
    AssessmentResult,
    Criterion,
    Jurisdiction,
    ZoneAssessment,
    criteria_in_force,
)
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.forms import (
    FACTS,
    AssessmentForm,
    NoticeForm,
    ObjectionForm,
    ReviewForm,
    ZoneForm,
    checking_form,
)
from biaochi.mechanisms.layout.web.models import Objection, Zone
from biaochi.mechanisms.layout.web.views.moving import RecordingPage
from biaochi.registry.acting import acting
from biaochi.registry.models import Organisation
from biaochi.registry.transition import record
from biaochi.registry.views import CreateView, Item, ListColumn, ListFilter, ListView, Section

AFTER = {"continue": "continued", "adjust": "adjusted", "withdraw": "withdrawn"}


def jurisdiction_name(code: str) -> Text:
    """Return a jurisdiction in words."""
    known = {j.value: j.text for j in Jurisdiction}
    return known.get(code, Text("其他", "elsewhere"))


def criteria(zone: Zone) -> tuple[Criterion, ...]:
    """Return the criteria a zone is checked by; none where no rule is known."""
    found = criteria_in_force(zone.jurisdiction, readings.rules())
    return found[1] if found else ()


class ZoneList(ListView):
    """All zones the viewer may see."""

    model = Zone
    heading = Text("未来产业先导区", "Pilot zones")
    columns = (
        ListColumn("site", Text("地点", "site"), lambda z: z.site),
        ListColumn(
            "jurisdiction", Text("按哪一地办法", "by the rules of"), lambda z: jurisdiction_name(z.jurisdiction)
        ),
        ListColumn("due", Text("期限", "due"), lambda z: z.due_at),
    )
    filters = (
        ListFilter(
            "jurisdiction",
            Text("按哪一地办法", "by the rules of"),
            "jurisdiction",
            lambda: [(j.value, j.text) for j in Jurisdiction],
        ),
    )
    create_url = "layout:zone_new"


class NewZone(CreateView):
    """An application for a pilot zone."""

    model = Zone
    form_class = ZoneForm
    heading = Text("申报先导区", "Apply for a pilot zone")
    consequence = Text(
        "由主管部门核查、专家实地论证、公示，再进入建设；申报、核查、论证须由不同的人办理。",
        "It is checked, reviewed on site, put on notice, then built; applicant, checker and reviewer always differ.",
    )

    def prepare(self, obj: Zone, form: forms.ModelForm[Any], actor: Actor) -> None:
        """A firm's application belongs to the region the firm is in."""
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        if obj.region is None and house is not None:
            obj.region = house.region


class ZonePage(RecordingPage):
    """One zone."""

    model = Zone

    def get_object(self, request: HttpRequest, public_id: str) -> Any:
        """Return the zone; the form of its check asks for the criteria of its jurisdiction."""
        found = super().get_object(request, public_id)
        self.__dict__["move_forms"] = {"check": checking_form(criteria(found)), "give_notice": NoticeForm}
        return found

    def answer(self, obj: Zone, actor: Actor, lang: Lang) -> str:
        """Return what the zone is for, and what it waits for."""
        names = readings.plan_table().names
        tracks = [names[t] for t in obj.tracks if t in names]
        zh, en = "、".join(t.zh for t in tracks), ", ".join(t.en for t in tracks)
        due = obj.due_at
        until = ""
        if due is not None:
            day, late = timezone.localdate(due), due < timezone.now()
            soon = Text(f"；下一步期限 {day}", f"; next step due {day}")
            gone = Text(f"；已逾期，期限为 {day}", f"; overdue since {day}")
            until = (gone if late else soon).within(lang)
        end = "。" if lang == "zh" else "."
        return Text(f"{obj.site}，主攻{zh}", f"{obj.site}: {en or zh}").within(lang) + until + end

    def facts(self, obj: Zone, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the facts so far."""
        result = AssessmentResult(obj.assessment).text if obj.assessment else None
        return [
            Item(Text("申报单位", "applicant"), obj.organisation.title if obj.organisation else None),
            Item(Text("按哪一地办法", "by the rules of"), jurisdiction_name(obj.jurisdiction)),
            Item(Text("专家人数", "experts"), obj.experts or None),
            Item(Text("平均分", "mean score"), obj.score),
            Item(Text("公示截止", "notice until"), obj.notice_until),
            Item(Text("最近一次评估", "last assessment"), result),
        ]

    def sections(self, obj: Zone, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return what is to be recorded now, the case, the criteria, the objections."""
        found = []
        in_scope = Zone.objects.filter(Zone.scope_of(actor), pk=obj.pk).exists()
        own = bool(actor.organisation) and obj.organisation and obj.organisation.public_id == actor.organisation
        if obj.state == "city_checked" and actor.role is Role.REVIEWER and not own:
            found.append(_asked(Text("论证意见", "Review on site"), obj, "review", ReviewForm()))
        if obj.state == "under_assessment" and actor.role is Role.OFFICER and in_scope and not own:
            found.append(_asked(Text("记录评估结果", "Record the assessment"), obj, "assess", AssessmentForm()))
        running = obj.notice_until is None or timezone.now() < obj.notice_until
        if obj.state == "on_notice" and running and actor.person and actor.role.decides and not own:
            found.append(_asked(Text("提出异议", "Object"), obj, "object", ObjectionForm()))
        found.append(Section(Text("申报理由", "The case for it"), "layout/case.html", {"text": obj.case_made}))
        rule = criteria_in_force(obj.jurisdiction, readings.rules())
        rows = [{"text": c.text, "fact": obj.facts.get(c.code)} for c in (rule[1] if rule else ())]
        context: dict[str, Any] = {"rows": rows, "rule": rule[0] if rule else None}
        found.append(Section(Text("条件", "Criteria"), "layout/criteria.html", context))
        objections = list(obj.objections.all())
        if objections:
            may = actor.role is Role.OFFICER and in_scope and not own
            inside = obj.seen_from_inside(actor)
            context = {"objections": objections, "may": may, "zone": obj, "inside": inside}
            found.append(Section(Text("异议", "Objections"), "layout/objections.html", context))
        return found

    def decide(self, obj: Zone, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Return the reasons of a move by the criteria of the jurisdiction."""
        at, parameters = timezone.localdate(now), readings.rules()
        if move == "check":
            facts = {code: FACTS[value] for code, value in data.items()}
            Zone.objects.filter(pk=obj.pk, state="applied").update(facts=facts)
            obj.facts, obj.checker = facts, actor.person
            return decide_zone_admission(obj.application(), at=at, parameters=parameters).require(
                "admit", "manual_review"
            )
        if move == "give_notice":
            end = datetime.combine(data["notice_until"] + timedelta(days=1), time.min)
            Zone.objects.filter(pk=obj.pk, state="site_reviewed").update(notice_until=timezone.make_aware(end))
            return None
        if move == "start_building":
            return decide_zone_admission(obj.application(), at=at, parameters=parameters).require(
                "admit", "manual_review"
            )
        if move in AFTER and obj.assessment:
            result = ZoneAssessment(obj.public_id, obj.jurisdiction, AssessmentResult(obj.assessment))
            decision = decide_zone_assessment(result, at=at, parameters=parameters)
            return decision.require(AFTER[move], "manual_review")
        return None


def _asked(title: Text, zone: Zone, act: str, form: forms.Form) -> Section:
    return Section(title, "layout/asked.html", {"zone": zone, "act": act, "form": form}, now=True)


class ZoneAct(View):
    """What is recorded between moves: experts' opinions, results of assessments, objections and their answers."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Record one of them."""
        actor = acting(request).actor
        zone = Zone.visible(actor, Zone.objects.filter(public_id=public_id)).first()
        if zone is None:
            raise Http404
        if not actor.person or not actor.role.decides:
            raise PermissionDenied
        own = zone.organisation is not None and zone.organisation.public_id == actor.organisation
        applied = zone.creator is not None and zone.creator.public_id == actor.person
        in_scope = Zone.objects.filter(Zone.scope_of(actor), pk=zone.pk).exists()
        handler = {"review": self._review, "assess": self._assess, "object": self._object, "settle": self._settle}.get(
            act
        )
        if handler is None:
            raise Http404
        if act != "object" and (own or applied or not in_scope):
            raise PermissionDenied
        faults = handler(request, zone, actor)
        if faults:
            return render(
                request, "layout/faults.html", {"back": zone.get_absolute_url(), "faults": faults}, status=422
            )
        return HttpResponseRedirect(zone.get_absolute_url())

    def _review(self, request: HttpRequest, zone: Zone, actor: Actor) -> list[str]:
        if actor.role is not Role.REVIEWER or zone.state != "city_checked" or actor.person == zone.checker:
            raise PermissionDenied
        form = ReviewForm(request.POST)
        if not form.is_valid():
            return _faults(form)
        with database.atomic():
            zone.experts, zone.score, zone.reviewer = (
                form.cleaned_data["experts"],
                form.cleaned_data["score"],
                actor.person,
            )
            zone.save(update_fields=["experts", "score", "reviewer"])
            record(zone, "reviewed", actor, form.cleaned_data["reason"])
        return []

    def _assess(self, request: HttpRequest, zone: Zone, actor: Actor) -> list[str]:
        if actor.role is not Role.OFFICER or zone.state != "under_assessment":
            raise PermissionDenied
        form = AssessmentForm(request.POST)
        if not form.is_valid():
            return _faults(form)
        with database.atomic():
            zone.assessment = form.cleaned_data["result"]
            zone.save(update_fields=["assessment"])
            result = ZoneAssessment(zone.public_id, zone.jurisdiction, AssessmentResult(zone.assessment))
            decision = decide_zone_assessment(result, at=timezone.localdate(), parameters=readings.rules())
            record(zone, "assessed", actor, form.cleaned_data["reason"], decision)
        return []

    def _object(self, request: HttpRequest, zone: Zone, actor: Actor) -> list[str]:
        until = zone.notice_until
        if zone.state != "on_notice" or (until is not None and timezone.now() >= until):
            raise PermissionDenied
        form = ObjectionForm(request.POST)
        if not form.is_valid():
            return _faults(form)
        Objection.objects.create(zone=zone, person=actor.person, text=form.cleaned_data["text"])
        return []

    def _settle(self, request: HttpRequest, zone: Zone, actor: Actor) -> list[str]:
        if actor.role is not Role.OFFICER:
            raise PermissionDenied
        number = request.POST.get("objection", "")
        objection = get_object_or_404(
            Objection, zone=zone, pk=int(number) if number.isdigit() and len(number) < 12 else 0
        )
        form = ObjectionForm(request.POST)
        if not form.is_valid():
            return _faults(form)
        with database.atomic():
            objection.answer = form.cleaned_data["text"]
            objection.save(update_fields=["answer"])
            record(zone, "objection_answered", actor, objection.answer)
        return []


def _faults(form: forms.Form) -> list[str]:
    return [f"{form.fields[name].label}: {m}" for name, found in form.errors.items() for m in found]
