"""The text of a challenge goes to the fair-competition review, letter by letter."""

from __future__ import annotations

from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.fairness.web.models import FairnessReview
from biaochi.registry.site import Offer
from biaochi.registry.transition import create
from biaochi.web.journeys.journey import Journey


def hand_in(offer: Offer, actor: Actor) -> str:
    """Make a review of exactly this text; it goes its usual way from there."""
    said = offer.payload
    made = FairnessReview(
        title_zh=f"榜单文本：{said['title_zh']}"[:200],
        title_en=f"challenge text: {said['title_en']}"[:200],
        kind="policy",
        dated=timezone.localdate(),
        text=said["text"],
        drafter=actor.person,
        simulated=bool(said.get("simulated", False)),
    )
    made.place(actor)
    return create(made, actor).get_absolute_url()


JOURNEY = Journey(
    code="posting-fairness",
    title=Text("榜单文本送公平竞争审查", "Challenge text to the fair-competition review"),
    meaning=Text(
        "审查读的就是将要发布的文本，一字不差。", "What is reviewed is what will be published, letter by letter."
    ),
    source="challenge",
    gives="text",
    target="fairness",
    takes="text",
    roles=(Role.OFFICER,),
    taker=hand_in,
)
