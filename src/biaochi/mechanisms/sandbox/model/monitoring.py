"""What supervision finds: alarms, and how each guardrail, feed, waiver and review stands at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from biaochi.core.decision import Decision
from biaochi.core.distribution import Interval
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.model.plan import Action


class AlarmKind(StrEnum):
    """What raised an alarm."""

    STATISTICAL = "statistical"
    HARD = "hard"
    FAMILY = "family"
    MISSING_FEED = "missing_feed"
    INCIDENT = "incident"
    LATE_INCIDENT = "late_incident"
    EXPIRY = "expiry"
    ETHICS_OVERDUE = "ethics_overdue"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; it is annotated, never withdrawn.

    ``at`` is the reading's own time, ``received_at`` the arrival of the row that made it cross.
    """

    case: str
    guardrail: str | None
    metric: str
    kind: AlarmKind
    at: datetime
    received_at: datetime
    action: Action
    message: Text
    statistic: float
    threshold: float
    reading: int | None = None
    path: str = "received"
    strength: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the record every list of alarms uses."""
        return {
            "case": self.case,
            "guardrail": self.guardrail,
            "metric": self.metric,
            "kind": self.kind.value,
            "at": self.at,
            "received_at": self.received_at,
            "reading": self.reading,
            "path": self.path,
            "strength": self.strength,
            "statistic": self.statistic,
            "threshold": self.threshold,
            "action": self.action.value,
            "message": self.message.to_dict(),
        }

    @property
    def order(self) -> tuple[datetime, str, str, str, datetime]:
        """The key alarms are sorted by: arrival, case, guardrail; then kind and own time."""
        return (self.received_at, self.case, self.guardrail or "", self.kind.value, self.at)


@dataclass(frozen=True, slots=True)
class GuardrailStatus:
    """How a guardrail stands on the received path."""

    guardrail: str
    metric: str
    method: str
    status: str
    readings: int
    total: float
    exposure: float
    estimate: float | None
    interval: Interval | None
    interval_kind: str
    statistic: float
    maximum: float
    threshold: float

    def to_dict(self) -> dict[str, object]:
        """Return the record of a monitor's answer."""
        found = self.interval
        return {
            "guardrail": self.guardrail,
            "metric": self.metric,
            "method": self.method,
            "status": self.status,
            "readings": self.readings,
            "total": self.total,
            "exposure": self.exposure,
            "estimate": self.estimate,
            "interval": None
            if found is None
            else {"level": found.level, "low": found.low, "high": found.high, "kind": self.interval_kind},
            "statistic": self.statistic,
            "maximum": self.maximum,
            "threshold": self.threshold,
        }


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How long a feed has been silent."""

    metric: str
    last_at: datetime | None
    silent_hours: float
    status: str

    def to_dict(self) -> dict[str, object]:
        """Return the record of a monitor's answer."""
        return {
            "metric": self.metric,
            "last_at": self.last_at,
            "silent_hours": self.silent_hours,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class WaiverStatus:
    """Whether a waiver is in force."""

    waiver: str
    status: str
    end_on: date
    days_left: int

    def to_dict(self) -> dict[str, object]:
        """Return the record of a monitor's answer."""
        return {"waiver": self.waiver, "status": self.status, "end_on": self.end_on, "days_left": self.days_left}


@dataclass(frozen=True)
class Supervision:
    """One case at one instant.  ``decision`` holds the due state with its reasons."""

    case: str
    state: str
    due_state: str
    health: str
    level_note: Text
    guardrails: tuple[GuardrailStatus, ...]
    feeds: tuple[FeedStatus, ...]
    waivers: tuple[WaiverStatus, ...]
    ethics_status: str
    next_review_on: date | None
    alarms: tuple[Alarm, ...]
    decision: Decision
    family_e: float = 1.0

    def to_record(self, lang: Lang = "zh") -> dict[str, object]:
        """Return the record of a monitor's answer; the note in one language."""
        return {
            "case": self.case,
            "state": self.state,
            "due_state": self.due_state,
            "health": self.health,
            "level_note": self.level_note.within(lang),
            "guardrails": [g.to_dict() for g in self.guardrails],
            "feeds": [f.to_dict() for f in self.feeds],
            "waivers": [w.to_dict() for w in self.waivers],
            "ethics": {"status": self.ethics_status, "next_review_on": self.next_review_on},
            "alarms": [a.to_dict() for a in self.alarms],
        }


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened and was reported."""

    id: str
    occurred_at: datetime
    reported_at: datetime
    severity: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class PortfolioTest:
    """One case among all, tested online."""

    case: str
    e: float
    alpha_t: float
    rejected: bool

    def to_dict(self) -> dict[str, object]:
        """Return the record of a monitor's answer."""
        return {"case": self.case, "e": self.e, "alpha_t": self.alpha_t, "rejected": self.rejected}
