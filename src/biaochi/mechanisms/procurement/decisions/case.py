"""What every check of a purchase looks at, and how its answer is said; nothing firm rests on an unverified rule.

Articles are those of 财库〔2024〕13号 unless a parameter cites another document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from biaochi.core.decision import Reason, Scalar
from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions.market import Market
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.model import Purchase

RULES = "财库〔2024〕13号"
OURS = "本平台设定"
UNVERIFIED = "unverified"
_PUBLISHED = "2024-04-24"


@dataclass(frozen=True)
class Case:
    """What every check looks at."""

    purchase: Purchase
    at: date
    parameters: Snapshot
    market: Market | None
    calendar: WorkingCalendar


Check = Callable[[Case], Reason]


def said(
    rule: str,
    verdict: Verdict,
    zh: str,
    en: str,
    *,
    article: str = "",
    seen: Scalar = None,
    threshold: Scalar = None,
    unit: str = "",
    title: str = RULES,
    status: str = "confirmed",
) -> Reason:
    """Return a reason; with an unverified rule a firm verdict becomes one for a person to review."""
    firm = Verdict.MANUAL_REVIEW if status == UNVERIFIED and verdict in (Verdict.MET, Verdict.UNMET) else verdict
    published = _PUBLISHED if title == RULES else ""
    return Reason(rule, firm, Text(zh, en), seen, threshold, unit, Citation(title, article, published, status))


def yes(condition: bool) -> Verdict:
    """Return met or unmet."""
    return Verdict.MET if condition else Verdict.UNMET


def ruled(case: Case, code: str) -> tuple[float, str, str, str]:
    """Return a parameter's value, title, article and status."""
    found = case.parameters[code]
    return float(str(found.value)), found.citation.title, found.citation.article, found.status.value


def cited(case: Case, code: str) -> tuple[str, str, str]:
    """Return a parameter's title, article and status."""
    found = case.parameters[code]
    return found.citation.title, found.citation.article, found.status.value
