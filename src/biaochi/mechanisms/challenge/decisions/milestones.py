"""Whether measured values meet a milestone: met, partly, unmet; missing is unknown, never zero."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.challenge.model import Indicator, Milestone

_RULE = re.compile(r"\s*(>=|<=|≥|≤|>|<|=)?\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*")
_TEST: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "≥": operator.ge,
    "<=": operator.le,
    "≤": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


class Assessment(StrEnum):
    """The result of a milestone; ``met`` is a pass, the others a miss unless the stage is graded."""

    MET = "met"
    PARTLY = "partly"
    UNMET = "unmet"
    UNKNOWN = "unknown"

    @property
    def text(self) -> Text:
        """The result in words."""
        return _WORDS[self]


_WORDS = {
    Assessment.MET: Text("达到", "met"),
    Assessment.PARTLY: Text("部分达到", "partly met"),
    Assessment.UNMET: Text("未达到", "unmet"),
    Assessment.UNKNOWN: Text("不明", "unknown"),
}


def indicator_verdict(indicator: Indicator, measured: Mapping[str, float]) -> Verdict:
    """Return whether one measured value meets its threshold; a bare number means at least."""
    value = measured.get(indicator.name)
    if value is None or indicator.threshold is None:
        return Verdict.UNKNOWN
    match = _RULE.fullmatch(str(indicator.threshold))
    if match is None:
        return Verdict.MANUAL_REVIEW
    test = _TEST[match.group(1) or ">="]
    return Verdict.MET if test(value, float(match.group(2))) else Verdict.UNMET


def assess_milestone(milestone: Milestone) -> Assessment:
    """Return the result of a milestone from its measured values.

    Examples
    --------
    >>> from biaochi.mechanisms.challenge.model import Indicator, Milestone
    >>> two = (Indicator("life", "h", 100.0, "T1"), Indicator("loss", "%", "<= 5", "T2"))
    >>> assess_milestone(Milestone("m", two, None, None, None, None, "", "", {"life": 120.0, "loss": 7.0})).value
    'partly'
    """
    verdicts = [indicator_verdict(i, milestone.measured) for i in milestone.indicators]
    if not verdicts or any(not v.firm for v in verdicts):
        return Assessment.UNKNOWN
    met = sum(v is Verdict.MET for v in verdicts)
    if met == len(verdicts):
        return Assessment.MET
    return Assessment.PARTLY if met else Assessment.UNMET
