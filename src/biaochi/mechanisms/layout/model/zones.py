"""Pilot zones: applications with their facts, assessments, and criteria by jurisdiction and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from biaochi.core.parameters import InForce, Snapshot
from biaochi.core.text import Text


class Jurisdiction(StrEnum):
    """Jurisdictions whose rules were seen; everywhere else a person must decide."""

    ANHUI = "anhui"
    ZHEJIANG = "zhejiang"
    HENAN = "henan"

    @property
    def text(self) -> Text:
        """The jurisdiction in words."""
        return _JURISDICTIONS[self]


_JURISDICTIONS = {
    Jurisdiction.ANHUI: Text("安徽", "Anhui"),
    Jurisdiction.ZHEJIANG: Text("浙江", "Zhejiang"),
    Jurisdiction.HENAN: Text("河南", "Henan"),
}


class AssessmentResult(StrEnum):
    """Result of an assessment, and of the look after rectification."""

    GOOD = "good"
    OK = "ok"
    FAIL = "fail"
    RETAINED = "retained"
    CANCELLED = "cancelled"

    @property
    def text(self) -> Text:
        """The result in words."""
        return _RESULTS[self]


_RESULTS = {
    AssessmentResult.GOOD: Text("优良", "good"),
    AssessmentResult.OK: Text("合格", "sufficient"),
    AssessmentResult.FAIL: Text("未达标", "insufficient"),
    AssessmentResult.RETAINED: Text("整改后保留", "kept after rectification"),
    AssessmentResult.CANCELLED: Text("整改后取消", "cancelled after rectification"),
}


@dataclass(frozen=True, slots=True)
class ZoneApplication:
    """What is known of an application.

    Parameters
    ----------
    zone : str
        Name or identifier.
    jurisdiction : str
        Code of the province's rules, such as ``anhui``.
    facts : mapping of str to bool or None
        Whether each criterion holds; a criterion that is not there, or None, is unknown.
    applicant, checker, reviewer : str
        Persons or organisations; they must differ.
    experts : int
        Experts who reviewed the site.
    score : float or None
        Their mean score.
    open_objections : int
        Objections from the notice that are not settled.
    """

    zone: str
    jurisdiction: str
    facts: Mapping[str, bool | None] = field(default_factory=dict)
    applicant: str = ""
    checker: str = ""
    reviewer: str = ""
    experts: int = 0
    score: float | None = None
    open_objections: int = 0


@dataclass(frozen=True, slots=True)
class ZoneAssessment:
    """One assessment of a zone; ``result`` is None while it is not known."""

    zone: str
    jurisdiction: str
    result: AssessmentResult | None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of a jurisdiction."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """A stored zone as its life cycle's guards see it; ``applicant`` is an organisation."""

    applicant_person: str
    applicant: str
    checker: str
    reviewer: str
    score: float | None
    experts: int
    open_objections: int
    notice_until: datetime | None
    assessment: AssessmentResult | None


def criteria_in_force(jurisdiction: str, parameters: Snapshot) -> tuple[InForce, tuple[Criterion, ...]] | None:
    """Return the criteria of a jurisdiction with the document they come from; None where no rule is known."""
    code = f"zones.{jurisdiction}.criteria"
    if code not in parameters:
        return None
    rule = parameters[code]
    listed = rule.value if isinstance(rule.value, list) else []
    return rule, tuple(Criterion(str(c["code"]), Text(str(c["zh"]), str(c["en"]))) for c in listed)


def criteria_texts(jurisdiction: str, parameters: Snapshot) -> tuple[Text, ...]:
    """Return the criteria as clauses for a fair-competition review, which looks for demands of local registration."""
    found = criteria_in_force(jurisdiction, parameters)
    return tuple(c.text for c in found[1]) if found else ()
