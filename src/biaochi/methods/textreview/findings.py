"""What a reading knows and what it finds: facts, states, findings, reviewed clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from biaochi.core.text import Text
from biaochi.methods.textreview.force import Force
from biaochi.methods.textreview.rule_pack import Rule
from biaochi.methods.textreview.segment import Clause


class State(StrEnum):
    """Where the reading of one rule at one place ended."""

    NOT_CHECKED = "NOT_CHECKED"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NO_TRIGGER = "NO_TRIGGER"
    CANDIDATE = "CANDIDATE"
    CONTEXT_INSUFFICIENT = "CONTEXT_INSUFFICIENT"
    EXCEPTION_POSSIBLE = "EXCEPTION_POSSIBLE"
    HUMAN_REVIEW = "HUMAN_REVIEW"
    SUPPORTED = "SUPPORTED"
    REJECTED = "REJECTED"


VERDICTS = ("violation", "needs_context", "lawful_preference", "clean")
#: The gravest first.
SEVERITY = {v: i for i, v in enumerate(VERDICTS)}


@dataclass(frozen=True, slots=True)
class Necessity:
    """A reason recorded for a rule whose answer depends on the need: which rule, which words, why, on what evidence."""

    rule: str
    quote: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the text does not show (see the facts file); ``None`` means unknown."""

    category: str | None = None
    amount: float | None = None
    imported: bool | None = None
    import_approved: bool = False
    first_kind: str | None = None
    sme_reserved: bool | None = None
    sme_rate: float | None = None
    sme_joint_rate: float | None = None
    authority: bool = False
    lists: Mapping[str, bool] = field(default_factory=dict)
    necessity: tuple[Necessity, ...] = ()
    registry: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    market: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a reading: what was asked, the result, the words seen and where."""

    stage: str
    result: str
    seen: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule at one place of one clause; offsets count in the text the clause came from."""

    rule: Rule
    verdict: str
    state: State
    start: int
    end: int
    quote: str
    force: Force
    reason: Text
    exception_checked: bool
    exception_result: str
    necessity: str
    also: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseReview:
    """A clause with its verdict (``None`` when it could not be checked) and its findings, cleared ones apart."""

    clause: Clause
    verdict: str | None
    findings: tuple[Finding, ...]
    cleared: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Review:
    """The reviewed clauses of one or more documents."""

    clauses: tuple[ClauseReview, ...]

    def counts(self) -> dict[str, int]:
        """Return the number of clauses by verdict, and of those not checked."""
        seen = dict.fromkeys((*VERDICTS, "not_checked"), 0)
        for reviewed in self.clauses:
            seen[reviewed.verdict or "not_checked"] += 1
        return seen
