"""What is stored of sharing: resources with listed prices, and bookings that never exceed a capacity."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
from django.db import models
from django.db.models import Q
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event
from biaochi.mechanisms.sharing import model
from biaochi.mechanisms.sharing.decisions import confirm_booking, due_charge
from biaochi.mechanisms.sharing.lifecycle import BOOKING, RESOURCE
from biaochi.mechanisms.sharing.model import BookingFacts, ResourceFacts, ResourceKind
from biaochi.registry.models import Governed, Visibility

HOLDING = ("held", "confirmed", "used", "settled", "no_show")
TAKING = ("hold", "confirm")


class Resource(Governed):
    """Something that can be booked, with its capacity."""

    workflow = RESOURCE
    prefix = "HR"
    creators = (Role.SCENE_OWNER,)
    visibility = Visibility(public_states=("listed", "withdrawn"), roles=(Role.OFFICER,))
    badges = {"listed": "open"}
    resting = frozenset({"listed"})

    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in ResourceKind], default="pilot_line")
    unit = models.CharField(max_length=40)
    capacity = models.FloatField(default=1)

    class Meta:
        app_label = "sharing"

    def to_resource(self) -> model.Resource:
        """Return the resource as the pure rooms know it."""
        owner = self.organisation.public_id if self.organisation else ""
        return model.Resource(self.public_id, owner, ResourceKind(self.kind), self.unit, self.capacity)

    def to_domain(self) -> ResourceFacts:
        """Return the resource as its life cycle sees it."""
        return ResourceFacts(self.organisation.public_id if self.organisation else "")

    def held(self, but: int | None = None) -> pd.DataFrame:
        """Return the bookings that hold its capacity, one left out."""
        holding = self.bookings.filter(state__in=HOLDING)
        rows = (holding if but is None else holding.exclude(pk=but)).values_list("starts_at", "ends_at", "units")
        return pd.DataFrame(list(rows), columns=["from", "to", "units"])

    def price_on(self, day: date) -> Decimal | None:
        """Return the price of a unit listed for a day, or ``None``."""
        rows = self.prices.filter(starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))
        found = rows.order_by("-starts_on").first()
        return found.unit_price if found else None


class Price(models.Model):
    """The price of a unit over a span of days, both included."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="prices")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    unit_price = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        app_label = "sharing"
        ordering = ("starts_on",)


class Booking(Governed):
    """Units of a resource over a span of time."""

    workflow = BOOKING
    prefix = "HB"
    creators = (Role.FIRM,)
    visibility = Visibility(roles=(Role.OFFICER,))
    badges = {"requested": "submitted", "confirmed": "met", "used": "met", "settled": "met", "refused": "unmet"}

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="bookings")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    units = models.FloatField(default=1)
    used_units = models.FloatField(null=True, editable=False)
    charge = models.DecimalField(max_digits=16, decimal_places=2, null=True, editable=False)

    class Meta:
        app_label = "sharing"
        indexes = (models.Index(fields=("resource", "state", "starts_at")),)

    @classmethod
    def visible_condition(cls, actor: Actor) -> Q:
        """Add the owner of the resource, who answers."""
        found = super().visible_condition(actor)
        if actor.role is Role.SCENE_OWNER and actor.organisation:
            found |= Q(resource__organisation__public_id=actor.organisation)
        return found

    def seen_from_inside(self, actor: Actor) -> bool:
        """Add the owner of the resource."""
        return super().seen_from_inside(actor) or (actor.role is Role.SCENE_OWNER and actor.organisation == self.owner)

    @property
    def owner(self) -> str:
        """Public identifier of the resource's organisation."""
        return self.resource.organisation.public_id if self.resource.organisation else ""

    def fit(self) -> Decision:
        """Return whether the booking fits beside all others that hold the resource."""
        return confirm_booking(
            self.resource.to_resource(),
            self.resource.held(self.pk),
            self.starts_at,
            self.ends_at,
            self.units,
            at=timezone.now(),
        )

    def due(self) -> Decimal | None:
        """Return units used (else booked) × the price listed for the first day."""
        price = self.resource.price_on(timezone.localdate(self.starts_at))
        count = self.units if self.used_units is None else self.used_units
        return None if price is None else due_charge(count, price)

    def to_domain(self) -> BookingFacts:
        """Return the booking as its life cycle's guards see it."""
        return BookingFacts(
            self.owner,
            self.organisation.public_id if self.organisation else "",
            self.fit().outcome == "confirmed",
            self.due() is not None,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Take capacity under a lock on the resource, whoever else is writing; keep units used and the charge."""
        if event.actor.role is Role.SCENE_OWNER and event.actor.organisation != self.owner:
            raise RefusedError("not_owner", Text("只有资源的业主可以答复", "only the owner of the resource answers"))
        if event.transition in TAKING:
            self.resource = Resource.objects.select_for_update(of=("self",)).get(pk=self.resource_id)
            self.fit().require("confirmed")
        elif event.transition == "use" and decision is not None:
            self.used_units = float(str(decision.facts["units"]))
        elif event.transition == "settle":
            self.charge = self.due()
