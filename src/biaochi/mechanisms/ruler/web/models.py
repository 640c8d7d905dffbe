"""What is stored of the ruler: frameworks with their text, submissions with their cells, and computed readings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Role
from biaochi.core.verdict import Verdict
from biaochi.core.workflow import Event
from biaochi.mechanisms.ruler.lifecycle import FRAMEWORK, SUBMISSION
from biaochi.mechanisms.ruler.model import FrameworkRecord, RevisionReason, SubmissionRecord
from biaochi.registry.models import Governed, Visibility


class Framework(Governed):
    """An indicator framework: its own file, its units, the audit it was consulted on with."""

    workflow = FRAMEWORK
    prefix = "RF"
    creators = (Role.OFFICER,)
    visibility = Visibility(public_states=("consulted", "adopted", "retired"), roles=(Role.OFFICER,))

    code = models.CharField(max_length=40, editable=False)
    revision = models.CharField(max_length=40, editable=False)
    document = models.TextField()
    units = models.TextField(blank=True)
    digest = models.CharField(max_length=64, editable=False)
    faults = models.IntegerField(default=-1, editable=False)
    incomplete_leaves = models.PositiveIntegerField(default=0, editable=False)
    audit = models.JSONField(null=True, editable=False)
    audit_digest = models.CharField(max_length=64, blank=True, editable=False)
    gate = models.CharField(max_length=20, default=Verdict.UNKNOWN.value, editable=False)
    gate_override = models.TextField(blank=True, editable=False)
    consulted_on = models.DateField(null=True, editable=False)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, editable=False)
    overlap_periods = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        app_label = "ruler"

    def to_domain(self) -> FrameworkRecord:
        """Return the framework as its life cycle's guards see it."""
        return FrameworkRecord(
            state=self.state,
            entered_at=self.entered_at,
            author=self.creator.public_id if self.creator else "",
            faults=self.faults,
            audit_digest=self.audit_digest,
            gate=Verdict(self.gate),
            incomplete_leaves=self.incomplete_leaves,
            comments_open=self.opinions.filter(answer="").count() if self.pk else 0,
            gate_override=self.gate_override,
            successor=self.successor.public_id if self.successor else "",
            overlap_periods=self.overlap_periods,
            digest=self.digest,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Remember the first day of the consultation."""
        if event.transition == "consult":
            self.consulted_on = timezone.localdate(event.at)


class Opinion(models.Model):
    """An opinion received in the consultation, and its answer."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="opinions")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(max_length=4000)
    answer = models.TextField(max_length=4000, blank=True)

    class Meta:
        app_label = "ruler"
        ordering = ("at",)


class Submission(Governed):
    """Observations handed in as one file."""

    workflow = SUBMISSION
    prefix = "RS"
    creators = (Role.OFFICER,)
    visibility = Visibility(public_states=("published", "revised"), roles=(Role.OFFICER,))

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="submissions")
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(default=0)
    faults = models.IntegerField(default=-1, editable=False)
    vintage = models.DateField(null=True, blank=True)
    revision_reason = models.CharField(
        max_length=30, blank=True, choices=[(r.value, r.text.zh) for r in RevisionReason]
    )
    validator = models.CharField(max_length=40, blank=True, editable=False)
    validator_organisation = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        app_label = "ruler"

    def to_domain(self) -> SubmissionRecord:
        """Return the submission as its life cycle's guards see it."""
        return SubmissionRecord(
            state=self.state,
            entered_at=self.entered_at,
            submitter=self.creator.public_id if self.creator else "",
            organisation=self.organisation.public_id if self.organisation else "",
            faults=self.faults,
            revision_reason=self.revision_reason,
            vintage=self.vintage,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Remember who validated it; a revision's cells carry its vintage from publication on."""
        if event.transition == "validate":
            self.validator, self.validator_organisation = event.actor.person, event.actor.organisation
        elif event.transition == "publish" and self.vintage is not None:
            self.cells.filter(vintage=None).update(vintage=self.vintage)

    def published_cells(self) -> int:
        """Return how many of its cells another published submission of the framework already holds."""
        earlier = Cell.objects.filter(
            submission__framework=self.framework, submission__state__in=("published", "revised")
        ).exclude(submission=self)
        mine = set(self.cells.values_list("unit", "indicator", "period"))
        return len(mine & set(earlier.values_list("unit", "indicator", "period")))


class Cell(models.Model):
    """One observation of a submission; never changed once the submission is published.

    What a ledger fed has its interval (``low``, ``high``) and the number of cases it rests on.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="cells")
    unit = models.CharField(max_length=60)
    indicator = models.CharField(max_length=60)
    period = models.CharField(max_length=10)
    value = models.FloatField(null=True)
    se = models.FloatField(null=True)
    grade = models.CharField(max_length=1, blank=True)
    source = models.TextField(blank=True)
    status = models.CharField(max_length=20, blank=True)
    vintage = models.DateField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    cases = models.PositiveIntegerField(null=True)

    class Meta:
        app_label = "ruler"
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "unit", "indicator", "period", "vintage"), name="ruler_cell_once"
            ),
        )
        indexes = (models.Index(fields=("submission", "unit")),)

    @property
    def known_on(self) -> date | None:
        """The day the value became known; ``None`` for always."""
        return self.vintage


class Band(models.Model):
    """A band an office has set for an indicator from a day on, with what it rests on; a new one never rewrites it."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="bands")
    indicator = models.CharField(max_length=60)
    low = models.FloatField()
    high = models.FloatField()
    effective_on = models.DateField()
    citation = models.CharField(max_length=300)
    set_by = models.CharField(max_length=40, editable=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "ruler"
        ordering = ("indicator", "effective_on")
        constraints = (
            models.UniqueConstraint(fields=("framework", "indicator", "effective_on"), name="ruler_band_once"),
        )


class Look(models.Model):
    """An auditor's note on a gaming card; read by auditors alone, the ledger keeps its digest."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="looks")
    card = models.CharField(max_length=120)
    text = models.TextField(max_length=4000)
    basis = models.CharField(max_length=64)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "ruler"
        ordering = ("at", "pk")


class Reading(models.Model):
    """A computed result, kept under the digest of everything it was computed from."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="readings")
    basis = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    unit = models.CharField(max_length=60, blank=True)
    content = models.JSONField()
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "ruler"
        constraints = (
            models.UniqueConstraint(fields=("framework", "basis", "kind", "unit"), name="ruler_reading_once"),
        )

    @classmethod
    def kept(cls, framework: Framework, basis: str, kind: str, unit: str) -> Any:
        """Return the stored content, or ``None``."""
        row = cls.objects.filter(framework=framework, basis=basis, kind=kind, unit=unit).first()
        return row.content if row else None
