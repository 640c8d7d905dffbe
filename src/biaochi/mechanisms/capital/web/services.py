"""What is done to a fund beside its moves: checking terms, recording money, registering deals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction as database
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.errors import RefusedError
from biaochi.core.parameters import Snapshot
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.core.verdict import Verdict
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.mechanisms.capital.decisions import PartInputs, PartResult, check_terms, run_part
from biaochi.mechanisms.capital.files import read_deals, read_flows
from biaochi.mechanisms.capital.model import Flow
from biaochi.mechanisms.capital.report import FLOW_NAMES
from biaochi.mechanisms.capital.web.models import FundDeal, GuidanceFund, MoneyFlow
from biaochi.registry.transition import record

PACKAGE = "biaochi.mechanisms.capital"


def rules() -> Snapshot:
    """Return the rules in force today."""
    return load_parameters(PACKAGE).at(timezone.localdate())


def may_keep(fund: GuidanceFund, actor: Actor) -> bool:
    """Whether the actor keeps the fund's books."""
    own = fund.organisation is not None and fund.organisation.public_id == actor.organisation
    return actor.role is Role.FUND_MANAGER and own and fund.within_scope(actor)


def check_terms_now(fund: GuidanceFund) -> Decision:
    """Return what the rules in force say of the terms."""
    return check_terms(fund.terms, at=timezone.localdate(), parameters=rules())


def check(fund: GuidanceFund, actor: Actor) -> Decision:
    """Hold the terms against the rules in force, and keep what came of it."""
    _keeps(fund, actor)
    found = check_terms_now(fund)
    with database.atomic():
        fund.checked_basis, fund.check_outcome = fund.basis, found.outcome
        fund.save(update_fields=["checked_basis", "check_outcome"])
        record(fund, "terms_checked", actor, "", found)
    return found


def change_terms(fund: GuidanceFund, document: Mapping[str, Any], actor: Actor) -> None:
    """Keep changed terms of a fund that does not invest yet; they are checked anew."""
    _keeps(fund, actor)
    if fund.state != "approved":
        raise _no("terms_stand", "进入投资期后条款不再更改", "terms stand once the fund invests")
    with database.atomic():
        fund.document = dict(document)
        fund.__dict__.pop("terms", None)
        fund.version += 1
        fund.save(update_fields=["document", "version"])
        facts: dict[str, Scalar] = {"sha256": digest(fund.document)}
        record(fund, "terms_changed", actor, "", Decision("terms_changed", (), timezone.localdate(), facts=facts))


def add_flow(fund: GuidanceFund, flow: Flow, actor: Actor) -> MoneyFlow:
    """Record one flow: calls while investing only, nothing later than today."""
    _keeps(fund, actor)
    _check_flow(fund, flow)
    with database.atomic():
        made = MoneyFlow.objects.create(fund=fund, at=flow.at, kind=flow.kind, party=flow.party, amount=flow.amount)
        text = Text(
            f"{FLOW_NAMES[flow.kind].zh} {flow.amount:,.2f} 元，{flow.at}",
            f"{FLOW_NAMES[flow.kind].en} {flow.amount:,.2f} yuan on {flow.at}",
        )
        reason = Reason("flow", Verdict.MET, text, flow.amount, unit="yuan")
        record(fund, "flow_recorded", actor, "", Decision("flow_recorded", (reason,), timezone.localdate()))
    return made


def add_flows(fund: GuidanceFund, source: Source, actor: Actor) -> int:
    """Record a whole table of flows of this fund; nothing of a faulty table is kept."""
    _keeps(fund, actor)
    faults = Faults(source.name)
    flows, _, _ = read_flows(source, faults)
    codes = {fund.public_id, fund.terms.fund}
    for flow in flows:
        if flow.fund not in codes:
            faults.add(
                "unknown_fund",
                Text("不是本基金的现金流", "not a flow of this fund"),
                Text(f"fund 一列应为 {fund.terms.fund}", f"the column fund must say {fund.terms.fund}"),
                column="fund",
                seen=flow.fund,
            )
            break
    faults.check()
    for flow in flows:
        _check_flow(fund, flow)
    with database.atomic():
        MoneyFlow.objects.bulk_create(
            [MoneyFlow(fund=fund, at=f.at, kind=f.kind, party=f.party, amount=f.amount) for f in flows]
        )
        facts: dict[str, Scalar] = {"rows": len(flows), "sha256": source.sha256}
        record(fund, "flows_recorded", actor, "", Decision("flows_recorded", (), timezone.localdate(), facts=facts))
    return len(flows)


def void_flow(fund: GuidanceFund, number: int, reason: str, actor: Actor, now: datetime) -> None:
    """Void one flow with its reason; it stays on record."""
    _keeps(fund, actor)
    if not reason.strip():
        raise _no("reason_missing", "须写明理由", "the reason must be given")
    with database.atomic():
        row = MoneyFlow.objects.select_for_update().filter(fund=fund, pk=number, voided_at__isnull=True).first()
        if row is None:
            raise _no("no_flow", "没有这笔现金流，或已作废", "there is no such flow, or it is void already")
        row.voided_at, row.void_reason = now, reason.strip()[:1000]
        row.save(update_fields=["voided_at", "void_reason"])
        record(fund, "flow_voided", actor, reason, Decision("flow_voided", (), timezone.localdate(now)), now=now)


def set_deals(fund: GuidanceFund, source: Source, actor: Actor) -> int:
    """Register the fund's deals anew from a table; the former judgement stays in the ledger by its digest."""
    _keeps(fund, actor)
    faults = Faults(source.name)
    deals, _, _ = read_deals(source, faults)
    faults.check()
    with database.atomic():
        fund.deals.all().delete()
        FundDeal.objects.bulk_create(
            [
                FundDeal(
                    fund=fund,
                    deal=d.deal,
                    kind=d.kind,
                    amount=d.amount,
                    p_success=d.p_success,
                    loss_share=d.loss_share,
                    group=d.group,
                    p_group=d.p_group,
                )
                for d in deals
            ]
        )
        facts: dict[str, Scalar] = {"rows": len(deals), "sha256": source.sha256}
        record(fund, "deals_recorded", actor, "", Decision("deals_recorded", (), timezone.localdate(), facts=facts))
    return len(deals)


def result_of(fund: GuidanceFund) -> PartResult:
    """Return everything that can be said of a fund today."""
    today = timezone.localdate()
    terms, flows = fund.terms, fund.known_flows(today)
    inputs = PartInputs(replace(terms, fund=fund.public_id), tuple(flows), tuple(fund.known_deals()), None)
    turn = Turn(fund.title, fund.region_id or "", str(today.year), today, today)
    return run_part(inputs, turn, rules())


def _check_flow(fund: GuidanceFund, flow: Flow) -> None:
    if flow.at > timezone.localdate():
        raise _no("later_flow", "日期晚于今天", "the day lies in the future")
    if flow.kind == "call" and fund.state != "investing":
        raise _no("not_investing", "只有投资期可以缴款", "money is called only while the fund invests")
    if fund.state == "liquidated":
        raise _no("liquidated", "已清算，不再记账", "liquidated: nothing is recorded any more")
    if flow.party and flow.party not in {p.code for p in fund.terms.parties}:
        raise _no("unknown_party", f"条款中没有当事方 {flow.party}", f"the terms name no party {flow.party}")


def _keeps(fund: GuidanceFund, actor: Actor) -> None:
    if not may_keep(fund, actor):
        raise _no("not_yours", "由管理该基金的单位办理", "done by the house that manages the fund")


def _no(code: str, zh: str, en: str) -> RefusedError:
    return RefusedError(code, Text(zh, en))
