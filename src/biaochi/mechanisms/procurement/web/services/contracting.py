"""Terms before the signature; stages, tests and settlement after it; and whom the first purchase is made from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from biaochi.core.roles import Actor
from biaochi.mechanisms.procurement.decisions.compensation import may_agree, settle, within_total
from biaochi.mechanisms.procurement.web import readings, record
from biaochi.mechanisms.procurement.web.models import CoPurchase, RdContract
from biaochi.mechanisms.procurement.web.services.refusing import noted, refuse
from biaochi.registry.transition import record as write


def write_terms(obj: CoPurchase, offer: str, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Write the terms of one contract: cap, scope, term; each held against its rule at once."""
    if obj.state not in ("selected", "standstill") or offer not in obj.selection.get("selected", ()):
        raise refuse(
            "wrong_state", "选定之后、签约之前写明（第十二条）", "written after selection, before signing (Art 12)"
        )
    row = obj.offers.filter(public_id=offer).first()
    asked = Decimal(row.content["compensation"]) if row is not None else Decimal(0)
    if not 0 < data["cap"] <= asked:
        raise refuse(
            "above_offer",
            f"补偿上限不得高于报价 {asked:,.2f} 元（第二十三条）",
            f"not above the offer of {asked:,.2f} (Art 23)",
        )
    if not data["scope"]:
        raise refuse("no_scope", "须写明补偿范围（第十二条）", "the scope must be written (Art 12)")
    if not readings.term_kept(timezone.localdate(now), data["ends_on"], major=data["major"]):
        raise refuse(
            "term",
            "合同期限超过两年，重大项目三年（条号待核）",
            "longer than 2 years, 3 for a major project (to be verified)",
        )
    terms = {
        "cap": str(data["cap"]),
        "ends_on": data["ends_on"].isoformat(),
        "major": data["major"],
        "scope": data["scope"],
    }
    after = {**obj.terms, offer: terms}
    money = record.plan_of(obj).money
    caps = [Decimal(t["cap"]) for t in after.values()]
    if money is None or not within_total(caps, money.first_purchase, money.max_cost):
        raise refuse(
            "total",
            "补偿上限与首购之和超过最高费用（第十二条）",
            "caps and first purchase exceed the maximum cost (Art 12)",
        )
    obj.terms = after
    obj.save(update_fields=["terms"])
    noted(obj, "terms_written", actor, now, offer=offer, cap=data["cap"])


def agree_stage(row: RdContract, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Write the next stage of a contract; refused with its article when it breaks cap, scope or order."""
    if row.state not in ("signed", "verified"):
        raise refuse("wrong_state", "中期谈判在每一阶段之前（第二十四条）", "negotiated before each stage (Art 24)")
    if data["due_on"] > row.ends_on or data["due_on"] < timezone.localdate(now):
        raise refuse("due_on", "应完成日须在合同期内（第二十四条）", "the due day lies within the term (Art 24)")
    stage = {
        "code": data["code"],
        "due_on": data["due_on"].isoformat(),
        "amount": str(data["amount"]),
        "scope": data["scope"],
    }
    decision = may_agree(row.domain, record.stage_of(stage), at=timezone.localdate(now))
    if decision.outcome != "agreed":
        against = [r for r in decision.reasons if r.verdict.value == "unmet"]
        raise refuse(
            against[0].rule,
            "；".join(f"{r.text.zh}：{r.seen}／{r.threshold}（第二十四条）" for r in against),
            "; ".join(f"{r.text.en}: {r.seen} / {r.threshold} (Art 24)" for r in against),
        )
    row.pending = stage
    row.save(update_fields=["pending"])
    write(row, "stage_written", actor, "", decision, now=now)


def report_stage(row: RdContract, data: Mapping[str, Any]) -> None:
    """Keep what the supplier reports, for the move that follows."""
    if row.state != "running":
        raise refuse("wrong_state", "阶段进行中提交（第二十四条）", "reported while the stage runs (Art 24)")
    costs = data["costs"]
    said = data["cost_statement"].strip()
    statement = f"{costs:.2f} 元。{said}" if costs is not None and said else None
    row.change_last(report=data["report"].strip() or None, cost_statement=statement, costs=str(costs or ""))
    row.save(update_fields=["stages"])


def verify_stage(row: RdContract, data: Mapping[str, Any]) -> None:
    """Keep the verdict with its evidence, for the move that follows."""
    if row.state != "reported":
        raise refuse("wrong_state", "提交报告之后核实（第二十四条）", "verified after the report (Art 24)")
    evidence = [e.strip()[:200] for e in data["evidence"].splitlines() if e.strip()]
    row.change_last(verdict=data["verdict"], evidence=evidence)
    row.save(update_fields=["stages"])


def test(row: RdContract, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Keep the result of one test of acceptance with its report."""
    if row.state != "verified":
        raise refuse("wrong_state", "最后阶段核实之后验收（第二十五条）", "tested after the last stage (Art 25)")
    need = next((n for n in record.plan_of(row.purchase).needs if n.code == data["need"]), None)
    if need is None:
        raise refuse("no_need", "没有这项需求", "there is no such need")
    value: Any = data["value"]
    if need.numeric:
        try:
            value = float(value)
        except ValueError:
            raise refuse("not_a_number", "实测值须是数", "the measured value is a number") from None
        if value != value or abs(value) == float("inf"):
            raise refuse("not_a_number", "实测值须是有限的数", "the measured value is a finite number")
    kept = {"need": need.code, "value": value, "evidence": data["evidence"], "on": timezone.localdate(now).isoformat()}
    row.tests = [*(t for t in row.tests if t["need"] != need.code), kept]
    row.save(update_fields=["tests"])
    noted(row, "tested", actor, now, need=need.code, value=value, report=data["evidence"])


def settle_costs(row: RdContract, costs: Decimal, actor: Actor, now: datetime) -> None:
    """Pay an eliminated supplier its reasonable costs, at most what the failed stage was agreed at."""
    if row.state != "eliminated" or row.settled is not None:
        raise refuse("wrong_state", "淘汰之后核定一次（第二十四条）", "settled once, after elimination (Art 24)")
    decision = settle(row.domain, costs, at=timezone.localdate(now)).require("settled")
    row.settled = Decimal(str(decision.facts["amount"]))
    row.save(update_fields=["settled"])
    write(row, "settled", actor, "", decision, now=now)


def choose_first(obj: CoPurchase, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Choose whom the first purchase is made from among those accepted."""
    if obj.state != "first_purchase_review":
        raise refuse("wrong_state", "首购评审期间选择（第二十六条）", "chosen in the first-purchase review (Art 26)")
    row = obj.contracts.filter(public_id=data["supplier"], state="accepted").select_related("supplier").first()
    if row is None:
        raise refuse(
            "first_supplier_accepted", "首购对象须验收合格（第二十六条）", "only an accepted supplier (Art 26)"
        )
    money = record.plan_of(obj).money
    caps = [c.cap for c in obj.contracts.all()]
    if money is None or data["price"] <= 0 or not within_total(caps, data["price"], money.max_cost):
        raise refuse(
            "first_within_total",
            "补偿与首购之和超过最高费用（第十二条）",
            "caps and first purchase exceed the maximum (Art 12)",
        )
    obj.first = {"supplier": row.supplier.name_zh, "price": str(data["price"]), "quantity": data["quantity"]}
    obj.save(update_fields=["first"])
    noted(obj, "first_purchase_chosen", actor, now, supplier=row.supplier.public_id, price=data["price"])
