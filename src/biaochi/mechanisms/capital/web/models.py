"""What is stored of guidance funds: terms in their versions, money in and out, deals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.roles import Role
from biaochi.mechanisms.capital.files import terms_of
from biaochi.mechanisms.capital.lifecycle import FUND
from biaochi.mechanisms.capital.model import Deal, Flow, Terms
from biaochi.registry.models import Governed, Visibility


@dataclass(frozen=True)
class FundFacts:
    """A fund as its life cycle sees it."""

    terms_checked: bool
    holdings_settled: bool


class GuidanceFund(Governed):
    """A guidance fund: its terms, its money, its life."""

    workflow = FUND
    prefix = "GF"
    creators = (Role.FUND_MANAGER,)
    visibility = Visibility(
        public_states=("investing", "exiting", "liquidated"), roles=(Role.FUND_MANAGER, Role.OFFICER)
    )
    badges: ClassVar[Mapping[str, str]] = {"investing": "active", "exiting": "manual_review", "liquidated": "met"}
    resting = frozenset({"investing", "exiting"})

    document = models.JSONField(editable=False)
    checked_basis = models.CharField(max_length=64, blank=True, editable=False)
    check_outcome = models.CharField(max_length=20, blank=True, editable=False)

    class Meta:
        app_label = "capital"

    @cached_property
    def terms(self) -> Terms:
        """The terms as the methods know them."""
        return terms_of(self.document)

    @property
    def basis(self) -> str:
        """Digest of the terms; a check holds for exactly these."""
        return digest(self.document)

    def known_flows(self, at: date) -> list[Flow]:
        """Return the flows that stand, up to a day, in the order of the days."""
        return [f.to_domain() for f in self.flows.filter(voided_at__isnull=True, at__lte=at).order_by("at", "pk")]

    def known_deals(self) -> list[Deal]:
        """Return the deals."""
        return [d.to_domain() for d in self.deals.order_by("pk")]

    def to_domain(self) -> FundFacts:
        """Return what the guards ask: these terms were checked; nothing is held any more."""
        settled = False
        if self.state == "exiting":
            last = self.flows.filter(kind="nav", voided_at__isnull=True).order_by("-at").first()
            rows = self.flows.filter(kind="nav", voided_at__isnull=True, at=last.at) if last is not None else []
            settled = last is not None and sum((r.amount for r in rows), Decimal(0)) == 0
        return FundFacts(bool(self.checked_basis) and self.checked_basis == self.basis, settled)


class MoneyFlow(models.Model):
    """A call, a distribution or a valuation; never changed, only voided with a reason."""

    fund = models.ForeignKey(GuidanceFund, models.PROTECT, related_name="flows")
    at = models.DateField()
    kind = models.CharField(max_length=12)
    party = models.CharField(max_length=60, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    recorded_at = models.DateTimeField(default=timezone.now)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        app_label = "capital"

    def to_domain(self) -> Flow:
        """Return the flow as the decisions room knows it."""
        kind: Any = self.kind
        return Flow(self.fund.public_id, self.at, kind, self.party, self.amount)


class FundDeal(models.Model):
    """An investment of a fund, with its judged chances."""

    fund = models.ForeignKey(GuidanceFund, models.CASCADE, related_name="deals")
    deal = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    p_success = models.FloatField()
    loss_share = models.FloatField()
    group = models.CharField(max_length=60, blank=True)
    p_group = models.FloatField(null=True)

    class Meta:
        app_label = "capital"
        constraints = (models.UniqueConstraint(fields=("fund", "deal"), name="capital_deal_once"),)

    def to_domain(self) -> Deal:
        """Return the deal as the decisions room knows it."""
        return Deal(self.deal, self.kind, self.amount, self.p_success, self.loss_share, self.group, self.p_group)
