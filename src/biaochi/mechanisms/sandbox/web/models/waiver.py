"""The waiver as stored."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.sandbox.lifecycle import WAIVER
from biaochi.mechanisms.sandbox.model import Floor, Level, Scope, Waiver, WaiverKind, WaiverRecord
from biaochi.mechanisms.sandbox.web.models.case import ZONE, SandboxCase, WithTrial
from biaochi.registry.models import Governed, Visibility


class WaiverRow(Governed):
    """A rule relieved for a case, from one day through another."""

    workflow = WAIVER
    prefix = "WV"
    creators = (Role.FIRM,)
    visibility = Visibility(
        public_states=("active", "suspended", "expired"),
        roles=(Role.REGULATOR, Role.ETHICS_MEMBER, Role.OFFICER),
        own=True,
    )
    scope_fields: ClassVar[tuple[str, ...]] = ("trial__public_id",)
    badges = {"active": "active", "suspended": "suspended", "expired": "expired", "revoked": "unmet"}
    resting = frozenset({"proposed", "granted"})

    objects = WithTrial()

    trial = models.ForeignKey(SandboxCase, models.PROTECT, related_name="waivers", editable=False)
    code = models.CharField(max_length=10, editable=False)
    citation = models.CharField(max_length=300)
    level = models.CharField(max_length=30, choices=[(x.value, x.text.zh) for x in Level])
    authority = models.CharField(max_length=120)
    authorisation = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=[(x.value, x.text.zh) for x in WaiverKind])
    touches = models.JSONField(null=True)
    area = models.CharField(max_length=200, blank=True)
    users_max = models.PositiveIntegerField(null=True, blank=True)
    volume_max = models.FloatField(null=True, blank=True)
    start_on = models.DateField()
    end_on = models.DateField()

    class Meta:
        app_label = "sandbox"
        constraints = (
            models.UniqueConstraint(fields=("trial", "code"), name="sandbox_waiver_once"),
            models.CheckConstraint(condition=Q(end_on__gte=models.F("start_on")), name="sandbox_waiver_dates"),
        )

    def raw(self) -> dict[str, Any]:
        """Return the waiver exactly as ``cases.yaml`` would hold it."""
        return {
            "id": self.code,
            "citation": self.citation,
            "level": self.level,
            "authority": self.authority,
            "authorisation": self.authorisation or None,
            "kind": self.kind,
            "touches": self.touches,
            "scope": {"area": self.area, "users_max": self.users_max, "volume_max": self.volume_max},
            "start_on": self.start_on.isoformat(),
            "end_on": self.end_on.isoformat(),
        }

    def to_waiver(self) -> Waiver:
        """Return the waiver as the decisions know it."""
        return Waiver(
            self.code,
            self.citation,
            Level(self.level),
            self.authority,
            WaiverKind(self.kind),
            self.start_on,
            self.end_on,
            self.authorisation or None,
            None if self.touches is None else tuple(Floor(f) for f in self.touches),
            Scope(self.area, self.users_max, self.volume_max),
        )

    def to_domain(self) -> WaiverRecord:
        """Return the facts the guards of the life cycle ask about."""
        house = self.trial.organisation
        return WaiverRecord(
            created_by=self.creator.public_id if self.creator else "",
            applicant_organisation=house.public_id if house else "",
            start_on=self.start_on,
            end_on=self.end_on,
            zone=ZONE,
            touches_floor=None if self.touches is None else bool(self.touches),
        )

    @classmethod
    def visible_condition(cls, actor: Actor) -> Q:
        """Nobody sees more of a waiver than of its case."""
        return super().visible_condition(actor) & Q(
            trial__in=SandboxCase._default_manager.filter(SandboxCase.visible_condition(actor))
        )
