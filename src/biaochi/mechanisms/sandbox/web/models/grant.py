"""Data under lock, what leaves it, and what accelerators do for a case."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q, Sum

from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.sandbox import model
from biaochi.mechanisms.sandbox.lifecycle import GRANT, SERVICE
from biaochi.mechanisms.sandbox.web.models.case import ZONE, SandboxCase, WithTrial
from biaochi.registry.models import Governed, Visibility


class Grant(Governed):
    """The right to use data where they are."""

    workflow = GRANT
    prefix = "DG"
    creators = (Role.FIRM,)
    visibility = Visibility(roles=(Role.REGULATOR,), own=True)
    scope_fields: ClassVar[tuple[str, ...]] = ("trial__public_id",)
    badges = {"active": "active", "expired": "expired", "revoked": "unmet"}
    resting = frozenset({"active", "approved"})

    objects = WithTrial()

    trial = models.ForeignKey(SandboxCase, models.PROTECT, related_name="grants", editable=False)
    purpose = models.TextField(max_length=2000)
    basis = models.CharField(max_length=300)
    fields = models.JSONField(default=list)
    start_on = models.DateField()
    end_on = models.DateField()
    rows_per_day = models.PositiveIntegerField()
    smallest_cell = models.PositiveIntegerField()

    class Meta:
        app_label = "sandbox"

    def to_grant(self) -> model.DataGrant:
        """Return the grant as the decisions know it."""
        return model.DataGrant(
            self.public_id,
            self.trial.public_id,
            self.purpose,
            self.basis,
            frozenset(self.fields),
            self.start_on,
            self.end_on,
            self.rows_per_day,
            self.smallest_cell,
            self.state,
        )

    def to_domain(self) -> model.GrantRecord:
        """Return the facts the guards of the life cycle ask about."""
        house = self.trial.organisation
        return model.GrantRecord(
            created_by=self.creator.public_id if self.creator else "",
            applicant_organisation=house.public_id if house else "",
            purpose=self.purpose,
            basis=self.basis,
            start_on=self.start_on,
            end_on=self.end_on,
            zone=ZONE,
        )


class Export(models.Model):
    """A result asked to leave the data room; released by another person, or not."""

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="exports")
    code = models.CharField(max_length=20)
    fields = models.JSONField(default=list)
    rows = models.PositiveIntegerField()
    smallest_count = models.PositiveIntegerField(null=True)
    purpose = models.TextField(max_length=2000)
    requested_by = models.CharField(max_length=40)
    requested_at = models.DateTimeField()
    released_by = models.CharField(max_length=40, blank=True)
    released_on = models.DateField(null=True)
    outcome = models.CharField(max_length=10, blank=True)

    class Meta:
        app_label = "sandbox"
        ordering = ("-requested_at",)
        constraints = (models.UniqueConstraint(fields=("grant", "code"), name="sandbox_export_once"),)

    def to_export(self, released_by: str, day: date) -> model.Export:
        """Return the request as the decisions know it, with what was released on that day already."""
        same_day = self.grant.exports.filter(released_on=day, outcome="release").exclude(pk=self.pk)
        return model.Export(
            self.code,
            self.grant.public_id,
            frozenset(self.fields),
            self.rows,
            self.smallest_count,
            self.purpose,
            self.requested_by,
            released_by,
            int(same_day.aggregate(n=Sum("rows"))["n"] or 0),
        )


class Service(Governed):
    """An accelerator's service for a case."""

    workflow = SERVICE
    prefix = "AS"
    creators = (Role.FIRM, Role.OFFICER)
    visibility = Visibility(roles=(Role.OFFICER,), own=True)
    scope_fields: ClassVar[tuple[str, ...]] = ("trial__public_id",)
    badges = {"completed": "met", "declined": "declined"}
    resting = frozenset({"delivering"})

    objects = WithTrial()

    trial = models.ForeignKey(SandboxCase, models.PROTECT, related_name="services", editable=False)
    kind = models.CharField(max_length=60)
    need = models.TextField(max_length=2000)
    provider = models.CharField(max_length=120, blank=True)
    start_on = models.DateField(null=True, blank=True)
    end_on = models.DateField(null=True, blank=True)
    outcome = models.TextField(max_length=2000, blank=True)

    class Meta:
        app_label = "sandbox"

    def to_domain(self) -> model.ServiceRecord:
        """Return the facts the guards of the life cycle ask about."""
        house = self.trial.organisation
        return model.ServiceRecord(
            created_by=self.creator.public_id if self.creator else "",
            applicant_organisation=house.public_id if house else "",
            outcome=self.outcome,
        )

    @classmethod
    def visible_condition(cls, actor: Actor) -> Q:
        """The firm of the case sees what the office began for it, too."""
        found = super().visible_condition(actor)
        if actor.role is Role.FIRM and actor.organisation:
            found |= Q(trial__organisation__public_id=actor.organisation)
        return found
