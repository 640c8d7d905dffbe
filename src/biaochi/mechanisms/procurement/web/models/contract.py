"""An R&D contract with its stages, tests and settlement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.verdict import Verdict
from biaochi.core.workflow import Event
from biaochi.mechanisms.procurement.decisions.compensation import may_agree
from biaochi.mechanisms.procurement.decisions.needs import meets
from biaochi.mechanisms.procurement.lifecycle import CONTRACT
from biaochi.mechanisms.procurement.model import Contract, Stage
from biaochi.mechanisms.procurement.web import record
from biaochi.mechanisms.procurement.web.models.purchase import CoPurchase
from biaochi.registry.models import Governed, Organisation, Visibility

OUTCOME = ("accepted", "eliminated", "withdrawn")


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract as its guards see it."""

    buyer: str
    supplier: str
    stage_agreed: bool
    stage_within_cap: bool
    stage_within_scope: bool
    last_met: bool
    report_and_costs: bool
    evidence_verified: bool
    milestone_unmet: bool
    acceptance_passed: bool


class RdContract(Governed):
    """An R&D contract of one supplier."""

    workflow = CONTRACT
    prefix = "RC"
    creators = (Role.BUYER,)
    visibility = Visibility(roles=(Role.BUYER, Role.REGULATOR, Role.REVIEWER, Role.FIRM))
    scope_fields = ("purchase__public_id",)
    badges: ClassVar[Mapping[str, str]] = {"accepted": "met", "eliminated": "stop", "withdrawn": "not_applicable"}

    purchase = models.ForeignKey(CoPurchase, models.PROTECT, related_name="contracts", editable=False)
    supplier = models.ForeignKey(Organisation, models.PROTECT, related_name="+", editable=False)
    cap = models.DecimalField(max_digits=18, decimal_places=2, editable=False)
    signed_on = models.DateField(editable=False)
    ends_on = models.DateField(editable=False)
    major = models.BooleanField(default=False, editable=False)
    scope = models.JSONField(default=list, editable=False)
    stages = models.JSONField(default=list, editable=False)
    pending = models.JSONField(default=dict, editable=False)
    tests = models.JSONField(default=list, editable=False)
    settled = models.DecimalField(max_digits=18, decimal_places=2, null=True, editable=False)

    class Meta:
        app_label = "procurement"
        constraints = (models.UniqueConstraint(fields=("purchase", "supplier"), name="procurement_one_contract"),)

    @classmethod
    def visible(cls, actor: Actor, queryset: models.QuerySet[Self]) -> models.QuerySet[Self]:
        """Buyer, supplier and experts of this purchase, regulator, auditor; its public side stands on the purchase."""
        found = super().visible(actor, queryset)
        if actor.role is Role.BUYER:
            return found.filter(purchase__organisation__public_id=actor.organisation)
        if actor.role is Role.FIRM:
            return found.filter(supplier__public_id=actor.organisation) if actor.organisation else found.none()
        if actor.role is Role.REVIEWER:
            free = models.Q(purchase__interests__person=actor.person, purchase__interests__conflict=False)
            return found.filter(free).exclude(supplier__public_id=actor.organisation)
        return found if actor.role in (Role.REGULATOR, Role.AUDITOR, Role.CLOCK) else found.none()

    def seen_from_inside(self, actor: Actor) -> bool:
        """The supplier sees its own contract as the buyer does."""
        if actor.role is Role.FIRM:
            return bool(actor.organisation) and self.supplier.public_id == actor.organisation
        if actor.role is Role.BUYER:
            return self.organisation is not None and self.organisation.public_id == actor.organisation
        return super().seen_from_inside(actor)

    @property
    def outcome(self) -> str | None:
        """How the contract ended, if it did."""
        return self.state if self.state in OUTCOME else None

    @property
    def domain(self) -> Contract:
        """The contract as the pure rooms know it."""
        return record.contract_of(self)

    @property
    def last(self) -> Stage | None:
        """The present stage."""
        stages = self.domain.stages
        return stages[-1] if stages else None

    def tests_passed(self) -> bool:
        """Whether every mandatory need has a passed test with evidence."""
        by_need = {t["need"]: t for t in self.tests}
        needs = record.plan_of(self.purchase).mandatory
        return bool(needs) and all(
            n.code in by_need and bool(by_need[n.code]["evidence"]) and meets(n, by_need[n.code]["value"])
            for n in needs
        )

    def to_domain(self) -> ContractFacts:
        """Return the contract as its guards see it."""
        contract = self.domain
        last = contract.stages[-1] if contract.stages else None
        pending = record.stage_of(self.pending) if self.pending else None
        found = {}
        if pending is not None:
            agreed = may_agree(contract, pending, at=timezone.localdate())
            found = {r.rule: r.verdict is Verdict.MET for r in agreed.reasons}
        proved = last is not None and bool(last.evidence) and last.verdict is not None and bool(last.report)
        return ContractFacts(
            self.purchase.house,
            self.supplier.public_id,
            pending is not None and found.get("stage_once", False),
            found.get("stage_cap", False),
            found.get("scope", False),
            all(s.verdict == "met" for s in contract.stages),
            last is not None and bool(last.report) and bool(last.cost_statement),
            proved,
            last is not None and last.verdict == "unmet",
            self.tests_passed(),
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Keep what each step of a stage settles; the clock gives the days."""
        today = timezone.localdate(event.at).isoformat()
        if event.transition == "negotiate":
            self.stages = [*self.stages, {**self.pending, "midterm_on": today}]
            self.pending = {}
        elif event.transition == "start":
            self.change_last(starts_on=today)
        elif event.transition == "verify":
            self.change_last(decided_on=today)

    def change_last(self, **more: Any) -> None:
        """Change the present stage."""
        self.stages = [*self.stages[:-1], {**self.stages[-1], **more}]

    def paid(self) -> Decimal:
        """Return what was paid so far."""
        return sum((Decimal(s["amount"]) for s in self.stages if s.get("verdict") == "met"), Decimal(0)) + (
            self.settled or Decimal(0)
        )
