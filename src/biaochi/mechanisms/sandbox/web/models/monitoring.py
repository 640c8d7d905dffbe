"""What arrives and what it did: readings, states of guardrails, alarms, incidents.  Instants in microseconds, UTC."""

from __future__ import annotations

import math
from typing import Any

from django.db import models

from biaochi.core.text import Text
from biaochi.mechanisms.sandbox.decisions import Row, Watch
from biaochi.mechanisms.sandbox.model import Alarm, Incident, Severity
from biaochi.mechanisms.sandbox.web.models.case import SandboxCase
from biaochi.methods.surveillance import State


class Reading(models.Model):
    """One row of readings.csv as it arrived; never changed, a correction is a row of its own."""

    trial = models.ForeignKey(SandboxCase, models.PROTECT, related_name="readings")
    metric = models.CharField(max_length=60)
    at = models.BigIntegerField()
    received = models.BigIntegerField()
    seq = models.BigIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    value = models.FloatField(null=True)
    exposure = models.FloatField(default=1.0)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "sandbox"
        constraints = (
            models.UniqueConstraint(fields=("trial", "metric", "at", "seq", "revision"), name="sandbox_reading_once"),
        )

    def row(self) -> Row:
        """Return the reading as the recursion takes it."""
        return Row(self.at, self.seq, self.revision, math.nan if self.value is None else self.value, self.exposure)


class GuardrailState(models.Model):
    """The state of one version of a guardrail on one path; ``corrected`` exists once the paths have parted."""

    RECEIVED, CORRECTED = "received", "corrected"

    trial = models.ForeignKey(SandboxCase, models.CASCADE, related_name="states")
    guardrail = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=10)
    state = models.TextField()
    newest_at = models.BigIntegerField(null=True)
    newest_seq = models.BigIntegerField(null=True)
    crossed = models.BooleanField(default=False)

    class Meta:
        app_label = "sandbox"
        constraints = (
            models.UniqueConstraint(fields=("trial", "guardrail", "version", "path"), name="sandbox_state_once"),
        )

    def hold(self, watch: Watch) -> None:
        """Take over a watch's state on this path."""
        state = watch.received if self.path == self.RECEIVED else watch.corrected
        if state is not None:
            self.state = state.to_json()
        self.newest_at, self.newest_seq = watch.newest or (None, None)
        self.crossed = watch.crossed

    def surveillance(self) -> State:
        """Return the state."""
        return State.from_json(self.state)


class FeedMark(models.Model):
    """The newest reading of a metric, the latest time of any row, and when something newer than all before arrived."""

    trial = models.ForeignKey(SandboxCase, models.CASCADE, related_name="marks")
    metric = models.CharField(max_length=60)
    newest_at = models.BigIntegerField()
    latest = models.BigIntegerField()
    beat = models.BigIntegerField()

    class Meta:
        app_label = "sandbox"
        constraints = (models.UniqueConstraint(fields=("trial", "metric"), name="sandbox_mark_once"),)


class AlarmRow(models.Model):
    """An alarm as it was first raised; annotated elsewhere, never withdrawn."""

    trial = models.ForeignKey(SandboxCase, models.PROTECT, related_name="alarms")
    kind = models.CharField(max_length=20)
    guardrail = models.CharField(max_length=60, blank=True)
    metric = models.CharField(max_length=60)
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=10)
    message_zh = models.TextField()
    message_en = models.TextField()
    record = models.JSONField()

    class Meta:
        app_label = "sandbox"
        ordering = ("-received_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("trial", "kind", "guardrail", "metric", "at", "action"), name="sandbox_alarm_once"
            ),
        )

    @property
    def message(self) -> Text:
        """What happened, in both languages."""
        return Text(self.message_zh, self.message_en)

    @classmethod
    def of(cls, trial: SandboxCase, alarm: Alarm, record: Any) -> AlarmRow:
        """Return an alarm to be stored."""
        return cls(
            trial=trial,
            kind=alarm.kind.value,
            guardrail=alarm.guardrail or "",
            metric=alarm.metric,
            at=alarm.at,
            received_at=alarm.received_at,
            action=alarm.action.value,
            message_zh=alarm.message.zh,
            message_en=alarm.message.en,
            record=record,
        )

    def key(self) -> tuple[object, ...]:
        """What makes it the same alarm when it is found again."""
        return (self.kind, self.guardrail, self.metric, self.at, self.action)


class IncidentRow(models.Model):
    """Something that happened and was reported."""

    trial = models.ForeignKey(SandboxCase, models.PROTECT, related_name="incidents")
    code = models.CharField(max_length=20)
    occurred_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    severity = models.CharField(max_length=10)
    text = models.TextField(max_length=2000, blank=True)

    class Meta:
        app_label = "sandbox"
        ordering = ("-reported_at",)
        constraints = (models.UniqueConstraint(fields=("trial", "code"), name="sandbox_incident_once"),)

    @property
    def grave(self) -> Text:
        """How grave it was, in words."""
        return Severity(self.severity).text

    def to_incident(self) -> Incident:
        """Return the incident as the decisions know it."""
        return Incident(self.code, self.occurred_at, self.reported_at, self.severity, self.text)
