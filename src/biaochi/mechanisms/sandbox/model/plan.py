"""The registered supervision plan: feeds, guardrails, family, incidents and amendments; and its digest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from biaochi.core.canonical import number, sha256
from biaochi.core.text import Text
from biaochi.methods.surveillance import Rule


class Action(StrEnum):
    """What an alarm does, from mild to grave."""

    NOTIFY = "notify"
    PAUSE = "pause"
    STOP = "stop"

    @property
    def text(self) -> Text:
        """The action in words."""
        return _ACTION_TEXT[self]


_ACTION_TEXT = {
    Action.NOTIFY: Text("通知", "notify"),
    Action.PAUSE: Text("暂停", "pause"),
    Action.STOP: Text("停止", "stop"),
}


class Severity(StrEnum):
    """How grave an incident is; compare with :attr:`rank`."""

    MINOR = "minor"
    MODERATE = "moderate"
    SERIOUS = "serious"
    FATAL = "fatal"

    @property
    def rank(self) -> int:
        """1 minor … 4 fatal."""
        return list(Severity).index(self) + 1

    @property
    def text(self) -> Text:
        """The severity in words."""
        return _SEVERITY_TEXT[self]


_SEVERITY_TEXT = {
    Severity.MINOR: Text("轻微", "minor"),
    Severity.MODERATE: Text("一般", "moderate"),
    Severity.SERIOUS: Text("严重", "serious"),
    Severity.FATAL: Text("致死", "fatal"),
}


@dataclass(frozen=True, slots=True)
class Feed:
    """A metric that must keep arriving; silence has limits."""

    metric: str
    period_hours: float
    amber_after_hours: float
    suspend_after_hours: float


@dataclass(frozen=True, slots=True)
class Version:
    """A guardrail as it stood from an instant on; ``None`` since registration."""

    rule: Rule
    action: Action
    effective_at: datetime | None = None
    amendment: str = ""


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A metric with a cap; an amendment adds a version, which starts afresh and leaves the old record as it is."""

    id: str
    metric: str
    versions: tuple[Version, ...]
    family: bool = False

    def at(self, moment: datetime) -> Version:
        """Return the version in force at an instant."""
        current = [v for v in self.versions if v.effective_at is None or v.effective_at <= moment]
        return current[-1] if current else self.versions[0]


@dataclass(frozen=True, slots=True)
class Family:
    """Guardrails judged together by e-BH; members and their number are fixed at registration."""

    alpha: float
    action: Action
    method: str = "e_bh"


@dataclass(frozen=True, slots=True)
class IncidentRule:
    """How soon incidents must be reported, and from what severity on they stop the case."""

    report_within_hours: float = 24.0
    stop_at: Severity = Severity.SERIOUS


@dataclass(frozen=True, slots=True)
class Amendment:
    """A reasoned change of guardrails from an instant on; approved by another than who asked for it."""

    id: str
    effective_at: datetime
    reason: str
    approved_by: str
    changes: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The plan as registered, with its amendments."""

    registered_at: datetime
    feeds: tuple[Feed, ...]
    guardrails: tuple[Guardrail, ...]
    family: Family | None = None
    incidents: IncidentRule | None = None
    amendments: tuple[Amendment, ...] = ()
    digest: str = ""

    @property
    def metrics(self) -> frozenset[str]:
        """Every metric that may report."""
        return frozenset(f.metric for f in self.feeds) | frozenset(g.metric for g in self.guardrails)

    @property
    def members(self) -> tuple[Guardrail, ...]:
        """The guardrails of the family, in order."""
        return tuple(g for g in self.guardrails if g.family)


def plan_digest(plan: Mapping[str, object]) -> str:
    """Return the SHA-256 of a plan as written, without its amendments.

    Keys are sorted by code point, without spaces or ASCII escapes; dates and instants stay as written, absent keys stay
    absent, and each number is a JSON string in plain decimal.

    Examples
    --------
    >>> plan_digest({"b": 24, "a": 0.020, "amendments": []}) == sha256('{"a":"0.02","b":"24"}')
    True
    """
    content = {k: v for k, v in plan.items() if k != "amendments"}
    return sha256(json.dumps(_as_text(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _as_text(value: object) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return number(value)
    if isinstance(value, Mapping):
        return {str(k): _as_text(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_as_text(v) for v in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"a plan holds plain values only, seen {type(value).__name__}")
