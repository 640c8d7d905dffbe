"""The procedure held against its articles: disclosure, group, days, weights, number of suppliers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from biaochi.core.decision import Reason
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions.case import Case, Check, ruled, said, yes
from biaochi.mechanisms.procurement.decisions.disclose import TITLES, publications
from biaochi.mechanisms.procurement.model import Purchase


def disclosed(case: Case) -> Reason:
    """Hold what is public against Art 13."""
    due = [p for p in publications(case.purchase, at=case.at) if p.due_on is not None]
    settled = [p for p in due if p.settled]
    missing = [TITLES[p.document] for p in due if not p.settled]
    verdict = Verdict.NOT_APPLICABLE if not due else yes(not missing)
    return said(
        "disclosed",
        verdict,
        f"到期应公开而未公开：{'、'.join(m.zh for m in missing) or '无'}",
        f"due but not public: {', '.join(m.en for m in missing) or 'none'}",
        article="13",
        seen=len(settled),
        threshold=len(due),
        unit="documents",
    )


def group(case: Case) -> Reason:
    """Hold the size of the negotiation group against Art 15."""
    least, title, article, status = ruled(case, "group_size")
    n = len(case.purchase.group)
    return said(
        "group",
        yes(n >= least and n % 2 == 1),
        "谈判小组人数（须为单数）",
        "members of the group (odd)",
        article=article,
        seen=n,
        threshold=int(least),
        unit="people",
        title=title,
        status=status,
    )


def member(role: str) -> Check:
    """Return a check of the group's experts of one kind (Art 15)."""

    def check(case: Case) -> Reason:
        least, title, article, status = ruled(case, f"group_{role}")
        n = sum(m.role == role for m in case.purchase.group)
        names = {"legal": ("法律专家", "legal experts"), "economics": ("经济专家", "economics experts")}[role]
        return said(
            role,
            yes(n >= least),
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


def days(rule: str, code: str, ends: Callable[[Purchase], tuple[date | None, date | None]]) -> Check:
    """Return a check of the working days between two dates."""

    def check(case: Case) -> Reason:
        least, title, article, status = ruled(case, code)
        start, end = ends(case.purchase)
        if start is None or end is None:
            return said(
                rule, Verdict.UNKNOWN, "日期尚缺", "a date is missing", article=article, title=title, status=status
            )
        span = case.calendar.between(start, end)
        verdict = yes(span.days >= least) if span.known else Verdict.MANUAL_REVIEW
        note = (
            ("", "")
            if span.known
            else ("（没有当年日历，按周一至周五计）", " (no calendar for the year; counted Monday to Friday)")
        )
        return said(
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


def proposal_weight(case: Case) -> Reason:
    """Hold the weight of the R&D proposal against Art 18."""
    least, title, article, status = ruled(case, "proposal_weight")
    weight = sum(c.weight for c in case.purchase.criteria if c.code == "proposal")
    return said(
        "proposal_weight",
        yes(weight >= least),
        "研发方案权重",
        "weight of the R&D proposal",
        article=article,
        seen=weight,
        threshold=least,
        unit="points",
        title=title,
        status=status,
    )


def suppliers(case: Case) -> Reason:
    """Hold the number of R&D suppliers against Art 23."""
    most, title, article, status = ruled(case, "suppliers_max")
    n = max(case.purchase.planned_suppliers, len({c.supplier for c in case.purchase.contracts}))
    return said(
        "suppliers",
        yes(1 <= n <= most),
        "研发供应商家数",
        "R&D suppliers",
        article=article,
        seen=n,
        threshold=int(most),
        unit="suppliers",
        title=title,
        status=status,
    )
