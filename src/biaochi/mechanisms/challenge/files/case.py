"""The case file of one award."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from biaochi.core.evidence import EvidenceGrade
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model
from biaochi.mechanisms.challenge.model import (
    Award,
    Case,
    CaseDecision,
    CaseEvidence,
    Declaration,
    Indicator,
    Milestone,
    Moment,
    Payment,
    StopCause,
)

SCHEMA = "biaochi.challenge.case/1"
When = date | datetime


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Award(_Strict):
    id: str = Field(min_length=1)
    team_org: str = Field(min_length=1)
    owner_org: str = Field(min_length=1)
    routes: list[str] = []


class _Declaration(_Strict):
    person: str
    subject: str
    at: When
    conflict: bool


class _Evidence(_Strict):
    id: str
    grade: EvidenceGrade
    at: When | None = None
    sha256: str | None = None


class _Indicator(_Strict):
    name: str
    unit: str = ""
    threshold: float | str | None = None
    test_method: str | None = None


class _Milestone(_Strict):
    id: str
    indicators: list[_Indicator] = []
    registered_at: When | None = None
    started_at: When | None = None
    due_on: date | None = None
    reviewed_at: When | None = None
    delay_reason: str | None = None
    verifier_org: str | None = None
    measured: dict[str, float | None] = {}


class _Decision(_Strict):
    id: str
    at: When
    creator: str | None = None
    approver: str | None = None
    outcome: str
    reason: str | None = None
    alternatives: list[str] | None = None
    forecast: float | None = Field(default=None, ge=0, le=1)
    evidence: list[str] | None = None
    cause: Literal["technical_infeasible", "superseded", "team_failure", "need_vanished"] | None = None


class _Payment(_Strict):
    at: When
    amount: Decimal = Field(ge=0)
    milestone: str


class _Case(_Strict):
    award: _Award
    declarations: list[_Declaration] = []
    evidence: list[_Evidence] = []
    milestones: list[_Milestone] = []
    decisions: list[_Decision] = []
    payments: list[_Payment] = []
    gain_declared: bool | None = None


def _moment(value: When | None) -> Moment | None:
    return None if value is None else Moment.of(value)


def _domain(raw: _Case) -> Case:
    return Case(
        Award(raw.award.id, raw.award.team_org, raw.award.owner_org, tuple(raw.award.routes)),
        tuple(Declaration(d.person, d.subject, Moment.of(d.at), d.conflict) for d in raw.declarations),
        tuple(CaseEvidence(e.id, e.grade, _moment(e.at), e.sha256 or "") for e in raw.evidence),
        tuple(
            Milestone(
                m.id,
                tuple(Indicator(i.name, i.unit, i.threshold, i.test_method or "") for i in m.indicators),
                _moment(m.registered_at),
                _moment(m.started_at),
                m.due_on,
                _moment(m.reviewed_at),
                m.delay_reason or "",
                m.verifier_org or "",
                {k: v for k, v in m.measured.items() if v is not None},
            )
            for m in raw.milestones
        ),
        tuple(
            CaseDecision(
                d.id,
                Moment.of(d.at),
                d.creator or "",
                d.approver or "",
                d.outcome,
                d.reason or "",
                tuple(d.alternatives or ()),
                d.forecast,
                tuple(d.evidence or ()),
                None if d.cause is None else StopCause(d.cause),
            )
            for d in raw.decisions
        ),
        tuple(Payment(Moment.of(p.at), p.amount, p.milestone) for p in raw.payments),
        raw.gain_declared,
    )


def read_case(path: Path, faults: Faults) -> tuple[Case | None, Source]:
    """Read a case; every fault goes to ``faults``."""
    raw, source = read_model(path, _Case, schema=SCHEMA, faults=faults)
    return (None if raw is None else _domain(raw)), source
