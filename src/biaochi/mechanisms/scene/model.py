"""What scenes are about: the scene, the applications to it, the diligence log, the trial."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from biaochi.core.text import Text


class SceneKind(StrEnum):
    """综合性重大场景, 行业领域集成式场景, 高价值小切口场景 (国办发〔2025〕37号)."""

    MAJOR = "major"
    INTEGRATED = "integrated"
    NICHE = "niche"


class Pay(StrEnum):
    """What the owner pays for a trial."""

    NONE = "none"
    PAID = "paid"
    ORDER = "order"


class ReviewVerdict(StrEnum):
    """Outcome of the fair-competition review, passed in from outside."""

    CLEAR = "clear"
    FINDINGS = "findings"
    BLOCKED = "blocked"


class LogKind(StrEnum):
    """Entries of the diligence log that an exemption rests on (科技进步法 Art 68, 97)."""

    ALTERNATIVES = "alternatives"
    CONFLICT = "conflict"
    RISK = "risk"
    EXPERT = "expert"
    BASIS = "basis"
    MONITORING = "monitoring"
    CLOSING = "closing"


LOG_NAMES: dict[LogKind, Text] = {
    LogKind.ALTERNATIVES: Text("备选方案", "alternatives weighed"),
    LogKind.CONFLICT: Text("利益冲突申报", "conflicts declared"),
    LogKind.RISK: Text("风险评估", "risks assessed"),
    LogKind.EXPERT: Text("专家意见", "experts heard"),
    LogKind.BASIS: Text("决策依据", "ground of the decision"),
    LogKind.MONITORING: Text("过程监测", "monitoring"),
    LogKind.CLOSING: Text("结项记录", "closing"),
}
TERM_NAMES: dict[str, Text] = {
    "access": Text("准入条件", "terms of access"),
    "safety": Text("安全边界", "safety limits"),
    "data_terms": Text("数据条款", "data terms"),
    "ip_terms": Text("知识产权条款", "IP terms"),
    "pay": Text("付费方式", "pay"),
    "scale_up": Text("成功之后", "what follows success"),
}


class TrialOutcome(StrEnum):
    """What a trial came to; failing is no fault."""

    FAILED = "failed"
    ITERATE = "iterate"
    ADOPT = "adopt"
    FIRST_PURCHASE = "first_purchase"


ADOPTED = frozenset({TrialOutcome.ADOPT, TrialOutcome.FIRST_PURCHASE})


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene of a list.

    Parameters
    ----------
    scene, batch, owner : str
        Identifier, list and owner.
    kind : SceneKind or None
        One of three kinds.
    track, region : str
        Track code, region code of the site.
    problem : str
        The need, in functional terms.
    offers, access, safety, data_terms, ip_terms : str
        What is offered and on which terms; ``access`` may hold ``licence=…``, ``region=…``, ``ownership=…``.
    pay : Pay or None
        What is paid.
    slots : int or None
        Firms that can try.
    trl_min, trl_max : float or None
        Readiness asked for.
    opens_on, closes_on, starts_on, ends_on : date or None
        Application window and trial.
    rule : tuple of (str, Decimal)
        Selection criteria with weights.
    rule_on : date or None
        When the rule was fixed.
    metrics, scale_up : str
        How the trial is measured; what follows success.
    review_verdict : ReviewVerdict or None
        Fair-competition review.
    review_on, disclose_on : date or None
        When it was reviewed; when results are published.
    row : int
        Spreadsheet row.
    reserved : int
        Slots that go to start-ups first; what they leave goes to anyone.
    """

    scene: str
    batch: str = ""
    owner: str = ""
    kind: SceneKind | None = None
    track: str = ""
    region: str = ""
    problem: str = ""
    offers: str = ""
    access: str = ""
    safety: str = ""
    data_terms: str = ""
    ip_terms: str = ""
    pay: Pay | None = None
    slots: int | None = None
    trl_min: float | None = None
    trl_max: float | None = None
    opens_on: date | None = None
    closes_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    rule: tuple[tuple[str, Decimal], ...] = ()
    rule_on: date | None = None
    metrics: str = ""
    review_verdict: ReviewVerdict | None = None
    review_on: date | None = None
    disclose_on: date | None = None
    scale_up: str = ""
    row: int = 0
    reserved: int = 0

    def conditions(self, name: str) -> tuple[str, ...]:
        """Return the values of an access condition, such as ``licence``.

        Examples
        --------
        >>> Scene("S1", access="licence=A;licence=B;region=330000").conditions("licence")
        ('A', 'B')
        """
        parts = [p.strip() for p in re.split("[;；]", self.access)]
        return tuple(p.partition("=")[2].strip() for p in parts if p.partition("=")[0].strip() == name and "=" in p)


@dataclass(frozen=True, slots=True)
class Application:
    """One firm's application to one scene; deciding and informing are two acts."""

    scene: str
    firm: str
    applied_on: date | None = None
    eligible: bool | None = None
    reason: str = ""
    selected: bool | None = None
    decided_on: date | None = None
    informed_on: date | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of the diligence log."""

    scene: str
    kind: LogKind
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial of one firm in one scene."""

    scene: str
    firm: str
    started_on: date
    ended_on: date | None = None
    value: float | None = None
    target: float | None = None
    outcome: TrialOutcome | None = None
    amount: Decimal | None = None
    higher_is_better: bool = field(default=True)


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """A scene as its life cycle sees it."""

    owner: str
    created_by: str
    review_clear: bool
    rule_before_opening: bool
    metrics_set: bool
    log_complete: bool


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """An application as its life cycle sees it."""

    firm: str
    owner: str
    admitted_by: str


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """A trial as its life cycle sees it."""

    firm: str
    owner: str
    reported_by: str
