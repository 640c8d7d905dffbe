"""Compute vouchers as stored: schemes, vouchers, and books in double entry whose budget cannot go below nothing."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event
from biaochi.mechanisms.sandbox import model
from biaochi.mechanisms.sandbox.lifecycle import VOUCHER
from biaochi.mechanisms.sandbox.report import account_name
from biaochi.mechanisms.sandbox.web.models.case import ZONE
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.models import Governed, Organisation, Visibility

ZERO = Decimal("0.00")


def scheme_id() -> str:
    """Return a new identifier of a scheme."""
    return new_public_id("CS")


class Scheme(models.Model):
    """A voucher scheme; ``available`` repeats the balance of its books, and the database keeps it above nothing."""

    public_id = models.CharField(max_length=20, unique=True, default=scheme_id, editable=False)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    budget = models.DecimalField(max_digits=16, decimal_places=2)
    available = models.DecimalField(max_digits=16, decimal_places=2, editable=False)
    start_on = models.DateField()
    end_on = models.DateField()
    holder_cap = models.DecimalField(max_digits=16, decimal_places=2)
    cap_by = models.CharField(max_length=10, choices=[("holder", "holder"), ("group", "group")], default="group")
    rates = models.JSONField()
    local_only = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    simulated = models.BooleanField(default=False, editable=False)

    class Meta:
        app_label = "sandbox"
        constraints = (
            models.CheckConstraint(condition=Q(available__gte=0), name="sandbox_budget_kept"),
            models.CheckConstraint(condition=Q(available__lte=models.F("budget")), name="sandbox_budget_whole"),
        )

    def __str__(self) -> str:
        return f"{self.public_id} {self.title_zh}"

    @property
    def title(self) -> Text:
        """Its title in both languages."""
        return Text(self.title_zh, self.title_en)

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("sandbox:scheme", args=[self.public_id])

    def to_scheme(self) -> model.Scheme:
        """Return the scheme as the decisions know it; on the site the first come is the first served."""
        return model.Scheme(
            self.public_id,
            self.budget,
            self.start_on,
            self.end_on,
            self.holder_cap,
            "group" if self.cap_by == "group" else "holder",
            {k: Decimal(str(v)) for k, v in self.rates.items()},
            "first_come",
            local_only=self.local_only,
        )


class BookLine(models.Model):
    """One line of a scheme's books: the same amount debited and credited."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="lines")
    at = models.DateTimeField()
    debit = models.CharField(max_length=60)
    credit = models.CharField(max_length=60)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    voucher = models.ForeignKey("sandbox.Voucher", models.PROTECT, null=True, related_name="lines")

    class Meta:
        app_label = "sandbox"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="sandbox_line_positive"),
            models.CheckConstraint(condition=~Q(debit=models.F("credit")), name="sandbox_line_two_sides"),
        )

    @property
    def debit_name(self) -> Text:
        """The account debited, in words."""
        return account_name(self.debit, self._holders())

    @property
    def credit_name(self) -> Text:
        """The account credited, in words."""
        return account_name(self.credit, self._holders())

    def _holders(self) -> dict[str, Text]:
        return {self.voucher.holder.public_id: self.voucher.holder.title} if self.voucher else {}


class Affiliation(models.Model):
    """Two organisations under common control, by their public identifiers."""

    a = models.CharField(max_length=40)
    b = models.CharField(max_length=40)

    class Meta:
        app_label = "sandbox"
        constraints = (models.UniqueConstraint(fields=("a", "b"), name="sandbox_affiliation_once"),)


class WithHolder(models.Manager["Voucher"]):
    """Vouchers with their scheme and holder, which every rule asks for."""

    def get_queryset(self) -> models.QuerySet[Voucher]:
        """Return vouchers joined with both."""
        return super().get_queryset().select_related("scheme", "holder")


class Voucher(Governed):
    """A voucher of one holder: what it may cost the scheme at most, on which contract, what was claimed and paid."""

    workflow = VOUCHER
    prefix = "CV"
    creators = (Role.OFFICER,)
    visibility = Visibility(roles=(Role.OFFICER,), own=True)
    badges = {"redeemed": "met", "verified": "met", "clawed_back": "unmet", "expired": "expired"}
    resting = frozenset({"issued", "redeemed"})

    objects = WithHolder()

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="vouchers", editable=False)
    holder = models.ForeignKey(Organisation, models.PROTECT, related_name="+", editable=False)
    face = models.DecimalField(max_digits=16, decimal_places=2, editable=False)
    provider = models.CharField(max_length=120, blank=True)
    contract = models.CharField(max_length=120, blank=True)
    invoice = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    contract_amount = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    paid_amount = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    other_subsidy = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    awarded = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO, editable=False)
    verified_by = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        app_label = "sandbox"

    def to_claim(self) -> model.Claim:
        """Return the claim as the decisions know it."""
        at = self.submitted_at or timezone.now()
        return model.Claim(
            self.public_id,
            self.holder.public_id,
            self.provider,
            self.contract,
            self.invoice,
            self.kind,
            self.contract_amount,
            self.paid_amount,
            at,
            at.astimezone(ZONE).date(),
            self.other_subsidy,
            self.face,
        )

    def to_domain(self) -> model.VoucherRecord:
        """Return the facts the guards of the life cycle ask about."""
        return model.VoucherRecord(
            created_by=self.creator.public_id if self.creator else "",
            holder_organisation=self.holder.public_id,
            verified_by=self.verified_by,
            end_on=self.scheme.end_on,
            zone=ZONE,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Keep when it was claimed and what was verified; enter what the move costs or gives back in the books."""
        if event.transition == "claim":
            self.submitted_at = event.at
        elif event.transition == "verify" and decision is not None:
            self.verified_by = event.actor.person
            self.awarded = Decimal(str(decision.facts["awarded"]))
        elif event.transition == "redeem":
            post(self, event, f"paid:{self.holder.public_id}", self._held, self.awarded)
            post(self, event, "available", self._held, self.face - self.awarded)
        elif event.transition == "expire":
            post(self, event, "available", self._held, self.face)
        elif event.transition == "claw_back":
            post(self, event, "available", f"paid:{self.holder.public_id}", self.awarded)

    @property
    def _held(self) -> str:
        return f"voucher:{self.holder.public_id}"

    @classmethod
    def visible_condition(cls, actor: Actor) -> Q:
        """The holder sees its voucher, too."""
        found = super().visible_condition(actor)
        if actor.role is Role.FIRM and actor.organisation:
            found |= Q(holder__public_id=actor.organisation)
        return found


def post(voucher: Voucher, event: Event, debit: str, credit: str, amount: Decimal) -> None:
    """Enter one line and keep the scheme's balance with it; nothing is entered for nothing."""
    if amount <= 0:
        return
    BookLine.objects.create(
        scheme=voucher.scheme, at=event.at, debit=debit, credit=credit, amount=amount, voucher=voucher
    )
    change = amount if debit == "available" else -amount if credit == "available" else ZERO
    if change:
        Scheme.objects.filter(pk=voucher.scheme_id).update(available=models.F("available") + change)
