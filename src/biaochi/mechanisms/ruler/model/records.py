"""What the two life cycles move: a framework under adoption, and a submission of observations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from biaochi.core.text import Text
from biaochi.core.verdict import Verdict


class RevisionReason(StrEnum):
    """Why published cells get a new vintage; a published cell itself never changes."""

    SOURCE_REVISED = "source_revised"
    ERROR_CORRECTED = "error_corrected"
    DEFINITION_CHANGED = "definition_changed"
    LATE_DATA = "late_data"

    @property
    def text(self) -> Text:
        """The reason in words."""
        return _REASONS[self]


_REASONS = {
    RevisionReason.SOURCE_REVISED: Text("来源已修订", "the source was revised"),
    RevisionReason.ERROR_CORRECTED: Text("更正差错", "an error was corrected"),
    RevisionReason.DEFINITION_CHANGED: Text("口径调整", "the definition changed"),
    RevisionReason.LATE_DATA: Text("补报数据", "late data arrived"),
}


@dataclass(frozen=True, slots=True)
class FrameworkRecord:
    """A framework on its way from draft to retirement, as guards see it.

    Parameters
    ----------
    author : str
        Person who wrote it, and who may not adopt it.
    faults : int
        Faults of its last check; ``-1`` when it was never checked.
    audit_digest : str
        Digest of the stored audit; empty for none.
    gate : Verdict
        Coherence gate of that audit.
    incomplete_leaves : int
        Leaves without source, owner or lag.
    comments_open : int
        Comments of the consultation without an answer.
    gate_override : str
        Written reason to adopt although the gate is unmet; empty for none.
    successor : str
        Framework that follows; empty for none.
    overlap_periods : int
        Periods both frameworks cover.
    """

    state: str
    entered_at: datetime
    author: str = ""
    faults: int = -1
    audit_digest: str = ""
    gate: Verdict = Verdict.UNKNOWN
    incomplete_leaves: int = 0
    comments_open: int = 0
    gate_override: str = ""
    successor: str = ""
    overlap_periods: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class SubmissionRecord:
    """Observations handed in by one organisation, as guards see them.

    ``submitter`` and ``organisation`` name who handed them in; ``faults`` is the number of faults of the last check
    (−1: not checked); ``revision_reason`` is set on a new vintage of published cells.
    """

    state: str
    entered_at: datetime
    submitter: str = ""
    organisation: str = ""
    faults: int = -1
    revision_reason: str = ""
    vintage: date | None = None
