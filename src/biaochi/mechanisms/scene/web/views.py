"""Pages of scenes, applications and trials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.scene.decisions import judge_trial, select_firms
from biaochi.mechanisms.scene.model import LogKind, ReviewVerdict, SceneKind, TrialOutcome
from biaochi.mechanisms.scene.report import CHECKS, criterion, weighed
from biaochi.mechanisms.scene.web import matching
from biaochi.mechanisms.scene.web.forms import (
    KINDS,
    LOGS,
    OUTCOMES,
    REVIEWS,
    ApplicationForm,
    ConcludeForm,
    LogForm,
    PointsForm,
    ReportForm,
    ReviewForm,
    SceneForm,
)
from biaochi.mechanisms.scene.web.models import BroughtEvidence, DiligenceEntry, Scene, SceneApplication, Trial
from biaochi.registry.acting import acting
from biaochi.registry.models import Organisation
from biaochi.registry.transition import record
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section


class SceneList(ListView):
    """Scenes."""

    model = Scene
    heading = Text("场景", "Scenes")
    create_url = "scene:scene_new"
    columns = (
        ListColumn("kind", Text("类型", "kind"), lambda s: KINDS[SceneKind(s.kind)]),
        ListColumn("slots", Text("名额", "slots"), lambda s: s.slots, numeric=True),
        ListColumn("closes_on", Text("截止", "closes"), lambda s: s.closes_on),
    )


class ScenePage(ObjectView):
    """A scene: funnel, reasons, matched firms, log, trials."""

    model = Scene
    move_forms = {"review": ReviewForm}

    def answer(self, obj: Scene, actor: Actor, lang: Lang) -> str:
        """Return what the scene asks and how many it takes."""
        n, k = obj.slots, obj.reserved
        slots = Text(f"{n} 个名额", f"{n} slots")
        if k:
            slots = Text(f"{slots.zh}（先给初创企业 {k} 个）", f"{slots.en} ({k} to start-ups first)")
        return Text(
            f"{slots.zh}；{obj.opens_on} 开放，{obj.closes_on} 截止；按“{obj.metrics}”评价。",
            f"{slots.en}; open {obj.opens_on} to {obj.closes_on}; judged by “{obj.metrics}”.",
        ).within(lang)

    def facts(self, obj: Scene, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the terms."""
        rule = weighed(obj.rule)
        review = REVIEWS[ReviewVerdict(obj.review_verdict)] if obj.review_verdict else Text("尚无", "none yet")
        return [
            Item(Text("需求", "need"), obj.problem),
            Item(Text("提供的条件", "offered"), obj.offers),
            Item(
                Text("评选规则（日期）", "rule (dated)"),
                Text(f"{rule.zh}（{obj.rule_on}）", f"{rule.en} ({obj.rule_on})"),
            ),
            Item(Text("目标值", "target"), obj.target),
            Item(Text("公平竞争审查", "fair-competition review"), review),
            Item(Text("试用", "trial"), f"{obj.starts_on} – {obj.ends_on}"),
            Item(Text("成功之后", "after success"), obj.scale_up),
        ]

    def sections(self, obj: Scene, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the record's verdicts and the funnel for all; matches, applications and log for those inside."""
        inside = obj.seen_from_inside(actor)
        decision = obj.record_check(timezone.localdate())
        found = [
            Section(
                Text("申请到试用", "From application to trial"),
                "scene/funnel.html",
                {"rows": matching.way(obj), "apply": obj.state == "open" and actor.role is Role.FIRM, "scene": obj},
                Text("少于下限的数不显示。", "Counts below the least are not shown."),
                now=not inside,
            ),
        ]
        trials = Trial.visible(actor, obj.trials.all()).order_by("pk")
        if trials:
            found.append(Section(Text("试用", "Trials"), "scene/links.html", {"rows": trials}))
        if not inside:
            return found
        reasons = [
            {
                "name": CHECKS.get(r.rule, Text.same(r.rule)),
                "verdict": r.verdict.value,
                "text": r.text,
                "citation": r.citation.title if r.citation else "",
            }
            for r in decision.reasons
        ]
        check = Section(
            Text("记录是否齐备", "Is the record complete"),
            "scene/reasons.html",
            {"rows": reasons, "verdict": decision.outcome},
            Text(
                "入清单须有明确的审查通过、早于开放日的规则与事先的指标。",
                "Listing needs a clear review, a rule dated before opening and metrics set beforehand.",
            ),
            now=True,
        )
        applications = SceneApplication.visible(actor, obj.applications.all()).select_related("organisation")
        names = [a.organisation.public_id for a in applications if a.organisation]
        evidence = BroughtEvidence.objects.filter(owner=obj.organisation.public_id if obj.organisation else "")
        evidence = evidence.filter(Q(firm="") | Q(firm__in=names))
        log = [{"name": LOGS[LogKind(e.kind)], "at": e.at, "text": e.text} for e in obj.log.all()]
        may_log = actor.role is Role.SCENE_OWNER and not obj.current.final
        return [
            check,
            *found,
            Section(Text("申请", "Applications"), "scene/links.html", {"rows": applications, "firms": True}),
            Section(
                Text("合适的企业", "Firms that fit"),
                "scene/matches.html",
                matching.matched(obj),
                Text(
                    "分数是相似程度，不是成功的概率；每一项都列出。",
                    "Scores are likeness, not the chance of success; every part is shown.",
                ),
            ),
            Section(Text("转来的证据", "Evidence brought here"), "scene/evidence.html", {"rows": list(evidence[:20])}),
            Section(
                Text("尽职记录", "Diligence log"),
                "scene/log.html",
                {"rows": log, "form": LogForm() if may_log else None, "scene": obj},
                Text(
                    "先于所涉行为记下，才能作为尽职免责的依据。",
                    "Only what was written before the act protects whoever decided.",
                ),
            ),
        ]

    def decide(self, obj: Scene, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Return the review's verdict, or the check of the record that goes with listing and starting."""
        if move == "review":
            verdict = ReviewVerdict(data["verdict"])
            text = REVIEWS[verdict]
            reason = Reason(
                "review", Verdict.MET if verdict is ReviewVerdict.CLEAR else Verdict.UNMET, text, verdict.value, "clear"
            )
            return Decision(verdict.value, (reason,), now)
        return obj.record_check(timezone.localdate(now)) if move in ("list", "start") else None


class LogEntryView(View):
    """One more entry of the diligence log."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep the entry with the server's time; it enters the ledger."""
        actor = acting(request).actor
        scene = Scene.visible(actor, Scene.objects.filter(public_id=public_id)).first()
        if scene is None:
            raise Http404
        own = scene.organisation is not None and scene.organisation.public_id == actor.organisation
        if actor.role is not Role.SCENE_OWNER or not own or scene.current.final:
            raise PermissionDenied
        form = LogForm(request.POST)
        if form.is_valid():
            entry = DiligenceEntry.objects.create(
                scene=scene, kind=form.cleaned_data["kind"], text=form.cleaned_data["text"]
            )
            record(scene, f"log_{entry.kind}", actor, entry.text)
        return HttpResponseRedirect(scene.get_absolute_url())


class NewScene(CreateView):
    """A scene is drafted."""

    model = Scene
    form_class = SceneForm
    heading = Text("新场景", "New scene")
    consequence = Text(
        "存为草稿；公平竞争审查后由未来产业办列入清单。",
        "Is kept as a draft; reviewed for fair competition, then listed by the office.",
    )

    def prepare(self, obj: Scene, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Date the rule today; the scene lies where its owner is."""
        obj.rule, obj.rule_on = form.cleaned_data["rule_text"], timezone.localdate()
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        obj.region = house.region if house else None


class ApplicationList(ListView):
    """Applications."""

    model = SceneApplication
    heading = Text("场景申请", "Applications")
    create_url = "scene:sceneapplication_new"
    related = ("scene",)
    columns = (ListColumn("scene", Text("场景", "scene"), lambda a: a.scene.title),)


class ApplicationPage(ObjectView):
    """One application."""

    model = SceneApplication
    related = ("scene", "scene__organisation")
    move_forms = {"admit": PointsForm}

    def facts(self, obj: SceneApplication, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return what was offered and what it scored."""
        return [
            Item(Text("场景", "scene"), obj.scene.title),
            Item(Text("怎样解决", "how"), obj.capability),
            Item(Text("初创企业", "start-up"), _young(obj)),
            Item(Text("得分", "points"), weighed(obj.points)),
        ]

    def decide(
        self, obj: SceneApplication, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Admit with points for every criterion of the rule; select by the published rule and no other."""
        if move == "admit":
            return _points(obj, data["points"], now, startup=bool(data.get("startup")))
        if move != "select":
            return None
        rivals = obj.scene.applications.filter(state__in=("eligible", "selected", "accepted")).select_related(
            "organisation"
        )
        scores = {
            a.organisation.public_id: {k: float(v) for k, v in a.points.items()} for a in rivals if a.organisation
        }
        young = {a.organisation.public_id for a in rivals if a.organisation and a.startup_confirmed}
        decision = select_firms(obj.scene.to_scene(), scores, at=timezone.localdate(now), startups=young)
        own = f"rule:{obj.organisation.public_id if obj.organisation else ''}"
        said = next((r.verdict for r in decision.reasons if r.rule == own), Verdict.UNKNOWN)
        if said not in (Verdict.MET, Verdict.MANUAL_REVIEW):
            raise RefusedError(
                "not_by_rule",
                Text("按已公布的规则，这家企业没有入选", "by the published rule this firm is not selected"),
            )
        mine = tuple(_own(r) for r in decision.reasons if r.rule == own)
        facts: dict[str, Scalar] = {
            "scene": obj.scene.public_id,
            "slots": obj.scene.slots,
            "reserved": obj.scene.reserved,
        }
        return Decision("selected", mine, now, facts=facts)


def _own(reason: Reason) -> Reason:
    """Return the reason of one firm for its own page: the rule's name without the firm's identifier."""
    firm = reason.rule.removeprefix("rule:")
    text = Text(*(said.removeprefix(firm).strip() for said in (reason.text.zh, reason.text.en)))
    return replace(reason, rule="rule", text=text)


def _young(obj: SceneApplication) -> Text:
    if not obj.startup:
        return Text("否", "no")
    if obj.startup_confirmed:
        return Text("是，已按登记核实", "yes, confirmed by its registration")
    return Text("自称，尚未核实", "as stated, not yet confirmed")


def _points(obj: SceneApplication, points: Mapping[str, str], now: datetime, *, startup: bool) -> Decision:
    if set(points) != set(obj.scene.rule):
        wanted = [criterion(code) for code in obj.scene.rule]
        codes = "; ".join(f"{code}:…" for code in obj.scene.rule)
        raise RefusedError(
            "points_missing",
            Text(
                f"须逐项给分：{'、'.join(w.zh for w in wanted)}（写作 {codes}）",
                f"points are needed for each of: {', '.join(w.en for w in wanted)} (written {codes})",
            ),
        )
    reasons = tuple(
        Reason(k, Verdict.MET, Text(f"{criterion(k).zh}得 {v}", f"{criterion(k).en}: {v}"), v, None, "points")
        for k, v in points.items()
    )
    return Decision("eligible", reasons, now, facts={"startup": startup})


class NewApplication(CreateView):
    """A firm applies."""

    model = SceneApplication
    form_class = ApplicationForm
    heading = Text("申请场景", "Apply to a scene")
    consequence = Text(
        "业主逐项评分，按已公布的规则决定，并告知理由。",
        "The owner scores each criterion, decides by the published rule, and tells the reason.",
    )

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Choose the scene one came from."""
        scene = Scene.objects.filter(public_id=request.GET.get("scene", ""), state="open").first()
        return {"scene": scene.pk} if scene else {}

    def prepare(self, obj: SceneApplication, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Name it after its scene; one application a firm."""
        if obj.scene.applications.filter(organisation__public_id=actor.organisation).exists():
            raise PermissionDenied
        obj.region = obj.scene.region
        obj.title_zh, obj.title_en = f"申请：{obj.scene.title_zh}"[:200], f"Application: {obj.scene.title_en}"[:200]


class TrialList(ListView):
    """Trials."""

    model = Trial
    heading = Text("试用", "Trials")
    columns = (
        ListColumn("started_on", Text("开始", "started"), lambda t: t.started_on),
        ListColumn("value", Text("实测", "measured"), lambda t: t.value, numeric=True),
        ListColumn(
            "outcome", Text("结论", "conclusion"), lambda t: OUTCOMES[TrialOutcome(t.outcome)] if t.outcome else ""
        ),
    )


class TrialPage(ObjectView):
    """One trial, measured against the target set beforehand."""

    model = Trial
    related = ("scene", "scene__organisation", "application__organisation")
    move_forms = {"report": ReportForm, "conclude": ConcludeForm}

    def answer(self, obj: Trial, actor: Actor, lang: Lang) -> str:
        """Return what was measured against what."""
        return judge_trial(obj.to_trial(), at=timezone.localdate()).reasons[0].text.within(lang)

    def facts(self, obj: Trial, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return metric, target, value, conclusion."""
        house = obj.application.organisation
        return [
            Item(Text("企业", "firm"), house.title if house else ""),
            Item(Text("指标", "metric"), obj.scene.metrics),
            Item(Text("目标", "target"), obj.scene.target),
            Item(Text("实测", "measured"), obj.value),
            Item(
                Text("结论", "conclusion"),
                OUTCOMES[TrialOutcome(obj.outcome)] if obj.outcome else Text("尚无", "none yet"),
            ),
        ]

    def decide(self, obj: Trial, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Hold the value against the target."""
        day = timezone.localdate(now)
        if move == "report":
            value = float(data["value"])
            if not math.isfinite(value):
                raise RefusedError("not_a_number", Text("实测值须是有限的数", "the value must be a finite number"))
            return Decision("reported", (), now, facts={"value": value})
        if move == "verify":
            return judge_trial(obj.to_trial(), at=day)
        return judge_trial(obj.to_trial(data["outcome"]), at=day) if move == "conclude" else None
