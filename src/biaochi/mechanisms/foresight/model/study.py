"""A study: its rounds, items, answers, participations, and the questions that later resolve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from biaochi.core.text import Text
from biaochi.methods.elicitation.consensus import ItemSpec, ItemType

Measure = Literal["top_share", "iqr", "iqr_share"]
StabilityMeasure = Literal["share_changed", "kappa"]


class ItemState(StrEnum):
    """What an item has come to between two rounds."""

    CONSENSUS = "consensus"
    STABLE_DISSENT = "stable_dissent"
    UNSTABLE = "unstable"
    OPEN = "open"

    @property
    def text(self) -> Text:
        """The state in words."""
        return _STATE_TEXT[self]


_STATE_TEXT = {
    ItemState.CONSENSUS: Text("已成共识", "consensus"),
    ItemState.STABLE_DISSENT: Text("稳定的分歧", "stable dissent"),
    ItemState.UNSTABLE: Text("尚不稳定", "unstable"),
    ItemState.OPEN: Text("未定", "open"),
}


class Outcome(StrEnum):
    """What became of a question."""

    REALISED = "realised"
    PARTIAL = "partial"
    NOT_YET = "not_yet"
    VOID = "void"


CALLS = {
    "next_round": Text("再问一轮", "ask another round"),
    "stop_consensus": Text("停止：各题已成共识", "stop: every item is agreed"),
    "stop_stable_dissent": Text("停止：已稳定，保留分歧", "stop: settled, with stable dissent"),
    "stop_limit": Text("停止：到了轮次上限", "stop: the round limit is reached"),
}
"""What a closed round calls for, in words."""


class Design(StrEnum):
    """How a study runs."""

    ROUNDS = "rounds"
    REAL_TIME = "real_time"
    IDEA = "idea"


@dataclass(frozen=True, slots=True)
class ConsensusRule:
    """When an item counts as agreed: the share of the top box at or above, a range at or below the threshold."""

    measure: Measure
    threshold: float

    @property
    def at_least(self) -> bool:
        """Whether more is more agreement."""
        return self.measure == "top_share"


@dataclass(frozen=True)
class StudyRules:
    """Rules a study sets before its first round; ``None`` means that the office's parameter serves."""

    consensus: ConsensusRule | None = None
    by_type: Mapping[str, ConsensusRule] = field(default_factory=dict)
    stability_measure: StabilityMeasure = "share_changed"
    stability_threshold: float | None = None
    round_limit: int | None = None
    partial: Literal["counts", "does_not_count"] | None = None
    survey_year: int | None = None
    subgroup_minimum: int | None = None
    design: Design = Design.ROUNDS

    @property
    def missing(self) -> tuple[str, ...]:
        """What must still be set before the study may be frozen."""
        found = []
        if self.consensus is None and not self.by_type:
            found.append("consensus")
        if self.stability_threshold is None:
            found.append("stability")
        if self.round_limit is None:
            found.append("round_limit")
        if self.partial is None:
            found.append("partial")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Item:
    """One wording of one item; a new wording is a new version."""

    code: str
    version: str
    name: Text
    type: ItemType
    low: float | None = None
    high: float | None = None
    top: float | None = None
    asked_on: date | None = None
    pooled_with: tuple[str, ...] = ()
    state: str = "active"

    @property
    def spec(self) -> ItemSpec:
        """What the item asks, for the summaries."""
        return ItemSpec(self.code, self.type, self.low, self.high, self.top)


@dataclass(frozen=True, slots=True)
class Round:
    """One round: its number, when it opened and closed, and dated cuts of a real-time round."""

    study: str
    number: int
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    cuts: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Study:
    """A study with its rules and items, as the workflow moves it."""

    code: str
    name: Text
    design: Design
    rules: StudyRules
    state: str
    entered_at: datetime
    created_by: str
    items: tuple[Item, ...] = ()
    rounds: tuple[Round, ...] = ()

    @property
    def rules_complete(self) -> bool:
        """Whether nothing is missing for freezing."""
        return not self.rules.missing


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer under a pseudonym; ``value`` holds the columns of the item's type."""

    study: str
    round: int
    pseudonym: str
    item: str
    version: str
    value: Mapping[str, float | str]
    familiarity: int | None = None
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class Participation:
    """An expert's part in a study: known by a pseudonym valid for this study only."""

    study: str
    pseudonym: str
    state: str
    entered_at: datetime
    group: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """An item that will be resolved: asked, due, and what came."""

    study: str
    item: str
    due_on: date
    state: str
    entered_at: datetime
    outcome: Outcome | None = None
    realised_on: date | None = None
    proposed_by: str = ""
    answered_by: frozenset[str] = frozenset()
