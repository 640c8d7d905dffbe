"""One turn of the programme: every text of the year read against the rules of its day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.fairness.decisions.conclude import Conclusion, conclude
from biaochi.mechanisms.fairness.decisions.measure import Measured
from biaochi.mechanisms.fairness.decisions.read import Reading, read_document
from biaochi.mechanisms.fairness.model import Claim
from biaochi.methods.textreview.engine import Facts
from biaochi.methods.textreview.rule_pack import RulePack
from biaochi.methods.textreview.segment import segment


@dataclass(frozen=True)
class PartText:
    """A text of the programme with what it does not show itself."""

    name: str
    text: str
    kind: str
    dated: date
    facts: Facts
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class PartInputs:
    """The texts, the rule pack they are read by, and what each rule did on labelled clauses."""

    texts: tuple[PartText, ...]
    pack: RulePack
    measured: Mapping[str, Measured]


@dataclass(frozen=True)
class TextResult:
    """One text as read, with the conclusion the findings allow by themselves (None while something is open)."""

    text: PartText
    reading: Reading
    conclusion: Conclusion | None


@dataclass(frozen=True)
class RuleCount:
    """How often one rule reported, by verdict, with what it did on labelled clauses."""

    rule: str
    verdicts: Mapping[str, int]
    measured: Measured | None


@dataclass(frozen=True)
class PartResult:
    """Every text of the turn, and the rules that spoke."""

    texts: tuple[TextResult, ...]
    rules: tuple[RuleCount, ...]
    pack: RulePack

    @property
    def violations(self) -> int:
        """Findings called violation."""
        return sum(r.verdicts.get("violation", 0) for r in self.rules)

    @property
    def expected_right(self) -> tuple[float, float, float] | None:
        """Violations expected to be right by the rules' measured precision: estimate and the sums of the bounds."""
        counted = [(r.verdicts.get("violation", 0), r.measured) for r in self.rules]
        known = [(n, m.precision) for n, m in counted if n and m is not None]
        if not known:
            return None
        estimate, low, high = (sum(n * p[i] for n, p in known) for i in range(3))
        return estimate, low, high


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Read every text against the rules in force on its own date; claims are looked at on the turn's day."""
    del parameters
    done = []
    counts: dict[str, Counter[str]] = {}
    for text in inputs.texts:
        active = inputs.pack.at(text.dated, text.kind, first_kind=text.facts.first_kind is not None)
        clauses = segment(text.text, document=text.name)
        reading = read_document(clauses, active, at=turn.at, facts=text.facts, claims=text.claims)
        done.append(TextResult(text, reading, conclude(reading.claimed, reading.checks)))
        for clause in reading.claimed.clauses:
            for finding in clause.findings:
                counts.setdefault(finding.rule.id, Counter())[finding.verdict] += 1
    rules = tuple(RuleCount(r, dict(c), inputs.measured.get(r)) for r, c in sorted(counts.items()))
    return PartResult(tuple(done), rules, inputs.pack)
