"""What the ledger of purchases says for the ruler's process indicators E4, E5 and E6."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.procurement.web.models import CoPurchase, ProcurementTotal
from biaochi.registry.models.record import Decision
from biaochi.registry.site import Offer

YEAR = timedelta(days=365)
_TITLE = Text("采购台账", "ledger of purchases")


def process_events(actor: Actor, now: datetime) -> Sequence[Offer]:
    """Return one record for each case the indicators count; amounts and numbers, no names.

    E4: money of contracted co-innovation purchases, and the rest of the region's total of that year (without a total
    of the year nothing is said: a share needs its denominator).  E5: the number of valid competitors.  E6: an accepted
    first purchase, a hit when the same buyer bought from that supplier again within twelve months.
    """
    if actor.role is not Role.OFFICER:
        return []
    states = ("first_purchase_contract", "iterated", "closed")
    rows = [r for r in CoPurchase.objects.filter(state__in=states) if r.first.get("contract_on") and r.region_id]
    seqs = _seqs([r.public_id for r in rows])
    found, spent = [], defaultdict[tuple[str, int], list[CoPurchase]](list)
    for row in rows:
        on = date.fromisoformat(row.first["contract_on"])
        unit = f"{str(row.region_id)[:2]}0000"
        spent[unit, on.year].append(row)
        seq = seqs.get(row.public_id, 0)
        valid = sum(bool(o["valid"]) for o in row.selection.get("offers", ()))
        found.append(_case(row.public_id, now, "first_purchase", on, unit, seq, {"value": valid}))
        again = {"hit": _again(row, rows, on)}
        found.append(_case(row.public_id, now, "first_purchase_accepted", on, unit, seq, again))
    for (unit, year), members in spent.items():
        total = ProcurementTotal.objects.filter(region=unit, year=year).first()
        if total is not None:
            found += _money(unit, members, total, seqs, now)
    return found


def _money(
    unit: str, members: Sequence[CoPurchase], total: ProcurementTotal, seqs: dict[str, int], now: datetime
) -> list[Offer]:
    found, sum_ = [], Decimal(0)
    for row in members:
        price = Decimal(row.first["price"])
        sum_ += price
        on, seq = date.fromisoformat(row.first["contract_on"]), seqs.get(row.public_id, 0)
        found.append(_case(row.public_id, now, "purchase", on, unit, seq, {"hit": True, "amount": float(price)}))
    rest = float(max(total.amount - sum_, Decimal(0)))
    last = max(seqs.get(r.public_id, 0) for r in members)
    end = date(total.year, 12, 31)
    found.append(_case(f"total-{unit}-{total.year}", now, "purchase", end, unit, last, {"hit": False, "amount": rest}))
    return found


def _case(subject: str, now: datetime, kind: str, on: date, unit: str, seq: int, facts: dict[str, Any]) -> Offer:
    payload = {"seq": seq, "on": on.isoformat(), "unit": unit, "kind": kind, "facts": facts}
    return Offer(subject, _TITLE, now, payload)


def _again(row: CoPurchase, rows: Sequence[CoPurchase], on: date) -> bool:
    """Return whether the buyer bought from the same supplier again within a year."""
    return any(
        other.pk != row.pk
        and other.organisation_id == row.organisation_id
        and other.first.get("supplier") == row.first.get("supplier")
        and timedelta(0) < date.fromisoformat(other.first["contract_on"]) - on <= YEAR
        for other in rows
    )


def _seqs(subjects: Sequence[str]) -> dict[str, int]:
    rows = Decision.objects.filter(subject__in=subjects, transition="contract_first_purchase")
    return {str(s): int(n or 0) for s, n in rows.values_list("subject", "entry_id")}
