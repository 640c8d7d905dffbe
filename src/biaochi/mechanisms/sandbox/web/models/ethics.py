"""The ethics review as stored."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.sandbox.lifecycle import ETHICS
from biaochi.mechanisms.sandbox.model import EthicsOutcome, EthicsRecord
from biaochi.mechanisms.sandbox.web.models.case import ZONE, SandboxCase, WithTrial
from biaochi.registry.models import Governed, Visibility

_DECIDED = {
    "approve": EthicsOutcome.APPROVED,
    "approve_with_conditions": EthicsOutcome.APPROVED_WITH_CONDITIONS,
    "reject": EthicsOutcome.REJECTED,
}


class EthicsReview(Governed):
    """A committee's review of a case: who sat, how it voted, on what conditions, when it looks again."""

    workflow = ETHICS
    prefix = "ER"
    creators = (Role.REGULATOR, Role.ETHICS_MEMBER)
    visibility = Visibility(roles=(Role.ETHICS_MEMBER, Role.REGULATOR), own=True)
    scope_fields: ClassVar[tuple[str, ...]] = ("trial__public_id",)
    badges = {"approved": "met", "approved_with_conditions": "met", "rejected": "unmet", "more_info": "returned"}

    objects = WithTrial()

    trial = models.ForeignKey(SandboxCase, models.PROTECT, related_name="ethics_reviews", editable=False)
    outcome = models.CharField(max_length=30, blank=True, editable=False)
    decided_on = models.DateField(null=True, editable=False)
    members = models.PositiveIntegerField(null=True, blank=True)
    external = models.PositiveIntegerField(null=True, blank=True)
    present = models.PositiveIntegerField(null=True, blank=True)
    in_favour = models.PositiveIntegerField(null=True, blank=True)
    conditions = models.JSONField(default=list)
    next_review_on = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "sandbox"

    def raw(self) -> dict[str, Any]:
        """Return the committee's part of ``ethics`` as ``cases.yaml`` would hold it; empty before a decision."""
        if not self.outcome or self.decided_on is None:
            return {}
        due = self.next_review_on
        return {
            "decision": self.outcome,
            "decided_on": self.decided_on.isoformat(),
            "members": self.members,
            "external": self.external,
            "present": self.present,
            "in_favour": self.in_favour,
            "conditions": self.conditions,
            "next_review_on": due.isoformat() if due else None,
        }

    def to_domain(self) -> EthicsRecord:
        """Return the facts the guards of the life cycle ask about."""
        house = self.trial.organisation
        return EthicsRecord(
            created_by=self.creator.public_id if self.creator else "",
            applicant_organisation=house.public_id if house else "",
            conditions=tuple(self.conditions),
            next_review_on=self.next_review_on,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Keep what was decided and on which day."""
        outcome = _DECIDED.get(event.transition)
        if outcome is not None:
            self.outcome, self.decided_on = outcome.value, event.at.astimezone(ZONE).date()

    @classmethod
    def visible_condition(cls, actor: Actor) -> Q:
        """The applicant sees the review of its own case, too."""
        found = super().visible_condition(actor)
        if actor.role is Role.FIRM and actor.organisation:
            found |= Q(trial__organisation__public_id=actor.organisation)
        return found
