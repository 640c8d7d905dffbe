"""What is stored of pilot zones: applications with their findings, objections to a notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.layout.lifecycle import ZONE
from biaochi.mechanisms.layout.model import AssessmentResult, ZoneApplication
from biaochi.mechanisms.layout.model.zones import ZoneRecord
from biaochi.registry.models import Governed, Visibility


class Zone(Governed):
    """A pilot zone of future industries."""

    workflow = ZONE
    prefix = "LZ"
    creators = (Role.OFFICER, Role.FIRM)
    visibility = Visibility(
        public_states=("on_notice", "building", "under_assessment", "continued", "adjusted", "withdrawn"),
        roles=(Role.OFFICER, Role.REVIEWER),
    )
    badges: ClassVar[Mapping[str, str]] = {
        "on_notice": "open",
        "building": "active",
        "continued": "met",
        "adjusted": "manual_review",
        "returned": "manual_review",
        "declined": "unmet",
        "withdrawn": "not_applicable",
    }

    jurisdiction = models.CharField(max_length=20)
    site = models.CharField(max_length=200)
    tracks = models.JSONField(default=list)
    case_made = models.TextField(max_length=4000)
    facts = models.JSONField(default=dict, editable=False)
    checker = models.CharField(max_length=40, blank=True, editable=False)
    reviewer = models.CharField(max_length=40, blank=True, editable=False)
    experts = models.PositiveIntegerField(default=0, editable=False)
    score = models.FloatField(null=True, editable=False)
    notice_until = models.DateTimeField(null=True, editable=False)
    assessment = models.CharField(max_length=10, blank=True, editable=False)

    class Meta:
        app_label = "layout"

    def to_domain(self) -> ZoneRecord:
        """Return the zone as its life cycle's guards see it."""
        return ZoneRecord(
            applicant_person=self.creator.public_id if self.creator else "",
            applicant=self.organisation.public_id if self.organisation else "",
            checker=self.checker,
            reviewer=self.reviewer,
            score=self.score,
            experts=self.experts,
            open_objections=self.objections.filter(answer="").count() if self.pk else 0,
            notice_until=self.notice_until,
            assessment=AssessmentResult(self.assessment) if self.assessment else None,
        )

    def application(self) -> ZoneApplication:
        """Return what decides on admission."""
        known = self.to_domain()
        return ZoneApplication(
            self.public_id,
            self.jurisdiction,
            self.facts,
            known.applicant_person,
            known.checker,
            known.reviewer,
            known.experts,
            known.score,
            known.open_objections,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Remember who checked; a new application or assessment starts without the old findings."""
        if event.transition == "check":
            self.checker = event.actor.person
        elif event.transition == "apply_again":
            self.facts, self.checker, self.reviewer = {}, "", ""
            self.experts, self.score, self.notice_until = 0, None, None
        elif event.transition == "start_assessment":
            self.assessment = ""


class Objection(models.Model):
    """An objection to a notice, and its answer."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="objections")
    at = models.DateTimeField(default=timezone.now)
    person = models.CharField(max_length=40)
    text = models.TextField(max_length=4000)
    answer = models.TextField(max_length=4000, blank=True)

    class Meta:
        app_label = "layout"
        ordering = ("at",)
