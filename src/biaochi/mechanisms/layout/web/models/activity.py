"""What is stored of real activity: uploaded tables with their limits, and what classes tracks grow out of."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.registry.identifiers import new_public_id


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
    limits = models.TextField(blank=True)
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


class Concordance(models.Model):
    """What an organisation says tracks grow out of: classes that are counted, with weights; the newest holds."""

    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    person = models.CharField(max_length=40)
    organisation = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "layout"
        ordering = ("-at", "-pk")

    @classmethod
    def of(cls, organisation: str) -> Concordance | None:
        """Return the one an organisation uses now."""
        return cls.objects.filter(organisation=organisation).first()
