"""What an exception claim is (公平竞争审查条例 第十二条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from biaochi.core.text import Text


class Ground(StrEnum):
    """Why an exception may be made."""

    SECURITY = "security"
    SCIENCE = "science"
    PUBLIC = "public"
    OTHER_LAW = "other_law"

    @property
    def text(self) -> Text:
        """The ground in words."""
        return _GROUND[self]


_GROUND = {
    Ground.SECURITY: Text("维护国家安全和发展利益", "national security and development interest"),
    Ground.SCIENCE: Text("促进科学技术进步、增强国家自主创新能力", "scientific progress and indigenous innovation"),
    Ground.PUBLIC: Text("节约能源、保护环境、救灾救助等社会公共利益", "public interest"),
    Ground.OTHER_LAW: Text("法律、行政法规规定的其他情形", "other cases in law"),
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """A less restrictive way that was considered, and why it does not serve."""

    option: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """A stakeholder who was heard (第十六条)."""

    who: str
    on: date
    view: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of an exception: for the findings of one rule, or for one quotation.

    Exactly one of ``rule`` and ``quote`` names what the claim covers.
    """

    ground: str
    statement: str
    rule: str = ""
    quote: str = ""
    alternatives: tuple[Alternative, ...] = ()
    end_on: date | None = None
    termination: str = ""
    heard: tuple[Hearing, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's signature under a conclusion or an override."""

    person: str
    at: date
    reason: str = ""
