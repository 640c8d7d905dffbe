"""A decision with its reasons: what every mechanism's ``decisions`` room returns, and what the ledger keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from biaochi.core.canonical import plain
from biaochi.core.errors import RefusedError
from biaochi.core.evidence import Evidence
from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict

Scalar = str | int | float | bool | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the rule, the value seen, the threshold and the citation.

    Parameters
    ----------
    rule : str
        Stable machine name of the rule.
    verdict : Verdict
        What the rule says of the value seen.
    text : Text
        The reason as a sentence, numbers filled in.
    seen, threshold : scalar
        What was observed and what it was held against; ``None`` when there is none.
    unit : str
        Unit of both; empty for none.
    citation : Citation or None
        The document the rule comes from.
    """

    rule: str
    verdict: Verdict
    text: Text
    seen: Scalar = None
    threshold: Scalar = None
    unit: str = ""
    citation: Citation | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the reason as a record, values as they are; JSON and the ledger each spell numbers their own way."""
        return {
            "rule": self.rule,
            "verdict": self.verdict.value,
            "zh": self.text.zh,
            "en": self.text.en,
            "seen": self.seen,
            "threshold": self.threshold,
            "unit": self.unit,
            "citation": self.citation.to_dict() if self.citation else None,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with everything that made it.

    Parameters
    ----------
    outcome : str
        Code of what was decided.
    reasons : tuple of Reason
        In the order a reader needs them.
    at : datetime.date or datetime.datetime
        When the decision was made; rules in force on that day were used.
    evidence : tuple of Evidence
        What the reasons rest on.
    parameters : Snapshot
        The parameter values used, frozen.
    facts : mapping
        Further facts of the decision, such as amounts or dates it sets.
    """

    outcome: str
    reasons: tuple[Reason, ...]
    at: date | datetime
    evidence: tuple[Evidence, ...] = ()
    parameters: Snapshot = field(default_factory=Snapshot.empty)
    facts: Mapping[str, Scalar] = field(default_factory=dict)

    def require(self, *outcomes: str) -> Decision:
        """Return the decision if its outcome is one of these, else raise with every reason that is not met.

        Examples
        --------
        >>> Decision("publish", (), date(2026, 1, 1)).require("publish").outcome
        'publish'
        """
        if self.outcome in outcomes:
            return self
        against = [r for r in self.reasons if r.verdict is not Verdict.MET] or list(self.reasons)
        text = Text(
            "；".join(r.text.zh for r in against) or self.outcome, "; ".join(r.text.en for r in against) or self.outcome
        )
        raise RefusedError(against[0].rule if against else self.outcome, text)

    def to_dict(self) -> dict[str, object]:
        """Return the decision as plain records."""
        return {
            "outcome": self.outcome,
            "at": plain(self.at),
            "reasons": [r.to_dict() for r in self.reasons],
            "evidence": [e.to_dict() for e in self.evidence],
            "parameters": self.parameters.to_records(),
            "facts": dict(self.facts),
        }
