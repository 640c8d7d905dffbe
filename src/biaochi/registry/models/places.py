"""Where and what: regions, directions and tracks, and the technology routes below a track."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from biaochi.core.region import region_level
from biaochi.core.taxonomy import Direction
from biaochi.core.text import Text
from biaochi.registry.identifiers import new_public_id


def route_id() -> str:
    """Return a new identifier of a route."""
    return new_public_id("RT")


def _region_code(code: str) -> None:
    try:
        region_level(code)
    except ValueError:
        raise ValidationError(_("A region code has six digits (GB/T 2260).")) from None


class Region(models.Model):
    """A region of GB/T 2260; the code itself names the region above."""

    code = models.CharField(max_length=6, primary_key=True, validators=[_region_code])
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    simulated = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name_zh

    @property
    def title(self) -> Text:
        """Its name in both languages."""
        return Text(self.name_zh, self.name_en)


class Track(models.Model):
    """A track below one of the six directions."""

    code = models.CharField(max_length=60, primary_key=True)
    direction = models.CharField(max_length=20, choices=[(d.value, d.value) for d in Direction])
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    aliases = models.JSONField(default=list, blank=True)
    national_on = models.JSONField(default=list, blank=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def title(self) -> Text:
        """Its name in both languages."""
        return Text(self.name_zh, self.name_en)


class Route(models.Model):
    """A technology route: one way to serve one function of a track, at a readiness level."""

    public_id = models.CharField(max_length=20, unique=True, default=route_id, editable=False)
    track = models.ForeignKey(Track, models.PROTECT, related_name="routes")
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    function = models.CharField(max_length=160, blank=True)
    trl = models.PositiveSmallIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name_zh

    @property
    def title(self) -> Text:
        """Its name in both languages."""
        return Text(self.name_zh, self.name_en)
