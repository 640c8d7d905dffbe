"""A claim, where it comes from, and how far it may be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from biaochi.core.text import Text


class EvidenceGrade(StrEnum):
    """A official or audited; B written by a system as things happened; C reported by the party itself."""

    A = "A"
    B = "B"
    C = "C"

    @property
    def text(self) -> Text:
        """The grade in words."""
        return _GRADE_TEXT[self]

    def at_least(self, other: EvidenceGrade) -> bool:
        """Whether this grade is as good as the other, or better.

        Examples
        --------
        >>> EvidenceGrade.A.at_least(EvidenceGrade.B)
        True
        """
        return self.value <= other.value


_GRADE_TEXT = {
    EvidenceGrade.A: Text("官方或经审计", "official or audited"),
    EvidenceGrade.B: Text("系统日志", "system log"),
    EvidenceGrade.C: Text("自行申报", "self-report"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence.

    Parameters
    ----------
    claim : str
        What the evidence says.
    source : str
        Document, register or system it comes from.
    observed_on : datetime.date or None
        When it was true; ``None`` when unknown.
    grade : EvidenceGrade
        How far it may be trusted.
    digest : str
        SHA-256 of the document in lower-case hexadecimal, or empty.
    """

    claim: str
    source: str
    observed_on: date | None
    grade: EvidenceGrade
    digest: str = ""

    def to_dict(self) -> dict[str, str | None]:
        """Return the evidence as a plain record."""
        return {
            "claim": self.claim,
            "source": self.source,
            "observed_on": self.observed_on.isoformat() if self.observed_on else None,
            "grade": self.grade.value,
            "digest": self.digest,
        }
