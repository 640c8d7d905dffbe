"""Each step of a purchase held against its article; nothing firm rests on an unverified rule.

Articles are those of 财库〔2024〕13号 unless a parameter cites another document.
"""

from __future__ import annotations

from datetime import date

from biaochi.core.decision import Decision
from biaochi.core.parameters import Snapshot
from biaochi.mechanisms.procurement.decisions import contract_checks, plan_checks, procedure_checks
from biaochi.mechanisms.procurement.decisions.case import Case, Check
from biaochi.mechanisms.procurement.decisions.market import Market
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.model import Purchase


def check_purchase(
    purchase: Purchase,
    *,
    at: date,
    parameters: Snapshot,
    market: Market | None = None,
    calendar: WorkingCalendar | None = None,
) -> Decision:
    """Hold a purchase against the rules in force.

    Parameters
    ----------
    purchase : Purchase
        The purchase as it stands.
    at : datetime.date
        Day of the check; what is dated later has not happened yet.
    parameters : Snapshot
        See ``parameters/procurement.yaml``.
    market : Market or None
        Result of the market check; without it ground (a) stays unknown.
    calendar : WorkingCalendar or None
        Declared working days; a year without one is counted Monday to Friday and reviewed by a person.

    Returns
    -------
    Decision
        ``outcome`` is the state the dates put the purchase in; one reason a check, ``citation.note`` is
        ``unverified`` where the rule was only recalled.
    """
    case = Case(purchase, at, parameters, market, calendar or WorkingCalendar())
    checks = _CHECKS if purchase.kind == "co_innovation" else _COMMON
    reasons = tuple(check(case) for check in checks)
    return Decision(state_of(purchase, at), reasons, at, parameters=parameters)


def state_of(purchase: Purchase, at: date) -> str:
    """Return the state of the life cycle that the dates reached by ``at`` put a purchase in."""
    d, first = purchase.dates, purchase.first_purchase

    def past(day: date | None) -> bool:
        return day is not None and day <= at

    if first is not None and past(first.contract_on):
        return "first_purchase_contract"
    signed = [c for c in purchase.contracts if c.signed_on <= at]
    if signed:
        outcomes = [c.outcome for c in signed]
        if all(o in ("eliminated", "withdrawn") for o in outcomes):
            return "no_success_closed"
        if all(o is not None for o in outcomes):
            return "accepted"
        started = [s.code for c in signed if c.outcome is None for s in c.stages if past(s.starts_on)]
        return f"stage_{started[-1]}" if started else "contracted"
    for state, day in (
        ("selected", d.result),
        ("negotiation_rounds", d.first_response),
        ("file_issued", d.file_issued),
        ("concept_exchange", d.exchanged),
        ("qualified", d.applications_close),
        ("noticed", d.notice),
        ("approved", d.approved),
        ("expert_argued", d.argued),
    ):
        if past(day):
            return state
    return "draft_plan"


_COMMON: tuple[Check, ...] = (procedure_checks.disclosed, plan_checks.needs, plan_checks.no_track_record)
_CHECKS: tuple[Check, ...] = (
    plan_checks.ground,
    plan_checks.level,
    plan_checks.sme_share,
    plan_checks.ip,
    plan_checks.plan_complete,
    plan_checks.argued,
    procedure_checks.disclosed,
    procedure_checks.group,
    procedure_checks.member("legal"),
    procedure_checks.member("economics"),
    procedure_checks.days("notice_days", "notice_days", lambda p: (p.dates.notice, p.dates.applications_close)),
    procedure_checks.proposal_weight,
    procedure_checks.days("response_days", "response_days", lambda p: (p.dates.file_issued, p.dates.first_response)),
    procedure_checks.suppliers,
    contract_checks.over_contracts(
        "midterm", "阶段开始前没有中期谈判", "stages begun without mid-term negotiation", contract_checks.no_midterm
    ),
    contract_checks.over_contracts(
        "stage_cap", "阶段补偿之和超过合同上限", "stages above the contract's cap", contract_checks.over_cap
    ),
    contract_checks.over_contracts(
        "scope", "补偿范围超出合同", "scope outside the contract's", contract_checks.outside_scope
    ),
    contract_checks.over_contracts(
        "elimination", "淘汰没有核实的证据", "elimination without verified evidence", contract_checks.unproved
    ),
    contract_checks.acceptance,
    contract_checks.term,
    contract_checks.first_purchase,
    contract_checks.total,
    plan_checks.routes,
    plan_checks.needs,
    plan_checks.no_track_record,
)
