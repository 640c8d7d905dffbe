"""What the pages compute from a stored review: its findings with the claims applied, and the text with its marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from biaochi.mechanisms.fairness.decisions import Reading, read_document
from biaochi.mechanisms.fairness.files import rules_on, shipped_pack
from biaochi.mechanisms.fairness.web.models import FairnessReview
from biaochi.methods.textreview.engine import ClauseReview, Finding, Review
from biaochi.methods.textreview.segment import segment

__all__ = ["SHOWN", "MarkedClause", "Part", "marked", "numbered", "pack", "read", "read_text", "rules"]
SHOWN = 400
pack = shipped_pack
rules = rules_on


def read_text(text: str, kind: str, dated: date) -> Review:
    """Read a text against the rules in force for its kind on its date."""
    return read_document(segment(text, document="text"), pack().at(dated, kind), at=dated).plain


def read(obj: FairnessReview, at: date) -> Reading:
    """Return what the rules say of a stored text, with its claims as they stand on a day."""
    clauses = segment(obj.text, document="text")
    return read_document(clauses, pack().at(obj.dated, obj.kind), at=at, claims=obj.domain_claims())


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a clause: plain, or the quotation of the finding with this number."""

    text: str
    number: int = 0


@dataclass(frozen=True)
class MarkedClause:
    """A clause cut at its findings."""

    reviewed: ClauseReview
    parts: tuple[Part, ...]


def numbered(found: Review) -> list[tuple[int, ClauseReview, Finding]]:
    """Return every finding with its number in the text."""
    pairs = [(c, f) for c in found.clauses for f in c.findings]
    return [(n, c, f) for n, (c, f) in enumerate(pairs, start=1)]


def marked(found: Review) -> tuple[list[MarkedClause], int]:
    """Return the clauses to show and how many are left out; a long text shows only clauses with findings."""
    numbers = {id(f): n for n, _, f in numbered(found)}
    chosen = [c for c in found.clauses if len(found.clauses) <= SHOWN or c.findings]
    return [MarkedClause(c, _parts(c, numbers)) for c in chosen], len(found.clauses) - len(chosen)


def _parts(reviewed: ClauseReview, numbers: dict[int, int]) -> tuple[Part, ...]:
    clause = reviewed.clause
    parts: list[Part] = []
    at = clause.start
    ordered: Sequence[Finding] = sorted(reviewed.findings, key=lambda f: (f.start, -f.end))
    for finding in ordered:
        if finding.start < at:
            continue
        parts.append(Part(clause.text[at - clause.start : finding.start - clause.start]))
        parts.append(Part(clause.text[finding.start - clause.start : finding.end - clause.start], numbers[id(finding)]))
        at = finding.end
    parts.append(Part(clause.text[at - clause.start :]))
    return tuple(p for p in parts if p.text)
