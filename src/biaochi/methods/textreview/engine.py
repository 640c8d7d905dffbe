"""Reading clauses against a pack: trigger, force, context, exception, necessity, evidence, state.

A trigger is no violation.  Each step may end the reading; what a person must still find out stays open as
``needs_context`` and is never reported as clean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from biaochi.core.text import Text
from biaochi.methods.textreview.force import Force, Reading, piece_of, read_force, sentence_of
from biaochi.methods.textreview.normalise import Shadow, shadow
from biaochi.methods.textreview.rule_pack import ActivePack, Rule, Trigger
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
_SEVERITY = {v: i for i, v in enumerate(VERDICTS)}
_OPEN = frozenset({State.CONTEXT_INSUFFICIENT, State.EXCEPTION_POSSIBLE, State.HUMAN_REVIEW})
_CHINESE_OR_LATIN = re.compile(r"[\u3400-\u9fff]|[a-z]")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]")


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
        for finding in _read(clause, read, rule, facts, patterns):
            (cleared if finding.verdict == "clean" else found).append(finding)
    if not found:
        return ClauseReview(clause, "clean", (), tuple(cleared))
    kept = _one_a_span(found)
    if reranker is not None:
        kept = [replace(f, verdict=_reranked(reranker, read.text, f.verdict)) for f in kept]
    verdict = min((f.verdict for f in kept), key=_SEVERITY.__getitem__)
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
    """Keep one finding where several overlap: the gravest, then "
    "by the rules' order; the others are named in ``also``."""
    ordered = sorted(found, key=lambda f: (_SEVERITY[f.verdict], f.rule.rank, f.start, -f.end))
    kept: list[Finding] = []
    names: list[list[str]] = []
    for finding in ordered:
        for position, other in enumerate(kept):
            if finding.start < other.end and other.start < finding.end:
                if finding.rule.id != other.rule.id and finding.rule.id not in names[position]:
                    names[position].append(finding.rule.id)
                break
        else:
            kept.append(finding)
            names.append([])
    merged = [replace(f, also=tuple(n)) for f, n in zip(kept, names, strict=True)]
    return sorted(merged, key=lambda f: (f.start, f.rule.rank))


def read_rule(clause: Clause, read: Shadow, rule: Rule, facts: Facts, *, trace: bool = False) -> Iterator[Finding]:
    """Yield what one rule finds in one clause, cleared places included."""
    patterns = [(group, pattern) for group, members in enumerate(rule.groups) for pattern in members]
    return _read(clause, read, rule, facts, patterns, trace)


def _read(
    clause: Clause,
    read: Shadow,
    rule: Rule,
    facts: Facts,
    patterns: Sequence[tuple[int, Trigger]],
    trace: bool = False,
) -> Iterator[Finding]:
    spans: list[tuple[int, int]] = []
    for group, pattern in patterns:
        for match in pattern.finditer(read.text):
            start, end = match.span()
            if start == end or any(start < b and a < end for a, b in spans):
                continue
            outcome = _Reading(clause, read, rule, facts, trace).at(start, end, bare=group in (0, 2), weak=group > 1)
            if outcome.verdict != "clean" or group > 0:
                spans.append((start, end))
            yield outcome


class _Reading:
    """One rule at one place, stage by stage."""

    def __init__(self, clause: Clause, read: Shadow, rule: Rule, facts: Facts, trace: bool) -> None:
        self.clause, self.read, self.rule, self.facts = clause, read, rule, facts
        self.steps: list[Step] | None = [] if trace else None
        self.exception = "none_found"
        self.necessity = "required" if rule.necessity else "not_required"

    def at(self, start: int, end: int, *, bare: bool, weak: bool) -> Finding:
        self.start, self.end = start, end
        text = self.read.text
        self._note("trigger", "hit", start, end)
        stem = shadow(self.clause.stem).text if self.clause.stem else ""
        reading = read_force(text, start, end, stem=stem, role=self.clause.role)
        self.force = reading
        self._note("force", reading.force.value, reading.start, reading.end)
        if reading.force.clears and reading.force not in self.rule.forces:
            return self._end(State.REJECTED, _CLEARED[reading.force])
        if not bare and reading.force not in self.rule.forces:
            return self._end(State.REJECTED, _NO_FORCE)
        bounds = sentence_of(text, start, end)
        piece = piece_of(text, start, end, bounds)
        for patterns, window in ((self.rule.clears, piece), (self.rule.sentence_clears, bounds)):
            found = _first(patterns, text, window)
            if found:
                self._note("context", "cleared", *found.span())
                return self._end(State.REJECTED, Text("上下文表明不构成限制", "the context shows no restriction"))
        return self._state(text, bounds, weak)

    def _state(self, text: str, bounds: tuple[int, int], weak: bool) -> Finding:
        rule, facts = self.rule, self.facts
        decided = self._by_facts(text, bounds)
        if decided is not None:
            return decided
        if rule.preference:
            return self._preference(text, bounds)
        for patterns, state, stage in (
            (rule.context, State.CONTEXT_INSUFFICIENT, "context"),
            (rule.exceptions, State.EXCEPTION_POSSIBLE, "exception"),
        ):
            found = _first(patterns, text, (0, len(text)))
            if found:
                self._note(stage, "open", *found.span())
                if state is State.EXCEPTION_POSSIBLE:
                    self.exception = "possible"
                return self._end(state, _OPEN_TEXT[state])
        if weak or rule.execution in ("context", "registry"):
            return self._needs(text)
        if rule.id[0] in "CIF" and facts.authority and rule.citation.article.startswith("10"):
            self.exception = "authority_named"
            return self._end(State.EXCEPTION_POSSIBLE, _OPEN_TEXT[State.EXCEPTION_POSSIBLE])
        if rule.citation.status == "unverified":
            return self._end(State.HUMAN_REVIEW, _UNVERIFIED)
        return self._end(State.SUPPORTED, rule.reason)

    def _needs(self, text: str) -> Finding:
        """A rule that only the need can answer: cleared by a recorded necessity with evidence."""
        quoted = text[self.start : self.end]
        for record in self.facts.necessity:
            if record.rule == self.rule.id and (not record.quote or shadow(record.quote).text in text):
                self.necessity = "recorded"
                if record.reason and record.evidence:
                    self._note("necessity", "recorded", self.start, self.end)
                    return self._end(State.REJECTED, Text("已记录必要性及依据", "necessity and evidence are recorded"))
                return self._end(State.HUMAN_REVIEW, Text("必要性缺少依据", "the necessity lacks evidence"))
        self._note("necessity", "unknown" if quoted else "none", self.start, self.end)
        return self._end(State.CONTEXT_INSUFFICIENT, self.rule.reason)

    def _by_facts(self, text: str, bounds: tuple[int, int]) -> Finding | None:
        rule, facts = self.rule, self.facts
        if rule.id == "D16" and facts.imported:
            return self._end(
                State.REJECTED, Text("采购进口产品,可要求授权", "imported goods: an authorisation may be asked")
            )
        if rule.execution == "registry" and facts.registry:
            for name, (kind, based) in facts.registry.items():
                if shadow(name).text in text and kind == ("cancelled" if rule.id == "D14" else "blacklist"):
                    if kind == "blacklist" and based:
                        return self._end(State.REJECTED, Text("名单有法律依据", "the list has a legal basis"))
                    return self._end(State.SUPPORTED, rule.reason)
        if rule.id == "D11" and facts.market == "violation":
            return self._end(State.SUPPORTED, rule.reason)
        if rule.id in ("F2", "I19.1"):
            for name, published in facts.lists.items():
                if published and shadow(name).text in text:
                    return self._end(
                        State.REJECTED, Text("名录条件公开且开放", "the list's conditions are published and open")
                    )
        del bounds
        return None

    def _preference(self, text: str, bounds: tuple[int, int]) -> Finding:
        """Authority in force is the rule's date; then misuse, mechanism (numbers) and applicability."""
        rule, facts = self.rule, self.facts
        found = _first(rule.misuse, text, bounds)
        if found:
            self._note("misuse", "hit", *found.span())
            return self._end(
                State.SUPPORTED, Text("优惠政策被误用", "an authorised preference is misused"), misuse=True
            )
        if rule.id == "P3" and facts.sme_reserved:
            return self._end(
                State.SUPPORTED,
                Text("预留份额的采购包不再扣除价格", "a reserved package takes no price deduction"),
                misuse=True,
            )
        if rule.numbers is not None:
            values = [float(m.group(1)) for m in rule.numbers.pattern.finditer(text, *bounds)]
            self._note("mechanism", ",".join(f"{v:g}" for v in values), self.start, self.end)
            if not values:
                return self._end(State.CONTEXT_INSUFFICIENT, Text("没有写明幅度", "the rate is not stated"))
            if rule.id == "P3" and facts.category == "works":
                return self._end(State.HUMAN_REVIEW, _UNVERIFIED)
            if not all(any(low <= v <= high for low, high in rule.numbers.ranges) for v in values):
                return self._end(State.SUPPORTED, Text("幅度超出规定", "the rate lies outside the rule"), misuse=True)
            rates = [100 * r for r in (facts.sme_rate, facts.sme_joint_rate) if r is not None]
            if rule.id == "P3" and rates and not all(any(abs(v - r) < 1e-9 for r in rates) for v in values):
                return self._end(
                    State.CONTEXT_INSUFFICIENT, Text("与文件载明的幅度不一致", "differs from the file's rate")
                )
        found = _first(rule.context, text, (0, len(text)))
        if found:
            self._note("context", "open", *found.span())
            return self._end(State.CONTEXT_INSUFFICIENT, _OPEN_TEXT[State.CONTEXT_INSUFFICIENT])
        if rule.citation.status == "unverified":
            return self._end(State.HUMAN_REVIEW, _UNVERIFIED)
        return self._end(State.SUPPORTED, rule.reason)

    def _note(self, stage: str, result: str, start: int, end: int) -> None:
        if self.steps is not None:
            given = self.read.span(start, end)
            self.steps.append(Step(stage, result, self.clause.text[given[0] : given[1]], *given))

    def _end(self, state: State, reason: Text, *, misuse: bool = False) -> Finding:
        if state is State.SUPPORTED:
            verdict = "lawful_preference" if self.rule.preference and not misuse else "violation"
        else:
            verdict = "needs_context" if state in _OPEN else "clean"
        start, end = self.read.span(self.start, self.end)
        self._note("state", state.value, self.start, self.end)
        return Finding(
            self.rule,
            verdict,
            state,
            self.clause.start + start,
            self.clause.start + end,
            self.clause.text[start:end],
            self.force.force,
            reason,
            bool(self.rule.exceptions) or self.rule.id[0] in "CIF",
            self.exception,
            self.necessity,
            (),
            tuple(self.steps or ()),
        )

    force: Reading
    start: int
    end: int


def _first(patterns: Sequence[re.Pattern[str]], text: str, window: tuple[int, int]) -> re.Match[str] | None:
    for pattern in patterns:
        found = pattern.search(text, *window)
        if found:
            return found
    return None


_CLEARED = {
    Force.BAN: Text("这是对制定者的禁止,不限制供应商", "this forbids the drafter and binds no supplier"),
    Force.DISCLAIM: Text("这里写明不作要求", "the words say that nothing is required"),
    Force.MENTION: Text("这里只是引述或举例", "the words only quote or give an example"),
}
_NO_FORCE = Text("没有约束力的提及", "mentioned without binding anyone")
_UNVERIFIED = Text("依据尚未核实,须人工审核", "the authority is unverified; a person must review")
_OPEN_TEXT = {
    State.CONTEXT_INSUFFICIENT: Text("须看上下文才能判断", "only the context can tell"),
    State.EXCEPTION_POSSIBLE: Text("可能属于例外,须核对依据", "an exception may apply; check its basis"),
}
