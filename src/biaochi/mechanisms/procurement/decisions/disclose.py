"""What must be public, and whether it is (财库〔2024〕13号 第十三条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from biaochi.mechanisms.procurement.model import Purchase

DOCUMENTS = ("intention", "notice", "negotiation_file", "result", "rd_contract", "first_purchase_agreement")


@dataclass(frozen=True, slots=True)
class Publication:
    """One document that must be public: since when it is due, and whether it was published or exempted."""

    document: str
    due_on: date | None
    published_on: date | None
    exempt: str

    @property
    def settled(self) -> bool:
        """Whether the document is public or exempt for a stated reason."""
        return self.published_on is not None or bool(self.exempt)


def publications(purchase: Purchase, *, at: date) -> tuple[Publication, ...]:
    """Return the six documents with the day each became due (None: not yet)."""
    first = purchase.first_purchase
    due = {
        "intention": purchase.dates.intention,
        "notice": purchase.dates.notice,
        "negotiation_file": purchase.dates.file_issued,
        "result": purchase.dates.result,
        "rd_contract": min((c.signed_on for c in purchase.contracts), default=None),
        "first_purchase_agreement": first.contract_on if first is not None else None,
    }
    found = []
    for document in DOCUMENTS:
        entries = [d for d in purchase.disclosures if d.document == document]
        days = [d.on for d in entries if d.on is not None and d.on <= at]
        exempt = next((d.exempt for d in entries if d.exempt), "") or ""
        since = due[document]
        found.append(
            Publication(document, since if since is not None and since <= at else None, min(days, default=None), exempt)
        )
    return tuple(found)
