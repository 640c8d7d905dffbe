"""Releases as flat tables, and a purchase read back from the releases it was exported to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from biaochi.mechanisms.procurement.decisions.compiled import compile_releases

_KIND = {"合作创新采购": "co_innovation", "首购": "first_purchase", "招标": "tender"}
_MODE = {"open": "open", "limited": "limited", "direct": "sole", "selective": "limited"}
Compiled = Mapping[str, Any]


def _by_ocid(releases: Iterable[Compiled]) -> dict[str, list[Compiled]]:
    found: dict[str, list[Compiled]] = {}
    for release in releases:
        found.setdefault(str(release.get("ocid", "")), []).append(release)
    return found


def _amount(holder: Mapping[str, Any] | None, key: str = "value") -> str:
    value = (holder or {}).get(key) or {}
    amount = value.get("amount")
    return "" if amount is None else f"{Decimal(str(amount)):f}"


def _ids(parties: object) -> str:
    return " ".join(str(p.get("id", "")) for p in parties) if isinstance(parties, list) else ""


def tables_of_releases(releases: Sequence[Compiled]) -> dict[str, pd.DataFrame]:
    """Return ``purchases``, ``offers``, ``awards`` and ``contracts`` of any OCDS releases.

    Numbers and dates stay as the releases write them; a missing value is an empty cell.
    """
    purchases, offers, awards, contracts = [], [], [], []
    for ocid, members in _by_ocid(releases).items():
        compiled = compile_releases(members)
        tender = compiled.get("tender") or {}
        period = tender.get("tenderPeriod") or {}
        purchases.append(
            {
                "ocid": ocid,
                "buyer": (compiled.get("buyer") or {}).get("name", ""),
                "title": tender.get("title", ""),
                "method": tender.get("procurementMethod", ""),
                "details": tender.get("procurementMethodDetails", ""),
                "category": tender.get("mainProcurementCategory", ""),
                "status": tender.get("status", ""),
                "value": _amount(tender),
                "currency": (tender.get("value") or {}).get("currency", ""),
                "start": period.get("startDate", ""),
                "end": period.get("endDate", ""),
            }
        )
        for bid in (compiled.get("bids") or {}).get("details") or []:
            offers.append({"ocid": ocid, **_offer(bid), "status": bid.get("status", ""), "date": bid.get("date", "")})
        for award in compiled.get("awards") or []:
            awards.append(
                {
                    "ocid": ocid,
                    "award": award.get("id", ""),
                    "suppliers": _ids(award.get("suppliers")),
                    "value": _amount(award),
                    "status": award.get("status", ""),
                    "date": award.get("date", ""),
                }
            )
        for contract in compiled.get("contracts") or []:
            span = contract.get("period") or {}
            contracts.append(
                {
                    "ocid": ocid,
                    "contract": contract.get("id", ""),
                    "award": contract.get("awardID", ""),
                    "value": _amount(contract),
                    "status": contract.get("status", ""),
                    "signed": contract.get("dateSigned", ""),
                    "start": span.get("startDate", ""),
                    "end": span.get("endDate", ""),
                }
            )
    return {
        "purchases": pd.DataFrame(
            purchases,
            columns=[
                "ocid",
                "buyer",
                "title",
                "method",
                "details",
                "category",
                "status",
                "value",
                "currency",
                "start",
                "end",
            ],
        ),
        "offers": _offers_frame(offers),
        "awards": pd.DataFrame(awards, columns=["ocid", "award", "suppliers", "value", "status", "date"]),
        "contracts": pd.DataFrame(
            contracts, columns=["ocid", "contract", "award", "value", "status", "signed", "start", "end"]
        ),
    }


def _offer(bid: Mapping[str, Any]) -> dict[str, object]:
    row: dict[str, object] = {
        "offer": bid.get("id", ""),
        "supplier": _ids(bid.get("tenderers")),
        "price": _amount(bid),
    }
    for response in bid.get("requirementResponses") or []:
        code = (response.get("requirement") or {}).get("id")
        if code:
            row[str(code)] = response.get("value")
    return row


def _offers_frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    fixed = ["ocid", "offer", "supplier", "price", "status", "date"]
    more = sorted({k for r in rows for k in r} - set(fixed))
    return pd.DataFrame(rows, columns=[*fixed, *more])


def offers_table(releases: Sequence[Compiled]) -> pd.DataFrame:
    """Return the bids of one process in the form ``--offers`` takes; what OCDS does not carry is unknown."""
    bids = (compile_releases(list(releases)).get("bids") or {}).get("details") or []
    rows = [{**_offer(b), "domestic": "unknown", "domestic_share": None, "sme": "none"} for b in bids]
    more = sorted({k for r in rows for k in r} - {"offer", "supplier", "price", "domestic", "domestic_share", "sme"})
    return pd.DataFrame(rows, columns=["offer", "supplier", "price", "domestic", "domestic_share", "sme", *more])


def _day(text: object) -> str | None:
    return str(text)[:10] if text else None


def purchase_of(releases: Sequence[Compiled]) -> dict[str, Any] | None:
    """Return the purchase file of releases that this package exported, or None for releases of others.

    Exporting the purchase again gives the same releases; what OCDS does not carry keeps its default.
    """
    by_id = {str(r.get("id")): r for r in releases}
    compiled = compile_releases(list(releases))
    tender = compiled.get("tender") or {}
    identifier = tender.get("id")
    if tender.get("procurementMethodDetails") not in _KIND or f"{identifier}-tender" not in by_id:
        return None
    money = _money(compiled, tender)
    return {
        "schema": "biaochi.procurement.purchase/1",
        "id": identifier,
        "kind": _KIND[tender["procurementMethodDetails"]],
        "category": tender.get("mainProcurementCategory", "goods"),
        "title": {"zh": tender.get("title", ""), "en": tender.get("description", "")},
        "buyer": _buyer(compiled),
        **({"ground": _ground(compiled)} if compiled.get("planning") else {}),
        **({"money": money} if money else {}),
        "mode": _MODE[tender.get("procurementMethod", "open")],
        "mode_reason": tender.get("procurementMethodRationale"),
        "criteria": _criteria(tender),
        "needs": [_need(c) for c in tender.get("criteria") or []],
        "planned_suppliers": 1,
        "dates": _dates(by_id, str(identifier), tender),
        "contracts": [_contract(c) for c in compiled.get("contracts") or [] if str(c["id"]).startswith("contract-")],
        **_first(compiled),
    }


def _money(compiled: Compiled, tender: Mapping[str, Any]) -> dict[str, str]:
    ceiling = _amount(tender) or _amount((compiled.get("planning") or {}).get("budget"), "amount")
    if not ceiling:
        return {}
    return {"max_cost": ceiling, "first_purchase": _amount(tender, "minValue") or "0"}


def _buyer(compiled: Compiled) -> dict[str, object]:
    buyer = compiled.get("buyer") or {}
    parties: list[Mapping[str, Any]] = compiled.get("parties") or []
    party: Mapping[str, Any] = next((p for p in parties if p.get("id") == buyer.get("id")), {})
    code = (party.get("identifier") or {}).get("id")
    return {"name": buyer.get("name", ""), "code": code, "level": "provincial"}


def _ground(compiled: Compiled) -> dict[str, object]:
    planning = compiled["planning"]
    budget = planning.get("budget") or {}
    return {"case": "a", "plan": budget.get("description", ""), "statement": planning.get("rationale", "")}


def _criteria(tender: Mapping[str, Any]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for part in str(tender.get("awardCriteriaDetails") or "").split("; "):
        if part.count(":") == 2:
            code, kind, weight = part.split(":")
            found.append({"code": code, "kind": kind, "weight": float(weight)})
    return found


def _need(criterion: Mapping[str, Any]) -> dict[str, object]:
    requirement = criterion["requirementGroups"][0]["requirements"][0]
    unit, _, test = str(requirement.get("description") or "").partition("; ")
    need: dict[str, object] = {
        "code": requirement["id"],
        "function": {"zh": criterion.get("title", ""), "en": criterion.get("description", "")},
        "unit": unit or None,
        "test_method": test or None,
        "mandatory": criterion.get("relatesTo") == "item",
    }
    for key, op in (("minValue", ">="), ("maxValue", "<="), ("expectedValue", "==")):
        if key in requirement:
            return {**need, "op": op, "threshold": requirement[key]}
    return {**need, "op": "in", "threshold": str(requirement.get("pattern", "")).split("|")}


def _dates(by_id: Mapping[str, Compiled], identifier: str, tender: Mapping[str, Any]) -> dict[str, str | None]:
    def released(name: str) -> str | None:
        found = by_id.get(f"{identifier}-{name}")
        return _day(found.get("date")) if found is not None else None

    result = released("award")
    found = {
        "intention": released("planning"),
        "notice": released("tender"),
        "applications_close": _day((tender.get("tenderPeriod") or {}).get("endDate")),
        "first_response": released("bids"),
        "result": result,
    }
    return {k: v for k, v in found.items() if v is not None}


def _contract(contract: Mapping[str, Any]) -> dict[str, object]:
    supplier = str(contract["id"]).removeprefix("contract-")
    implementation = contract.get("implementation") or {}
    stages = [_stage(m) for m in implementation.get("milestones") or []]
    found: dict[str, object] = {
        "supplier": supplier,
        "cap": _amount(contract),
        "signed_on": _day(contract.get("dateSigned")),
        "ends_on": _day((contract.get("period") or {}).get("endDate")),
        "stages": stages,
    }
    if contract.get("status") == "terminated":
        found["outcome"] = "eliminated"
    return found


def _stage(milestone: Mapping[str, Any]) -> dict[str, object]:
    verdict = {"met": "met", "notMet": "unmet"}.get(str(milestone.get("status")))
    day = _day(milestone.get("dateModified"))
    return {
        "code": milestone["title"],
        "starts_on": day if verdict is None else None,
        "due_on": _day(milestone.get("dueDate")),
        "amount": str(milestone.get("description", "0 CNY")).removesuffix(" CNY"),
        "verdict": verdict,
        "decided_on": day if verdict is not None else None,
    }


def _first(compiled: Compiled) -> dict[str, object]:
    contract = next((c for c in compiled.get("contracts") or [] if str(c["id"]).startswith("first-")), None)
    award = next((a for a in compiled.get("awards") or [] if str(a["id"]).startswith("first-")), None)
    if contract is None or award is None:
        return {}
    return {
        "first_purchase": {
            "supplier": str(contract["id"]).removeprefix("first-"),
            "price": _amount(contract) or None,
            "contract_on": _day(contract.get("dateSigned")),
            "announced_on": _day(award.get("date")),
        }
    }
