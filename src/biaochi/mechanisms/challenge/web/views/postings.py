"""Pages of postings: the text and its review, keys and opening, reviewing, ranks and the draw, awards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.challenge.decisions import awards_within_limits, may_publish, routes_plural
from biaochi.mechanisms.challenge.web import screens
from biaochi.mechanisms.challenge.web.forms import ChallengeForm, write_indicators
from biaochi.mechanisms.challenge.web.models import Bid, Challenge
from biaochi.mechanisms.challenge.web.services import reviewing
from biaochi.registry.acting import acting
from biaochi.registry.transition import record
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section


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


class EditChallenge(View):
    """The text of a draft, changed."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show the text."""
        obj = self._draft(request, public_id)
        return self._page(
            request, ChallengeForm(instance=obj, initial={"indicators_text": write_indicators(obj.indicators)}), 200
        )

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep the changed text, or show every fault."""
        obj = self._draft(request, public_id)
        form = ChallengeForm(request.POST, instance=obj)
        if not form.is_valid():
            return self._page(request, form, 422)
        actor = acting(request).actor
        with database.atomic():
            changed = form.save(commit=False)
            changed.indicators = form.cleaned_data["indicators_text"]
            changed.version += 1
            changed.save()
            record(changed, "text_changed", actor, "", Decision("text_changed", (), timezone.localdate()))
        return HttpResponseRedirect(obj.get_absolute_url())

    def _draft(self, request: HttpRequest, public_id: str) -> Challenge:
        actor = acting(request).actor
        found = Challenge.visible(actor, Challenge.objects.filter(public_id=public_id)).first()
        if found is None:
            raise Http404
        if actor.role is not Role.OFFICER or found.state != "draft" or not found.within_scope(actor):
            raise PermissionDenied
        return found

    def _page(self, request: HttpRequest, form: ChallengeForm, status: int) -> HttpResponseBase:
        then = Text("改后重新送审。", "It is reviewed anew.")
        context = {"form": form, "heading": Text("修改榜单", "Change the text"), "consequence": then}
        return render(request, "challenge/form.html", context, status=status)


class ChallengePage(ObjectView):
    """One challenge."""

    model = Challenge

    def answer(self, obj: Challenge, actor: Actor, lang: Lang) -> str:
        """Return what the page answers in this state."""
        return screens.answer(obj, lang)

    def facts(self, obj: Challenge, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return places, deadline, and the fairness conclusion the text rests on."""
        found = [Item(Text("名额", "places"), obj.slots), Item(Text("截止", "deadline"), obj.deadline)]
        if obj.fairness:
            said = obj.fairness_record
            text = Text(f"{said['zh']}（{said['review']}）", f"{said['en']} ({said['review']})")
            found.append(Item(Text("公平竞争审查", "fair-competition review"), text))
        return found

    def sections(self, obj: Challenge, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the need, what this viewer can do beside the moves, bids, ranks, the draw, awards."""
        acts = screens.acts(obj, actor, timezone.now())
        parts = [Section(Text("要解决什么", "What is needed"), "challenge/need.html", {"obj": obj})]
        if any(acts.values()):
            context = {"obj": obj, "acts": acts, "taken": len(obj.holders), "mine": actor.person in obj.holders}
            parts.insert(0, Section(Text("现在可做", "What you can do"), "challenge/acts.html", context, now=True))
        bids = list(Bid.visible(actor, obj.bids.all()).order_by("public_id")) if actor.role.decides else []
        if bids:
            context = {"rows": screens.bid_rows(obj, bids, actor)}
            parts.append(Section(Text("标书", "Bids"), "challenge/bids.html", context))
        if obj.ranking and obj.seen_from_inside(actor):
            note = Text("点为期望名次，线为名次的中间一半。", "Dot: expected rank; line: the central half of ranks.")
            parts.append(
                Section(Text("期望名次", "Expected ranks"), "challenge/ranks.html", {"rows": screens.ranks(obj)}, note)
            )
        if obj.lots and (obj.seen_from_inside(actor) or obj.draw):
            parts.append(Section(Text("抽签", "The draw"), "challenge/lots.html", screens.draw(obj)))
        if obj.state in ("awarded", "running", "completed"):
            parts += screens.award_sections(obj, actor, lang)
        return parts

    def decide(
        self, obj: Challenge, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Publishing rests on functional indicators and a fairness decision; an award on its routes and limits."""
        today = timezone.localdate(now)
        if move == "publish":
            return may_publish(
                indicators=len(obj.indicators),
                functional=obj.functional,
                fairness_outcome=obj.fairness or None,
                at=today,
            ).require("met")
        if move == "award":
            routes = obj.awarded_routes()
            plural = routes_plural(routes=routes, reason=obj.single_route_reason, at=today)
            limits = awards_within_limits(len(routes), obj.slots, at=today, parameters=reviewing.rules())
            limits.require("met", "manual_review")
            reasons = (*plural.reasons, *limits.reasons)
            return Decision("awarded", reasons, today, parameters=limits.parameters)
        return None


class LotteryPage(View):
    """The draw in full, for everybody who wants to check it."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show digests, nonces, seed and every lot."""
        actor = acting(request).actor
        found = Challenge.visible(actor, Challenge.objects.filter(public_id=public_id)).first()
        if found is None or not (found.draw or (found.lots and found.seen_from_inside(actor))):
            raise Http404
        return render(request, "challenge/lottery.html", {"obj": found, "data": screens.draw(found)})
