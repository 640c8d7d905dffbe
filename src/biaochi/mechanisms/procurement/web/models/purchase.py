"""A purchase as it is stored: its plan, the dates the clock gave it, what was disclosed, and who takes part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.procurement.lifecycle import PURCHASE
from biaochi.mechanisms.procurement.model import ProductFact, Purchase
from biaochi.mechanisms.procurement.web import record
from biaochi.mechanisms.procurement.web.facts import PurchaseFacts
from biaochi.registry.models import Governed, Organisation, Visibility
from biaochi.registry.models.governed import NOBODY

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from biaochi.mechanisms.procurement.web.models.contract import RdContract
    from biaochi.mechanisms.procurement.web.models.offer import Interest, SealedOffer

PREPARING = ("draft_plan", "expert_argued", "approved")
AWARDED = (
    "standstill", "complaint", "developing", "accepted", "first_purchase_review", "first_purchase_standstill",
    "first_purchase_complaint", "first_purchase_contract", "iterated", "closed",
)  # fmt: skip
OPEN = ("noticed", "qualified", "concept_exchange", "file_issued", "negotiation_rounds", "selected")


class CoPurchase(Governed):
    """A co-innovation purchase."""

    workflow = PURCHASE
    prefix = "CP"
    creators = (Role.BUYER,)
    visibility = Visibility(
        public_states=("approved", *OPEN, *AWARDED, "no_success_closed"),
        roles=(Role.REGULATOR,),
    )
    badges: ClassVar[Mapping[str, str]] = {
        "noticed": "open", "closed": "met", "complaint": "manual_review", "first_purchase_complaint": "manual_review",
        "no_success_closed": "unmet",
    }  # fmt: skip
    resting = frozenset({"iterated"})
    inner_moves = frozenset(
        {
            "plan_kept", "needs_kept", "products_kept", "applied", "applicant_judged", "concept_exchanged", "key_made",
            "share_taken", "share_entered", "offers_opened", "interests_declared", "evaluated", "terms_written",
            "first_purchase_chosen", "evidence_taken",
        }
    )  # fmt: skip

    plan = models.JSONField(default=dict, editable=False)
    products = models.JSONField(default=list, editable=False)
    dates = models.JSONField(default=dict, editable=False)
    disclosures = models.JSONField(default=list, editable=False)
    complaints = models.JSONField(default=list, editable=False)
    terms = models.JSONField(default=dict, editable=False)
    selection = models.JSONField(default=dict, editable=False)
    first = models.JSONField(default=dict, editable=False)
    evidence = models.JSONField(default=list, editable=False)
    intention_out = models.BooleanField(default=False, editable=False)
    deadline = models.DateTimeField(null=True, editable=False)
    public_key = models.CharField(max_length=64, blank=True, editable=False)
    holders = models.JSONField(default=dict, editable=False)
    opened_by = models.JSONField(default=list, editable=False)
    opened = models.BooleanField(default=False, editable=False)

    if TYPE_CHECKING:
        participants: RelatedManager[Participant]
        offers: RelatedManager[SealedOffer]
        contracts: RelatedManager[RdContract]
        interests: RelatedManager[Interest]

    class Meta:
        app_label = "procurement"

    @classmethod
    def visible(cls, actor: Actor, queryset: models.QuerySet[Self]) -> models.QuerySet[Self]:
        """An approved plan is public from the day its intention is; before that only for who handles it."""
        found = super().visible(actor, queryset)
        if actor.role in (Role.CLOCK, Role.AUDITOR):
            return found
        inside = NOBODY
        if actor.role is Role.REGULATOR:
            inside = cls.scope_of(actor)
        elif actor.role.decides:
            inside = Q(creator__public_id=actor.person)
            if actor.organisation:
                inside |= Q(organisation__public_id=actor.organisation)
        return found.filter(~Q(state="approved") | Q(intention_out=True) | inside)

    def place(self, actor: Actor) -> None:
        """Lie where the buyer does."""
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        self.region = house.region if house else None

    @property
    def house(self) -> str:
        """Public identifier of the buying organisation."""
        return self.organisation.public_id if self.organisation else ""

    @property
    def purchase(self) -> Purchase:
        """The purchase as the pure rooms know it."""
        return record.purchase_of(self)

    @property
    def facts_of_market(self) -> tuple[ProductFact, ...]:
        """What is known of products on the market."""
        return record.products_of(self.products)

    def to_domain(self) -> PurchaseFacts:
        """Return the purchase as its guards see it; what they ask is computed when they ask."""
        return PurchaseFacts(self)

    def day(self, name: str, event: Event) -> None:
        """Keep the day of a step; the server's clock gives it, nobody types it."""
        self.dates = {**self.dates, name: timezone.localdate(event.at).isoformat()}

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Keep the day of each step, and what the step settles."""
        record.keep_step(self, event, decision)


class Participant(models.Model):
    """A supplier that applied: judged, heard, and sent the negotiation file."""

    purchase = models.ForeignKey(CoPurchase, models.CASCADE, related_name="participants")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    statement = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    qualified = models.BooleanField(null=True)
    reason = models.TextField(blank=True)
    heard_on = models.DateField(null=True)
    minutes = models.TextField(blank=True)

    class Meta:
        app_label = "procurement"
        constraints = (models.UniqueConstraint(fields=("purchase", "organisation"), name="procurement_applied_once"),)


class WorkingDay(models.Model):
    """A day declared working or not; a year without one is counted Monday to Friday and reviewed by a person."""

    day = models.DateField(primary_key=True)
    working = models.BooleanField()

    class Meta:
        app_label = "procurement"


class ProcurementTotal(models.Model):
    """All that a region procured in a year, in yuan, from the procurement system; the denominator of indicator E4."""

    region = models.CharField(max_length=6)
    year = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    source = models.CharField(max_length=200)

    class Meta:
        app_label = "procurement"
        constraints = (models.UniqueConstraint(fields=("region", "year"), name="procurement_one_total"),)
