"""What is stored of awards and their milestones: tests registered first, results of a third party, money, causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.db import models

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event
from biaochi.mechanisms.challenge.decisions import Assessment, assess_milestone, tests_registered, verifier_independent
from biaochi.mechanisms.challenge.lifecycle import AWARD, MILESTONE
from biaochi.mechanisms.challenge.model import Indicator, Moment, StopCause
from biaochi.mechanisms.challenge.model import Milestone as DomainMilestone
from biaochi.mechanisms.challenge.web.models.bid import Bid
from biaochi.mechanisms.challenge.web.models.posting import Challenge
from biaochi.registry.models import Governed, Organisation, Visibility
from biaochi.registry.transition import create

DECIDED = {"continue": "continued", "adjust": "adjusted", "pause": "paused", "stop": "stopped"}


@dataclass(frozen=True)
class AwardFacts:
    """An award as its guards see it."""

    owner_organisation: str
    tests_registered: bool
    accepted_by_user: bool
    cause_with_evidence: bool


@dataclass(frozen=True)
class MilestoneFacts:
    """A milestone as its guards see it."""

    owner_organisation: str
    verifier: str
    award_running: bool
    tests_registered: bool
    verifier_independent: bool
    cause_with_evidence: bool


class Award(Governed):
    """The project of an awarded bid; ``organisation`` is the team's."""

    workflow = AWARD
    prefix = "CA"
    visibility = Visibility(
        public_states=("completed", "terminated_no_fault", "terminated_breach"),
        roles=(Role.OFFICER, Role.FUND_MANAGER),
    )
    scope_fields = ("challenge__public_id",)
    badges: ClassVar[Mapping[str, str]] = {
        "completed": "met", "paused": "pause", "terminated_no_fault": "not_applicable", "terminated_breach": "unmet",
    }  # fmt: skip
    resting = frozenset({"active", "paused"})
    creators = (Role.OFFICER,)

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="awards", editable=False)
    bid = models.OneToOneField(Bid, models.PROTECT, related_name="award_made", editable=False)
    route = models.CharField(max_length=60, editable=False)
    amount = models.BigIntegerField(default=0, editable=False)
    acceptance = models.JSONField(default=dict, editable=False)
    cause = models.CharField(max_length=30, blank=True, editable=False)
    cause_evidence = models.JSONField(default=list, editable=False)
    gain_declared = models.BooleanField(null=True, editable=False)

    class Meta:
        app_label = "challenge"

    def to_domain(self) -> AwardFacts:
        """Return what the guards ask."""
        first = self.milestones.order_by("number").first() if self.pk else None
        return AwardFacts(
            self.challenge.organisation.public_id if self.challenge.organisation else "",
            first is not None and first.registered(),
            self.acceptance.get("accepted") is True,
            bool(self.cause and self.cause_evidence),
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """The first stage starts with the award."""
        if event.transition == "start":
            first = self.milestones.order_by("number").first()
            if first is not None:
                first.started_at = event.at
                first.save(update_fields=["started_at"])


class Milestone(Governed):
    """One stage of an award: what is to be shown, by which test, to whom, by when, for how much money."""

    workflow = MILESTONE
    prefix = "CM"
    creators = (Role.OFFICER,)
    visibility = Visibility(roles=(Role.OFFICER, Role.REVIEWER, Role.FUND_MANAGER))
    scope_fields = ("award__challenge__public_id", "award__public_id")
    badges: ClassVar[Mapping[str, str]] = {
        "due": "soon", "submitted": "manual_review", "assessed": "manual_review", "continued": "continue",
        "adjusted": "adjust", "paused": "pause", "stopped": "stop",
    }  # fmt: skip

    award = models.ForeignKey(Award, models.PROTECT, related_name="milestones", editable=False)
    number = models.PositiveIntegerField(editable=False)
    stage = models.CharField(max_length=60)
    indicators = models.JSONField(default=list, editable=False)
    verifier = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    registered_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    measured = models.JSONField(default=dict, editable=False)
    report_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    reviewed_at = models.DateTimeField(null=True, editable=False)
    delay_reason = models.TextField(blank=True, editable=False)
    grounds = models.JSONField(default=dict, editable=False)
    paid_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        app_label = "challenge"

    @classmethod
    def visible(cls, actor: Actor, queryset: models.QuerySet[Self]) -> models.QuerySet[Self]:
        """A reviewer sees the milestones its own organisation verifies."""
        found = super().visible(actor, queryset)
        return found.filter(verifier__public_id=actor.organisation) if actor.role is Role.REVIEWER else found

    def domain(self) -> DomainMilestone:
        """Return the milestone as the decisions room knows it."""
        return DomainMilestone(
            self.public_id,
            tuple(Indicator(i["name"], i["unit"], i["threshold"], i["test_method"]) for i in self.indicators),
            _moment(self.registered_at),
            _moment(self.started_at),
            self.due_on,
            _moment(self.reviewed_at),
            self.delay_reason,
            self.verifier.public_id,
            {k: float(v) for k, v in self.measured.items()},
        )

    @property
    def assessment(self) -> Assessment:
        """What the verifier's values come to."""
        return assess_milestone(self.domain())

    def registered(self) -> bool:
        """Whether every test was registered, before the stage started if it has."""
        tests = bool(self.indicators) and all(i["threshold"] and i["test_method"] for i in self.indicators)
        if not tests or self.registered_at is None:
            return False
        started = self.started_at or self.registered_at
        found = tests_registered(
            registered_at=Moment.of(self.registered_at), started_at=Moment.of(started), at=started.date()
        )
        return found.outcome == "met"

    def to_domain(self) -> MilestoneFacts:
        """Return what the guards ask."""
        owner = self.award.challenge.organisation
        team = self.organisation
        found = verifier_independent(
            verifier_org=self.verifier.public_id,
            team_org=team.public_id if team else "",
            owner_org=owner.public_id if owner else "",
            at=self.due_on,
        )
        return MilestoneFacts(
            owner.public_id if owner else "",
            self.verifier.public_id,
            self.award.state == "active" and self.started_at is not None,
            self.registered(),
            found.outcome == "met",
            bool(self.report_sha256),
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Results come with their values, decisions with their grounds; then the next stage may start."""
        if event.transition == "assess" and not self.measured:
            raise RefusedError("not_measured", Text("须填写检验结果", "the measured values must be given"))
        if event.transition not in DECIDED:
            return
        if self.grounds.get("outcome") != event.transition:
            told = Text("须在本页写明备选、预测与证据", "alternatives, forecast and evidence are given on its page")
            raise RefusedError("no_grounds", told)
        self.grounds |= {"approver": event.actor.person, "at": event.at.isoformat(), "reason": event.reason}
        if event.transition == "adjust":
            self._again(event)
        elif event.transition == "continue":
            self._next(event)
        elif event.transition == "stop":
            cause = StopCause(self.grounds["cause"])
            self.award.cause, self.award.cause_evidence = cause.value, list(self.grounds["evidence"])
            self.award.save(update_fields=["cause", "cause_evidence"])

    def _next(self, event: Event) -> None:
        """Start the following stage, if its tests are registered already."""
        later = self.award.milestones.filter(number__gt=self.number, state="planned").order_by("number").first()
        if later is not None and later.started_at is None:
            later.started_at = event.at
            later.save(update_fields=["started_at"])

    def _again(self, event: Event) -> None:
        """Register the same tests for another attempt, before it starts."""
        made: Any = Milestone(
            title_zh=f"{self.title_zh[:190]}（再试）",
            title_en=f"{self.title_en[:180]} (again)",
            award=self.award,
            number=self.award.milestones.count() + 1,
            stage=self.stage,
            indicators=self.indicators,
            verifier=self.verifier,
            due_on=self.grounds["due_on"],
            amount=self.amount,
            registered_at=event.at,
            started_at=event.at,
            region=self.region,
            simulated=self.simulated,
        )
        create(made, event.actor, now=event.at)
        made.organisation = self.organisation
        made.save(update_fields=["organisation"])


def _moment(value: Any) -> Moment | None:
    return None if value is None else Moment.of(value)
