"""What is done to a posting beside its moves, each by a form of its own."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views import View

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.challenge.web.models import Challenge
from biaochi.mechanisms.challenge.web.services import ceremony, reviewing
from biaochi.registry.acting import acting, page_language

Done = Text | HttpResponse
Doer = Callable[[Challenge, HttpRequest, Actor], Done]


def _key(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    return _download(f"{obj.public_id}-key.txt", ceremony.take_key(obj, actor))


def _anew(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    ceremony.begin_anew(obj, actor)
    return Text(
        "此前的密钥全部作废，请三名经办人重新领取。", "All earlier keys are void; three officers take new ones."
    )


def _enter(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    opened = ceremony.enter_key(obj, request.POST.get("key", "")[:400], actor, timezone.now())
    obj.refresh_from_db()
    if obj.opened:
        return Text(f"已开启 {opened} 份标书。", f"{opened} bids opened.")
    return Text("密钥已录入，等待第二名经办人。", "Key entered; waiting for a second officer.")


def _declare(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    reviewing.declare(obj, request.POST.get("conflict") != "no", actor)
    return Text("申报已记入台账。", "The declaration is in the ledger.")


def _admit(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    admitted, waiting = reviewing.admit_all(obj, actor, timezone.now())
    return Text(
        f"合格 {admitted} 份，须逐份处理 {waiting} 份。", f"{admitted} admitted, {waiting} to be settled singly."
    )


def _assign(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    sent = reviewing.assign_all(obj, actor, timezone.now())
    return Text(f"{sent} 份已送评审。", f"{sent} sent to the reviewers.")


def _nonce(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    return _download(f"{obj.public_id}-nonce.txt", reviewing.commit_nonce(obj, actor))


def _rank(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    reviewing.rank(obj, actor)
    return Text("期望名次已算出。", "Expected ranks are computed.")


def _reveal(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    if reviewing.reveal_nonce(obj, request.POST.get("nonce", "")[:100], actor):
        return Text("已抽签。", "Lots are drawn.")
    return Text("随机数已公开，等待另一名经办人。", "Revealed; waiting for the other officer.")


def _select(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    won = reviewing.select(obj, actor, timezone.now())
    return Text(
        f"{won} 份入选，其余未入选，逐份写明理由。", f"{won} selected, the others declined, each with its reason."
    )


def _single(obj: Challenge, request: HttpRequest, actor: Actor) -> Done:
    reviewing.give_single_route_reason(obj, request.POST.get("why", ""), actor)
    return Text("理由已记入台账。", "The reason is in the ledger.")


ACTS: dict[str, Doer] = {
    "key": _key,
    "anew": _anew,
    "enter": _enter,
    "declare": _declare,
    "admit": _admit,
    "assign": _assign,
    "nonce": _nonce,
    "rank": _rank,
    "reveal": _reveal,
    "select": _select,
    "single": _single,
}


class ChallengeAct(View):
    """What is done to a challenge beside its moves."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do it, or say why not."""
        actor, lang = acting(request).actor, page_language(request)
        obj = get_object_or_404(Challenge.visible(actor, Challenge.objects.filter(public_id=public_id)))
        if actor.role not in (Role.OFFICER, Role.REVIEWER) or (
            actor.role is Role.OFFICER and not obj.within_scope(actor)
        ):
            raise PermissionDenied
        if actor.role is Role.REVIEWER and act != "declare":
            raise PermissionDenied
        if act not in ACTS:
            raise Http404
        try:
            done = ACTS[act](obj, request, actor)
        except RefusedError as error:
            messages.error(request, error.text.within(lang))
            return HttpResponseRedirect(obj.get_absolute_url())
        if isinstance(done, HttpResponse):
            return done
        messages.success(request, done.within(lang))
        return HttpResponseRedirect(obj.get_absolute_url())


def _download(name: str, text: str) -> HttpResponse:
    answer = HttpResponse(text + "\n", content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
