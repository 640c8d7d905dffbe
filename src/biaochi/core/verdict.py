"""What a criterion may say about a case; missing is never zero, and doubt is never hidden."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from biaochi.core.text import Text


class Verdict(StrEnum):
    """The answer of one criterion.

    ``met`` and ``unmet`` are firm.  ``unknown`` means that the facts are missing, ``manual_review`` that a person
    must decide (for instance because a rule value is unverified), ``not_applicable`` that the criterion does not
    concern the case.
    """

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    MANUAL_REVIEW = "manual_review"
    NOT_APPLICABLE = "not_applicable"

    @property
    def text(self) -> Text:
        """The verdict in words."""
        return _TEXT[self]

    @property
    def firm(self) -> bool:
        """Whether the verdict may stand without a person's review."""
        return self in (Verdict.MET, Verdict.UNMET, Verdict.NOT_APPLICABLE)


_TEXT = {
    Verdict.MET: Text("达到", "met"),
    Verdict.UNMET: Text("未达到", "unmet"),
    Verdict.UNKNOWN: Text("不明", "unknown"),
    Verdict.MANUAL_REVIEW: Text("需人工审核", "manual review"),
    Verdict.NOT_APPLICABLE: Text("不适用", "not applicable"),
}

_ORDER = {Verdict.UNMET: 0, Verdict.UNKNOWN: 1, Verdict.MANUAL_REVIEW: 2, Verdict.MET: 3}


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of "every one of them": the least in the chain unmet < unknown < manual_review < met.

    Verdicts that do not apply drop out; if none is left, the whole does not apply.

    Examples
    --------
    >>> all_of([Verdict.MET, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE]).value
    'unknown'
    """
    kept = [v for v in verdicts if v is not Verdict.NOT_APPLICABLE]
    return min(kept, key=_ORDER.__getitem__) if kept else Verdict.NOT_APPLICABLE


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of "at least one of them": the greatest in the same chain.

    Examples
    --------
    >>> any_of([Verdict.UNMET, Verdict.MANUAL_REVIEW]).value
    'manual_review'
    """
    kept = [v for v in verdicts if v is not Verdict.NOT_APPLICABLE]
    return max(kept, key=_ORDER.__getitem__) if kept else Verdict.NOT_APPLICABLE
