"""Pages of bids: an empty bid, sealed on its page, read by who declared, scored blind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.challenge.web.forms import AnswerForm, BidForm, SealForm
from biaochi.mechanisms.challenge.web.models import Bid, Challenge
from biaochi.mechanisms.challenge.web.services import ceremony, reviewing
from biaochi.mechanisms.challenge.web.views.whole import WholePage
from biaochi.registry.acting import acting, page_language
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, Section


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
    related = ("challenge",)
    columns = (ListColumn("challenge", Text("榜单", "challenge"), lambda b: b.challenge.title),)


class BidPage(WholePage):
    """One bid."""

    model = Bid
    related = ("challenge",)
    move_forms = {"seal": SealForm, "answer": AnswerForm}

    def _may_upload(self, obj: Bid, actor: Actor) -> bool:
        # A file beside a bid would lie unsealed on the disk: none before the opening.
        return obj.challenge.opened and super()._may_upload(obj, actor)

    def answer(self, obj: Bid, actor: Actor, lang: Lang) -> str:
        """Return what can be known of the bid now."""
        if obj.state == "draft":
            return Text("内容密封后才保存；草稿页不存任何文字。", "Nothing is kept before it is sealed.").within(lang)
        if obj.state == "sealed":
            return Text(
                "已密封：两名经办人开标之前，任何人（包括您）都读不到。",
                "Sealed: nobody, you included, can read it before two officers open it.",
            ).within(lang)
        return ""

    def facts(self, obj: Bid, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the receipt, for whoever may check it."""
        found = [Item(Text("截止", "deadline"), obj.challenge.deadline)]
        if obj.receipt:
            found.append(Item(Text("回执（SHA-256）", "receipt (SHA-256)"), obj.receipt))
        return found

    def sections(self, obj: Bid, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the content once it is open, and the scores once one's own is in."""
        reviewer = actor.role is Role.REVIEWER
        readable = not reviewer or reviewing.may_read(obj, actor, timezone.now()).outcome == "met"
        parts = []
        if obj.content and readable:
            context = {"content": obj.content, "answers": obj.answers}
            parts.append(Section(Text("内容", "Content"), "challenge/content.html", context, now=True))
        elif reviewer:
            parts.append(
                Section(Text("先申报利益关系", "Declare first"), "challenge/first.html", {"obj": obj}, now=True)
            )
        mine = obj.scores.filter(person=actor.person).first()
        if reviewer and readable and obj.state == "under_review" and mine is None:
            parts.append(Section(Text("评分", "Score"), "challenge/score.html", {"obj": obj}))
        if (reviewer and mine) or (actor.role in (Role.OFFICER, Role.AUDITOR) and reviewing.all_in(obj)):
            values = list(obj.scores.order_by("score").values_list("score", flat=True))
            context = {"scores": values, "mine": mine.score if mine else None}
            parts.append(Section(Text("全部评分", "All scores"), "challenge/scores.html", context))
        return parts

    def decide(self, obj: Bid, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Sealing happens here, in memory; admission rests on the ministry's limits."""
        if move == "seal":
            return ceremony.seal(obj, data, now)
        if move == "admit":
            return reviewing.eligibility(obj, now).require(*(v.value for v in Verdict if v is not Verdict.UNMET))
        if move == "answer":
            obj.answers = [*obj.answers, {"at": now.isoformat(), "text": data["text"]}]
            obj.save(update_fields=["answers"])
        return None


class ScoreAct(View):
    """A reviewer's score of a bid."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep it, once."""
        actor = acting(request).actor
        obj = get_object_or_404(Bid.visible(actor, Bid.objects.filter(public_id=public_id)))
        if actor.role is not Role.REVIEWER:
            raise PermissionDenied
        try:
            reviewing.score(obj, float(request.POST.get("score", "nan")[:20]), actor, timezone.now())
        except ValueError:
            messages.error(request, Text("评分须是数", "the score must be a number").within(page_language(request)))
        except RefusedError as error:
            messages.error(request, error.text.within(page_language(request)))
        return HttpResponseRedirect(obj.get_absolute_url())
