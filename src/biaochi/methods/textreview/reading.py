"""One rule at one clause, stage by stage: trigger, force, context, exception, necessity, evidence, state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from biaochi.core.text import Text
from biaochi.methods.textreview.apart import Apart
from biaochi.methods.textreview.findings import Facts, Finding, State, Step
from biaochi.methods.textreview.force import REACH, Force, Reading, piece_of, read_force, sentence_of
from biaochi.methods.textreview.normalise import Shadow, shadow
from biaochi.methods.textreview.rule_pack import Rule, Trigger
from biaochi.methods.textreview.segment import Clause

_OPEN = frozenset({State.CONTEXT_INSUFFICIENT, State.EXCEPTION_POSSIBLE, State.HUMAN_REVIEW})


def read_rule(clause: Clause, read: Shadow, rule: Rule, facts: Facts, *, trace: bool = False) -> Iterator[Finding]:
    """Yield what one rule finds in one clause, cleared places included."""
    patterns = [(group, pattern) for group, members in enumerate(rule.groups) for pattern in members]
    return read_places(clause, read, rule, facts, patterns, trace)


def read_places(
    clause: Clause,
    read: Shadow,
    rule: Rule,
    facts: Facts,
    patterns: Sequence[tuple[int, Trigger]],
    trace: bool = False,
) -> Iterator[Finding]:
    spans = Apart()
    for group, pattern in patterns:
        for match in pattern.finditer(read.text):
            start, end = match.span()
            if start == end or spans.meets(start, end) is not None:
                continue
            outcome = _Reading(clause, read, rule, facts, trace).at(start, end, bare=group in (0, 2), weak=group > 1)
            if outcome.verdict != "clean" or group > 0:
                spans.add(start, end)
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
            found = _first(patterns, text, self._around(text))
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

    def _around(self, text: str) -> tuple[int, int]:
        return max(0, self.start - REACH), min(len(text), self.end + REACH)

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
        found = _first(rule.context, text, self._around(text))
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
