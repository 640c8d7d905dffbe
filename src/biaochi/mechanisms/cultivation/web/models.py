"""What is stored of cultivation: a firm's file, its titles, and evidence other mechanisms brought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd
from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Role
from biaochi.core.workflow import Event
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.cultivation.decisions import valid_to
from biaochi.mechanisms.cultivation.lifecycle import FIRM, TITLE
from biaochi.mechanisms.cultivation.model import SETS, EndCause, Grant, TitleFacts
from biaochi.methods.rules import Cost
from biaochi.methods.rules.columns import COLUMNS
from biaochi.registry.models import Governed, Visibility

VALID = ("recognised", "monitored", "renewed")
_TEXTS = frozenset(c.name for c in COLUMNS if c.kind in ("text", "level", "date", "until"))


class FirmFile(Governed):
    """One firm's facts as uploaded, money in yuan, and what it says that changing them costs."""

    workflow = FIRM
    prefix = "CF"
    creators = (Role.OFFICER, Role.FIRM)
    visibility = Visibility(roles=(Role.OFFICER,))
    badges = {"kept": "active"}
    resting = frozenset({"kept"})

    code = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    costs = models.JSONField(default=dict)
    source = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "cultivation"
        indexes = (models.Index(fields=("code",)),)

    def frame(self) -> pd.DataFrame:
        """Return the facts as the one-row table the rules read."""
        row = {
            k: ("" if v is None else str(v)) if k in _TEXTS else (np.nan if v is None else float(v))
            for k, v in self.facts.items()
        }
        return pd.DataFrame([{**row, "firm": self.code}])

    def evidence_frame(self, at: date) -> pd.DataFrame | None:
        """Return the grades of single columns known by a day, the latest last; ``None`` when there are none."""
        rows = self.evidence.filter(observed_on__lte=at).exclude(column="").order_by("observed_on", "pk")
        latest = {e.column: e.grade for e in rows}
        if not latest:
            return None
        return pd.DataFrame([{"firm": self.code, "column": c, "grade": g} for c, g in latest.items()])

    def register(self) -> list[Grant]:
        """Return what registers say of this identifier, and the titles granted here."""
        lines = RegisterLine.objects.filter(firm=self.code)[:200]
        granted = self.titles.exclude(granted_on=None)
        return [line.grant() for line in lines] + [title.grant() for title in granted]

    def priced(self) -> dict[str, Cost]:
        """Return what changing each column costs, as the firm stated it."""
        return {k: Cost(float(v["unit_cost"]), v["max_change"]) for k, v in self.costs.items()}

    def search_words(self) -> Iterable[str]:
        """Return the texts under which the file is found."""
        yield from super().search_words()
        yield self.code


class FirmEvidence(models.Model):
    """Evidence about a firm: for one column, or a result of another mechanism as a whole (no column)."""

    firm = models.ForeignKey(FirmFile, models.CASCADE, related_name="evidence")
    column = models.CharField(max_length=60, blank=True)
    grade = models.CharField(max_length=1)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    origin = models.CharField(max_length=60, blank=True)
    observed_on = models.DateField()
    payload = models.JSONField(default=dict)

    class Meta:
        app_label = "cultivation"
        ordering = ("-observed_on", "-pk")


class RegisterLine(models.Model):
    """One title of one firm in the register an office keeps; the whole register is replaced or added to by upload."""

    organisation = models.CharField(max_length=40)
    firm = models.CharField(max_length=60)
    grade = models.CharField(max_length=40)
    batch = models.CharField(max_length=60, blank=True)
    granted_on = models.DateField()
    valid_to = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    end_cause = models.CharField(max_length=20, blank=True)
    successor = models.CharField(max_length=60, blank=True)
    listed_from = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)
    stored_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "cultivation"
        ordering = ("firm", "granted_on")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "firm", "grade", "granted_on"), name="register_line_once"),
        )
        indexes = (models.Index(fields=("firm",)),)

    def grant(self) -> Grant:
        """Return the line as the pure rooms know it."""
        cause = EndCause(self.end_cause) if self.end_cause else None
        return Grant(
            self.firm,
            self.grade,
            self.batch,
            self.granted_on,
            self.valid_to,
            self.ended_on,
            cause,
            self.successor,
            self.listed_from,
        )


class Title(Governed):
    """A title a firm works towards, applies for, holds, and loses."""

    workflow = TITLE
    prefix = "CT"
    creators = (Role.FIRM,)
    visibility = Visibility(public_states=(*VALID, "lapsed", "removed"), roles=(Role.OFFICER,))
    badges = {
        "pool": "draft",
        "applied": "submitted",
        "verified": "manual_review",
        "recognised": "met",
        "monitored": "met",
        "renewed": "met",
        "removed": "unmet",
    }
    resting = frozenset({"pool", *VALID})

    firm = models.ForeignKey(FirmFile, models.PROTECT, related_name="titles")
    grade = models.CharField(max_length=40, choices=[(c, c) for c in SETS])
    granted_on = models.DateField(null=True, editable=False)
    valid_to = models.DateField(null=True, editable=False)
    verified_by = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        app_label = "cultivation"

    def to_domain(self) -> TitleFacts:
        """Return the title as its life cycle sees it."""
        return TitleFacts(
            self.organisation.public_id if self.organisation else "",
            self.creator.public_id if self.creator else "",
            self.verified_by,
            self.grade,
        )

    def grant(self) -> Grant:
        """Return the title as a line of the register."""
        ended = timezone.localdate(self.entered_at) if self.state in ("lapsed", "removed") else None
        return Grant(self.firm.code, self.grade, "", self.granted_on or date.max, self.valid_to, ended)

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Remember who verified it; a grant and a renewal set its first and last day by the parameters of that day."""
        if event.transition == "verify":
            self.verified_by = event.actor.person
        elif event.transition in ("recognise", "renew"):
            day = timezone.localdate(event.at)
            self.granted_on = self.granted_on or day
            rules = load_parameters("biaochi.mechanisms.cultivation").at(day)
            self.valid_to = valid_to(Grant(self.firm.code, self.grade, "", day), rules)
