"""A purchase as an OCDS release package: one release for each event, in the order of their dates.

intention → planning, notice → tender, opened offers → bids, result → award, contract → contract,
stage → implementation, elimination → contractTermination.  Needs are ``tender.criteria`` (requirements extension),
opened offers ``bids.details`` (bids extension); both are declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from biaochi.mechanisms.procurement.model import Contract, Need, Offer, Purchase, Stage

EXTENSIONS = (
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_requirements_extension/master/extension.json",
)
_METHOD = {"open": "open", "limited": "limited", "sole": "direct"}
_DETAILS = {"co_innovation": "合作创新采购", "first_purchase": "首购", "tender": "招标"}
Release = dict[str, object]


def release_package(
    purchase: Purchase, offers: Sequence[Offer] = (), *, prefix: str = "ocds-biaoch", publisher: str = ""
) -> dict[str, object]:
    """Return a purchase as a release package.

    Parameters
    ----------
    purchase : Purchase
        Events without a date are left out.
    offers : sequence of Offer
        Opened offers; they become bids at the date of the first response.
    prefix : str
        Registered OCID prefix; the OCID is ``prefix-id``.
    publisher : str
        Name of the publisher; the buyer by default.

    Returns
    -------
    dict
        Deterministic: the same purchase gives the same package.
    """
    releases = list(_releases(purchase, offers, f"{prefix}-{purchase.id}"))
    releases.sort(key=lambda r: str(r["date"]))
    last = str(releases[-1]["date"]) if releases else "1970-01-01T00:00:00Z"
    return {
        "uri": f"urn:ocds:{prefix}-{purchase.id}",
        "version": "1.1",
        "extensions": list(EXTENSIONS),
        "publishedDate": last,
        "publisher": {"name": publisher or purchase.buyer.name},
        "releases": releases,
    }


def _at(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _value(amount: Decimal) -> dict[str, object]:
    exact = amount.normalize()
    return {"amount": int(exact) if exact == exact.to_integral_value() else float(amount), "currency": "CNY"}


def _releases(p: Purchase, offers: Sequence[Offer], ocid: str) -> Iterator[Release]:
    d = p.dates
    if d.intention is not None:
        yield _release(p, ocid, "planning", d.intention, ["planning"], {"planning": _planning(p)})
    if d.notice is not None:
        yield _release(p, ocid, "tender", d.notice, ["tender"], {"tender": _tender(p)})
    opened = d.first_response or d.result
    if offers and opened is not None:
        bids = {"bids": {"details": [_bid(p, o, opened) for o in offers]}}
        tender = {"id": p.id, "numberOfTenderers": len({o.supplier for o in offers})}
        names = [o.supplier for o in offers]
        yield _release(p, ocid, "bids", opened, ["tenderUpdate"], {"tender": tender, **bids}, tenderers=names)
    if d.result is not None and p.contracts:
        awards = [_award(c, d.result) for c in p.contracts]
        names = [c.supplier for c in p.contracts]
        yield _release(p, ocid, "award", d.result, ["award"], {"awards": awards}, suppliers=names)
    for contract in p.contracts:
        yield _release(
            p,
            ocid,
            f"contract-{contract.supplier}",
            contract.signed_on,
            ["contract"],
            {"contracts": [_contract(contract)]},
            suppliers=[contract.supplier],
        )
        yield from _stages(p, ocid, contract)
    first = p.first_purchase
    if first is not None and first.supplier is not None and first.contract_on is not None:
        yield _release(
            p,
            ocid,
            "first-purchase",
            first.contract_on,
            ["award", "contract"],
            _first_purchase(p),
            suppliers=[first.supplier],
        )


def _release(
    p: Purchase,
    ocid: str,
    name: str,
    day: date,
    tags: list[str],
    body: Mapping[str, object],
    *,
    tenderers: Iterable[str] = (),
    suppliers: Iterable[str] = (),
) -> Release:
    parties: list[dict[str, object]] = [
        {"id": _buyer_id(p), "name": p.buyer.name, "roles": ["buyer", "procuringEntity"]}
    ]
    if p.buyer.code:
        parties[0]["identifier"] = {"scheme": "CN-USCI", "id": p.buyer.code, "legalName": p.buyer.name}
    won = list(dict.fromkeys(suppliers))
    parties += [{"id": s, "name": s, "roles": ["supplier", "tenderer"]} for s in won]
    parties += [{"id": s, "name": s, "roles": ["tenderer"]} for s in dict.fromkeys(tenderers) if s not in won]
    return {
        "ocid": ocid,
        "id": f"{p.id}-{name}",
        "date": _at(day),
        "tag": tags,
        "initiationType": "tender",
        "language": "zh",
        "parties": parties,
        "buyer": {"id": _buyer_id(p), "name": p.buyer.name},
        **body,
    }


def _buyer_id(p: Purchase) -> str:
    return p.buyer.code or f"buyer-{p.id}"


def _planning(p: Purchase) -> dict[str, object]:
    planning: dict[str, object] = {}
    if p.ground is not None:
        planning["rationale"] = p.ground.statement
    if p.money is not None:
        planning["budget"] = {
            "id": f"{p.id}-budget",
            "description": p.ground.plan if p.ground is not None else p.title.zh,
            "amount": _value(p.money.max_cost),
        }
    return planning


def _tender(p: Purchase) -> dict[str, object]:
    d = p.dates
    tender: dict[str, object] = {
        "id": p.id,
        "title": p.title.zh,
        "description": p.title.en,
        "status": "complete" if d.result is not None else "active",
        "procuringEntity": {"id": _buyer_id(p), "name": p.buyer.name},
        "procurementMethod": _METHOD[p.mode],
        "procurementMethodDetails": _DETAILS[p.kind],
        "mainProcurementCategory": p.category,
    }
    if p.mode_reason:
        tender["procurementMethodRationale"] = p.mode_reason
    if p.money is not None:
        tender["value"] = _value(p.money.max_cost)
        if p.money.first_purchase:
            tender["minValue"] = _value(p.money.first_purchase)
    if d.notice is not None:
        period = {"startDate": _at(d.notice)}
        if d.applications_close is not None:
            period["endDate"] = _at(d.applications_close)
        tender["tenderPeriod"] = period
    if p.criteria:
        tender["awardCriteria"] = "ratedCriteria"
        tender["awardCriteriaDetails"] = "; ".join(f"{c.code}:{c.kind}:{c.weight:g}" for c in p.criteria)
    if p.needs:
        tender["criteria"] = [_criterion(n) for n in p.needs]
    return tender


def _criterion(need: Need) -> dict[str, object]:
    requirement: dict[str, object] = {"id": need.code, "title": need.function.zh, "dataType": "string"}
    if need.numeric:
        key = {">=": "minValue", "<=": "maxValue"}.get(need.op, "expectedValue")
        requirement |= {"dataType": "number", key: need.threshold}
    elif isinstance(need.threshold, tuple):
        requirement["pattern"] = "|".join(str(t) for t in need.threshold)
    else:
        requirement["expectedValue"] = need.threshold
    requirement["description"] = "; ".join(x for x in (need.unit or "", need.test_method or "") if x)
    return {
        "id": f"need-{need.code}",
        "title": need.function.zh,
        "description": need.function.en,
        "source": "tenderer",
        "relatesTo": "item" if need.mandatory else "tenderer",
        "requirementGroups": [{"id": f"group-{need.code}", "requirements": [requirement]}],
    }


def _bid(p: Purchase, offer: Offer, opened: date) -> dict[str, object]:
    values = dict(offer.values)
    responses = [
        {
            "id": f"{offer.offer}-{n.code}",
            "value": values[n.code],
            "requirement": {"id": n.code, "title": n.function.zh},
        }
        for n in p.needs
        if values.get(n.code) is not None
    ]
    bid: dict[str, object] = {
        "id": offer.offer,
        "date": _at(opened),
        "status": "valid",
        "tenderers": [{"id": offer.supplier, "name": offer.supplier}],
        "value": _value(offer.price),
    }
    if responses:
        bid["requirementResponses"] = responses
    return bid


def _award(contract: Contract, day: date) -> dict[str, object]:
    return {
        "id": f"award-{contract.supplier}",
        "status": "active",
        "date": _at(day),
        "value": _value(contract.cap),
        "suppliers": [{"id": contract.supplier, "name": contract.supplier}],
    }


def _contract(contract: Contract) -> dict[str, object]:
    return {
        "id": f"contract-{contract.supplier}",
        "awardID": f"award-{contract.supplier}",
        "status": "active",
        "period": {"startDate": _at(contract.signed_on), "endDate": _at(contract.ends_on)},
        "value": _value(contract.cap),
        "dateSigned": _at(contract.signed_on),
    }


def _stages(p: Purchase, ocid: str, contract: Contract) -> Iterator[Release]:
    for stage in contract.stages:
        day = stage.decided_on or stage.starts_on
        if day is None:
            continue
        body = {"contracts": [{**_reference(contract), "implementation": _implementation(p, contract, stage)}]}
        name = f"stage-{contract.supplier}-{stage.code}"
        yield _release(p, ocid, name, day, ["implementation"], body, suppliers=[contract.supplier])
    if contract.outcome == "eliminated":
        failed = [s.decided_on for s in contract.stages if s.verdict == "unmet" and s.decided_on is not None]
        day = max(failed, default=contract.ends_on)
        body = {"contracts": [{**_reference(contract), "status": "terminated"}]}
        name = f"termination-{contract.supplier}"
        yield _release(p, ocid, name, day, ["contractTermination"], body, suppliers=[contract.supplier])


def _reference(contract: Contract) -> dict[str, object]:
    return {"id": f"contract-{contract.supplier}", "awardID": f"award-{contract.supplier}"}


def _implementation(p: Purchase, contract: Contract, stage: Stage) -> dict[str, object]:
    status = {"met": "met", "unmet": "notMet"}.get(stage.verdict or "", "scheduled")
    milestone: dict[str, object] = {
        "id": f"{contract.supplier}-{stage.code}",
        "title": stage.code,
        "type": "assessment",
        "status": status,
        "description": f"{stage.amount.normalize():f} CNY",
    }
    moved = stage.decided_on or stage.starts_on
    if moved is not None:
        milestone["dateModified"] = _at(moved)
    if stage.due_on is not None:
        milestone["dueDate"] = _at(stage.due_on)
    if stage.verdict == "met" and stage.decided_on is not None:
        milestone["dateMet"] = _at(stage.decided_on)
    found: dict[str, object] = {"milestones": [milestone]}
    if stage.verdict == "met" and stage.decided_on is not None:
        found["transactions"] = [
            {
                "id": f"pay-{contract.supplier}-{stage.code}",
                "date": _at(stage.decided_on),
                "value": _value(stage.amount),
                "payer": {"id": _buyer_id(p), "name": p.buyer.name},
                "payee": {"id": contract.supplier, "name": contract.supplier},
            }
        ]
    return found


def _first_purchase(p: Purchase) -> dict[str, object]:
    first = p.first_purchase
    assert first is not None
    assert first.supplier is not None
    assert first.contract_on is not None
    award: dict[str, object] = {
        "id": f"first-{first.supplier}",
        "title": "首购",
        "status": "active",
        "date": _at(first.announced_on or first.contract_on),
        "suppliers": [{"id": first.supplier, "name": first.supplier}],
    }
    contract: dict[str, object] = {
        "id": f"first-{first.supplier}",
        "awardID": f"first-{first.supplier}",
        "status": "active",
        "dateSigned": _at(first.contract_on),
    }
    if first.price is not None:
        award["value"] = contract["value"] = _value(first.price)
    return {"awards": [award], "contracts": [contract]}
