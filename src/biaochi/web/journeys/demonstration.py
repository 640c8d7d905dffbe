"""What the demonstration shows between mechanisms: a challenge's text is reviewed, then the challenge goes on."""

from __future__ import annotations

from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.mechanisms.challenge.web.demonstration import go_on
from biaochi.mechanisms.challenge.web.models import Challenge
from biaochi.mechanisms.challenge.web.services import ceremony
from biaochi.mechanisms.challenge.web.site import texts
from biaochi.mechanisms.fairness.web import acts
from biaochi.mechanisms.fairness.web.models import FairnessReview
from biaochi.registry.site import Demo
from biaochi.registry.transition import transition
from biaochi.web.journeys.fairness_to_posting import conclusions
from biaochi.web.journeys.posting_to_fairness import hand_in


def fill(stage: Demo) -> None:
    """Review the newest posting's text, take the conclusion back, and run the challenge to its awards."""
    officer, reviewer = stage.actors[Role.OFFICER], stage.actors[Role.COMPETITION_REVIEWER]
    offer = texts(officer, stage.now)[0]
    hand_in(offer, officer)
    review = FairnessReview.objects.latest("pk")
    FairnessReview.objects.filter(pk=review.pk).update(simulated=True)
    heard = {"who": "示例行业协会", "on": timezone.localdate(stage.now), "view": "指标不指向特定路线。"}
    acts.act(review, "hearing", officer, heard)
    review.refresh_from_db()
    transition(review, "screen", officer)
    transition(review, "review", reviewer)
    transition(
        review, "conclude", reviewer, "只写功能指标，不限定主体与路线（模拟）。", acts.concluded(review, stage.now)
    )
    ceremony.take_fairness(conclusions(officer, stage.now)[0], officer)
    go_on(stage, Challenge.objects.get(public_id=offer.subject))
