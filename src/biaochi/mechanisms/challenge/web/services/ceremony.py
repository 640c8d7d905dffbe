"""Before and at the opening: the fairness conclusion, the officers' keys, sealing, closing, opening."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction as database
from django.utils import timezone

from biaochi.core.decision import Decision, Reason
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.challenge.decisions import may_open_bids
from biaochi.mechanisms.challenge.web import keys
from biaochi.mechanisms.challenge.web.models import HOLDERS, Bid, Challenge, Milestone
from biaochi.mechanisms.challenge.web.services.refusal import refuse
from biaochi.registry.sealing import receipt
from biaochi.registry.site import Offer
from biaochi.registry.transition import record, transition


def take_fairness(offer: Offer, actor: Actor) -> str:
    """Keep a conclusion of the fair-competition review with the posting whose text it read, letter by letter.

    The payload holds ``text_sha256``, ``conclusion``, ``clear`` and a sentence in both languages.
    """
    said = offer.payload
    waiting = Challenge.visible(actor, Challenge.objects.filter(Challenge.scope_of(actor), state="reviewing"))
    found = next((c for c in waiting.order_by("-pk") if c.text_digest == said["text_sha256"]), None)
    if found is None:
        raise refuse(
            "text_differs",
            "没有送审中的榜单与所审文本一字不差",
            "no posting under review has exactly the text that was reviewed",
        )
    passed = bool(said["clear"])
    reason = Reason(
        "fair_competition",
        Verdict.MET if passed else Verdict.UNMET,
        Text(f"公平竞争审查 {offer.subject}：{said['zh']}", f"fair-competition review {offer.subject}: {said['en']}"),
        str(said["conclusion"]),
    )
    with database.atomic():
        found.fairness = "passed" if passed else "failed"
        found.fairness_record = {
            "review": offer.subject,
            "decision": offer.decision,
            "conclusion": said["conclusion"],
            "zh": said["zh"],
            "en": said["en"],
            "text_sha256": said["text_sha256"],
        }
        found.save(update_fields=["fairness", "fairness_record"])
        record(found, "fairness_taken", actor, "", Decision("fairness_taken", (reason,), timezone.localdate()))
    return found.get_absolute_url()


def take_key(challenge: Challenge, actor: Actor) -> str:
    """Hand one officer a key of its own, once; with the third the challenge's key is made, split and forgotten."""
    if actor.role is not Role.OFFICER:
        raise refuse("wrong_role", "由经办人领取", "taken by officers")
    with database.atomic():
        row = _locked(challenge)
        if row.state != "reviewing":
            raise refuse("wrong_state", "密钥在发榜前领取", "keys are taken before publication")
        if actor.person in row.holders or len(row.holders) >= HOLDERS:
            raise refuse("key_taken", "每名经办人只领一把，只领一次，共三把", "one key an officer, once; three in all")
        place = len(row.holders) + 1
        public, written = keys.new_holder(place)
        row.holders = {**row.holders, actor.person: {"place": place, "public": public}}
        _note(row, "key_taken", actor)
        if place == HOLDERS:
            row.public_key, row.shares = keys.split({h["place"]: h["public"] for h in row.holders.values()})
            _note(row, "key_split", actor)
        row.save(update_fields=["holders", "public_key", "shares"])
    return written


def begin_anew(challenge: Challenge, actor: Actor) -> None:
    """Void every key of a challenge that is not published yet; officers take new ones."""
    with database.atomic():
        row = _locked(challenge)
        if actor.role is not Role.OFFICER or row.state != "reviewing":
            raise refuse("wrong_state", "仅在发榜前可重新分发", "only before publication")
        row.holders, row.public_key, row.shares = {}, "", {}
        row.save(update_fields=["holders", "public_key", "shares"])
        _note(row, "key_begun_anew", actor)


def seal(bid: Bid, content: Mapping[str, Any], now: datetime) -> Decision:
    """Seal a bid in memory and give its receipt; the text is stored nowhere."""
    if bid.state != "draft" or bid.challenge.state != "published" or bid.challenge.past_deadline(now):
        raise refuse("not_open", "本榜单不在征集期", "this challenge is not open for bids")
    bid.box = keys.seal(bid.challenge.public_key, json.dumps(dict(content), ensure_ascii=False).encode())
    bid.receipt = receipt(bytes(bid.box))
    bid.save(update_fields=["box", "receipt"])
    return Decision("sealed", (), timezone.localdate(now), facts={"sha256": bid.receipt})


def enter_key(challenge: Challenge, text: str, actor: Actor, now: datetime) -> int:
    """Take an officer's key; with the second all bids open.  Return how many bids opened."""
    if actor.role is not Role.OFFICER:
        raise refuse("wrong_role", "由经办人录入", "entered by officers")
    key = keys.read_holder(text)
    with database.atomic():
        row = _locked(challenge)
        if row.state == "published" and row.past_deadline(now):
            transition(row, "close", CLOCK, "到期，由系统时钟办理", now=now)
        if row.state != "closed" or not row.past_deadline(now):
            raise refuse("before_deadline", "截止之后才可录入", "entered after the deadline only")
        holder = row.holders.get(actor.person)
        if holder is None or holder["public"] != keys.public_of(key):
            raise refuse("not_holder", "这不是您领取的密钥", "this is not the key you took")
        earlier = {place: boxes for place, boxes in row.entered.items() if place != str(key.place)}
        share = keys.own_share(row.shares, key)
        shares = [share, *keys.received({p: e["boxes"] for p, e in earlier.items()}, key)]
        if len(shares) >= keys.NEEDED:
            officers = [actor.person, *(e["person"] for e in earlier.values())][: keys.NEEDED]
            return _open(row, shares[: keys.NEEDED], officers, actor, now)
        publics = {h["place"]: h["public"] for h in row.holders.values()}
        boxes = keys.passed_on(share, publics)
        row.entered = {**row.entered, str(key.place): {"person": actor.person, "boxes": boxes}}
        row.save(update_fields=["entered"])
        _note(row, "share_entered", actor)
    return 0


def _open(challenge: Challenge, shares: list[Any], officers: list[str], actor: Actor, now: datetime) -> int:
    box = keys.opener(challenge.public_key, shares)
    decision = may_open_bids(deadline=challenge.deadline, now=now, officers=officers).require("met")
    challenge.opened_by, challenge.opened, challenge.entered = sorted(officers), True, {}
    challenge.save(update_fields=["opened_by", "opened", "entered"])
    bids = list(Bid.objects.filter(challenge=challenge, state="sealed"))
    for bid in bids:
        found = keys.opened(box, bytes(bid.box)) if receipt(bytes(bid.box)) == bid.receipt else None
        # A box that was damaged must not keep the others shut; its bidder holds the receipt to show it.
        bid.content = {"damaged": True} if found is None else json.loads(found)
        bid.save(update_fields=["content"])
        transition(bid, "open", actor, "", decision, now=now)
    transition(challenge, "open_bids", actor, "", decision, now=now)
    return len(bids)


def close_overdue(now: datetime) -> int:
    """Close every challenge whose deadline has passed, and let milestones fall due."""
    made = 0
    for challenge in Challenge.objects.filter(state="published", deadline__lt=now):
        transition(challenge, "close", CLOCK, "到期，由系统时钟办理", now=now)
        made += 1
    today = timezone.localdate(now)
    for milestone in Milestone.objects.filter(state="planned", started_at__isnull=False, due_on__lte=today):
        transition(milestone, "fall_due", CLOCK, "到期，由系统时钟办理", now=now)
        made += 1
    return made


def _locked(challenge: Challenge) -> Challenge:
    return Challenge.objects.select_for_update(of=("self",)).get(pk=challenge.pk)


def _note(challenge: Challenge, code: str, actor: Actor) -> None:
    record(challenge, code, actor, "", Decision(code, (), timezone.localdate()))
