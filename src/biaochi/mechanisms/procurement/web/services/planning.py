"""The plan and its needs while it is drafted; every version of it enters the ledger by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from biaochi.core.canonical import digest
from biaochi.core.errors import InputError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.procurement.files import products_of, purchase_of
from biaochi.mechanisms.procurement.model import ProductFact
from biaochi.mechanisms.procurement.web import record
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.mechanisms.procurement.web.services.refusing import noted, refuse

MOST_NEEDS, MOST_FACTS = 60, 5000


def plan_from_form(data: Mapping[str, Any], buyer: str) -> dict[str, Any]:
    """Return the stored plan of a filled-in form, without its needs."""
    consent = data["consent_on"]
    return {
        "kind": "co_innovation",
        "title": {"zh": data["title_zh"], "en": data["title_en"]},
        "buyer": {"name": buyer, "level": data["level"], "consent_on": consent.isoformat() if consent else None},
        "ground": {"case": data["ground"], "plan": data["serves"], "statement": data["statement"], "evidence": []},
        "money": {"max_cost": str(data["max_cost"]), "first_purchase": str(data["first_purchase"])},
        "mode": data["mode"],
        "mode_reason": data["mode_reason"] or None,
        "group": data["group"],
        "criteria": data["criteria"],
        "ties": [c["code"] for c in data["criteria"]],
        "sme": {
            "reserved": data["sme_reserved"],
            "subcontract_share": data["subcontract_share"],
            "rate": data["sme_rate"],
            "joint_rate": None,
        },
        "ip": {"owner": data["ip_owner"], "reason": data["ip_reason"] or None},
        "planned_suppliers": data["planned_suppliers"],
        "iteration_duty": data["iteration_duty"],
        "risks": data["risks"],
        "routes": data["routes"],
    }


def plan_in_form(obj: CoPurchase) -> dict[str, Any]:
    """Return what the form of the plan starts with."""
    p = record.plan_of(obj)
    roles = {"legal": "法律", "economics": "经济", "technical": "技术", "buyer": "采购人"}
    names = {"proposal": "研发方案", "price": "价格", "time": "期限", "service": "服务"}
    found: dict[str, Any] = {
        "title_zh": obj.title_zh,
        "title_en": obj.title_en,
        "level": p.buyer.level,
        "consent_on": p.buyer.consent_on,
        "mode": p.mode,
        "mode_reason": p.mode_reason,
        "planned_suppliers": p.planned_suppliers,
        "group": "\n".join(f"{m.id} | {roles[m.role]}" for m in p.group),
        "criteria": "\n".join(f"{names.get(c.code, c.code)} | {c.weight:g}" for c in p.criteria),
        "sme_reserved": p.sme.reserved,
        "subcontract_share": p.sme.subcontract_share,
        "sme_rate": p.sme.rate,
        "ip_owner": p.ip.owner,
        "ip_reason": p.ip.reason,
        "iteration_duty": p.iteration_duty,
        "risks": "\n".join(f"{r.risk} | {r.control}" for r in p.risks),
        "routes": "\n".join(f"{r.goal} | {'、'.join(r.routes)}" for r in p.routes),
    }
    if p.ground is not None:
        found |= {"ground": p.ground.case, "serves": p.ground.plan, "statement": p.ground.statement}
    if p.money is not None:
        found |= {"max_cost": p.money.max_cost, "first_purchase": p.money.first_purchase}
    return found


def keep_plan(obj: CoPurchase, plan: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Keep a new version of the plan; its needs stay as they are."""
    obj.plan = {**obj.plan, **plan, "needs": obj.plan.get("needs", [])}
    obj.title_zh, obj.title_en = obj.plan["title"]["zh"][:200], obj.plan["title"]["en"][:200]
    record.plan_of(obj)
    obj.save(update_fields=["plan", "title_zh", "title_en"])
    noted(obj, "plan_kept", actor, now, sha256=digest(obj.plan))


def plan_of_file(document: str) -> dict[str, Any]:
    """Return the plan of a purchase file; what a file says has happened is refused: that the platform records."""
    found = purchase_of(document)
    faults = Faults("purchase.yaml")
    empty = type(found)(found.id, found.kind, found.title, found.buyer)
    for name in record.HAPPENED:
        if getattr(found, name) != getattr(empty, name):
            faults.add(
                "happened",
                Text("发生过的事由平台按时钟记录，不从文件读入", "what happened is recorded by the platform, not read"),
                Text("请从文件中删去这一项", "remove it from the file"),
                column=name,
            )
    if found.kind != "co_innovation":
        faults.add(
            "kind",
            Text("本页只办理合作创新采购", "this page is for co-innovation purchases"),
            Text("请核对 kind", "check kind"),
            column="kind",
            seen=found.kind,
        )
    faults.check()
    return record.plan_kept(found)


def put_need(obj: CoPurchase, data: Mapping[str, Any], actor: Actor, now: datetime, *, old: str = "") -> None:
    """Add a need, or write one anew."""
    code, others = data["code"], [n for n in obj.plan.get("needs", []) if n["code"] != old]
    if any(n["code"] == code for n in others):
        raise refuse("duplicate_need", "已有这个代号", "there is a need with this code")
    if len(others) >= MOST_NEEDS:
        raise refuse("too_many", f"至多 {MOST_NEEDS} 项需求", f"at most {MOST_NEEDS} needs")
    need = {
        "code": code,
        "function": {"zh": data["function_zh"], "en": data["function_en"]},
        "op": data["op"],
        "threshold": data["threshold"],
        "unit": data["unit"] or None,
        "test_method": data["test_method"],
        "mandatory": bool(data["mandatory"]),
        "weight": 0,
    }
    place = next((i for i, n in enumerate(obj.plan.get("needs", [])) if n["code"] == old), len(others))
    _keep_needs(obj, [*others[:place], need, *others[place:]], actor, now)


def drop_need(obj: CoPurchase, code: str, actor: Actor, now: datetime) -> None:
    """Remove a need with what is known of products for it."""
    needs = [n for n in obj.plan.get("needs", []) if n["code"] != code]
    if len(needs) == len(obj.plan.get("needs", [])):
        raise refuse("no_need", "没有这项需求", "there is no such need")
    obj.products = [f for f in obj.products if f["need"] != code]
    _keep_needs(obj, needs, actor, now)


def move_threshold(obj: CoPurchase, code: str, threshold: float, actor: Actor, now: datetime) -> None:
    """Set the threshold of one numeric need."""
    needs = [{**n, "threshold": threshold} if n["code"] == code else n for n in obj.plan.get("needs", [])]
    if needs == obj.plan.get("needs", []):
        raise refuse("same", "门槛没有变化", "the threshold is the same")
    _keep_needs(obj, needs, actor, now)


def _keep_needs(obj: CoPurchase, needs: list[dict[str, Any]], actor: Actor, now: datetime) -> None:
    obj.plan = {**obj.plan, "needs": needs}
    record.plan_of(obj)
    obj.save(update_fields=["plan", "products"])
    noted(obj, "needs_kept", actor, now, sha256=digest(needs), needs=len(needs))


def put_fact(obj: CoPurchase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Keep what is known of one product for one need; a newer fact takes the place of an older."""
    need = next((n for n in record.plan_of(obj).needs if n.code == data["need"]), None)
    if need is None:
        raise refuse("no_need", "没有这项需求", "there is no such need")
    raw = data["value"].strip()
    value: Any = raw or None
    if raw and need.numeric:
        try:
            value = float(raw)
        except ValueError:
            raise refuse("not_a_number", "该需求的值须是数", "the value of this need is a number") from None
        if value != value or abs(value) == float("inf"):
            raise refuse("not_a_number", "该需求的值须是有限的数", "the value of this need is a finite number")
    fact = ProductFact(
        data["product"], data["supplier"], need.code, value, data["low"], data["high"], data["group"] or ""
    )
    others = [f for f in obj.products if (f["product"], f["need"]) != (fact.product, fact.need)]
    _keep_products(obj, [*others, *record.products_kept([fact])], actor, now)


def put_table(obj: CoPurchase, table: str, actor: Actor, now: datetime) -> None:
    """Put a whole table of products in the place of what was known; raise every fault at once."""
    found = products_of(table, record.plan_of(obj))
    _keep_products(obj, record.products_kept(found), actor, now)


def drop_product(obj: CoPurchase, product: str, actor: Actor, now: datetime) -> None:
    """Forget a product."""
    _keep_products(obj, [f for f in obj.products if f["product"] != product], actor, now)


def _keep_products(obj: CoPurchase, facts: list[dict[str, Any]], actor: Actor, now: datetime) -> None:
    if len(facts) > MOST_FACTS:
        raise refuse("too_many", "产品事实过多", "too many facts of products")
    obj.products = facts
    obj.save(update_fields=["products"])
    noted(obj, "products_kept", actor, now, sha256=digest(facts), facts=len(facts))


def faults_of(error: InputError) -> list[Text]:
    """Return the faults of a file as sentences."""
    return [Text(f.line("zh"), f.line("en")) for f in error.faults]
