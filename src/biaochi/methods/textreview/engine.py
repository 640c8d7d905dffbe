"""Reading clauses against a pack: trigger, force, context, exception, necessity, evidence, state.

A trigger is no violation.  Each step may end the reading; what a person must still find out stays open as
``needs_context`` and is never reported as clean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from biaochi.methods.textreview.apart import Apart
from biaochi.methods.textreview.findings import (
    SEVERITY,
    VERDICTS,
    ClauseReview,
    Facts,
    Finding,
    Necessity,
    Review,
    State,
    Step,
)
from biaochi.methods.textreview.normalise import shadow
from biaochi.methods.textreview.reading import read_places, read_rule
from biaochi.methods.textreview.rule_pack import ActivePack, Trigger
from biaochi.methods.textreview.segment import Clause

__all__ = [
    "VERDICTS",
    "ClauseReview",
    "Facts",
    "Finding",
    "Memo",
    "Necessity",
    "Reranker",
    "Review",
    "State",
    "Step",
    "read_rule",
    "review",
    "review_clause",
]
_CHINESE_OR_LATIN = re.compile(r"[\u3400-\u9fff]|[a-z]")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]")
Reranker = Callable[[str, str], str]


Memo = dict[tuple[str, str, str], ClauseReview]
_MEMO_LIMIT = 100_000


def review(
    clauses: Iterable[Clause],
    pack: ActivePack,
    *,
    facts: Facts | None = None,
    reranker: Reranker | None = None,
    memo: Memo | None = None,
) -> Review:
    """Read every clause against the rules of a pack.

    Parameters
    ----------
    clauses : iterable of Clause
        From :func:`biaochi.methods.textreview.segment.segment`, or whole records.
    pack : ActivePack
        Rules in force for the kind of document on the day.
    facts : Facts or None
        What the text does not show.
    reranker : callable or None
        ``(shadow, verdict) -> verdict``; may swap ``violation`` and ``needs_context`` only.
    memo : dict or None
        Readings to reuse for clauses that repeat word for word (boilerplate); only for the same pack and facts.

    Returns
    -------
    Review
        One entry a clause, in order; a clause alone reads as in a batch.
    """
    known = facts or Facts()
    seen: Memo = {} if memo is None else memo
    return Review(tuple(_remembered(c, pack, known, reranker, seen) for c in clauses))


def _remembered(clause: Clause, pack: ActivePack, facts: Facts, reranker: Reranker | None, memo: Memo) -> ClauseReview:
    key = (clause.text, clause.role, clause.stem)
    known = memo.get(key)
    if known is None:
        known = review_clause(clause, pack, facts, reranker)
        if len(memo) < _MEMO_LIMIT:
            memo[key] = known
        return known
    shift = clause.start - known.clause.start
    if shift == 0 or not (known.findings or known.cleared):
        return ClauseReview(clause, known.verdict, known.findings, known.cleared)
    return ClauseReview(clause, known.verdict, _shifted(known.findings, shift), _shifted(known.cleared, shift))


def _shifted(findings: tuple[Finding, ...], shift: int) -> tuple[Finding, ...]:
    return tuple(replace(f, start=f.start + shift, end=f.end + shift) for f in findings)


def review_clause(clause: Clause, pack: ActivePack, facts: Facts, reranker: Reranker | None = None) -> ClauseReview:
    """Read one clause; see :func:`review`."""
    read = shadow(clause.text)
    candidates = pack.prefilter.candidates(read.text)
    if not candidates:
        return ClauseReview(clause, _unread(read.text), ())
    if clause.role in ("heading", "definition"):
        return ClauseReview(clause, "clean", ())
    found: list[Finding] = []
    cleared: list[Finding] = []
    chosen: dict[int, list[tuple[int, Trigger]]] = {}
    for place in candidates:
        number, group, pattern = pack.places[place]
        chosen.setdefault(number, []).append((group, pattern))
    for number, patterns in chosen.items():
        rule = pack.rules[number]
        if rule.roles and clause.role not in rule.roles:
            continue
        for finding in read_places(clause, read, rule, facts, patterns):
            (cleared if finding.verdict == "clean" else found).append(finding)
    if not found:
        return ClauseReview(clause, "clean", (), tuple(cleared))
    kept = _one_a_span(found)
    if reranker is not None:
        kept = [replace(f, verdict=_reranked(reranker, read.text, f.verdict)) for f in kept]
    verdict = min((f.verdict for f in kept), key=SEVERITY.__getitem__)
    return ClauseReview(clause, verdict, tuple(kept), tuple(cleared))


def _unread(text: str) -> str | None:
    """A text without rules is clean, unless it is in a script the rules cannot read."""
    if _CHINESE_OR_LATIN.search(text) is None and _OTHER_SCRIPT.search(text):
        return None
    foreign = len(_OTHER_SCRIPT.findall(text))
    return None if foreign and foreign > len(_CHINESE_OR_LATIN.findall(text)) else "clean"


def _reranked(reranker: Reranker, text: str, verdict: str) -> str:
    if verdict not in ("violation", "needs_context"):
        return verdict
    new = reranker(text, verdict)
    return new if new in ("violation", "needs_context") else verdict


def _one_a_span(found: Sequence[Finding]) -> list[Finding]:
    """Keep one finding where several overlap: the gravest, then by the rules' order; ``also`` names the others."""
    ordered = sorted(found, key=lambda f: (SEVERITY[f.verdict], f.rule.rank, f.start, -f.end))
    kept: list[Finding] = []
    names: list[list[str]] = []
    spans = Apart()
    for finding in ordered:
        position = spans.meets(finding.start, finding.end)
        if position is None:
            spans.add(finding.start, finding.end)
            kept.append(finding)
            names.append([])
        elif finding.rule.id != kept[position].rule.id and finding.rule.id not in names[position]:
            names[position].append(finding.rule.id)
    merged = [replace(f, also=tuple(n)) for f, n in zip(kept, names, strict=True)]
    return sorted(merged, key=lambda f: (f.start, f.rule.rank))
