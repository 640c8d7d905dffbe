"""Sealed offers, who declared which interest, and the experts' scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.procurement.lifecycle import OFFER
from biaochi.mechanisms.procurement.model import Offer, ReviewerScore
from biaochi.mechanisms.procurement.web.models.purchase import CoPurchase
from biaochi.registry.models import Governed, Visibility

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

HIDDEN = models.Q(state__in=("draft", "withdrawn")) | models.Q(state="sealed", purchase__opened=False)


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer as its guards see it."""

    deadline: datetime | None
    boxed: bool
    invited: bool
    two_openers: bool
    buyer: str
    chosen: bool
    passed_over: bool


class SealedOffer(Governed):
    """An offer: a box nobody can open before two people join their shares; then its content."""

    workflow = OFFER
    prefix = "PO"
    creators = (Role.FIRM,)
    visibility = Visibility(roles=(Role.BUYER, Role.REGULATOR, Role.REVIEWER), auditor=False)
    scope_fields = ("purchase__public_id",)
    sealed_moves = frozenset({"withdraw"})
    badges: ClassVar[Mapping[str, str]] = {"sealed": "met", "selected": "met", "not_selected": "not_selected"}

    purchase = models.ForeignKey(CoPurchase, models.PROTECT, related_name="offers", editable=False)
    box = models.BinaryField(default=bytes, editable=False)
    receipt = models.CharField(max_length=64, blank=True, editable=False)
    sealed_to = models.CharField(max_length=64, blank=True, editable=False)
    content = models.JSONField(default=dict, editable=False)

    if TYPE_CHECKING:
        scores: RelatedManager[OfferScore]

    class Meta:
        app_label = "procurement"
        constraints = (
            models.UniqueConstraint(
                fields=("purchase", "organisation"),
                condition=~models.Q(state__in=("withdrawn", "not_selected")),
                name="procurement_one_offer",
            ),
        )

    @classmethod
    def visible(cls, actor: Actor, queryset: models.QuerySet[Self]) -> models.QuerySet[Self]:
        """Before the opening only the supplier knows that an offer exists; afterwards the buyer of this purchase, the
        regulator in scope, the auditor, and experts of other organisations who declared no conflict."""
        if actor.role is Role.CLOCK:
            return queryset
        if actor.role is Role.FIRM:
            own = models.Q(organisation__public_id=actor.organisation)
            return queryset.filter(own) if actor.organisation else queryset.none()
        if actor.role is Role.AUDITOR:
            return queryset.exclude(HIDDEN)
        found = super().visible(actor, queryset).exclude(HIDDEN)
        if actor.role is Role.REVIEWER:
            free = models.Q(purchase__interests__person=actor.person, purchase__interests__conflict=False)
            return found.filter(free).exclude(organisation__public_id=actor.organisation)
        if actor.role is Role.BUYER:
            return found.filter(purchase__organisation__public_id=actor.organisation)
        return found if actor.role is Role.REGULATOR else found.none()

    def seen_from_inside(self, actor: Actor) -> bool:
        """Whether names and comments are seen: experts read blind."""
        return actor.role is not Role.REVIEWER and super().seen_from_inside(actor)

    def to_domain(self) -> OfferFacts:
        """Return the offer as its guards see it."""
        posting = self.purchase
        chosen = posting.selection.get("selected")
        listed = self.public_id in (chosen or ())
        house = self.organisation_id
        return OfferFacts(
            posting.deadline,
            bool(self.box),
            any(p.organisation_id == house and p.qualified for p in posting.participants.all()),
            len(set(posting.opened_by)) >= 2,
            posting.house,
            chosen is not None and listed,
            chosen is not None and not listed,
        )

    def to_offer(self) -> Offer:
        """Return an opened offer as the evaluation knows it; its price is compensation and first purchase together."""
        c = self.content
        values = tuple((str(k), v) for k, v in c.get("values", {}).items())
        share = c.get("domestic_share")
        name = self.organisation.name_zh if self.organisation else ""
        price = Decimal(c["compensation"]) + Decimal(c["first_price"])
        return Offer(self.public_id, name, price, c["domestic"], c["sme"], share, values)

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """An offer that is taken back or withdrawn leaves nothing behind."""
        if event.transition in ("replace", "withdraw"):
            self.box, self.receipt, self.content = b"", "", {}

    def search_words(self) -> Iterable[str]:
        """An offer is found by its identifier only."""
        yield self.public_id


class Interest(models.Model):
    """What an expert declared of a purchase before reading."""

    purchase = models.ForeignKey(CoPurchase, models.CASCADE, related_name="interests")
    person = models.CharField(max_length=40)
    conflict = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "procurement"
        constraints = (models.UniqueConstraint(fields=("purchase", "person"), name="procurement_declared_once"),)


class OfferScore(models.Model):
    """An expert's score of an offer under one criterion; never changed."""

    offer = models.ForeignKey(SealedOffer, models.CASCADE, related_name="scores")
    person = models.CharField(max_length=40)
    criterion = models.CharField(max_length=40)
    score = models.FloatField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "procurement"
        constraints = (
            models.UniqueConstraint(fields=("offer", "person", "criterion"), name="procurement_scored_once"),
        )

    def to_domain(self) -> ReviewerScore:
        """Return the score as the evaluation knows it."""
        return ReviewerScore(self.offer.public_id, self.person, self.criterion, self.score)
