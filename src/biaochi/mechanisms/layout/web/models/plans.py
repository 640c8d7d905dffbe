"""What is stored of declared plans: documents with both codings, demand ranges, outlooks taken over from foresight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.layout.lifecycle import DOCUMENT
from biaochi.mechanisms.layout.model import CodedDocument, Coverage, Level
from biaochi.mechanisms.layout.model.documents import DocumentRecord
from biaochi.registry.models import Governed, Visibility


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


class TrackOutlook(models.Model):
    """When a track may be ready, taken over from foresight: the chance, by year, that at least one route is."""

    track = models.CharField(max_length=60, blank=True)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    origin = models.CharField(max_length=40, unique=True)
    as_of = models.CharField(max_length=20, blank=True)
    ready = models.JSONField(default=dict)
    simulated = models.BooleanField(default=False)
    person = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "layout"
        ordering = ("-at",)

    @property
    def by_year(self) -> list[tuple[str, float]]:
        """Years with their chances, in order."""
        return sorted((str(y), float(p)) for y, p in self.ready.items())
