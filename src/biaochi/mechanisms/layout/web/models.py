"""What is stored of the layout: plan documents with both codings, pilot zones, uploaded tables, computed readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Event
from biaochi.exchange.jsonfile import jsonable
from biaochi.mechanisms.layout.lifecycle import DOCUMENT, ZONE
from biaochi.mechanisms.layout.model import AssessmentResult, CodedDocument, Coverage, Level, ZoneApplication
from biaochi.mechanisms.layout.model.documents import DocumentRecord
from biaochi.mechanisms.layout.model.zones import ZoneRecord
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.models import Governed, Visibility


class Reading(models.Model):
    """A computed result, kept under the digest of everything it was computed from."""

    kind = models.CharField(max_length=20)
    basis = models.CharField(max_length=64)
    content = models.JSONField()
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "layout"
        constraints = (models.UniqueConstraint(fields=("kind", "basis"), name="layout_reading_once"),)

    @classmethod
    def kept(cls, kind: str, basis: str) -> Any:
        """Return what is kept under this basis, or ``None``."""
        row = cls.objects.filter(kind=kind, basis=basis).first()
        return row.content if row else None

    @classmethod
    def once(cls, kind: str, basis: str, compute: Callable[[], object]) -> Any:
        """Return what is kept under this basis; computed, and kept, the first time."""
        content = cls.kept(kind, basis)
        if content is None:
            made = {"content": jsonable(compute())}
            content = cls.objects.get_or_create(kind=kind, basis=basis, defaults=made)[0].content
        return content


class PlanDocument(Governed):
    """A plan document on its way into the table: coded by two people on their own, then published."""

    workflow = DOCUMENT
    prefix = "LD"
    creators = (Role.OFFICER,)
    visibility = Visibility(public_states=("published", "superseded"), roles=(Role.OFFICER,))
    badges: ClassVar[Mapping[str, str]] = {"published": "met", "disputed": "manual_review"}
    resting = frozenset({"published"})

    place = models.CharField(max_length=60)
    level = models.CharField(max_length=10, choices=[(v.value, v.value) for v in Level], default=Level.PROVINCE.value)
    source = models.CharField(max_length=300)
    dated = models.DateField()
    coverage = models.CharField(
        max_length=10, choices=[(v.value, v.value) for v in Coverage], default=Coverage.COMPLETE.value
    )
    seen = models.BooleanField(default=True)
    first = models.JSONField(null=True, editable=False)
    second = models.JSONField(null=True, editable=False)
    coder = models.CharField(max_length=40, blank=True, editable=False)
    second_coder = models.CharField(max_length=40, blank=True, editable=False)
    agreed = models.BooleanField(default=False, editable=False)

    class Meta:
        app_label = "layout"

    def to_domain(self) -> DocumentRecord:
        """Return the document as its life cycle's guards see it."""
        return DocumentRecord(self.coder, self.second_coder, self.agreed)

    def coded(self) -> CodedDocument:
        """Return what two people read in it."""
        second = None if self.second is None else frozenset(self.second)
        disputed = self.state == "disputed"
        return CodedDocument(
            self.source, frozenset(self.first or {}), second, self.coder, self.second_coder, self.seen, disputed
        )

    def shows_coding_to(self, actor: Actor) -> bool:
        """Whether a coding may be shown: until both are in, only to whoever made it, so that the second is blind."""
        return self.second is not None or actor.person == self.coder

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Remember who coded; a document sent back starts anew."""
        if event.transition == "code":
            self.coder = event.actor.person
        elif event.transition == "code_again":
            self.second_coder = event.actor.person
        elif event.transition == "recode":
            self.first = self.second = None
            self.coder, self.second_coder, self.agreed = "", "", False


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


class DemandRange(models.Model):
    """The demand somebody states for a track: a range, what one place supplies, and where the numbers come from."""

    track = models.CharField(max_length=60, unique=True)
    demand = models.FloatField()
    demand_lo = models.FloatField()
    demand_hi = models.FloatField()
    capacity = models.FloatField()
    source = models.TextField()
    organisation = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "layout"


def table_id() -> str:
    """Return the identifier of an uploaded table."""
    return new_public_id("LA")


class ActivityTable(models.Model):
    """An uploaded table of what regions really do; seen by the organisation that uploaded it, and by auditors."""

    public_id = models.CharField(max_length=40, unique=True, default=table_id, editable=False)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    content = models.TextField()
    person = models.CharField(max_length=40)
    organisation = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    job = models.CharField(max_length=40, blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        app_label = "layout"
        ordering = ("-at",)

    @classmethod
    def visible(cls, actor: Actor) -> models.QuerySet[Self]:
        """Return the tables an actor may see."""
        rows = cls.objects.all()
        if actor.role is Role.AUDITOR:
            return rows
        if actor.role not in (Role.OFFICER, Role.ANALYST) or not actor.organisation:
            return rows.none()
        return rows.filter(organisation=actor.organisation)
