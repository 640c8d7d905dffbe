"""What a sandbox case is: who applies, which rules are to be relieved and until when, what stays, what ethics said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.model.plan import Plan


class Floor(StrEnum):
    """What no waiver may touch."""

    LIFE_SAFETY = "life_safety"
    CRIMINAL_LAW = "criminal_law"
    STATE_SECRETS = "state_secrets"
    PERSONAL_INFORMATION_CORE = "personal_information_core"
    ETHICS_RED_LINES = "ethics_red_lines"

    @property
    def text(self) -> Text:
        """The item in words."""
        return _FLOOR_TEXT[self]


_FLOOR_TEXT = {
    Floor.LIFE_SAFETY: Text("生命安全", "safety of life"),
    Floor.CRIMINAL_LAW: Text("刑事法律", "criminal law"),
    Floor.STATE_SECRETS: Text("国家秘密", "state secrets"),
    Floor.PERSONAL_INFORMATION_CORE: Text("个人信息核心义务", "core duties to personal information"),
    Floor.ETHICS_RED_LINES: Text("伦理红线", "ethics red lines"),
}


class Level(StrEnum):
    """The rank of a rule that is to be relieved."""

    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    LOCAL_REGULATION = "local_regulation"
    DEPARTMENT_RULE = "department_rule"
    LOCAL_RULE = "local_rule"
    NORMATIVE_DOCUMENT = "normative_document"
    STANDARD = "standard"

    @property
    def text(self) -> Text:
        """The rank in words."""
        return _LEVEL_TEXT[self]


_LEVEL_TEXT = {
    Level.LAW: Text("法律", "law"),
    Level.ADMINISTRATIVE_REGULATION: Text("行政法规", "administrative regulation"),
    Level.LOCAL_REGULATION: Text("地方性法规", "local regulation"),
    Level.DEPARTMENT_RULE: Text("部门规章", "department rule"),
    Level.LOCAL_RULE: Text("地方政府规章", "local government rule"),
    Level.NORMATIVE_DOCUMENT: Text("规范性文件", "normative document"),
    Level.STANDARD: Text("标准", "standard"),
}


class WaiverKind(StrEnum):
    """How a rule is relieved."""

    WAIVE = "waive"
    ADAPT = "adapt"
    NO_ACTION = "no_action"
    EXTRA_PERMIT = "extra_permit"

    @property
    def text(self) -> Text:
        """The kind in words."""
        return _KIND_TEXT[self]


_KIND_TEXT = {
    WaiverKind.WAIVE: Text("暂时豁免", "waived for a time"),
    WaiverKind.ADAPT: Text("调整适用", "applied in an adapted form"),
    WaiverKind.NO_ACTION: Text("不予处罚函", "no-action letter"),
    WaiverKind.EXTRA_PERMIT: Text("附加许可", "extra permit"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Within what limits a waiver holds; ``None`` where no number was set."""

    area: str = ""
    users_max: int | None = None
    volume_max: float | None = None
    value_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule relieved from ``start_on`` through ``end_on``; it ends by itself.

    ``touches`` holds the floor items it would touch; ``None`` when nobody said.
    """

    id: str
    citation: str
    level: Level
    authority: str
    kind: WaiverKind
    start_on: date
    end_on: date
    authorisation: str | None = None
    touches: tuple[Floor, ...] | None = None
    scope: Scope = Scope()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One eligibility criterion as assessed; ``unknown`` until somebody answered."""

    verdict: Verdict = Verdict.UNKNOWN
    reason: str = ""
    evidence: tuple[str, ...] = ()


CRITERIA: tuple[str, ...] = ("in_scope", "genuine_innovation", "consumer_benefit", "readiness", "need_for_support")


class EthicsOutcome(StrEnum):
    """What an ethics committee decided."""

    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class EthicsFile:
    """Answers to the seven re-review questions (E1–E7: yes, no) and the committee's decision."""

    answers: Mapping[str, bool] = field(default_factory=dict)
    decision: EthicsOutcome | None = None
    decided_on: date | None = None
    members: int | None = None
    external: int | None = None
    present: int | None = None
    in_favour: int | None = None
    conditions: tuple[str, ...] = ()
    next_review_on: date | None = None


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies."""

    name: str
    code: str = ""


@dataclass(frozen=True)
class Case:
    """A sandbox case as it stands."""

    id: str
    state: str
    applicant: Applicant
    tracks: tuple[str, ...] = ()
    eligibility: Mapping[str, Criterion] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    safety_floor: tuple[Floor, ...] = ()
    ethics: EthicsFile = EthicsFile()
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """How many cases are judged together: e-LOND at one false discovery rate."""

    method: str = "e_lond"
    alpha: float = 0.05
