"""Between what is stored and what the pure rooms know: purchase, products, contracts; and what steps keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from pydantic import TypeAdapter

from biaochi.core.canonical import digest, plain
from biaochi.core.decision import Decision
from biaochi.core.roles import Actor
from biaochi.core.workflow import Event
from biaochi.mechanisms.procurement.decisions.disclose import contents
from biaochi.mechanisms.procurement.model import Contract, ProductFact, Purchase, Stage
from biaochi.registry.transition import create, transition

if TYPE_CHECKING:
    from biaochi.mechanisms.procurement.web.models import CoPurchase, RdContract

_PURCHASE = TypeAdapter(Purchase)
_STAGE = TypeAdapter(Stage)
_PRODUCTS = TypeAdapter(tuple[ProductFact, ...])
HAPPENED = ("dates", "disclosures", "contracts", "acceptance", "first_purchase", "complaints")
_STAGE_KEYS = frozenset(f.name for f in fields(Stage))
_FIRST_KEYS = ("supplier", "price", "contract_on", "announced_on")
_DAYS = {"argue": "argued", "approve": "approved", "exchange": "exchanged", "select": "result"}


def plan_kept(purchase: Purchase) -> dict[str, Any]:
    """Return the plan of a purchase as it is stored: everything that did not happen yet but is intended."""
    dumped: dict[str, Any] = _PURCHASE.dump_python(purchase, mode="json")
    return {k: v for k, v in dumped.items() if k not in HAPPENED and k != "id"}


def plan_of(obj: CoPurchase) -> Purchase:
    """Return the plan alone, without a query."""
    return _PURCHASE.validate_python({**obj.plan, "id": obj.public_id})


def purchase_of(obj: CoPurchase) -> Purchase:
    """Return the whole purchase: the plan, and what happened."""
    contracts = list(obj.contracts.all()) if obj.pk else []
    first = {k: obj.first.get(k) for k in _FIRST_KEYS} if obj.first else None
    happened: dict[str, Any] = {
        "id": obj.public_id,
        "dates": obj.dates,
        "disclosures": [{k: v for k, v in d.items() if k != "said"} for d in obj.disclosures],
        "complaints": obj.complaints,
        "first_purchase": first,
        "acceptance": [{**t, "supplier": c.supplier.name_zh} for c in contracts for t in c.tests],
    }
    found = _PURCHASE.validate_python({**obj.plan, **happened})
    return Purchase(**{**_shallow(found), "contracts": tuple(contract_of(c) for c in contracts)})


def _shallow(found: Purchase) -> dict[str, Any]:
    return {f.name: getattr(found, f.name) for f in fields(found)}


def contract_of(row: RdContract) -> Contract:
    """Return a stored contract as the pure rooms know it."""
    outcome: Any = row.outcome
    stages = tuple(stage_of(s) for s in row.stages)
    name = row.supplier.name_zh
    return Contract(name, row.cap, row.signed_on, row.ends_on, tuple(row.scope), row.major, stages, outcome)


def stage_of(kept: Mapping[str, Any]) -> Stage:
    """Return a stored stage; what only the site keeps of it is left out."""
    return _STAGE.validate_python({k: v for k, v in kept.items() if k in _STAGE_KEYS})


def products_of(kept: Sequence[Mapping[str, Any]]) -> tuple[ProductFact, ...]:
    """Return stored facts of products."""
    return _PRODUCTS.validate_python(list(kept))


def products_kept(found: Iterable[ProductFact]) -> list[dict[str, Any]]:
    """Return facts of products as they are stored."""
    dumped: list[dict[str, Any]] = _PRODUCTS.dump_python(tuple(found), mode="json")
    return dumped


def disclosure(obj: CoPurchase, document: str, on: date, exempt: str = "") -> dict[str, Any]:
    """Return the record of a disclosure, with the digest of what the document says, or the reason of its exemption."""
    if exempt:
        return {"document": document, "exempt": exempt}
    rows = obj.selection.get("offers", ())
    chosen = [o["supplier"] for o in rows if o["selected"]]
    said = plain(contents(purchase_of(obj), document, selected=chosen, offers=len(rows)))
    where = f"{obj.get_absolute_url()}documents/{document}/"
    return {"document": document, "on": on.isoformat(), "sha256": digest(said), "url": where, "said": said}


def keep_step(obj: CoPurchase, event: Event, decision: Decision | None) -> None:
    """Keep what a step of the purchase settles; days come from the clock."""
    today = timezone.localdate(event.at)
    code = event.transition
    if code in _DAYS:
        obj.day(_DAYS[code], event)
    if code in ("notice", "issue_file"):
        document = "notice" if code == "notice" else "negotiation_file"
        obj.day("notice" if code == "notice" else "file_issued", event)
        obj.disclosures = [*obj.disclosures, disclosure(obj, document, today)]
    elif code in ("challenge", "challenge_first_purchase"):
        facts = decision.facts if decision is not None else {}
        by, kind = str(facts.get("by") or "—"), str(facts.get("kind") or "challenge")
        obj.complaints = [*obj.complaints, {"kind": kind, "by": by, "on": today.isoformat()}]
    elif code in ("answer", "answer_first_purchase", "set_aside", "set_aside_first_purchase"):
        upheld = code.startswith("set_aside")
        done = {"answered_on": today.isoformat(), "outcome": "upheld" if upheld else "rejected"}
        obj.complaints = [*obj.complaints[:-1], {**obj.complaints[-1], **done}]
        if upheld:
            _void(obj, first=code.endswith("first_purchase"))
    elif code == "restart":
        _again(obj, event.actor, event)
    elif code == "sign":
        _sign(obj, event.actor, event)
    elif code == "contract_first_purchase":
        obj.first = {**obj.first, "contract_on": today.isoformat()}


def _void(obj: CoPurchase, *, first: bool) -> None:
    if first:
        obj.first = {}
        return
    obj.selection, obj.terms = {}, {}
    obj.dates = {k: v for k, v in obj.dates.items() if k != "result"}
    obj.disclosures = [d for d in obj.disclosures if d["document"] != "result"]


def _close_offers(obj: CoPurchase, actor: Actor, event: Event) -> None:
    """Tell every opened offer whether it was selected; the selection is stored before, for the guards to see."""
    type(obj).objects.filter(pk=obj.pk).update(selection=obj.selection)
    chosen = obj.selection.get("selected", [])
    for offer in obj.offers.model.objects.filter(purchase=obj, state="opened").order_by("pk"):
        transition(offer, "select" if offer.public_id in chosen else "decline", actor, event.reason, now=event.at)


def _again(obj: CoPurchase, actor: Actor, event: Event) -> None:
    obj.selection = {"selected": []}
    _close_offers(obj, actor, event)
    obj.selection, obj.deadline, obj.public_key, obj.holders = {}, None, "", {}
    obj.opened, obj.opened_by = False, []
    obj.dates = {k: v for k, v in obj.dates.items() if k not in ("file_issued", "first_response")}
    obj.disclosures = [d for d in obj.disclosures if d["document"] != "negotiation_file"]


def _sign(obj: CoPurchase, actor: Actor, event: Event) -> None:
    """Make one contract for each selected supplier, from the terms that were written."""
    _close_offers(obj, actor, event)
    offers = {o.public_id: o for o in obj.offers.model.objects.filter(purchase=obj).select_related("organisation")}
    made: Any = obj.contracts.model
    for public_id in obj.selection.get("selected", []):
        terms, supplier = obj.terms[public_id], offers[public_id].organisation
        assert supplier is not None
        contract = made(
            title_zh=f"{obj.title_zh[:150]} · {supplier.name_zh[:40]}",
            title_en=f"{obj.title_en[:150]} · {supplier.name_en[:40]}",
            purchase=obj,
            supplier=supplier,
            cap=Decimal(terms["cap"]),
            signed_on=timezone.localdate(event.at),
            ends_on=date.fromisoformat(terms["ends_on"]),
            major=terms["major"],
            scope=terms["scope"],
            region=obj.region,
            simulated=obj.simulated,
        )
        create(contract, actor, now=event.at)
