"""Computed results, kept so that a page never computes twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils import timezone

from biaochi.exchange.jsonfile import jsonable


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
