"""What the pages and guards compute from a stored purchase: market, checks, evaluation, days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from django.apps import apps
from django.core.cache import cache

from biaochi.core.decision import Decision, Reason
from biaochi.core.period import add_years
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions import (
    Evaluation,
    Market,
    WorkingCalendar,
    check_purchase,
    evaluate,
    market,
    publications,
)
from biaochi.mechanisms.procurement.files import rules_on
from biaochi.mechanisms.procurement.model import ProductFact, Purchase
from biaochi.registry.split_key import SHARES

if TYPE_CHECKING:
    from biaochi.mechanisms.procurement.web.models import CoPurchase, SealedOffer

HOLDERS = SHARES
LEAST_EXPERTS = 2
DECLARED = "procurement:working-days"

__all__ = ["rules_on"]


def calendar() -> WorkingCalendar:
    """Return the declared working days; kept a minute, since every check asks."""
    found = cache.get(DECLARED)
    if found is None:
        model = apps.get_model("procurement", "WorkingDay")
        found = dict(model._default_manager.values_list("day", "working"))
        cache.set(DECLARED, found, 60)
    return WorkingCalendar(found)


def market_of(purchase: Purchase, products: Sequence[ProductFact]) -> Market | None:
    """Return the market check, or nothing when no product or no need was entered."""
    known = {n.code for n in purchase.needs}
    used = [f for f in products if f.need in known]
    return market(purchase.needs, used) if used and purchase.mandatory else None


def checked(purchase: Purchase, found: Market | None, at: date) -> Decision:
    """Hold the purchase against its articles."""
    return check_purchase(purchase, at=at, parameters=rules_on(at), market=found, calendar=calendar())


def standstill_end(purchase: Purchase, at: date, *, first: bool) -> date | None:
    """Return the last day of the standstill, counted from the day the result became public."""
    if first:
        start = purchase.first_purchase.announced_on if purchase.first_purchase is not None else None
    else:
        result = next(d for d in publications(purchase, at=at) if d.document == "result")
        start = result.published_on or (purchase.dates.result if result.exempt else None)
    if start is None:
        return None
    return calendar().after(start, int(str(rules_on(at)["standstill_days"].value)))


def term_kept(signed_on: date, ends_on: date, *, major: bool) -> bool:
    """Return whether a contract signed on a day ends within the longest term."""
    years = int(str(rules_on(signed_on)["term_years_major" if major else "term_years"].value))
    return signed_on <= ends_on <= add_years(signed_on, years)


def reaches(reason: Reason, *, most: bool = False) -> bool:
    """Return whether the value seen reaches its threshold, also where the rule itself is unverified."""
    seen, threshold = reason.seen, reason.threshold
    if not isinstance(seen, int | float | Decimal) or not isinstance(threshold, int | float | Decimal):
        return reason.verdict is Verdict.MET
    return float(seen) <= float(threshold) if most else float(seen) >= float(threshold)


def opened_offers(obj: CoPurchase) -> list[SealedOffer]:
    """Return the opened offers of the present round: those sealed to its key."""
    states = ("opened", "selected", "not_selected")
    return [o for o in obj.offers.all() if o.state in states and o.sealed_to == obj.public_key]


def experts_done(obj: CoPurchase) -> bool:
    """Return whether at least two experts are free of conflict and each has scored every opened offer in full."""
    free = {i.person for i in obj.interests.all() if not i.conflict}
    opened = opened_offers(obj)
    criteria = {c["code"] for c in obj.plan.get("criteria", []) if c["kind"] == "expert"}
    if len(free) < LEAST_EXPERTS or not opened:
        return False
    return all(
        {s.criterion for s in offer.scores.all() if s.person == person} >= criteria
        for offer in opened
        for person in free
    )


def evaluation_of(obj: CoPurchase, purchase: Purchase, at: date) -> Evaluation | None:
    """Return the evaluation of the opened offers, once every free expert has scored; nothing before."""
    if not obj.opened or not experts_done(obj):
        return None
    rows = opened_offers(obj)
    scores = [s.to_domain() for o in rows for s in o.scores.all()]
    return evaluate(
        purchase,
        [o.to_offer() for o in rows],
        scores,
        at=at,
        parameters=rules_on(at),
        rng=np.random.default_rng(0),
    )
