"""What must be public, by when, whether it is, and what each document says (财库〔2024〕13号 第十三条)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from biaochi.core.parameters import InForce, Snapshot
from biaochi.core.text import Text
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.model import Purchase

TITLES = {
    "intention": Text("采购意向", "intention"),
    "notice": Text("采购公告", "notice"),
    "negotiation_file": Text("谈判文件", "negotiation file"),
    "result": Text("采购结果", "result"),
    "rd_contract": Text("研发合同", "R&D contract"),
    "first_purchase_agreement": Text("首购协议", "first-purchase agreement"),
}
DOCUMENTS = tuple(TITLES)
_LIMIT = {
    "result": "result_publication_days",
    "rd_contract": "contract_publication_days",
    "first_purchase_agreement": "contract_publication_days",
}


@dataclass(frozen=True, slots=True)
class Publication:
    """One document that must be public: since when it is due, by when, whether it was published or exempted.

    ``last_on`` is the last day of the time the rules give after ``due_on``; ``limit`` the rule it comes from.
    """

    document: str
    due_on: date | None
    published_on: date | None
    exempt: str
    sha256: str = ""
    url: str = ""
    last_on: date | None = None
    limit: InForce | None = None

    @property
    def settled(self) -> bool:
        """Whether the document is public or exempt for a stated reason."""
        return self.published_on is not None or bool(self.exempt)

    @property
    def late(self) -> bool:
        """Whether it became public after the last day."""
        return self.last_on is not None and self.published_on is not None and self.published_on > self.last_on


def publications(
    purchase: Purchase,
    *,
    at: date,
    parameters: Snapshot | None = None,
    calendar: WorkingCalendar | None = None,
) -> tuple[Publication, ...]:
    """Return the six documents with the day each became due (None: not yet).

    Parameters
    ----------
    purchase : Purchase
    at : datetime.date
        What is dated later has not happened yet.
    parameters : Snapshot or None
        With it, the last day of each time limit is computed.
    calendar : WorkingCalendar or None
        Declared working days.
    """
    days = calendar or WorkingCalendar()
    found = []
    for document, since in _due(purchase).items():
        entries = [d for d in purchase.disclosures if d.document == document]
        public = sorted((d for d in entries if d.on is not None and d.on <= at), key=lambda d: d.on or at)
        exempt = next((d.exempt for d in entries if d.exempt), "") or ""
        reached = since if since is not None and since <= at else None
        limit = parameters.get(_LIMIT.get(document, "")) if parameters is not None else None
        last = days.after(reached, int(str(limit.value))) if limit is not None and reached is not None else None
        first = public[0] if public else None
        found.append(
            Publication(
                document,
                reached,
                first.on if first is not None else None,
                exempt,
                (first.sha256 or "") if first is not None else "",
                (first.url or "") if first is not None else "",
                last,
                limit,
            )
        )
    return tuple(found)


def _due(purchase: Purchase) -> dict[str, date | None]:
    first = purchase.first_purchase
    return {
        "intention": purchase.dates.intention,
        "notice": purchase.dates.notice,
        "negotiation_file": purchase.dates.file_issued,
        "result": purchase.dates.result,
        "rd_contract": min((c.signed_on for c in purchase.contracts), default=None),
        "first_purchase_agreement": first.contract_on if first is not None else None,
    }


def contents(purchase: Purchase, document: str, *, selected: Sequence[str] = (), offers: int = 0) -> dict[str, object]:
    """Return what a document of the purchase says to the public; its digest is kept with the disclosure.

    Offers, scores and the names of the negotiation group are never part of it; of the result only who was selected
    (``selected``) among how many (``offers``).
    """
    p = purchase
    head: dict[str, object] = {"id": p.id, "title": asdict(p.title), "buyer": p.buyer.name}
    needs = [asdict(n) for n in p.needs]
    if document == "intention":
        plan = p.ground.plan if p.ground is not None else ""
        cost = p.money.max_cost if p.money is not None else None
        return {**head, "plan": plan, "max_cost": cost}
    if document == "notice":
        closing = p.dates.applications_close
        return {**head, "mode": p.mode, "needs": needs, "suppliers": p.planned_suppliers, "applications_close": closing}
    if document == "negotiation_file":
        criteria = [asdict(c) for c in p.criteria]
        return {**head, "needs": needs, "criteria": criteria, "ties": p.ties, "ip": p.ip.owner}
    if document == "result":
        return {**head, "result_on": p.dates.result, "suppliers": list(selected), "offers": offers}
    if document == "rd_contract":
        signed = [
            {
                "supplier": c.supplier,
                "cap": c.cap,
                "signed_on": c.signed_on,
                "ends_on": c.ends_on,
                "scope": c.scope,
                "stages": [{"code": s.code, "due_on": s.due_on} for s in c.stages],
            }
            for c in p.contracts
        ]
        return {**head, "contracts": signed}
    first = p.first_purchase
    return {
        **head,
        "supplier": first.supplier if first is not None else None,
        "price": first.price if first is not None else None,
        "needs": needs,
    }
