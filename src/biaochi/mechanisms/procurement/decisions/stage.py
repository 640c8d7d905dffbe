"""Each step of a purchase held against its article; nothing firm rests on an unverified rule.

Articles are those of 财库〔2024〕13号 unless a parameter cites another document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.period import add_years
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions.disclose import publications
from biaochi.mechanisms.procurement.decisions.market import Market
from biaochi.mechanisms.procurement.decisions.needs import faults_of_needs, meets
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.model import Contract, Purchase

_RULES = "财库〔2024〕13号"
_PUBLISHED = "2024-04-24"
UNVERIFIED = "unverified"
_TRACK_RECORD = re.compile(
    r"业绩|销售(?:记录|量|额)|用户(?:证明|数量)|市场(?:占有率|份额)|装机量|应用案例|"
    r"track record|market share|installed base|references?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Case:
    """What every check looks at."""

    purchase: Purchase
    at: date
    parameters: Snapshot
    market: Market | None
    calendar: WorkingCalendar


_Check = Callable[[_Case], Reason]


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
    case = _Case(purchase, at, parameters, market, calendar or WorkingCalendar())
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


def _said(
    rule: str,
    verdict: Verdict,
    zh: str,
    en: str,
    *,
    article: str = "",
    seen: Scalar = None,
    threshold: Scalar = None,
    unit: str = "",
    title: str = _RULES,
    status: str = "confirmed",
) -> Reason:
    firm = Verdict.MANUAL_REVIEW if status == UNVERIFIED and verdict in (Verdict.MET, Verdict.UNMET) else verdict
    published = _PUBLISHED if title == _RULES else ""
    return Reason(rule, firm, Text(zh, en), seen, threshold, unit, Citation(title, article, published, status))


def _yes(condition: bool) -> Verdict:
    return Verdict.MET if condition else Verdict.UNMET


def _ruled(case: _Case, code: str) -> tuple[float, str, str, str]:
    """Return a parameter's value, title, article and status."""
    found = case.parameters[code]
    return float(str(found.value)), found.citation.title, found.citation.article, found.status.value


def _ground(case: _Case) -> Reason:
    ground = case.purchase.ground
    if ground is None:
        return _said("ground", Verdict.UNMET, "没有写明适用情形", "no ground is stated", article="3")
    if not ground.plan.strip() or not ground.statement.strip():
        return _said(
            "ground", Verdict.UNMET, "缺少规划依据或说明", "plan or statement is missing", article="3", seen=ground.case
        )
    if ground.case != "a":
        verdict = Verdict.MANUAL_REVIEW if ground.evidence else Verdict.UNKNOWN
        return _said(
            "ground", verdict, "须由人核对改进或其他情形", "a person must check the case", article="3", seen=ground.case
        )
    if case.market is None:
        return _said(
            "ground", Verdict.UNKNOWN, "没有市场检查", "there is no market check", article="3", seen=ground.case
        )
    n = case.market.possible
    return _said(
        "ground",
        _yes(n == 0),
        f"市场上可能满足全部需求的供应商有 {n} 家",
        f"{n} suppliers could possibly meet all needs",
        article="3",
        seen=n,
        threshold=0,
        unit="suppliers",
    )


def _level(case: _Case) -> Reason:
    buyer = case.purchase.buyer
    if buyer.level in ("central", "provincial", "plan_city"):
        return _said("level", Verdict.MET, "预算级次符合", "the budget level may buy so", article="4", seen=buyer.level)
    if buyer.level == "prefecture":
        agreed = buyer.consent_on is not None and buyer.consent_on <= case.at
        return _said(
            "level",
            _yes(agreed),
            "地市级须经省级主管部门同意",
            "a prefecture needs the province's consent",
            article="4",
            seen=buyer.level,
        )
    return _said("level", Verdict.UNMET, "县级不在适用范围", "a county may not buy so", article="4", seen=buyer.level)


def _sme_share(case: _Case) -> Reason:
    sme = case.purchase.sme
    if sme.reserved:
        return _said(
            "sme_share",
            Verdict.MET,
            "已面向中小企业预留",
            "the package is reserved for SMEs",
            article="10",
            seen="reserved",
        )
    share = sme.subcontract_share
    verdict = Verdict.MANUAL_REVIEW if share is None else _yes(share > 0)
    return _said(
        "sme_share",
        verdict,
        "向中小企业分包的比例",
        "share subcontracted to SMEs",
        article="10",
        seen=share,
        threshold=0,
    )


def _ip(case: _Case) -> Reason:
    ip = case.purchase.ip
    good = ip.owner == "supplier" or bool((ip.reason or "").strip())
    return _said(
        "ip",
        _yes(good),
        "知识产权原则上归供应商，另行约定须有理由",
        "IP is the supplier's unless a reason is given",
        article="11",
        seen=ip.owner,
    )


def _plan_complete(case: _Case) -> Reason:
    p = case.purchase
    parts = {
        "needs": bool(p.needs),
        "max_cost": p.money is not None and p.money.max_cost > 0,
        "mode": p.mode == "open" or bool((p.mode_reason or "").strip()),
        "group": bool(p.group),
        "criteria": bool(p.criteria),
        "iteration_duty": p.iteration_duty is not None,
        "risks": bool(p.risks),
        "scope": all(c.scope for c in p.contracts),
    }
    missing = [name for name, there in parts.items() if not there]
    text = "、".join(missing) or "无"
    return _said(
        "plan_complete",
        _yes(not missing),
        f"方案缺少：{text}",
        f"missing from the plan: {', '.join(missing) or 'nothing'}",
        article="12",
        seen=len(parts) - len(missing),
        threshold=len(parts),
    )


def _argued(case: _Case) -> Reason:
    d = case.purchase.dates
    done = d.argued is not None and d.argued <= case.at
    in_order = done and (d.approved is None or (d.argued or date.max) <= d.approved)
    verdict = _yes(in_order) if done or d.approved is not None or d.notice is not None else Verdict.UNKNOWN
    return _said(
        "argued",
        verdict,
        "方案须先经专家论证再批准",
        "experts argue the plan before it is approved",
        article="12",
        seen=d.argued,
    )


def _disclosed(case: _Case) -> Reason:
    due = [p for p in publications(case.purchase, at=case.at) if p.due_on is not None]
    settled = [p for p in due if p.settled]
    missing = [p.document for p in due if not p.settled]
    verdict = Verdict.NOT_APPLICABLE if not due else _yes(not missing)
    return _said(
        "disclosed",
        verdict,
        f"到期应公开而未公开：{'、'.join(missing) or '无'}",
        f"due but not public: {', '.join(missing) or 'none'}",
        article="13",
        seen=len(settled),
        threshold=len(due),
        unit="documents",
    )


def _group(case: _Case) -> Reason:
    least, title, article, status = _ruled(case, "group_size")
    n = len(case.purchase.group)
    return _said(
        "group",
        _yes(n >= least and n % 2 == 1),
        "谈判小组人数（须为单数）",
        "members of the group (odd)",
        article=article,
        seen=n,
        threshold=int(least),
        unit="people",
        title=title,
        status=status,
    )


def _member(role: str) -> _Check:
    def check(case: _Case) -> Reason:
        least, title, article, status = _ruled(case, f"group_{role}")
        n = sum(m.role == role for m in case.purchase.group)
        names = {"legal": ("法律专家", "legal experts"), "economics": ("经济专家", "economics experts")}[role]
        return _said(
            role,
            _yes(n >= least),
            names[0],
            names[1],
            article=article,
            seen=n,
            threshold=int(least),
            unit="people",
            title=title,
            status=status,
        )

    return check


def _days(rule: str, code: str, ends: Callable[[Purchase], tuple[date | None, date | None]]) -> _Check:
    def check(case: _Case) -> Reason:
        least, title, article, status = _ruled(case, code)
        start, end = ends(case.purchase)
        if start is None or end is None:
            return _said(
                rule, Verdict.UNKNOWN, "日期尚缺", "a date is missing", article=article, title=title, status=status
            )
        span = case.calendar.between(start, end)
        verdict = _yes(span.days >= least) if span.known else Verdict.MANUAL_REVIEW
        note = (
            ("", "")
            if span.known
            else ("（没有当年日历，按周一至周五计）", " (no calendar for the year; counted Monday to Friday)")
        )
        return _said(
            rule,
            verdict,
            f"工作日{note[0]}",
            f"working days{note[1]}",
            article=article,
            seen=span.days,
            threshold=int(least),
            unit="working days",
            title=title,
            status=status,
        )

    return check


def _proposal_weight(case: _Case) -> Reason:
    least, title, article, status = _ruled(case, "proposal_weight")
    weight = sum(c.weight for c in case.purchase.criteria if c.code == "proposal")
    return _said(
        "proposal_weight",
        _yes(weight >= least),
        "研发方案权重",
        "weight of the R&D proposal",
        article=article,
        seen=weight,
        threshold=least,
        unit="points",
        title=title,
        status=status,
    )


def _suppliers(case: _Case) -> Reason:
    most, title, article, status = _ruled(case, "suppliers_max")
    n = max(case.purchase.planned_suppliers, len({c.supplier for c in case.purchase.contracts}))
    return _said(
        "suppliers",
        _yes(1 <= n <= most),
        "研发供应商家数",
        "R&D suppliers",
        article=article,
        seen=n,
        threshold=int(most),
        unit="suppliers",
        title=title,
        status=status,
    )


def _over_contracts(rule: str, zh: str, en: str, faulty: Callable[[_Case, Contract], Iterable[str]]) -> _Check:
    def check(case: _Case) -> Reason:
        contracts = [c for c in case.purchase.contracts if c.signed_on <= case.at]
        if not contracts:
            return _said(rule, Verdict.NOT_APPLICABLE, "尚无研发合同", "there is no R&D contract yet", article="24")
        wrong = [w for c in contracts for w in faulty(case, c)]
        return _said(
            rule,
            _yes(not wrong),
            f"{zh}：{'、'.join(wrong) or '无例外'}",
            f"{en}: {', '.join(wrong) or 'no exception'}",
            article="24",
            seen=len(wrong),
            threshold=0,
        )

    return check


def _no_midterm(case: _Case, contract: Contract) -> Iterable[str]:
    for stage in contract.stages:
        begun = stage.starts_on is not None and stage.starts_on <= case.at
        if begun and (stage.midterm_on is None or stage.midterm_on > (stage.starts_on or case.at)):
            yield f"{contract.supplier}/{stage.code}"


def _over_cap(case: _Case, contract: Contract) -> Iterable[str]:
    del case
    if sum((s.amount for s in contract.stages), Decimal(0)) > contract.cap:
        yield contract.supplier


def _outside_scope(case: _Case, contract: Contract) -> Iterable[str]:
    del case
    for stage in contract.stages:
        if not set(stage.scope) <= set(contract.scope):
            yield f"{contract.supplier}/{stage.code}"


def _unproved(case: _Case, contract: Contract) -> Iterable[str]:
    del case
    if contract.outcome != "eliminated":
        return
    failed = [s for s in contract.stages if s.verdict == "unmet"]
    if not any(s.evidence and s.report and s.decided_on is not None for s in failed):
        yield contract.supplier


def _acceptance(case: _Case) -> Reason:
    accepted = [c for c in case.purchase.contracts if c.outcome == "accepted"]
    if not accepted:
        return _said("acceptance", Verdict.NOT_APPLICABLE, "尚无验收", "nothing was accepted yet", article="25")
    open_tests = []
    for contract in accepted:
        for need in case.purchase.mandatory:
            tests = [a for a in case.purchase.acceptance if a.supplier == contract.supplier and a.need == need.code]
            if not any(a.evidence and meets(need, a.value) for a in tests):
                open_tests.append(f"{contract.supplier}/{need.code}")
    return _said(
        "acceptance",
        _yes(not open_tests),
        f"按合同测试未通过或无证据：{'、'.join(open_tests) or '无'}",
        f"tests not passed or without evidence: {', '.join(open_tests) or 'none'}",
        article="25",
        seen=len(open_tests),
        threshold=0,
    )


def _term(case: _Case) -> Reason:
    contracts = case.purchase.contracts
    if not contracts:
        return _said("term", Verdict.NOT_APPLICABLE, "尚无研发合同", "there is no R&D contract yet")
    _, title, article, status = _ruled(case, "term_years")
    wrong = [
        c.supplier
        for c in contracts
        if c.ends_on > add_years(c.signed_on, int(_ruled(case, "term_years_major" if c.major else "term_years")[0]))
    ]
    return _said(
        "term",
        _yes(not wrong),
        f"超过合同年限：{'、'.join(wrong) or '无'}",
        f"longer than the term allows: {', '.join(wrong) or 'none'}",
        article=article,
        seen=len(wrong),
        threshold=0,
        title=title,
        status=status,
    )


def _first_purchase(case: _Case) -> Reason:
    first = case.purchase.first_purchase
    _, title, article, status = 0, *_cited(case, "first_purchase_rules")
    if first is None or first.supplier is None:
        return _said(
            "first_purchase",
            Verdict.NOT_APPLICABLE,
            "尚无首购",
            "there is no first purchase yet",
            article=article,
            title=title,
            status=status,
        )
    accepted = {c.supplier for c in case.purchase.contracts if c.outcome == "accepted"}
    good = first.supplier in accepted and first.price is not None and first.announced_on is not None
    return _said(
        "first_purchase",
        _yes(good),
        "首购对象须验收合格并公告价格与功能",
        "the supplier is accepted and price and function announced",
        article=article,
        seen=first.supplier,
        title=title,
        status=status,
    )


def _cited(case: _Case, code: str) -> tuple[str, str, str]:
    found = case.parameters[code]
    return found.citation.title, found.citation.article, found.status.value


_OURS = "本平台设定"


def _total(case: _Case) -> Reason:
    money = case.purchase.money
    if money is None:
        return _said("total", Verdict.UNKNOWN, "没有写明最高研发费用", "no maximum cost is stated", title=_OURS)
    first = case.purchase.first_purchase
    price = first.price if first is not None and first.price is not None else money.first_purchase
    spent = sum((c.cap for c in case.purchase.contracts), Decimal(0)) + price
    return _said(
        "total",
        _yes(spent <= money.max_cost),
        "补偿上限之和加首购",
        "caps and first purchase together",
        seen=spent,
        threshold=money.max_cost,
        unit="yuan",
        title=_OURS,
    )


def _routes(case: _Case) -> Reason:
    least, title, article, status = _ruled(case, "routes_min")
    fewest = min((len(set(r.routes)) for r in case.purchase.routes), default=0)
    return _said(
        "routes",
        _yes(fewest >= least),
        "每个目标的技术路线",
        "routes for each goal",
        article=article,
        seen=fewest,
        threshold=int(least),
        unit="routes",
        title=title,
        status=status,
    )


def _needs(case: _Case) -> Reason:
    needs = case.purchase.needs
    wrong = [f"{needs[i].code}:{part}" for i, part in faults_of_needs(needs)]
    verdict = Verdict.UNMET if not needs else _yes(not wrong)
    return _said(
        "needs",
        verdict,
        f"需求缺少：{'、'.join(wrong) or '无'}",
        f"missing from the needs: {', '.join(wrong) or 'nothing'}",
        seen=len(wrong),
        threshold=0,
        title=_OURS,
    )


def _no_track_record(case: _Case) -> Reason:
    p = case.purchase
    words = [f"{n.code} {n.function.zh} {n.function.en} {n.test_method or ''}" for n in p.needs]
    words += [c.code.replace("_", " ") for c in p.criteria]
    wrong = [w.split(" ")[0] for w in words if _TRACK_RECORD.search(w)]
    return _said(
        "no_track_record",
        _yes(not wrong),
        f"要求市场业绩：{'、'.join(wrong) or '无'}",
        f"asks for a track record: {', '.join(wrong) or 'none'}",
        article="91",
        seen=len(wrong),
        threshold=0,
        title="科学技术进步法",
    )


_COMMON: tuple[_Check, ...] = (_disclosed, _needs, _no_track_record)
_CHECKS: tuple[_Check, ...] = (
    _ground,
    _level,
    _sme_share,
    _ip,
    _plan_complete,
    _argued,
    _disclosed,
    _group,
    _member("legal"),
    _member("economics"),
    _days("notice_days", "notice_days", lambda p: (p.dates.notice, p.dates.applications_close)),
    _proposal_weight,
    _days("response_days", "response_days", lambda p: (p.dates.file_issued, p.dates.first_response)),
    _suppliers,
    _over_contracts("midterm", "阶段开始前没有中期谈判", "stages begun without mid-term negotiation", _no_midterm),
    _over_contracts("stage_cap", "阶段补偿之和超过合同上限", "stages above the contract's cap", _over_cap),
    _over_contracts("scope", "补偿范围超出合同", "scope outside the contract's", _outside_scope),
    _over_contracts("elimination", "淘汰没有核实的证据", "elimination without verified evidence", _unproved),
    _acceptance,
    _term,
    _first_purchase,
    _total,
    _routes,
    _needs,
    _no_track_record,
)
