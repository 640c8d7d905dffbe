"""What transfer is about: stages, one project's passage through a stage, platforms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from biaochi.core.evidence import EvidenceGrade
from biaochi.core.text import Text


class Stage(StrEnum):
    """From the laboratory to production, in order."""

    LAB = "lab"
    POC = "poc"
    PILOT = "pilot"
    SMALL_BATCH = "small_batch"
    PRODUCTION = "production"

    @property
    def place(self) -> int:
        """Place in the order, from 0."""
        return STAGES.index(self)

    @property
    def text(self) -> Text:
        """The stage in words."""
        return _TEXT[self]


STAGES: tuple[Stage, ...] = tuple(Stage)
_TEXT = {
    Stage.LAB: Text("实验室", "laboratory"),
    Stage.POC: Text("概念验证", "proof of concept"),
    Stage.PILOT: Text("中试", "pilot scale"),
    Stage.SMALL_BATCH: Text("小批量", "small batch"),
    Stage.PRODUCTION: Text("量产", "production"),
}


class PassageOutcome(StrEnum):
    """How a passage ended."""

    PASSED = "passed"
    FAILED = "failed"
    STOPPED = "stopped"
    OPEN = "open"


class PlatformLevel(StrEnum):
    """储备, 重点培育, 国家级."""

    RESERVE = "reserve"
    KEY = "key"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Passage:
    """One project's passage through one stage.

    Parameters
    ----------
    project, track : str
        Identifier and track.
    stage : Stage
        The stage.
    entered_on, left_on : date or None
        When it came and went.
    outcome : PassageOutcome
        How it ended; ``open`` while it runs.
    trl, mrl : float or None
        Readiness shown at its end.
    cost, yield_ : float or None
        Unit cost (yuan) and yield (0..1) shown.
    safety_file : bool or None
        Whether the safety file is there.
    grade : EvidenceGrade or None
        Grade of the evidence; ``None`` unknown.
    next_money : str
        Source of the next money.
    platform, standard : str
        Platform used; standard tested against.
    row : int
        Spreadsheet row.
    """

    project: str
    track: str
    stage: Stage
    entered_on: date | None
    left_on: date | None = None
    outcome: PassageOutcome = PassageOutcome.OPEN
    trl: float | None = None
    mrl: float | None = None
    cost: float | None = None
    yield_: float | None = None
    safety_file: bool | None = None
    grade: EvidenceGrade | None = None
    next_money: str = ""
    platform: str = ""
    standard: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Platform:
    """A proof-of-concept centre or pilot-scale platform."""

    platform: str
    kind: str = ""
    level: PlatformLevel | None = None
    track: str = ""
    region: str = ""
    services: str = ""
    capacity: float | None = None


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project as its life cycle sees it."""

    owner: str
    created_by: str
    gate_met: bool
