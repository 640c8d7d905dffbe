"""Pages of the fund: programmes, their comparison of rules, reviews with the packet and the board's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.fund.decisions import may_open
from biaochi.mechanisms.fund.decisions.board import PAID, decide_board
from biaochi.mechanisms.fund.model import TeamVerdict
from biaochi.mechanisms.fund.web import packet_page, readings
from biaochi.mechanisms.fund.web.forms import ProgrammeForm, decision_form
from biaochi.mechanisms.fund.web.models import Programme, Reading, Review, may_see, past_decisions
from biaochi.methods.allocation import Programme as Model
from biaochi.registry.acting import acting, page_language
from biaochi.registry.jobs import enqueue
from biaochi.registry.transition import create, record
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section


class ProgrammeList(ListView):
    """All programmes the viewer may see."""

    model = Programme
    heading = Text("探索方案", "Exploration programmes")
    columns = (
        ListColumn("routes", Text("路线", "routes"), lambda p: len(p.document["routes"]), numeric=True),
        ListColumn(
            "seen", Text("已有尝试", "attempts"), lambda p: len(p.document.get("observations", [])), numeric=True
        ),
    )
    create_url = "fund:programme_new"


class NewProgramme(CreateView):
    """A programme from its file."""

    model = Programme
    form_class = ProgrammeForm
    heading = Text("新方案", "New programme")
    consequence = Text(
        "存为草稿；核对并推演之后，由另一人启动。",
        "Is kept as a draft; checked, simulated, then opened by another person.",
    )

    def prepare(self, obj: Programme, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Keep what the file says."""
        obj.document = form.cleaned_data["file"]


class ProgrammePage(ObjectView):
    """One programme."""

    model = Programme

    def answer(self, obj: Programme, actor: Actor, lang: Lang) -> str:
        """Return what was spent and what is left."""
        return str(packet_page.money(obj.programme(), lang)["said"])

    def facts(self, obj: Programme, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the size of the programme."""
        found = obj.programme()
        return [
            Item(Text("路线", "routes"), len(found.routes)),
            Item(Text("团队", "teams"), len(found.team_codes)),
            Item(Text("阶段", "stages"), " → ".join(found.stages)),
            Item(Text("轮次", "rounds"), f"{found.elapsed} / {found.rounds}"),
            Item(Text("预算", "budget"), found.budget if found.budget < float("inf") else None),
        ]

    def sections(self, obj: Programme, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return lanes, money, the comparison of rules, what came of the round, and the reviews."""
        found = obj.programme()
        kept = Reading.kept("whatif", obj.basis)
        inside = may_see(actor)
        parts = [
            Section(Text("走到哪里", "Where teams stand"), "fund/lanes.html", packet_page.lanes(found, {}, lang)),
            Section(Text("公共资金按路线", "Public money by route"), "fund/money.html", packet_page.money(found, lang)),
        ]
        if kept is not None or inside:
            figure = readings.figure_of(kept, lang) if kept is not None else None
            parts.append(
                Section(
                    Text("模型若有误", "If the model is wrong"),
                    "fund/whatif.html",
                    {"figure": figure, "obj": obj, "may_run": inside and kept is None},
                    Text(
                        "每条规则在每个世界里少得多少。没有推演不能启动。",
                        "How much each rule loses in each world. No programme opens without it.",
                    ),
                )
            )
        if inside:
            context = {"obj": obj, "reviews": packet_page.reviews_of(obj), **_round(obj, found)}
            parts.append(Section(Text("评审", "Reviews"), "fund/reviews.html", context))
        return parts

    def decide(
        self, obj: Programme, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """A programme opens only when its rules were compared."""
        if move != "open":
            return None
        simulated = Reading.kept("whatif", obj.basis) is not None
        return may_open(simulated=simulated, at=timezone.localdate(now)).require("may_open")


def _round(obj: Programme, found: Model) -> dict[str, Any]:
    last = Review.of(obj).first()
    due = last is not None and last.state in ("decided", "informed") and last.round == found.elapsed + 1
    funded = [t for t, v in last.chosen.items() if v in PAID] if due and last is not None else []
    waiting = last is not None and last.state in ("prepared", "issued")
    may_prepare = obj.state == "open" and not due and not waiting and found.rounds_left > 0
    return {"funded": funded, "idle": due and not funded, "may_prepare": may_prepare, "round": found.elapsed + 1}


class ProgrammeAct(View):
    """What is done to a programme beside its moves: compare rules, prepare a review, record a round's outcomes."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do it, or say why not."""
        who = acting(request)
        rows = Programme.visible(who.actor, Programme.objects.filter(public_id=public_id))
        obj = rows.first()
        if obj is None:
            raise Http404
        if not may_see(who.actor) or not Programme.objects.filter(Programme.scope_of(who.actor), pk=obj.pk).exists():
            raise PermissionDenied
        if act == "compare":
            enqueue(readings.WHATIF_JOB, {"programme": obj.public_id}, who.person)
            told = Text("已排队推演，稍后刷新。", "The comparison is queued; reload in a moment.")
            messages.success(request, told.within(page_language(request)))
        elif act == "prepare":
            return self._prepare(request, obj, who.actor)
        elif act == "observe":
            self._observe(request, obj, who.actor)
        elif act == "idle":
            if not _round(obj, obj.programme())["idle"]:
                raise PermissionDenied
            let_pass(obj, who.actor)
        else:
            raise Http404
        return HttpResponseRedirect(obj.get_absolute_url())

    def _prepare(self, request: HttpRequest, obj: Programme, actor: Actor) -> HttpResponseBase:
        found = obj.programme()
        if not _round(obj, found)["may_prepare"]:
            raise PermissionDenied
        with database.atomic():
            review = prepare_review(obj, actor)
            enqueue(readings.PACKET_JOB, {"review": review.public_id}, acting(request).person)
        return HttpResponseRedirect(review.get_absolute_url())

    def _observe(self, request: HttpRequest, obj: Programme, actor: Actor) -> None:
        lang = page_language(request)
        outcomes = {t: request.POST.get(f"outcome_{t}", "") for t in _round(obj, obj.programme())["funded"]}
        try:
            observe(obj, outcomes, request.POST.get("evidence", ""), actor)
        except (InputError, RefusedError) as error:
            told = error.text if isinstance(error, RefusedError) else error.faults[0].message
            messages.error(request, told.within(lang))


def prepare_review(obj: Programme, actor: Actor) -> Review:
    """Freeze the programme and the record as the next review."""
    round_ = obj.programme().elapsed + 1
    review = Review(
        title_zh=f"{obj.title_zh} · 第 {round_} 轮评审",
        title_en=f"{obj.title_en} · review of round {round_}",
        programme=obj,
        round=round_,
        document=obj.document,
        past=past_decisions(obj),
        region=obj.region,
        simulated=obj.simulated,
    )
    return create(review, actor)


def observe(obj: Programme, outcomes: Mapping[str, str], evidence: str, actor: Actor) -> None:
    """Record what came of a round's funded teams, into file and ledger; raise when anything is missing."""
    if not outcomes or any(v not in ("pass", "miss") for v in outcomes.values()):
        raise RefusedError("outcome_missing", Text("每支获资助团队都须有结果", "every funded team needs its outcome"))
    if not evidence.strip():
        raise RefusedError("evidence_missing", Text("须写明依据", "the evidence must be named"))
    with database.atomic():
        row = Programme.objects.select_for_update(of=("self",)).get(pk=obj.pk)
        found = row.programme()
        seen = [{"round": found.elapsed + 1, "team": t, "outcome": v} for t, v in outcomes.items()]
        row.document = {**row.document, "observations": [*row.document.get("observations", []), *seen]}
        row.document.pop("elapsed", None)
        row.programme()
        row.version += 1
        row.save(update_fields=["document", "version"])
        facts = dict(outcomes)
        record(row, "observed", actor, evidence, Decision("observed", (), timezone.localdate(), facts=facts))


def let_pass(obj: Programme, actor: Actor) -> None:
    """Let a round pass in which the board funded nobody: time goes on, and so does the programme."""
    with database.atomic():
        row = Programme.objects.select_for_update(of=("self",)).get(pk=obj.pk)
        row.document = {**row.document, "elapsed": row.programme().elapsed + 1}
        row.programme()
        row.version += 1
        row.save(update_fields=["document", "version"])
        record(row, "observed", actor, "", Decision("observed", (), timezone.localdate()))


class ReviewList(ListView):
    """All reviews the viewer may see."""

    model = Review
    heading = Text("评审", "Reviews")
    columns = (ListColumn("round", Text("轮次", "round"), lambda r: r.round, numeric=True),)


class ReviewPage(ObjectView):
    """The packet, and the board's decision."""

    model = Review
    related = ("programme",)

    def get_object(self, request: HttpRequest, public_id: str) -> Any:
        """Return the review; the form of its decision asks for its own teams."""
        found = super().get_object(request, public_id)
        self.__dict__["move_forms"] = {"decide": decision_form(found)} if found.state == "issued" else {}
        return found

    def _move(self, request: HttpRequest, obj: Any, actor: Actor, code: str) -> HttpResponseBase:
        # What a move records is stored with it or not at all.
        with database.atomic():
            answer = super()._move(request, obj, actor, code)
            if answer.status_code >= 400:
                database.set_rollback(True)
        return answer

    def answer(self, obj: Review, actor: Actor, lang: Lang) -> str:
        """Return the advice in one sentence, or that the packet is being made."""
        packet = readings.packet_of(obj)
        if not obj.seen_from_inside(actor):
            return ""
        if packet is None:
            return Text("材料正在计算，稍后刷新。", "The packet is being computed; reload in a moment.").within(lang)
        return packet_page.answer(obj, packet, lang)

    def sections(self, obj: Review, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the packet; outsiders see the decision only."""
        packet = readings.packet_of(obj)
        parts: list[Section] = []
        if obj.chosen and (obj.state == "informed" or obj.seen_from_inside(actor)):
            parts.append(Section(Text("决定", "Decision"), "fund/decided.html", {"rows": _decided(obj)}, now=True))
        if packet is None or not obj.seen_from_inside(actor):
            return parts
        found = obj.model()
        verdicts = {t["team"]: t["verdict"] for t in packet["records"]["recommendation"]["teams"]}
        beliefs, worlds = (packet_page.part(packet, k, lang) for k in ("fund-beliefs", "fund-worlds"))
        limits = packet_page.part(packet, "fund-limits", lang)
        note = Text(
            "绿点达标，红三角未达标，空圈为建议的下一步。",
            "Green disc passed, red triangle missed, ring: proposed next.",
        )
        plans_note = Text("区间为 95%；只有一条线时为精确值。", "95 % intervals; a single value where solved exactly.")
        parts += [
            Section(
                Text("进度与建议", "Progress and advice"),
                "fund/lanes.html",
                packet_page.lanes(found, verdicts, lang),
                note,
                now=not parts,
            ),
            Section(
                Text("方案比较", "Alternatives"),
                "fund/plans.html",
                {"rows": packet_page.plans(packet, lang)},
                plans_note,
            ),
            Section(
                Text("逐队建议", "Team by team"),
                "fund/teams.html",
                {"rows": packet_page.teams(packet, lang)},
                Text("成功概率：该队终有一次成功。", "Success: this team ever succeeds."),
            ),
            Section(Text("对路线与团队的判断", "Beliefs"), "fund/blocks.html", {"blocks": _typed(beliefs.blocks)}),
            Section(Text("预测记录", "Past forecasts"), "fund/past.html", packet_page.past(obj, lang)),
            Section(Text("公共资金按路线", "Public money by route"), "fund/money.html", packet_page.money(found, lang)),
            Section(Text("模型若有误", "If the model is wrong"), "fund/blocks.html", {"blocks": _typed(worlds.blocks)}),
            Section(Text("须知", "Limits"), "fund/blocks.html", {"blocks": _typed(limits.blocks)}),
        ]
        return parts

    def decide(self, obj: Review, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Issue freezes advice and forecasts; a decision holds a verdict for every team."""
        packet = readings.packet_of(obj)
        if move == "issue" and packet is not None:
            issue(obj, packet)
            return None
        if move != "decide":
            return None
        obj.chosen = {t: data[f"verdict_{t}"] for t in obj.advised}
        obj.reasons = {t: data[f"why_{t}"].replace("\x00", "").strip() for t in obj.advised}
        decision = decide_board(obj.model(), obj.advised, obj.chosen, obj.reasons, at=timezone.localdate(now))
        decision.require("decided")
        obj.save(update_fields=["chosen", "reasons"])
        return decision


def issue(obj: Review, packet: Mapping[str, Any]) -> None:
    """Write advice and forecasts of the packet to the review, where later outcomes are held against them."""
    obj.advised = {t["team"]: t["verdict"] for t in packet["records"]["recommendation"]["teams"]}
    obj.forecasts = {t["team"]: t["pass_next"] for t in packet["records"]["posterior"]["teams"]}
    obj.save(update_fields=["advised", "forecasts"])


def _decided(obj: Review) -> list[dict[str, Any]]:
    return [
        {
            "team": team,
            "verdict": decided,
            "words": TeamVerdict(decided).text,
            "advised": TeamVerdict(obj.advised[team]).text,
            "departs": decided != obj.advised[team],
            "reason": obj.reasons.get(team, "") if decided != obj.advised[team] else "",
        }
        for team, decided in obj.chosen.items()
    ]


def _typed(blocks: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"kind": type(b).__name__.lower(), "block": b, "rows": _cells(b)} for b in blocks]


def _cells(block: Any) -> list[list[object]]:
    columns = getattr(block, "columns", None)
    return [[r.get(c) for c in columns] for r in block.rows] if columns else []
