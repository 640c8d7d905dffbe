"""How well the rules read labelled clauses: precision with Jeffreys intervals, recall, macro-F1.

Jeffreys interval of a proportion: the equal-tailed interval of a Beta(x + ½, n − x + ½) distribution
(Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scipy.special import betaincinv

from biaochi.methods.textreview.engine import VERDICTS, ClauseReview, Facts, Reranker, review_clause
from biaochi.methods.textreview.rule_pack import ActivePack, RulePack
from biaochi.methods.textreview.segment import whole


@dataclass(frozen=True, slots=True)
class Labelled:
    """A clause with the answer a person gave: the verdict, the rules it stands for, and its family of wordings."""

    id: str
    text: str
    kind: str
    date: date
    verdict: str
    rules: tuple[str, ...] = ()
    family: str = ""
    role: str | None = None
    facts: Facts | None = None

    @property
    def about(self) -> str:
        """The rule the clause was written about (the part of its family before the colon)."""
        return self.family.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one rule did on labelled clauses."""

    labelled: int
    positives: int
    found: int
    reported: int
    right: int

    @property
    def precision(self) -> tuple[float, float, float]:
        """Estimate and the ends of the 90 % Jeffreys interval, which reaches 0 or 1 when none or all are right."""
        a, b = self.right + 0.5, self.reported - self.right + 0.5
        estimate = self.right / self.reported if self.reported else a / (a + b)
        low = float(betaincinv(a, b, 0.05)) if self.right or not self.reported else 0.0
        high = float(betaincinv(a, b, 0.95)) if self.right < self.reported or not self.reported else 1.0
        return estimate, low, high

    @property
    def recall(self) -> float | None:
        """Share of the positives that were found; None without positives."""
        return self.found / self.positives if self.positives else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None without positives."""
        if not self.positives:
            return None
        wrong = self.reported - self.right
        return 2 * self.found / (2 * self.found + wrong + self.positives - self.found)

    def precision_record(self) -> dict[str, float | int]:
        """Return the record findings carry."""
        estimate, low, high = self.precision
        return {"estimate": estimate, "low": low, "high": high, "n": self.reported}


def read_labelled(
    clauses: Iterable[Labelled], pack: RulePack, *, reranker: Reranker | None = None
) -> list[ClauseReview]:
    """Return the engine's reading of labelled clauses, in order."""
    active: dict[tuple[date, str, bool], ActivePack] = {}
    read = []
    for c in clauses:
        facts = c.facts or Facts()
        key = (c.date, c.kind, facts.first_kind is not None)
        if key not in active:
            active[key] = pack.at(c.date, c.kind, first_kind=key[2])
        clause = whole(c.text, identifier=c.id, role=c.role)
        read.append(review_clause(clause, active[key], facts, reranker))
    return read


def measure_rules(clauses: Sequence[Labelled], readings: Sequence[ClauseReview]) -> dict[str, Measured]:
    """Return what each rule did on labelled clauses.

    A report is right when the clause is labelled with the rule, and wrong when it is labelled clean, or lawful while a
    restriction was reported.  A rule that joins in on another rule's positive is left out of its precision.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for labelled, reading in zip(clauses, readings, strict=True):
        reported = {i for f in reading.findings for i in (f.rule.id, *f.also)}
        if labelled.about:
            counts[labelled.about]["labelled"] += 1
        for rule in labelled.rules:
            counts[rule]["positives"] += 1
            counts[rule]["found"] += rule in reported
        harmless = labelled.verdict in ("clean", "lawful_preference")
        for rule in reported:
            right = rule in labelled.rules
            if right or harmless:
                counts[rule]["reported"] += 1
                counts[rule]["right"] += right
    return {
        rule: Measured(c["labelled"], c["positives"], c["found"], c["reported"], c["right"])
        for rule, c in sorted(counts.items())
    }


@dataclass(frozen=True, slots=True)
class VerdictScore:
    """One verdict's row of the score."""

    verdict: str
    n: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """Agreement of verdicts with labels; macro-F1 over the verdicts that occur among the labels."""

    n: int
    accuracy: float
    macro_f1: float
    verdicts: tuple[VerdictScore, ...]
    confusion: Mapping[str, Mapping[str, int]]


def score_verdicts(labels: Sequence[str], predictions: Sequence[str | None]) -> Score:
    """Compare predicted verdicts (None: not checked) with labels.

    Examples
    --------
    >>> score_verdicts(["clean", "violation"], ["clean", "clean"]).accuracy
    0.5
    """
    pairs = Counter(zip(labels, (p or "not_checked" for p in predictions), strict=True))
    rows = []
    for verdict in VERDICTS:
        n = sum(v for (a, _), v in pairs.items() if a == verdict)
        guessed = sum(v for (_, p), v in pairs.items() if p == verdict)
        right = pairs[(verdict, verdict)]
        precision = right / guessed if guessed else None
        recall = right / n if n else None
        f1 = 2 * right / (n + guessed) if n + guessed else None
        rows.append(VerdictScore(verdict, n, precision, recall, f1))
    present = [r.f1 or 0.0 for r in rows if r.n]
    seen = sorted({a for a, _ in pairs}, key=VERDICTS.index)
    columns = (*VERDICTS, "not_checked")
    return Score(
        len(labels),
        sum(pairs[(v, v)] for v in VERDICTS) / len(labels) if labels else 0.0,
        sum(present) / len(present) if present else 0.0,
        tuple(rows),
        {a: {p: pairs[(a, p)] for p in columns if pairs[(a, p)]} for a in seen},
    )
