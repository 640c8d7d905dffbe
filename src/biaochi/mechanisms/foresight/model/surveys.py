"""What the rounds of a survey found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from biaochi.core.decision import Decision
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.foresight.model.study import ItemState
from biaochi.methods.elicitation.attrition import Attrition


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says of a value; ``holds`` is the bare comparison, also where the rule is unverified."""

    verdict: Verdict
    value: float | None
    threshold: float | None
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class RoundRow:
    """Who took part in a round; invited are all who had been seen by then."""

    round: int
    invited: int
    answered: int
    complete: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group's median; ``None`` where it is withheld."""

    group: str
    n: int | None
    median: float | None


@dataclass(frozen=True)
class ItemRow:
    """One item and wording in one round."""

    item: str
    version: str
    round: int
    type: str
    n: int
    skipped: int
    median: float | None
    iqr: float | None
    top_share: float | None
    cdf: Mapping[int, float]
    p_never: float | None
    consensus: Judgement
    stability: Judgement
    share_changed: float | None
    kappa: float | None
    state: ItemState
    polarised: bool
    familiarity: Mapping[str, float | None]
    groups: tuple[GroupRow, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        found: dict[str, object] = {
            "item": self.item,
            "version": self.version,
            "round": self.round,
            "type": self.type,
            "n": self.n,
            "skipped": self.skipped,
            "median": self.median,
            "iqr": self.iqr,
            "top_share": self.top_share,
            "cdf": dict(self.cdf),
            "p_never": self.p_never,
            "consensus": {
                "verdict": self.consensus.verdict.value,
                "value": self.consensus.value,
                "threshold": self.consensus.threshold,
            },
            "stability": {
                "verdict": self.stability.verdict.value,
                "changed": self.share_changed,
                "kappa": self.kappa,
            },
            "state": self.state.value,
            "polarised": self.polarised,
            "familiarity": dict(self.familiarity),
        }
        if self.groups:
            found["groups"] = [{"group": g.group, "n": g.n, "median": g.median} for g in self.groups]
        return found


@dataclass(frozen=True, eq=False)
class SurveyResult:
    """All rounds of a survey and what to do next."""

    rounds: tuple[RoundRow, ...]
    items: tuple[ItemRow, ...]
    kendall: tuple[Mapping[str, float], ...]
    attrition: tuple[Attrition, ...]
    decision: Decision

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {
            "rounds": [
                {"round": r.round, "invited": r.invited, "answered": r.answered, "complete": r.complete}
                for r in self.rounds
            ],
            "items": [i.to_dict() for i in self.items],
            "kendall": [dict(k) for k in self.kendall],
            "attrition": [
                {"item": a.item, "stayers": a.stayers, "leavers": a.leavers, "difference": a.difference, "p": a.p}
                for a in self.attrition
            ],
            "decision": self.decision.to_dict(),
        }
