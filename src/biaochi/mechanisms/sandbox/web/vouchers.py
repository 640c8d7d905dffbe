"""Issuing and checking vouchers, one at a time under the scheme's lock, so that no two spend the same yuan."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction as database
from django.utils import timezone

from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.decisions import allocate_vouchers
from biaochi.mechanisms.sandbox.web.models import ZONE, Affiliation, BookLine, Scheme, Voucher, rules_on
from biaochi.registry.models import Organisation
from biaochi.registry.transition import create

ZERO = Decimal("0.00")
CLAIMED = ("claim_submitted", "verified", "redeemed")


def open_scheme(scheme: Scheme, now: datetime | None = None) -> Scheme:
    """Store a new scheme with the first line of its books: the appropriation."""
    with database.atomic():
        scheme.available = scheme.budget
        scheme.save(force_insert=True)
        BookLine.objects.create(
            scheme=scheme, at=now or timezone.now(), debit="available", credit="appropriation", amount=scheme.budget
        )
    return scheme


def issue(
    scheme: Scheme, holder: Organisation, amount: Decimal, actor: Actor, reason: str = "", now: datetime | None = None
) -> Voucher:
    """Issue a voucher; the last one takes what is left, and after that nothing is issued.

    Raises
    ------
    RefusedError
        ``budget_used_up``, ``cap_reached`` or ``past_period``.
    """
    at = now or timezone.now()
    with database.atomic():
        held = Scheme.objects.select_for_update().get(pk=scheme.pk)
        if not held.start_on <= at.astimezone(ZONE).date() <= held.end_on:
            raise RefusedError("past_period", Text("不在申领期内", "outside the scheme's period"))
        taken = sum((v.face for v in Voucher.objects.filter(scheme=held, holder=holder).exclude(state="expired")), ZERO)
        left = min(held.holder_cap - taken, amount)
        if left <= 0:
            raise RefusedError("cap_reached", Text("已达单位上限", "the holder's cap is reached"))
        face = min(left, held.available)
        if face <= 0:
            raise RefusedError("budget_used_up", Text("预算已用完", "the budget is used up"))
        voucher = Voucher(
            scheme=held,
            holder=holder,
            face=face,
            title_zh=f"算力券：{holder.name_zh}"[:200],
            title_en=f"Compute voucher: {holder.name_en}"[:200],
            region=holder.region,
            simulated=scheme.simulated,
        )
        create(voucher, actor, reason, now=at)
        BookLine.objects.create(
            scheme=held, at=at, debit=f"voucher:{holder.public_id}", credit="available", amount=face, voucher=voucher
        )
        Scheme.objects.filter(pk=held.pk).update(available=held.available - face)
    return voucher


def checked(voucher: Voucher, at: datetime) -> Decision:
    """Return what a claim is entitled to among all claims of its scheme; outcome ``pay``, ``hold`` or ``refuse``.

    Called inside a transaction; the award is never more than the voucher's face.
    """
    scheme = Scheme.objects.select_for_update().get(pk=voucher.scheme_id)
    rows = Voucher.objects.filter(scheme=scheme, state__in=CLAIMED).select_related("holder", "scheme")
    claims = [v.to_claim() for v in rows]
    pairs = tuple(Affiliation.objects.values_list("a", "b"))
    day = at.astimezone(ZONE).date()
    found = allocate_vouchers(scheme.to_scheme(), claims, pairs, parameters=rules_on(day))
    award = next(a for a in found.awards if a.claim == voucher.public_id)
    amount = award.awarded
    reasons = [Reason(r.rule, r.verdict, r.text) for r in award.reasons]
    text = Text(
        f"应得 {award.entitled} 元，券面 {voucher.face} 元，核定 {amount} 元",
        f"entitled to {award.entitled}, face {voucher.face}, awarded {amount} yuan",
    )
    reasons.append(Reason("award", award.verdict, text, amount, voucher.face, "yuan"))
    return Decision(_OUTCOME[award.verdict], tuple(reasons), at, facts={"awarded": amount, "entitled": award.entitled})


_OUTCOME = {Verdict.MET: "pay", Verdict.MANUAL_REVIEW: "hold", Verdict.UNMET: "refuse"}


def balances(scheme: Scheme) -> dict[str, Decimal]:
    """Return each account's debit minus credit; they sum to nothing."""
    found: dict[str, Decimal] = {}
    for line in scheme.lines.all():
        found[line.debit] = found.get(line.debit, ZERO) + line.amount
        found[line.credit] = found.get(line.credit, ZERO) - line.amount
    return dict(sorted(found.items()))
