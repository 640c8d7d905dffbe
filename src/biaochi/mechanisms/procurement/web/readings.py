"""What the pages compute from a stored purchase file: the purchase, its market, its checks; and flags of a file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from biaochi.core.decision import Decision, Reason
from biaochi.core.verdict import Verdict
from biaochi.exchange.register import Unrecorded
from biaochi.exchange.source import Source
from biaochi.mechanisms.procurement.decisions import Market, WorkingCalendar, check_purchase, market
from biaochi.mechanisms.procurement.files import Releases, products_of, purchase_of, rules_on
from biaochi.mechanisms.procurement.model import Purchase

__all__ = [
    "checked",
    "market_of",
    "products_of",
    "purchase_of",
    "reaches",
    "releases_of",
    "standstill_end",
]


def market_of(purchase: Purchase, table: str) -> Market | None:
    """Return the market check, or nothing when no product was entered."""
    products = products_of(table, purchase)
    return market(purchase.needs, products) if products else None


def checked(purchase: Purchase, found: Market | None, at: date) -> Decision:
    """Hold the purchase against its articles."""
    return check_purchase(purchase, at=at, parameters=rules_on(at), market=found)


def standstill_end(purchase: Purchase, at: date, *, first: bool) -> date | None:
    """Return the last day of the standstill, counted from the day the result was announced."""
    start = purchase.dates.result
    if first:
        start = purchase.first_purchase.announced_on if purchase.first_purchase is not None else None
    if start is None:
        return None
    return WorkingCalendar().after(start, int(str(rules_on(at)["standstill_days"].value)))


def reaches(reason: Reason, *, most: bool = False) -> bool:
    """Return whether the value seen reaches its threshold, also where the rule itself is unverified."""
    seen, threshold = reason.seen, reason.threshold
    if not isinstance(seen, int | float | Decimal) or not isinstance(threshold, int | float | Decimal):
        return reason.verdict is Verdict.MET
    return float(seen) <= float(threshold) if most else float(seen) >= float(threshold)


def releases_of(data: bytes, name: str) -> Releases:
    """Return the compiled releases of JSON lines, a release package or a record package; faults when read through."""
    return Releases(Unrecorded(), Source(name, data))
