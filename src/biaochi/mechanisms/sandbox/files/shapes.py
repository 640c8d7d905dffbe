"""The exact shape of cases.yaml: keys, choices and plain bounds; what they mean together is checked in ``cases``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.model import Action, EthicsOutcome, Floor, Level, Severity, WaiverKind


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PortfolioShape(Strict):
    method: Literal["e_lond"] = "e_lond"
    alpha: FiniteFloat = Field(0.05, gt=0, lt=1)


class ApplicantShape(Strict):
    name: str
    code: str = ""


class CriterionShape(Strict):
    verdict: Verdict = Verdict.UNKNOWN
    reason: str = ""
    evidence: list[str] = []


class EligibilityShape(Strict):
    in_scope: CriterionShape | None = None
    genuine_innovation: CriterionShape | None = None
    consumer_benefit: CriterionShape | None = None
    readiness: CriterionShape | None = None
    need_for_support: CriterionShape | None = None


class ScopeShape(Strict):
    area: str = ""
    users_max: int | None = Field(None, ge=0)
    volume_max: FiniteFloat | None = Field(None, ge=0)
    value_max: Decimal | None = Field(None, ge=0)


class WaiverShape(Strict):
    id: str
    citation: str
    level: Level
    authority: str = ""
    authorisation: str | None = None
    kind: WaiverKind
    touches: list[Floor] | None = None
    scope: ScopeShape = ScopeShape()
    start_on: str
    end_on: str


class EthicsShape(Strict):
    answers: dict[Literal["E1", "E2", "E3", "E4", "E5", "E6", "E7"], Literal["yes", "no"] | bool | None] = {}
    decision: EthicsOutcome | None = None
    decided_on: str | None = None
    members: int | None = Field(None, ge=0)
    external: int | None = Field(None, ge=0)
    present: int | None = Field(None, ge=0)
    in_favour: int | None = Field(None, ge=0)
    conditions: list[str] = []
    next_review_on: str | None = None


class FeedShape(Strict):
    metric: str
    period_hours: FiniteFloat = Field(gt=0)
    amber_after_hours: FiniteFloat = Field(gt=0)
    suspend_after_hours: FiniteFloat = Field(gt=0)


class FamilyShape(Strict):
    method: Literal["e_bh"] = "e_bh"
    alpha: FiniteFloat = Field(gt=0, lt=1)
    action: Action


class IncidentsShape(Strict):
    report_within_hours: FiniteFloat = Field(24.0, gt=0)
    stop_at: Severity = Severity.SERIOUS


class AmendmentShape(Strict):
    id: str
    effective_at: str
    reason: str
    approved_by: str
    changes: dict[str, dict[str, Any]]


class PlanShape(Strict):
    registered_at: str
    feeds: list[FeedShape] = []
    guardrails: list[dict[str, Any]] = []
    family: FamilyShape | None = None
    incidents: IncidentsShape | None = None
    amendments: list[AmendmentShape] = []


class CaseShape(Strict):
    id: str = Field(min_length=1)
    state: str
    applicant: ApplicantShape | None = None
    tracks: list[str] = []
    eligibility: EligibilityShape | None = None
    waivers: list[WaiverShape] = []
    safety_floor: list[Floor] = []
    ethics: EthicsShape | None = None
    plan: PlanShape | None = None


class FileShape(Strict):
    timezone: str = "Asia/Shanghai"
    portfolio: PortfolioShape | None = None
    cases: list[CaseShape]
