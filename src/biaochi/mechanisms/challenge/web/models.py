"""What is stored of challenges: the posting, sealed bids, declarations and scores.  No share and no private key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.challenge.decisions import routes_plural
from biaochi.mechanisms.challenge.lifecycle import BID, CHALLENGE
from biaochi.registry.models import Governed, Visibility

HIDDEN = models.Q(state__in=("draft", "withdrawn")) | models.Q(state="sealed", challenge__opened=False)
READ = ("under_review", "more_info", "shortlisted", "awarded", "not_selected")
HOLDERS = 3


@dataclass(frozen=True)
class ChallengeFacts:
    """A challenge as its guards see it."""

    indicators_functional: bool
    fairness_passed: bool
    key_split: bool
    deadline: datetime
    two_shares_entered: bool
    routes_plural: bool
    conflicts_settled: bool
    awards_ended: bool


@dataclass(frozen=True)
class BidFacts:
    """A bid as its guards see it."""

    deadline: datetime
    two_shares_entered: bool
    conflicts_settled: bool
    scores_in: bool


class Challenge(Governed):
    """A posting with functional indicators, open for sealed bids until its deadline."""

    workflow = CHALLENGE
    prefix = "CH"
    creators = (Role.OFFICER,)
    visibility = Visibility(
        public_states=("published", "closed", "evaluating", "awarded", "running", "completed", "cancelled"),
        roles=(Role.OFFICER, Role.COMPETITION_REVIEWER),
    )
    badges: ClassVar[Mapping[str, str]] = {"published": "open", "awarded": "met", "evaluating": "manual_review"}
    resting = frozenset({"running"})

    need = models.TextField(max_length=8000)
    indicators = models.JSONField(default=list, editable=False)
    slots = models.PositiveIntegerField(default=3)
    deadline = models.DateTimeField()
    fairness = models.CharField(max_length=20, blank=True, editable=False)
    public_key = models.CharField(max_length=64, blank=True, editable=False)
    holders = models.JSONField(default=dict, editable=False)
    opened_by = models.JSONField(default=list, editable=False)
    opened = models.BooleanField(default=False, editable=False)
    ranking = models.JSONField(default=dict, editable=False)
    single_route_reason = models.TextField(blank=True, editable=False)

    class Meta:
        app_label = "challenge"

    @property
    def functional(self) -> int:
        """How many indicators say what is to be reached and how it is tested."""
        return sum(bool(i["threshold"] and i["test_method"]) for i in self.indicators)

    def settled(self) -> bool:
        """Whether everybody who scored had declared, free of conflict, before."""
        free = set(self.declarations.filter(conflict=False).values_list("person", flat=True))
        scored = set(Score.objects.filter(bid__challenge=self).values_list("person", flat=True))
        return scored <= free

    def to_domain(self) -> ChallengeFacts:
        """Return what the guards ask."""
        routes = [str(b.content.get("route", "")) for b in self.bids.filter(state="awarded")] if self.pk else []
        plural = routes_plural(routes=routes, reason=self.single_route_reason, at=timezone.localdate())
        return ChallengeFacts(
            bool(self.indicators) and self.functional == len(self.indicators),
            self.fairness == "passed",
            bool(self.public_key) and len(self.holders) == HOLDERS,
            self.deadline,
            len(set(self.opened_by)) == 2,
            bool(routes) and plural.outcome == "met",
            bool(self.pk) and self.settled(),
            False,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """A text that goes back to draft is reviewed, and its key made, anew."""
        if event.transition == "return":
            self.fairness, self.public_key, self.holders = "", "", {}


class Bid(Governed):
    """A bid: a box nobody can open before two officers join their shares; then its content."""

    workflow = BID
    prefix = "CB"
    creators = (Role.FIRM,)
    visibility = Visibility(roles=(Role.OFFICER, Role.REVIEWER), auditor=False)
    scope_fields = ("challenge__public_id",)
    sealed_moves = frozenset({"withdraw"})
    badges: ClassVar[Mapping[str, str]] = {"sealed": "met", "awarded": "met", "ineligible": "unmet"}

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="bids", editable=False)
    box = models.BinaryField(default=bytes, editable=False)
    receipt = models.CharField(max_length=64, blank=True, editable=False)
    content = models.JSONField(default=dict, editable=False)

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
        free = set(posting.declarations.filter(conflict=False).values_list("person", flat=True))
        scored = set(self.scores.values_list("person", flat=True)) if self.pk else set()
        return BidFacts(
            posting.deadline,
            len(set(posting.opened_by)) == 2,
            len(free) >= 2,
            bool(free) and free <= scored,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """A bid that is taken back or withdrawn leaves nothing behind."""
        if event.transition in ("replace", "withdraw"):
            self.box, self.receipt, self.content = b"", "", {}

    def search_words(self) -> Iterable[str]:
        """A bid is found by its identifier only."""
        yield self.public_id


class InterestDeclaration(models.Model):
    """What a reviewer declared of a challenge before reading."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="declarations")
    person = models.CharField(max_length=40)
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
