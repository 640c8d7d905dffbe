"""Pages of cases: the control room, the list, one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction as database
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import (
    EXIT_MOVES,
    ExitFile,
    admit_case,
    agree_plan,
    exit_move,
    resume_case,
    review_exit,
    screen_application,
)
from biaochi.mechanisms.sandbox.model import CRITERIA, Case, Supervision, plan_digest, read_instant
from biaochi.mechanisms.sandbox.report import HEALTH, LIMITS, simulation_rows
from biaochi.mechanisms.sandbox.web import planning, timekeeping, watching
from biaochi.mechanisms.sandbox.web.forms import CRITERION, TRACKS, CaseForm
from biaochi.mechanisms.sandbox.web.models import ZONE, AlarmRow, SandboxCase, rules_on
from biaochi.mechanisms.sandbox.web.models.case import FROZEN, OPEN_TO_ALL, local_minute
from biaochi.mechanisms.sandbox.web.views import picture
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models import Organisation
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section

HEALTH_CODE = {"green": "on_time", "amber": "amber", "red": "alarm"}
WATCHED = ("admitted", "running", "suspended", "exit_review", "extended")


class Whole:
    """A page whose post is stored whole or not at all."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Do what was asked; what was refused leaves nothing behind."""
        with database.atomic():
            answer: HttpResponseBase = super().post(request, public_id)  # type: ignore[misc]
            if answer.status_code >= 400:
                database.set_rollback(True)
            return answer


def own(trial: SandboxCase, actor: Actor) -> bool:
    """Whether the case is the actor's own organisation's."""
    return (
        bool(actor.organisation)
        and trial.organisation is not None
        and (trial.organisation.public_id == actor.organisation)
    )


class ControlRoom(View):
    """Every supervised case at a glance: alarms first, then silence, then what ends next."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what the viewer may see."""
        actor, lang = acting(request).actor, page_language(request)
        rows = SandboxCase.visible(actor, SandboxCase.objects.filter(state__in=OPEN_TO_ALL))
        order = {"red": 0, "amber": 1, "green": 2, "": 3}
        cases = sorted(
            rows.select_related("organisation").prefetch_related("waivers").order_by("-entered_at")[:200],
            key=lambda c: (order.get(c.health, 3) if c.state in WATCHED else 4, c.next_check_at is None),
        )
        shown = [self._row(c) for c in cases]
        held = sum(c.health == "red" for c in cases if c.state in WATCHED)
        watched = sum(c.state in WATCHED for c in cases)
        answer = Text(
            f"在监 {watched} 个案例，{held} 个停用。" if watched else "目前没有在监的案例。",
            f"{watched} cases under supervision, {held} held." if watched else "No case is under supervision.",
        )
        context = {"answer": answer.within(lang), "rows": shown, "may_apply": actor.role in SandboxCase.creators}
        return render(request, "sandbox/room.html", context)

    def _row(self, trial: SandboxCase) -> Mapping[str, Any]:
        ends = sorted(w.end_on for w in trial.waivers.all() if w.state in ("granted", "active", "suspended"))
        watched = trial.state in WATCHED and trial.health
        return {
            "case": trial,
            "code": HEALTH_CODE[trial.health] if watched else "not_applicable",
            "health": HEALTH[trial.health] if watched else trial.current.public,
            "state": trial.current.public,
            "state_code": trial.badge_of(trial.state),
            "ends": ends[0] if ends else None,
            "left": (ends[0] - timezone.localdate()).days if ends else None,
            "last": trial.last_received,
        }


def _tracks(trial: SandboxCase) -> Text:
    """Return the names of a case's tracks."""
    names = [TRACKS[t] for t in trial.tracks if t in TRACKS]
    return Text("、".join(n.zh for n in names) or "–", ", ".join(n.en for n in names) or "–")


class CaseList(ListView):
    """All cases."""

    model = SandboxCase
    heading = Text("沙箱案例", "Sandbox cases")
    columns = (
        ListColumn("tracks", Text("赛道", "tracks"), _tracks),
        ListColumn("health", Text("健康", "health"), lambda c: HEALTH.get(c.health)),
    )
    create_url = "sandbox:sandboxcase_new"


class NewCase(CreateView):
    """An application."""

    model = SandboxCase
    form_class = CaseForm
    heading = Text("申请入箱", "Apply to the sandbox")
    consequence = Text(
        "存为草稿；接着写明要豁免的规则和监测方案，再提交。",
        "Kept as a draft; name the rules to be relieved and the plan next, then submit.",
    )

    def prepare(self, obj: SandboxCase, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Fill in what the form asks in words."""
        fill(obj, form.cleaned_data)
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        obj.region = house.region if house is not None else None


def fill(obj: SandboxCase, data: Mapping[str, Any]) -> None:
    """Put the answers of the application form into a case."""
    obj.tracks, obj.floor = list(data["tracks"]), list(data["floor"])
    obj.eligibility = {
        code: {"verdict": "unknown", "reason": data.get(f"why_{code}", ""), "evidence": []} for code in CRITERIA
    }
    obj.answers = {code: data[code] for code in sorted(data) if len(code) == 2 and code[0] == "E" and data[code]}


class CasePage(Whole, ObjectView):
    """One case: what is wrong first, then what may be done, then everything it rests on."""

    model = SandboxCase
    upload_roles = (Role.REGULATOR,)

    def get_object(self, request: HttpRequest, public_id: str) -> SandboxCase:
        """Return the case and forget what an earlier one left."""
        found: SandboxCase = super().get_object(request, public_id)
        self._seen: tuple[Case, Supervision, Any] | None = None
        self._raised: list[AlarmRow] | None = None
        return found

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Make the move, and at once what falls due with it: waivers of today begin with the admission."""
        answer = super().post(request, public_id)
        moved = SandboxCase.objects.filter(public_id=public_id).first() if answer.status_code < 400 else None
        if moved is not None:
            timekeeping.catch_up(moved, timezone.now())
        return answer

    def _state(self, obj: SandboxCase) -> tuple[Case, Supervision, Any]:
        if self._seen is None:
            readings, case = watching.stored_readings(obj), obj.to_case()
            self._seen = (case, watching.supervised(obj, timezone.now(), readings, case), readings)
        return self._seen

    def _alarms(self, obj: SandboxCase) -> list[AlarmRow]:
        if self._raised is None:
            self._raised = list(obj.alarms.all()[:12])
        return self._raised

    def answer(self, obj: SandboxCase, actor: Actor, lang: Lang) -> str:
        """Return what stands out."""
        last = next(iter(self._alarms(obj)), None)
        state = obj.current.public
        if last is not None and obj.state in ("suspended", "exit_review"):
            day = timezone.localtime(last.received_at)
            text = Text(
                f"{day:%m-%d %H:%M} {last.message.zh}。现为“{state.zh}”，恢复须由监管员决定并附理由。",
                f"{day:%Y-%m-%d %H:%M}: {last.message.en}. Now “{state.en}”; only a regulator resumes it.",
            )
            return text.within(lang)
        ends = [w.end_on for w in obj.waivers.filter(state="active").order_by("end_on")[:1]]
        if ends:
            left = (ends[0] - timezone.localdate()).days
            text = Text(
                f"现为“{state.zh}”；最近一项豁免 {left} 天后（{ends[0]}）自行终止。",
                f"{state.en.capitalize()}; the next waiver ends by itself in {left} days ({ends[0]}).",
            )
            return text.within(lang)
        return Text(f"现为“{state.zh}”。", f"{state.en.capitalize()}.").within(lang)

    def facts(self, obj: SandboxCase, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the facts of the case."""
        found = [Item(Text("赛道", "tracks"), _tracks(obj))]
        if obj.state in FROZEN and obj.plan:
            found.append(Item(Text("方案登记", "plan registered"), read_instant(obj.plan["registered_at"], ZONE)))
            found.append(Item(Text("方案摘要", "plan digest"), plan_digest(obj.plan)[:16] + "…"))
        if obj.extensions:
            found.append(Item(Text("延期次数", "extensions"), obj.extensions))
        return found

    def sections(self, obj: SandboxCase, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the sections the viewer may see."""
        handled = obj.seen_from_inside(actor)
        inside = handled or own(obj, actor)
        case, found, readings = self._state(obj)
        watched = obj.state in OPEN_TO_ALL
        sections = []
        if watched:
            sections.append(self._watch(obj, case, found, readings, inside, lang))
        acts = case_acts(obj, actor, handled)
        if acts:
            note = Text("打开一页填写；每一步都记入台账。", "Each opens a page; every step enters the ledger.")
            sections.append(Section(Text("可办的事", "What you can do"), "sandbox/acts.html", {"acts": acts}, note))
        if inside or watched:
            bars = picture.waiver_bars(obj, found, lang)
            note = Text("到期即止，从不自动顺延。", "They end by themselves and are never silently extended.")
            link = inside
            sections.append(
                Section(Text("豁免", "Waivers"), "sandbox/waivers.html", {"bars": bars, "link": link}, note)
            )
        if watched:
            rows = {"feeds": picture.feed_rows(case, found), "rails": picture.guardrail_rows(case, found, lang)}
            note = Text("区间与水平按单个护栏计。", "Intervals and levels hold for each guardrail alone.")
            context = rows | {"note": found.level_note}
            sections.append(Section(Text("护栏与数据", "Guardrails and feeds"), "sandbox/rails.html", context, note))
        if inside:
            sections += self._inside(obj, case, lang)
        if obj.summary_zh or obj.state in OPEN_TO_ALL:
            summary = Text(obj.summary_zh or "", obj.summary_en or "") if obj.summary_zh and obj.summary_en else None
            shown: dict[str, Any] = {"summary": summary, "proposal": obj.proposal, "limits": LIMITS}
            sections.append(Section(Text("公开摘要", "Public summary"), "sandbox/summary.html", shown))
        return sections

    def _watch(
        self, obj: SandboxCase, case: Case, found: Supervision, readings: Any, inside: bool, lang: Lang
    ) -> Section:
        alarms = self._alarms(obj)[: 12 if inside else 6]
        context = {
            "alarms": [a for a in alarms if a.received_at >= obj.entered_at or a.action != "notify"][:3],
            "chart": picture.picture(obj, case, found, readings, lang),
            "all": alarms,
        }
        title = Text("报警", "Alarms") if alarms else Text("监测", "Supervision")
        note = Text(
            "方案登记后不改；报警只注明，不撤销。", "The plan is frozen; an alarm is annotated, never withdrawn."
        )
        return Section(title, "sandbox/watch.html", context, note, now=True)

    def _inside(self, obj: SandboxCase, case: Case, lang: Lang) -> list[Section]:
        screened = screen_application(case, at=timezone.localdate(), parameters=rules_on(timezone.localdate()))
        criteria = [(CRITERION[c], obj.eligibility.get(c, {})) for c in CRITERIA]
        context: dict[str, Any] = {"criteria": criteria, "screened": screened, "review": obj.review}
        found = [Section(Text("申请与筛查", "Application and screening"), "sandbox/application.html", context)]
        if obj.plan is not None and case.plan is not None:
            plan = {
                "plan": case.plan,
                "registered": obj.state in FROZEN,
                "rows": simulation_rows(obj.simulation, lang),
                "amendments": list(obj.amendments.order_by("pk")),
            }
            found.append(Section(Text("监测方案", "Supervision plan"), "sandbox/plan.html", plan))
        incidents = list(obj.incidents.all()[:20])
        if incidents:
            found.append(Section(Text("事件", "Incidents"), "sandbox/incidents.html", {"incidents": incidents}))
        return found

    def decide(
        self, obj: SandboxCase, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the decision with its reasons; what is due by the calendar is done before."""
        version = obj.version
        timekeeping.catch_up(obj, now)
        if obj.version != version:
            raise RefusedError(
                "stale", Text("时钟刚办理了到期事项，请重新打开再办", "the clock just moved this; open it again")
            )
        return decide(obj, move, now)


def decide(obj: SandboxCase, move: str, now: datetime) -> Decision | None:
    """Return the decision that goes with a move of a case."""
    day = now.astimezone(ZONE).date()
    if move == "to_ethics":
        return screen_application(obj.to_case(), at=day, parameters=rules_on(day))
    if move == "agree_plan":
        return _agree(obj, now)
    if move == "admit":
        return admit_case(obj.to_case(), at=day, parameters=rules_on(day)).require("admit")
    if move == "resume":
        return resume_case(watching.supervised(obj, now), at=now).require("resume")
    if move in EXIT_MOVES:
        return exit_move(recommended(obj, now), move, now)
    return None


def _agree(obj: SandboxCase, now: datetime) -> Decision:
    case = obj.to_case()
    if case.plan is None:
        raise RefusedError("no_plan", Text("还没有监测方案", "there is no supervision plan yet"))
    at = local_minute(now)
    digest = plan_digest(obj.written_plan(at))
    return agree_plan(case.plan, planning.simulated(obj), digest=digest, registered_at=at, at=now)


def recommended(obj: SandboxCase, now: datetime) -> Decision:
    """Return what the record recommends at the exit."""
    file = ExitFile(watching.supervised(obj, now), obj.rule_change(), obj.summary_zh and obj.summary_en, obj.extensions)
    day = now.astimezone(ZONE).date()
    return review_exit(file, at=day, parameters=rules_on(day))


def case_acts(obj: SandboxCase, actor: Actor, handled: bool) -> list[tuple[str, Text, Text]]:
    """Return the pages of acts beside moves that the viewer may open: address part, name, what it is for.

    ``handled`` says whether the viewer sees the case from inside.
    """
    mine, regulator = own(obj, actor) and actor.role is Role.FIRM, actor.role is Role.REGULATOR
    inside = regulator and handled
    found = []
    if planning.may_draft(obj, actor) and (mine or inside):
        found.append(
            (
                "plan",
                Text("起草监测方案", "draft the plan"),
                Text("先模拟误报与延迟，再登记", "simulate, then register"),
            )
        )
    if mine and obj.state in ("draft", "more_info", "screening", "extended", "submitted"):
        found.append(("waiver", Text("增加豁免", "add a waiver"), Text("写明条文与止期", "name clause and last day")))
    if inside and obj.state in ("screening", "ethics_review", "more_info"):
        found.append(("assess", Text("评定五条标准", "assess the criteria"), Text("逐条写理由", "with a reason each")))
    if (mine or inside) and obj.state in WATCHED:
        found.append(
            ("incident", Text("报告事件", "report an incident"), Text("严重事件立即停止", "serious harm stops it"))
        )
    if (mine or inside) and obj.state in ("running", "suspended"):
        found.append(
            ("amend", Text("提出修订", "ask for an amendment"), Text("由另一人批准，不溯及既往", "approved by another"))
        )
    if (mine or inside) and obj.state in ("exit_review", "graduated", "adjusted", "stopped", "wound_down", "aftercare"):
        found.append(
            ("papers", Text("出箱文件", "exit papers"), Text("规则修改建议与公开摘要", "proposal and summary"))
        )
    if mine and obj.state in WATCHED:
        found.append(("grant", Text("申请数据授权", "ask for data"), Text("可用不可见", "used where they are")))
        found.append(
            ("service", Text("提出服务需求", "ask the accelerator"), Text("由未来产业办对接", "matched by the office"))
        )
    if obj.state in FROZEN and (mine or handled):
        found.append(("bundle.zip", Text("下载证据包", "evidence bundle"), Text("可离线核验", "verified offline")))
    return found
