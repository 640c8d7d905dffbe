"""Pages of challenges: the posting, its key and opening; bids sealed, then read; scores blind until one's own is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.challenge.decisions import may_publish
from biaochi.mechanisms.challenge.web import services
from biaochi.mechanisms.challenge.web.forms import BidForm, ChallengeForm, SealForm
from biaochi.mechanisms.challenge.web.models import Bid, Challenge
from biaochi.registry.acting import acting, page_language
from biaochi.registry.marks import interval_mark
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section

ZONES = {
    "above": (Text("线上", "above the line"), "met"),
    "lottery": (Text("抽签区", "lottery zone"), "tie"),
    "below": (Text("线下", "below the line"), "not_applicable"),
}


class ChallengeList(ListView):
    """All challenges the viewer may see."""

    model = Challenge
    heading = Text("榜单", "Challenges")
    columns = (
        ListColumn("deadline", Text("截止", "deadline"), lambda c: c.deadline),
        ListColumn("slots", Text("名额", "places"), lambda c: c.slots, numeric=True),
    )
    create_url = "challenge:challenge_new"


class NewChallenge(CreateView):
    """A new challenge."""

    model = Challenge
    form_class = ChallengeForm
    heading = Text("新榜单", "New challenge")
    consequence = Text(
        "存为草稿；公平竞争审查通过、密钥分给三人之后，由另一人发榜。",
        "Is kept as a draft; published by another person after a fairness decision and the split of its key.",
    )

    def prepare(self, obj: Challenge, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Keep the indicators."""
        obj.indicators = form.cleaned_data["indicators_text"]


class ChallengePage(ObjectView):
    """One challenge."""

    model = Challenge

    def answer(self, obj: Challenge, actor: Actor, lang: Lang) -> str:
        """Return until when bids are taken."""
        at = f"{timezone.localtime(obj.deadline):%Y-%m-%d %H:%M}"
        return Text(
            f"截止 {at}；开标之前任何人都读不到标书。", f"Deadline {at}; nobody reads a bid before opening."
        ).within(lang)

    def facts(self, obj: Challenge, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return places and deadline."""
        return [Item(Text("名额", "places"), obj.slots), Item(Text("截止", "deadline"), obj.deadline)]

    def sections(self, obj: Challenge, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the need, and what this viewer can do beside the moves."""
        acts = {
            "fairness": actor.role is Role.COMPETITION_REVIEWER and obj.state == "reviewing",
            "key": actor.role is Role.OFFICER and obj.state == "reviewing",
            "share": actor.role is Role.OFFICER and obj.state == "closed",
            "declare": actor.role is Role.REVIEWER
            and obj.state == "evaluating"
            and not obj.declarations.filter(person=actor.person).exists(),
            "rank": actor.role is Role.OFFICER and obj.state == "evaluating",
            "bid": actor.role is Role.FIRM and obj.state == "published",
        }
        context = {"obj": obj, "acts": acts, "taken": len(obj.holders), "mine": actor.person in obj.holders}
        parts = [Section(Text("要解决什么", "What is needed"), "challenge/need.html", {"obj": obj})]
        if any(acts.values()):
            parts.insert(0, Section(Text("现在可做", "What you can do"), "challenge/acts.html", context, now=True))
        bids = list(Bid.visible(actor, obj.bids.all()).order_by("public_id"))
        if bids:
            parts.append(Section(Text("标书", "Bids"), "challenge/bids.html", {"bids": bids}))
        if obj.ranking and obj.seen_from_inside(actor):
            note = Text("点为期望名次，线为名次的中间一半。", "Dot: expected rank; line: the central half of ranks.")
            parts.append(
                Section(Text("期望名次", "Expected ranks"), "challenge/ranks.html", {"rows": _ranks(obj)}, note)
            )
        return parts

    def decide(
        self, obj: Challenge, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Publishing rests on functional indicators and a fairness decision."""
        if move != "publish":
            return None
        return may_publish(
            indicators=len(obj.indicators),
            functional=obj.functional,
            fairness_outcome=obj.fairness or None,
            at=timezone.localdate(now),
        ).require("met")


def _ranks(obj: Challenge) -> list[dict[str, Any]]:
    found = obj.ranking["bids"]
    rows = []
    for b in found:
        low, high = b["rank_interval"]
        shown = f"{b['expected_rank']:.2f} ({low:g}–{high:g})"
        words, badge = ZONES[b["zone"]]
        mark = interval_mark(low, high, label=shown, least=1, most=max(len(found), 2), middle=b["expected_rank"])
        rows.append({"bid": b["bid"], "mark": mark, "shown": shown, "words": words, "badge": badge})
    return rows


class ChallengeAct(View):
    """What is done to a challenge beside its moves."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do it, or say why not."""
        actor, lang = acting(request).actor, page_language(request)
        rows = Challenge.visible(actor, Challenge.objects.filter(public_id=public_id))
        obj = get_object_or_404(rows)
        if actor.role is Role.OFFICER and not Challenge.objects.filter(Challenge.scope_of(actor), pk=obj.pk).exists():
            raise PermissionDenied
        try:
            if act == "fairness":
                services.review_fairness(obj, request.POST.get("passed") == "yes", request.POST.get("why", ""), actor)
            elif act == "key":
                services.make_key(obj, actor)
            elif act == "take":
                return _download(obj, services.take_share(obj, actor).to_text())
            elif act == "share":
                opened = services.enter_share(obj, request.POST.get("share", "")[:400], actor, timezone.now())
                told = Text(f"已开启 {opened} 份标书。", f"{opened} bids opened.")
                wait = Text("份额已录入，等待第二名经办人。", "Share entered; waiting for a second officer.")
                messages.success(request, (told if opened else wait).within(lang))
            elif act == "declare":
                services.declare(obj, request.POST.get("conflict") != "no", actor)
            elif act == "rank":
                services.rank(obj, actor)
            else:
                raise Http404
        except RefusedError as error:
            messages.error(request, error.text.within(lang))
        return HttpResponseRedirect(obj.get_absolute_url())


def _download(obj: Challenge, text: str) -> HttpResponse:
    answer = HttpResponse(text + "\n", content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{obj.public_id}-share.txt"'
    answer["Cache-Control"] = "no-store"
    return answer


class NewBid(CreateView):
    """An empty bid on a challenge."""

    model = Bid
    form_class = BidForm
    heading = Text("参加揭榜", "Bid")
    consequence = Text(
        "先建立空白标书；内容在下一页填写，密封后才保存。",
        "Makes an empty bid; its content is sealed on the next page.",
    )

    def get(self, request: HttpRequest, challenge: str = "") -> HttpResponseBase:
        """Show what making a bid means."""
        return super().get(request)

    def post(self, request: HttpRequest, challenge: str = "") -> HttpResponseBase:
        """Make the empty bid."""
        return super().post(request)

    def prepare(self, obj: Bid, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Tie the bid to its challenge; its title says nothing of its content."""
        posting = get_object_or_404(Challenge, public_id=self.kwargs["challenge"], state="published")
        obj.challenge, obj.region, obj.simulated = posting, posting.region, posting.simulated
        obj.title_zh, obj.title_en = f"{posting.title_zh[:180]} · 标书", f"{posting.title_en[:180]} · bid"


class BidList(ListView):
    """The bids the viewer may see."""

    model = Bid
    heading = Text("标书", "Bids")
    columns = (ListColumn("challenge", Text("榜单", "challenge"), lambda b: b.challenge.title),)


class BidPage(ObjectView):
    """One bid."""

    model = Bid
    related = ("challenge",)
    move_forms = {"seal": SealForm}

    def _move(self, request: HttpRequest, obj: Any, actor: Actor, code: str) -> HttpResponseBase:
        # What a move records is stored with it or not at all.
        with database.atomic():
            answer = super()._move(request, obj, actor, code)
            if answer.status_code >= 400:
                database.set_rollback(True)
        return answer

    def facts(self, obj: Bid, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the receipt, for whoever may check it."""
        return [Item(Text("回执（SHA-256）", "receipt (SHA-256)"), obj.receipt)] if obj.receipt else []

    def sections(self, obj: Bid, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the content once it is open, and the scores once one's own is in."""
        reviewer = actor.role is Role.REVIEWER
        readable = not reviewer or services.may_read(obj, actor, timezone.now()).outcome == "met"
        parts = []
        if obj.content and readable:
            parts.append(Section(Text("内容", "Content"), "challenge/content.html", {"content": obj.content}, now=True))
        elif reviewer:
            parts.append(
                Section(Text("先申报利益关系", "Declare first"), "challenge/first.html", {"obj": obj}, now=True)
            )
        scored = obj.scores.filter(person=actor.person).exists()
        if reviewer and readable and obj.state == "under_review" and not scored:
            parts.append(Section(Text("评分", "Score"), "challenge/score.html", {"obj": obj}))
        if (reviewer and scored) or (actor.role in (Role.OFFICER, Role.AUDITOR) and services.all_in(obj)):
            values = list(obj.scores.order_by("score").values_list("score", flat=True))
            parts.append(Section(Text("全部评分", "All scores"), "challenge/scores.html", {"scores": values}))
        return parts

    def decide(self, obj: Bid, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Sealing happens here, in memory."""
        return services.seal(obj, data, now) if move == "seal" else None


class ScoreAct(View):
    """A reviewer's score of a bid."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep it, once."""
        actor = acting(request).actor
        obj = get_object_or_404(Bid.visible(actor, Bid.objects.filter(public_id=public_id)))
        if actor.role is not Role.REVIEWER:
            raise PermissionDenied
        try:
            services.score(obj, float(request.POST.get("score", "nan")[:20]), actor, timezone.now())
        except ValueError:
            messages.error(request, Text("评分须是数", "the score must be a number").within(page_language(request)))
        except RefusedError as error:
            messages.error(request, error.text.within(page_language(request)))
        return HttpResponseRedirect(obj.get_absolute_url())
