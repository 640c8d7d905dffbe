"""The R&D contracts held against their articles: mid-term, caps, scope, elimination, acceptance, term, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from biaochi.core.decision import Reason
from biaochi.core.period import add_years
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions.case import OURS, Case, Check, cited, ruled, said, yes
from biaochi.mechanisms.procurement.decisions.needs import meets
from biaochi.mechanisms.procurement.model import Contract


def over_contracts(rule: str, zh: str, en: str, faulty: Callable[[Case, Contract], Iterable[str]]) -> Check:
    """Return a check of every signed contract (Art 24)."""

    def check(case: Case) -> Reason:
        contracts = [c for c in case.purchase.contracts if c.signed_on <= case.at]
        if not contracts:
            return said(rule, Verdict.NOT_APPLICABLE, "尚无研发合同", "there is no R&D contract yet", article="24")
        wrong = [w for c in contracts for w in faulty(case, c)]
        return said(
            rule,
            yes(not wrong),
            f"{zh}：{'、'.join(wrong) or '无例外'}",
            f"{en}: {', '.join(wrong) or 'no exception'}",
            article="24",
            seen=len(wrong),
            threshold=0,
        )

    return check


def no_midterm(case: Case, contract: Contract) -> Iterable[str]:
    """Yield stages begun without mid-term negotiation."""
    for stage in contract.stages:
        begun = stage.starts_on is not None and stage.starts_on <= case.at
        if begun and (stage.midterm_on is None or stage.midterm_on > (stage.starts_on or case.at)):
            yield f"{contract.supplier}/{stage.code}"


def over_cap(case: Case, contract: Contract) -> Iterable[str]:
    """Yield contracts whose stages exceed the cap."""
    del case
    if sum((s.amount for s in contract.stages), Decimal(0)) > contract.cap:
        yield contract.supplier


def outside_scope(case: Case, contract: Contract) -> Iterable[str]:
    """Yield stages whose scope lies outside the contract's."""
    del case
    for stage in contract.stages:
        if not set(stage.scope) <= set(contract.scope):
            yield f"{contract.supplier}/{stage.code}"


def unproved(case: Case, contract: Contract) -> Iterable[str]:
    """Yield eliminations without verified evidence."""
    del case
    if contract.outcome != "eliminated":
        return
    failed = [s for s in contract.stages if s.verdict == "unmet"]
    if not any(s.evidence and s.report and s.decided_on is not None for s in failed):
        yield contract.supplier


def acceptance(case: Case) -> Reason:
    """Hold acceptance against the tests of the contract (Art 25)."""
    accepted = [c for c in case.purchase.contracts if c.outcome == "accepted"]
    if not accepted:
        return said("acceptance", Verdict.NOT_APPLICABLE, "尚无验收", "nothing was accepted yet", article="25")
    open_tests = []
    for contract in accepted:
        for need in case.purchase.mandatory:
            tests = [a for a in case.purchase.acceptance if a.supplier == contract.supplier and a.need == need.code]
            if not any(a.evidence and meets(need, a.value) for a in tests):
                open_tests.append(f"{contract.supplier}/{need.code}")
    return said(
        "acceptance",
        yes(not open_tests),
        f"按合同测试未通过或无证据：{'、'.join(open_tests) or '无'}",
        f"tests not passed or without evidence: {', '.join(open_tests) or 'none'}",
        article="25",
        seen=len(open_tests),
        threshold=0,
    )


def term(case: Case) -> Reason:
    """Hold the term of every contract against its limit."""
    contracts = case.purchase.contracts
    if not contracts:
        return said("term", Verdict.NOT_APPLICABLE, "尚无研发合同", "there is no R&D contract yet")
    _, title, article, status = ruled(case, "term_years")
    wrong = [
        c.supplier
        for c in contracts
        if c.ends_on > add_years(c.signed_on, int(ruled(case, "term_years_major" if c.major else "term_years")[0]))
    ]
    return said(
        "term",
        yes(not wrong),
        f"超过合同年限：{'、'.join(wrong) or '无'}",
        f"longer than the term allows: {', '.join(wrong) or 'none'}",
        article=article,
        seen=len(wrong),
        threshold=0,
        title=title,
        status=status,
    )


def first_purchase(case: Case) -> Reason:
    """Hold the first purchase against Art 26 to 28."""
    first = case.purchase.first_purchase
    _, title, article, status = 0, *cited(case, "first_purchase_rules")
    if first is None or first.supplier is None:
        return said(
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
    return said(
        "first_purchase",
        yes(good),
        "首购对象须验收合格并公告价格与功能",
        "the supplier is accepted and price and function announced",
        article=article,
        seen=first.supplier,
        title=title,
        status=status,
    )


def total(case: Case) -> Reason:
    """Hold the sum of caps and first purchase against the maximum cost."""
    money = case.purchase.money
    if money is None:
        return said("total", Verdict.UNKNOWN, "没有写明最高研发费用", "no maximum cost is stated", title=OURS)
    first = case.purchase.first_purchase
    price = first.price if first is not None and first.price is not None else money.first_purchase
    spent = sum((c.cap for c in case.purchase.contracts), Decimal(0)) + price
    return said(
        "total",
        yes(spent <= money.max_cost),
        "补偿上限之和加首购",
        "caps and first purchase together",
        seen=spent,
        threshold=money.max_cost,
        unit="yuan",
        title=OURS,
    )
