"""The record of one award: what was declared, known, registered, measured, decided and paid, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from biaochi.core.evidence import EvidenceGrade
from biaochi.core.text import Text


class StopCause(StrEnum):
    """Why a team or route ends; exemption differs by cause."""

    TECHNICAL_INFEASIBLE = "technical_infeasible"
    SUPERSEDED = "superseded"
    TEAM_FAILURE = "team_failure"
    NEED_VANISHED = "need_vanished"

    @property
    def text(self) -> Text:
        """The cause in words."""
        return _CAUSE[self]


_CAUSE = {
    StopCause.TECHNICAL_INFEASIBLE: Text("技术上不可行", "technically infeasible"),
    StopCause.SUPERSEDED: Text("已被取代", "superseded"),
    StopCause.TEAM_FAILURE: Text("团队未履约", "failure of the team"),
    StopCause.NEED_VANISHED: Text("需求消失", "the need has vanished"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or an instant; two are compared by the day when either is only a day."""

    day: date
    instant: datetime | None = None

    @classmethod
    def of(cls, value: date | datetime) -> Moment:
        """Build from a date or an aware or naive instant."""
        return cls(value.date(), value) if isinstance(value, datetime) else cls(value)

    def after(self, other: Moment) -> bool:
        """Whether this moment lies after the other; a tie, or the same day where only days are known, does not."""
        if self.instant is None or other.instant is None:
            return self.day > other.day
        if (self.instant.tzinfo is None) != (other.instant.tzinfo is None):
            return self.day > other.day
        return self.instant > other.instant

    def __str__(self) -> str:
        return (self.instant or self.day).isoformat()


@dataclass(frozen=True, slots=True)
class Award:
    """The award: its team's and owner's organisations, and the routes that run."""

    id: str
    team_org: str
    owner_org: str
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """A person's declaration of interests about a subject (the award, or a decision)."""

    person: str
    subject: str
    at: Moment
    conflict: bool


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """A document with its grade, date and digest."""

    id: str
    grade: EvidenceGrade
    at: Moment | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """A functional requirement with its test; ``threshold`` is a number (at least) or text such as ``<= 5``."""

    name: str
    unit: str
    threshold: float | str | None
    test_method: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """One stage of the award."""

    id: str
    indicators: tuple[Indicator, ...]
    registered_at: Moment | None
    started_at: Moment | None
    due_on: date | None
    reviewed_at: Moment | None
    delay_reason: str
    verifier_org: str
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """One decision with what was known when it was made."""

    id: str
    at: Moment
    creator: str
    approver: str
    outcome: str
    reason: str
    alternatives: tuple[str, ...]
    forecast: float | None
    evidence: tuple[str, ...]
    cause: StopCause | None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money paid for a milestone."""

    at: Moment
    amount: Decimal
    milestone: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything an exemption file rests on."""

    award: Award
    declarations: tuple[Declaration, ...]
    evidence: tuple[CaseEvidence, ...]
    milestones: tuple[Milestone, ...]
    decisions: tuple[CaseDecision, ...]
    payments: tuple[Payment, ...]
    gain_declared: bool | None
