"""A study and a question as the guards of their life cycles see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from biaochi.mechanisms.foresight.model.study import Design, Outcome, StudyRules


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What decides whether a study may move.

    Parameters
    ----------
    created_by : str
        Who drew it up; may not freeze it.
    rules : StudyRules
        Set before the first round.
    items : int
        Number of items.
    round : int
        Rounds opened so far.
    unresolved : int
        Questions without a conclusion.
    """

    created_by: str
    rules: StudyRules
    items: int
    round: int
    unresolved: int

    @property
    def rules_complete(self) -> bool:
        """Whether nothing is missing for freezing."""
        return not self.rules.missing

    @property
    def has_items(self) -> bool:
        """Whether there is something to ask."""
        return self.items > 0

    @property
    def real_time(self) -> bool:
        """Whether one round stays open, with dated cuts."""
        return self.rules.design is Design.REAL_TIME

    @property
    def in_rounds(self) -> bool:
        """Whether rounds close before anybody sees them."""
        return not self.real_time

    @property
    def has_cut(self) -> bool:
        """Whether there is a cut to conclude from: the open round is the one after it."""
        return self.round > 1

    @property
    def cuts_left(self) -> bool:
        """Whether the limit allows the open round to become a cut."""
        return self.rules.round_limit is None or self.round <= self.rules.round_limit

    @property
    def rounds_left(self) -> bool:
        """Whether the limit allows another round."""
        return self.rules.round_limit is None or self.round < self.rules.round_limit

    @property
    def all_resolved(self) -> bool:
        """Whether every question has its conclusion."""
        return self.unresolved == 0


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """What decides whether a question may move.

    ``answered_by`` is everybody who may have answered: the whole panel, since answers carry no names.
    """

    due_on: date
    outcome: Outcome | None
    realised_on: date | None
    evidence: str
    proposed_by: str
    answered_by: frozenset[str]

    @property
    def has_outcome(self) -> bool:
        """Always: the outcome comes with the act that proposes it, and ``propose_resolution`` checks it there."""
        return True
