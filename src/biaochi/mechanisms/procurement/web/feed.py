"""What the ledger of purchases says for the ruler's process indicators E4, E5 and E6."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.registry.models.record import Decision
from biaochi.registry.site import Offer

YEAR = timedelta(days=365)


def process_events(actor: Actor, now: datetime) -> Sequence[Offer]:
    """Return one record for each case the indicators count; amounts and numbers, no names.

    E4: a contracted purchase with its amount, a hit where the product is innovative (every purchase of this room; the
    others come from elsewhere).  E5: the number of valid competitors.  E6: an accepted first purchase, a hit when the
    same buyer bought it again within twelve months.
    """
    if actor.role is not Role.OFFICER:
        return []
    rows = list(
        CoPurchase.objects.filter(state__in=("first_purchase_contract", "iterated", "closed")).select_related(
            "organisation"
        )
    )
    seqs = _seqs([r.public_id for r in rows])
    found = []
    for row in rows:
        on, price = row.first.get("contract_on"), row.first.get("price")
        if not on or not price:
            continue
        valid = sum(bool(o["valid"]) for o in row.selection.get("offers", ()))
        again = _again(row, rows, date.fromisoformat(on))
        events = (
            ("purchase", {"hit": True, "amount": float(price)}),
            ("first_purchase", {"value": valid}),
            ("first_purchase_accepted", {"hit": again}),
        )
        unit = row.region_id or ""
        for kind, facts in events:
            payload: dict[str, Any] = {
                "kind": kind,
                "on": on,
                "unit": unit,
                "seq": seqs.get(row.public_id, 0),
                "facts": facts,
            }
            found.append(Offer(row.public_id, Text("采购台账", "ledger of purchases"), row.entered_at, payload))
    return found


def _again(row: CoPurchase, rows: Sequence[CoPurchase], on: date) -> bool:
    """Return whether the buyer bought from the same supplier again within a year."""
    for other in rows:
        if other.pk == row.pk or other.organisation_id != row.organisation_id:
            continue
        later = other.first.get("contract_on")
        if later and other.first.get("supplier") == row.first.get("supplier"):
            gap = date.fromisoformat(later) - on
            if timedelta(0) < gap <= YEAR:
                return True
    return False


def _seqs(subjects: Sequence[str]) -> dict[str, int]:
    rows = Decision.objects.filter(subject__in=subjects, transition="contract_first_purchase")
    return dict(rows.values_list("subject", "entry_id"))
