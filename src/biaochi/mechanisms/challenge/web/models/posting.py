"""What is stored of a posting.  The opening key is stored as its public half and shares sealed to three officers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from biaochi.core.canonical import sha256
from biaochi.core.decision import Decision
from biaochi.core.roles import Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.challenge.decisions import routes_plural
from biaochi.mechanisms.challenge.lifecycle import AWARD, CHALLENGE
from biaochi.mechanisms.challenge.model import posting_text
from biaochi.registry.models import Governed, Visibility
from biaochi.registry.transition import create

HOLDERS = 3
ENDED = tuple(s.code for s in AWARD.states if s.final)


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


class Challenge(Governed):
    """A posting with functional indicators, open for sealed bids until its deadline."""

    workflow = CHALLENGE
    prefix = "CH"
    creators = (Role.OFFICER,)
    visibility = Visibility(
        public_states=("published", "closed", "evaluating", "awarded", "running", "completed", "cancelled"),
        roles=(Role.OFFICER, Role.COMPETITION_REVIEWER),
    )
    badges: ClassVar[Mapping[str, str]] = {
        "published": "open", "awarded": "met", "evaluating": "manual_review", "completed": "met",
    }  # fmt: skip
    resting = frozenset({"running"})

    need = models.TextField(max_length=8000)
    indicators = models.JSONField(default=list, editable=False)
    slots = models.PositiveIntegerField(default=3)
    deadline = models.DateTimeField()
    fairness = models.CharField(max_length=20, blank=True, editable=False)
    fairness_record = models.JSONField(default=dict, editable=False)
    public_key = models.CharField(max_length=64, blank=True, editable=False)
    holders = models.JSONField(default=dict, editable=False)
    shares = models.JSONField(default=dict, editable=False)
    entered = models.JSONField(default=dict, editable=False)
    opened_by = models.JSONField(default=list, editable=False)
    opened = models.BooleanField(default=False, editable=False)
    ranking = models.JSONField(default=dict, editable=False)
    lots = models.JSONField(default=dict, editable=False)
    draw = models.JSONField(default=dict, editable=False)
    single_route_reason = models.TextField(blank=True, editable=False)

    class Meta:
        app_label = "challenge"

    @property
    def functional(self) -> int:
        """How many indicators say what is to be reached and how it is tested."""
        return sum(bool(i["threshold"] and i["test_method"]) for i in self.indicators)

    @property
    def text(self) -> str:
        """The text that is reviewed and published."""
        return posting_text(self.title, self.need, self.indicators)

    @property
    def text_digest(self) -> str:
        """SHA-256 of the text: a conclusion holds for exactly this text."""
        return sha256(self.text)

    def past_deadline(self, now: datetime) -> bool:
        """Whether bids are no longer taken."""
        return now > self.deadline

    def free_reviewers(self) -> set[str]:
        """Return the reviewers who declared that they have no conflict."""
        rows = self.declarations.filter(conflict=False, role=Role.REVIEWER.value)
        return set(rows.values_list("person", flat=True))

    def settled(self) -> bool:
        """Whether everybody who scored had declared, free of conflict, before."""
        scored = set(self.bids.exclude(scores=None).values_list("scores__person", flat=True))
        return scored <= self.free_reviewers()

    def awarded_routes(self) -> list[str]:
        """Return the route of every awarded bid."""
        return [str(b.content.get("route", "")) for b in self.bids.filter(state="awarded")] if self.pk else []

    def to_domain(self) -> ChallengeFacts:
        """Return what the guards ask."""
        routes = self.awarded_routes() if self.state == "evaluating" else []
        plural = routes_plural(routes=routes, reason=self.single_route_reason, at=timezone.localdate())
        awards = list(self.awards.values_list("state", flat=True)) if self.state == "running" else []
        return ChallengeFacts(
            bool(self.indicators) and self.functional == len(self.indicators),
            self.fairness == "passed" and self.fairness_record.get("text_sha256") == self.text_digest,
            bool(self.public_key) and len(self.holders) == HOLDERS,
            self.deadline,
            len(set(self.opened_by)) == 2,
            bool(routes) and plural.outcome == "met",
            bool(self.pk) and self.state == "evaluating" and self.settled(),
            bool(awards) and all(state in ENDED for state in awards),
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """A text that goes back to draft is reviewed, and its keys made, anew; an award makes its projects."""
        if event.transition == "return":
            self.fairness, self.fairness_record = "", {}
            self.public_key, self.holders, self.shares = "", {}, {}
        elif event.transition == "award":
            for bid in self.bids.filter(state="awarded").order_by("public_id"):
                self._contract(bid, event)

    def _contract(self, bid: Any, event: Event) -> None:
        """Make the project of an awarded bid; it belongs to the bidder's organisation."""
        award = self.awards.model(
            title_zh=f"{self.title_zh[:150]} · 揭榜项目 {bid.public_id}",
            title_en=f"{self.title_en[:150]} · award {bid.public_id}",
            challenge=self,
            bid=bid,
            route=str(bid.content.get("route", ""))[:60],
            amount=round(float(bid.content.get("amount", 0)) * 10_000),
            region=self.region,
            simulated=self.simulated,
        )
        create(award, event.actor, now=event.at)
        award.organisation = bid.organisation
        award.save(update_fields=["organisation"])
