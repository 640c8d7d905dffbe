"""What is stored of a review: the text in its versions, exception claims, hearings, settled points, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db import models
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Event
from biaochi.mechanisms.fairness.decisions import Conclusion
from biaochi.mechanisms.fairness.lifecycle import REVIEW
from biaochi.mechanisms.fairness.model import Alternative, Approval, Claim
from biaochi.registry.models import Governed, Organisation, Visibility

KINDS = ("tender", "first_purchase", "policy", "voucher", "fund", "scene", "pilot_zone")
EXCEPTION, OVERRIDE = "exception", "override"
_CLEAR = (Conclusion.COMPLIANT.value, Conclusion.COMPLIANT_WITH_EXCEPTION.value)


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """A review as its life cycle's guards see it."""

    drafter: str
    stakeholders_heard: bool
    regulator_settled: bool
    clear_to_issue: bool
    exception_ends_on: date | None


class FairnessReview(Governed):
    """One text under review."""

    workflow = REVIEW
    prefix = "FR"
    creators = (Role.OFFICER, Role.BUYER)
    visibility = Visibility(
        public_states=("issued", "complaint", "upheld", "withdrawn"), roles=(Role.COMPETITION_REVIEWER, Role.REGULATOR)
    )
    badges: ClassVar[Mapping[str, str]] = {
        "issued": "met", "upheld": "met", "complaint": "manual_review", "amended": "returned",
    }  # fmt: skip
    resting = frozenset({"issued"})

    kind = models.CharField(max_length=20)
    dated = models.DateField()
    by_government = models.BooleanField(default=False)
    text = models.TextField()
    number = models.PositiveIntegerField(default=1, editable=False)
    drafter = models.CharField(max_length=40, blank=True, editable=False)
    regulator = models.CharField(max_length=40, blank=True, editable=False)
    regulator_basis = models.CharField(max_length=64, blank=True, editable=False)
    conclusion = models.CharField(max_length=30, blank=True, editable=False)
    concluded_basis = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        app_label = "fairness"

    def place(self, actor: Actor) -> None:
        """Lie where the drafter's organisation does, so that the reviewers of that region see it."""
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        self.region = house.region if house else None

    @property
    def basis(self) -> str:
        """Digest of what people sign: the text and every claim; a change of either voids what was signed."""
        claims = [
            [c.rule, c.quote, c.ground, c.statement, c.alternative, c.why_not, str(c.end_on or ""), c.termination]
            for c in self.claims.order_by("pk")
        ]
        return digest([self.kind, self.dated.isoformat(), self.text, claims])

    def domain_claims(self) -> tuple[Claim, ...]:
        """Return the claims as the decisions know them."""
        return tuple(c.to_domain() for c in self.claims.order_by("pk"))

    def approvals(self, purpose: str) -> tuple[Approval, ...]:
        """Return the signatures that hold for the text and the claims as they are now."""
        rows = self.signatures.filter(purpose=purpose, basis=self.basis).order_by("pk")
        return tuple(Approval(s.person, timezone.localdate(s.at), s.reason) for s in rows)

    def settled_clauses(self) -> tuple[str, ...]:
        """Return the clauses whose open points a person settled in this text."""
        return tuple(self.settlements.filter(basis=self.basis).values_list("clause", flat=True))

    def overridden(self) -> bool:
        """Return whether the override is complete; how many people it takes is the decision's to say."""
        return self.signatures.filter(purpose=OVERRIDE, basis=self.basis, complete=True).exists()

    def to_domain(self) -> ReviewFacts:
        """Return the review as its life cycle's guards see it."""
        basis = self.basis
        passed = self.conclusion in _CLEAR and self.concluded_basis == basis
        ends = [c.end_on for c in self.claims.all() if c.end_on is not None]
        return ReviewFacts(
            self.drafter or (self.creator.public_id if self.creator else ""),
            self.hearings.exists(),
            not self.by_government or (bool(self.regulator) and self.regulator_basis == basis),
            passed or (self.concluded_basis == basis and self.overridden()),
            min(ends, default=None),
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Keep the conclusion with the basis it rests on."""
        if event.transition == "conclude" and decision is not None:
            self.conclusion, self.concluded_basis = decision.outcome, self.basis


class TextVersion(models.Model):
    """A version of the text as it was handed in."""

    review = models.ForeignKey(FairnessReview, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    person = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "fairness"
        constraints = (models.UniqueConstraint(fields=("review", "number"), name="fairness_version_once"),)


class ExceptionClaim(models.Model):
    """An exception claimed for the findings of one rule or for one quotation (Art 12)."""

    review = models.ForeignKey(FairnessReview, models.CASCADE, related_name="claims")
    rule = models.CharField(max_length=20, blank=True)
    quote = models.CharField(max_length=500, blank=True)
    ground = models.CharField(max_length=20)
    statement = models.TextField()
    alternative = models.TextField(blank=True)
    why_not = models.TextField(blank=True)
    end_on = models.DateField(null=True, blank=True)
    termination = models.TextField(blank=True)
    person = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "fairness"

    def to_domain(self) -> Claim:
        """Return the claim as the decisions know it."""
        other = (Alternative(self.alternative, self.why_not),) if self.alternative or self.why_not else ()
        return Claim(self.ground, self.statement, self.rule, self.quote, other, self.end_on, self.termination)


class Hearing(models.Model):
    """A stakeholder who was heard (Art 16)."""

    review = models.ForeignKey(FairnessReview, models.CASCADE, related_name="hearings")
    who = models.CharField(max_length=120)
    on = models.DateField()
    view = models.TextField()

    class Meta:
        app_label = "fairness"


class Settlement(models.Model):
    """An open point of one clause that a reviewer settled as harmless, with the reason."""

    review = models.ForeignKey(FairnessReview, models.CASCADE, related_name="settlements")
    basis = models.CharField(max_length=64)
    clause = models.CharField(max_length=80)
    person = models.CharField(max_length=40)
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "fairness"
        constraints = (models.UniqueConstraint(fields=("review", "basis", "clause"), name="fairness_settled_once"),)


class Signature(models.Model):
    """A person's signature under an exception or an override; it holds for one text with its claims."""

    review = models.ForeignKey(FairnessReview, models.CASCADE, related_name="signatures")
    purpose = models.CharField(max_length=20)
    basis = models.CharField(max_length=64)
    person = models.CharField(max_length=40)
    role = models.CharField(max_length=30)
    reason = models.TextField()
    complete = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "fairness"
        constraints = (
            models.UniqueConstraint(fields=("review", "purpose", "basis", "person"), name="fairness_signed_once"),
        )
