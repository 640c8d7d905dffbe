"""What is stored of a purchase: its file, the products on the market, the state; facts come from the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db import models
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.lifecycle import PURCHASE
from biaochi.mechanisms.procurement.model import Purchase
from biaochi.mechanisms.procurement.web import readings
from biaochi.registry.models import Governed, Organisation, Visibility

PREPARING = ("draft_plan", "expert_argued", "approved")
AWARDED = (
    "standstill", "complaint", "developing", "accepted", "first_purchase_review", "first_purchase_standstill",
    "first_purchase_complaint", "first_purchase_contract", "iterated", "closed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PurchaseFacts:
    """A purchase as its life cycle's guards see it."""

    author: str
    plan_complete: bool
    ground_met: bool
    level_met: bool
    argued: bool
    group_complete: bool
    intention_disclosed: bool
    notice_long_enough: bool
    every_qualified_heard: bool
    proposal_weight_met: bool
    file_to_all: bool
    response_long_enough: bool
    suppliers_at_most_three: bool
    result_disclosed: bool
    standstill_ends_on: date | None
    caps_within_total: bool
    acceptance_passed: bool
    first_purchase_disclosed: bool


class CoPurchase(Governed):
    """A co-innovation purchase."""

    workflow = PURCHASE
    prefix = "CP"
    creators = (Role.BUYER,)
    visibility = Visibility(
        public_states=(
            "noticed", "qualified", "concept_exchange", "file_issued", "negotiation_rounds", "selected",
            *AWARDED, "no_success_closed",
        ),
        roles=(Role.REGULATOR,),
    )  # fmt: skip
    badges: ClassVar[Mapping[str, str]] = {"closed": "met", "complaint": "manual_review", "no_success_closed": "unmet"}

    document = models.TextField()
    products = models.TextField(blank=True)

    class Meta:
        app_label = "procurement"

    def place(self, actor: Actor) -> None:
        """Lie where the buyer does."""
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        self.region = house.region if house else None

    @property
    def purchase(self) -> Purchase:
        """The purchase of the file."""
        return readings.purchase_of(self.document)

    def to_domain(self) -> PurchaseFacts:
        """Return the purchase as its guards see it today."""
        at, p = timezone.localdate(), self.purchase
        found = {r.rule: r for r in readings.checked(p, readings.market_of(p, self.products), at).reasons}

        def past(day: date | None) -> bool:
            return day is not None and day <= at

        def public(document: str) -> bool:
            return any(d.document == document and (past(d.on) or d.exempt) for d in p.disclosures)

        def passes(code: str) -> bool:
            return found[code].verdict is Verdict.MET

        group = found["group"]
        first = self.state.startswith("first_purchase")
        return PurchaseFacts(
            author=self.creator.public_id if self.creator else "",
            plan_complete=passes("plan_complete"),
            ground_met=found["ground"].verdict in (Verdict.MET, Verdict.MANUAL_REVIEW),
            level_met=passes("level"),
            argued=past(p.dates.argued),
            group_complete=readings.reaches(group)
            and len(p.group) % 2 == 1
            and all(any(m.role == role for m in p.group) for role in ("legal", "economics")),
            intention_disclosed=public("intention"),
            notice_long_enough=past(p.dates.applications_close) and readings.reaches(found["notice_days"]),
            every_qualified_heard=past(p.dates.exchanged),
            proposal_weight_met=readings.reaches(found["proposal_weight"]),
            file_to_all=past(p.dates.file_issued),
            response_long_enough=past(p.dates.first_response) and readings.reaches(found["response_days"]),
            suppliers_at_most_three=readings.reaches(found["suppliers"], most=True),
            result_disclosed=public("result"),
            standstill_ends_on=readings.standstill_end(p, at, first=first),
            caps_within_total=passes("total"),
            acceptance_passed=passes("acceptance"),
            first_purchase_disclosed=p.first_purchase is not None and past(p.first_purchase.announced_on),
        )
