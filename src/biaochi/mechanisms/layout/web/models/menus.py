"""What is stored of a region's menu: its items as computed, the office it went to, the region's answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.layout.lifecycle import MENU
from biaochi.mechanisms.layout.model import Choice, ChoiceKind
from biaochi.mechanisms.layout.model.choice import MenuRecord
from biaochi.mechanisms.layout.web.models.activity import ActivityTable
from biaochi.registry.models import Governed, Organisation, Visibility


class Menu(Governed):
    """A menu with reasons for one region.  Nothing in it obliges anyone; it is never public."""

    workflow = MENU
    prefix = "LM"
    creators = (Role.OFFICER,)
    visibility = Visibility(roles=(Role.OFFICER,))
    badges: ClassVar[Mapping[str, str]] = {
        "computed": "unknown",
        "issued": "open",
        "answered": "active",
        "reviewed": "met",
    }
    resting = frozenset({"computed", "answered"})

    table = models.ForeignKey(ActivityTable, models.PROTECT, related_name="menus")
    place = models.CharField(max_length=60)
    event = models.CharField(max_length=40)
    problem = models.CharField(max_length=4)
    items = models.JSONField(default=list)
    basis = models.CharField(max_length=64)
    computed_by = models.CharField(max_length=40)
    receiver = models.ForeignKey(Organisation, models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        app_label = "layout"
        constraints = (models.UniqueConstraint(fields=("table", "event", "place"), name="layout_menu_once"),)

    def to_domain(self) -> MenuRecord:
        """Return the menu as its life cycle sees it."""
        receiver = self.receiver.public_id if self.receiver else ""
        return MenuRecord(self.computed_by, receiver, self.answers.count() if self.pk else 0)

    @classmethod
    def visible(cls, actor: Actor, queryset: models.QuerySet[Self]) -> models.QuerySet[Self]:
        """Until it is issued only the office that makes a menu (and auditors) sees it; then the region too."""
        rows = super().visible(actor, queryset)
        if actor.role in (Role.AUDITOR, Role.CLOCK):
            return rows
        return rows.filter(Q(organisation__public_id=actor.organisation) | ~Q(state="computed"))

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """A menu taken back starts without answers."""
        if event.transition == "recompute":
            self.answers.all().delete()

    def choices(self) -> tuple[Choice, ...]:
        """Return the region's answers."""
        return tuple(a.to_domain() for a in self.answers.all())

    def item(self, track: str) -> Mapping[str, Any] | None:
        """Return the item of a track, ``None`` when the menu does not hold it."""
        return next((i for i in self.items if i["track"] == track), None)


class MenuAnswer(models.Model):
    """What a region answers to one track, with its reason; it may be changed until the menu is answered."""

    menu = models.ForeignKey(Menu, models.CASCADE, related_name="answers")
    track = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in ChoiceKind])
    reason = models.TextField(max_length=2000)
    person = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "layout"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("menu", "track"), name="layout_answer_once"),)

    def to_domain(self) -> Choice:
        """Return the answer as the pure rooms know it."""
        return Choice(self.menu.place, self.track, ChoiceKind(self.kind), self.person, self.reason)
