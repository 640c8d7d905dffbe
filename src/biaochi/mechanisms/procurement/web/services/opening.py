"""The opening key, sealing an offer, and the opening by two people; the key lives in memory only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.secret_sharing import Share
from biaochi.mechanisms.procurement.web.models import CoPurchase, SealedOffer
from biaochi.mechanisms.procurement.web.readings import HOLDERS
from biaochi.mechanisms.procurement.web.services.refusing import noted, refuse
from biaochi.registry import split_key
from biaochi.registry.sealing import receipt, sealed_to
from biaochi.registry.transition import transition


def make_key(obj: CoPurchase, actor: Actor, now: datetime) -> None:
    """Make the key of a purchase before its file is issued; shares handed out earlier lose their worth."""
    if obj.state != "concept_exchange":
        raise refuse("wrong_state", "密钥在发出谈判文件之前生成", "the key is made before the file is issued")
    obj.public_key, obj.holders = split_key.make(obj.public_id), {}
    obj.save(update_fields=["public_key", "holders"])
    noted(obj, "key_made", actor, now)


def take_share(obj: CoPurchase, actor: Actor, now: datetime) -> Share:
    """Hand one share to one person, once: two of the buyer's, one of the regulator's, or as they agree."""
    if obj.state != "concept_exchange" or not obj.public_key:
        raise refuse("wrong_state", "须先生成密钥", "the key must be made first")
    if actor.person in obj.holders or len(obj.holders) >= HOLDERS:
        raise refuse("share_taken", "每人只领一份，只领一次", "one share a person, once")
    share = split_key.take(obj.public_id)
    obj.holders = {**obj.holders, actor.person: share.place}
    obj.save(update_fields=["holders"])
    noted(obj, "share_taken", actor, now)
    return share


def seal(offer: SealedOffer, content: Mapping[str, Any], now: datetime) -> Decision:
    """Seal an offer in memory and give its receipt; its text is stored nowhere."""
    posting = offer.purchase
    if offer.state != "draft" or posting.state != "file_issued":
        raise refuse("not_open", "现在不接收响应文件（第十九条）", "offers are not taken now (Art 19)")
    if posting.deadline is None or now > posting.deadline:
        raise refuse(
            "before_deadline", "首次响应已截止（第十九条）", "the time for the first response is over (Art 19)"
        )
    offer.box = sealed_to(bytes.fromhex(posting.public_key), json.dumps(dict(content), ensure_ascii=False).encode())
    offer.receipt, offer.sealed_to = receipt(bytes(offer.box)), posting.public_key
    offer.save(update_fields=["box", "receipt", "sealed_to"])
    return Decision("sealed", (), now, facts={"sha256": offer.receipt})


def enter_share(obj: CoPurchase, text: str, actor: Actor, now: datetime) -> int:
    """Take a holder's share; with the second all offers open at once.  Return how many opened."""
    if obj.state != "file_issued" or obj.opened or obj.deadline is None or now <= obj.deadline:
        raise refuse(
            "after_deadline",
            "首次响应尚未截止，任何人不得开启（第十九条）",
            "before the deadline nobody opens an offer (Art 19)",
        )
    share = split_key.read(text)
    if obj.holders.get(actor.person) != share.place:
        raise refuse("not_holder", "这不是您领取的份额", "this is not the share you took")
    entered = split_key.enter(obj.public_id, actor.person, share)
    if len(entered) < split_key.NEEDED:
        noted(obj, "share_entered", actor, now)
        return 0
    try:
        return _open(obj, entered, actor, now)
    finally:
        split_key.forget(obj.public_id)


def _open(obj: CoPurchase, entered: Mapping[str, Share], actor: Actor, now: datetime) -> int:
    opener = split_key.Opener(obj.public_key, entered)
    obj.opened_by, obj.opened = sorted(entered), True
    obj.save(update_fields=["opened_by", "opened"])
    rows = list(SealedOffer.objects.filter(purchase=obj, state="sealed").order_by("pk"))
    for offer in rows:
        offer.content = json.loads(opener.open(bytes(offer.box)))
        offer.save(update_fields=["content"])
        transition(offer, "open", actor, "", now=now)
    noted(obj, "offers_opened", actor, now, offers=len(rows), openers=len(entered))
    return len(rows)


def may_hold(obj: CoPurchase, actor: Actor) -> bool:
    """Return whether an actor may hold a share: the buyer's own people, and the regulator in scope."""
    if actor.role is Role.BUYER:
        return obj.house == actor.organisation
    return actor.role is Role.REGULATOR and obj.within_scope(actor)
