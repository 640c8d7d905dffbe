"""What an office keeps of the outlook: functions with their routes, and scans for rising terms."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from biaochi.core.text import Text
from biaochi.registry.identifiers import new_public_id


class FunctionOfRoutes(models.Model):
    """One function with its routes as an office wrote it, and the outlook computed from it."""

    public_id = models.CharField(max_length=40, unique=True, editable=False)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    document = models.TextField()
    as_of = models.DateField(default=timezone.localdate)
    content = models.JSONField(null=True, editable=False)
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "foresight"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.public_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it; a new one gets its identifier."""
        if not self.public_id:
            self.public_id = new_public_id("FR")
        super().save(*args, **kwargs)

    @property
    def title(self) -> Text:
        """Its title."""
        return Text(self.title_zh, self.title_en)


class TermScan(models.Model):
    """A table of terms by period as it was uploaded, and the rising terms found in it."""

    public_id = models.CharField(max_length=40, unique=True, editable=False)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    origin = models.CharField(max_length=400)
    document = models.TextField()
    content = models.JSONField(null=True, editable=False)
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "foresight"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.public_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it; a new one gets its identifier."""
        if not self.public_id:
            self.public_id = new_public_id("FT")
        super().save(*args, **kwargs)

    @property
    def title(self) -> Text:
        """Its title."""
        return Text(self.title_zh, self.title_en)
