"""What is stored of bids: a box nobody can open alone, then its content; declarations of interests; scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event
from biaochi.mechanisms.challenge.lifecycle import BID
from biaochi.mechanisms.challenge.web.models.posting import Challenge
from biaochi.registry.models import Governed, Visibility

HIDDEN = models.Q(state__in=("draft", "withdrawn")) | models.Q(state="sealed", challenge__opened=False)
READ = ("under_review", "more_info", "shortlisted", "awarded", "not_selected")
LEAST_REVIEWERS = 2
NONCES = 2


@dataclass(frozen=True)
class BidFacts:
    """A bid as its guards see it."""

    deadline: datetime
    two_shares_entered: bool
    conflicts_settled: bool
    lots_committed: bool
    scores_in: bool


class Bid(Governed):
    """A bid: a box nobody can open before two officers join their shares; then its content."""

    workflow = BID
    prefix = "CB"
    creators = (Role.FIRM,)
    visibility = Visibility(roles=(Role.OFFICER, Role.REVIEWER), auditor=False)
    scope_fields = ("challenge__public_id",)
    sealed_moves = frozenset({"withdraw"})
    badges: ClassVar[Mapping[str, str]] = {
        "sealed": "met", "awarded": "awarded", "ineligible": "unmet", "not_selected": "not_selected",
    }  # fmt: skip

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="bids", editable=False)
    box = models.BinaryField(default=bytes, editable=False)
    receipt = models.CharField(max_length=64, blank=True, editable=False)
    content = models.JSONField(default=dict, editable=False)
    answers = models.JSONField(default=list, editable=False)

    class Meta:
        app_label = "challenge"

    @classmethod
    def visible(cls, actor: Actor, queryset: models.QuerySet[Self]) -> models.QuerySet[Self]:
        """Before opening only the bidder knows that a bid exists; reviewers see what was sent to them, never their own
        organisation's."""
        if actor.role is Role.CLOCK:
            return queryset
        if actor.role is Role.FIRM:
            return (
                queryset.filter(organisation__public_id=actor.organisation) if actor.organisation else queryset.none()
            )
        if actor.role is Role.AUDITOR:
            return queryset.exclude(HIDDEN)
        found = super().visible(actor, queryset).exclude(HIDDEN)
        if actor.role is Role.REVIEWER:
            return found.filter(state__in=READ).exclude(organisation__public_id=actor.organisation)
        return found

    def seen_from_inside(self, actor: Actor) -> bool:
        """Whether names and comments are seen: reviewers read blind."""
        return actor.role is not Role.REVIEWER and super().seen_from_inside(actor)

    def to_domain(self) -> BidFacts:
        """Return what the guards ask."""
        posting = self.challenge
        free = posting.free_reviewers()
        scored = set(self.scores.values_list("person", flat=True)) if self.pk else set()
        return BidFacts(
            posting.deadline,
            len(set(posting.opened_by)) == 2,
            len(free) >= LEAST_REVIEWERS,
            len(posting.lots) == NONCES,
            bool(free) and free <= scored,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Only a box is sealed; a bid that is taken back or withdrawn leaves nothing behind."""
        if event.transition == "seal" and not self.box:
            told = Text("标书须在本页填写后密封", "a bid is written and sealed on its own page")
            raise RefusedError("no_content", told)
        if event.transition in ("replace", "withdraw"):
            self.box, self.receipt, self.content = b"", "", {}

    def search_words(self) -> Iterable[str]:
        """A bid is found by its identifier only."""
        yield self.public_id


class InterestDeclaration(models.Model):
    """What a reviewer or an officer declared of a challenge before reading or deciding."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="declarations")
    person = models.CharField(max_length=40)
    role = models.CharField(max_length=30)
    conflict = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "challenge"
        constraints = (models.UniqueConstraint(fields=("challenge", "person"), name="one_declaration"),)


class Score(models.Model):
    """A reviewer's score of a bid, from 0 to 10; never changed."""

    bid = models.ForeignKey(Bid, models.CASCADE, related_name="scores")
    person = models.CharField(max_length=40)
    score = models.FloatField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "challenge"
        constraints = (models.UniqueConstraint(fields=("bid", "person"), name="one_score"),)
