"""The exemption file: twelve duties held against the records; people are exempt, never the file.

A duty is unmet when the records contradict it and unknown when they are silent.  One contradiction makes the file
``contradicted``, one silence ``incomplete``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from biaochi.core.decision import Reason, Scalar
from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.challenge.decisions.milestones import Assessment, assess_milestone
from biaochi.mechanisms.challenge.model import Case, Milestone

_DIGEST = re.compile(r"[0-9a-f]{64}")
Finding = tuple[str, Verdict, Scalar, Scalar, Text]


@dataclass(frozen=True)
class Duty:
    """One duty with its verdict, reasons and the records they rest on."""

    duty: str
    verdict: Verdict
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Diligence:
    """The file: ``complete``, ``incomplete`` or ``contradicted``; the duties; the cause of the stop, if any."""

    outcome: str
    duties: tuple[Duty, ...]
    stop_cause: str | None
    at: date
    parameters: Snapshot


def _interests(case: Case, at: date) -> Iterable[Finding]:
    for d in case.decisions:
        for person in filter(None, dict.fromkeys((d.creator, d.approver))):
            own = [x for x in case.declarations if x.person == person and x.subject in (case.award.id, d.id)]
            seen = f"{d.id}:{person}"
            if not own:
                yield seen, Verdict.UNKNOWN, None, str(d.at), Text("没有利益申报", "no declaration of interests")
            elif any(x.conflict for x in own if not x.at.after(d.at)):
                yield seen, Verdict.UNMET, True, False, Text("有利益关系仍参与决定", "decided in spite of a conflict")
            elif all(x.at.after(d.at) for x in own):
                late = str(min(own, key=lambda x: (x.at.day, str(x.at))).at)
                yield seen, Verdict.UNMET, late, str(d.at), Text("申报晚于决定", "declared after the decision")
            else:
                yield seen, Verdict.MET, str(own[0].at), str(d.at), Text("事先已申报", "declared before")


def _alternatives(case: Case, at: date) -> Iterable[Finding]:
    for d in case.decisions:
        n = len(d.alternatives)
        verdict = Verdict.MET if n else Verdict.UNKNOWN
        yield d.id, verdict, n, 1, Text(f"记录了 {n} 个备选", f"{n} alternatives recorded")


def _forecast(case: Case, at: date) -> Iterable[Finding]:
    for d in case.decisions:
        verdict = Verdict.UNKNOWN if d.forecast is None else Verdict.MET
        yield d.id, verdict, d.forecast, None, Text("当时的预测", "the forecast at the time")


def _evidence_first(case: Case, at: date) -> Iterable[Finding]:
    known = {e.id: e for e in case.evidence}
    for d in case.decisions:
        if not d.evidence:
            yield d.id, Verdict.UNKNOWN, None, str(d.at), Text("没有所据证据", "no evidence is named")
        for name in d.evidence:
            item = known.get(name)
            if item is None or item.at is None:
                yield (
                    f"{d.id}:{name}",
                    Verdict.UNKNOWN,
                    None,
                    str(d.at),
                    Text("证据或其日期不在案", "evidence or its date not on file"),
                )
            elif item.at.after(d.at):
                yield (
                    f"{d.id}:{name}",
                    Verdict.UNMET,
                    str(item.at),
                    str(d.at),
                    Text("证据晚于决定", "evidence later than the decision"),
                )
            else:
                yield (
                    f"{d.id}:{name}",
                    Verdict.MET,
                    str(item.at),
                    str(d.at),
                    Text("证据早于决定", "evidence before the decision"),
                )


def _preregistered(case: Case, at: date) -> Iterable[Finding]:
    for m in case.milestones:
        if m.started_at is None and m.reviewed_at is None:
            continue
        if m.registered_at is None or m.started_at is None or not m.indicators:
            yield (
                m.id,
                Verdict.UNKNOWN,
                None,
                None,
                Text("登记或开始的日期、指标不全", "dates or indicators are missing"),
            )
        elif m.registered_at.after(m.started_at):
            yield (
                m.id,
                Verdict.UNMET,
                str(m.registered_at),
                str(m.started_at),
                Text("登记晚于开始", "registered after the start"),
            )
        elif any(not i.test_method for i in m.indicators):
            yield m.id, Verdict.UNKNOWN, None, None, Text("有指标没有测试方法", "an indicator has no test method")
        else:
            yield (
                m.id,
                Verdict.MET,
                str(m.registered_at),
                str(m.started_at),
                Text("开始前已登记", "registered before the start"),
            )


def _independent(case: Case, at: date) -> Iterable[Finding]:
    for m in case.milestones:
        if m.reviewed_at is None:
            continue
        if not m.verifier_org:
            yield m.id, Verdict.UNKNOWN, None, None, Text("没有检验方", "no verifier is named")
            continue
        holds = m.verifier_org not in (case.award.team_org, case.award.owner_org)
        text = (
            Text("第三方检验", "third-party verifier")
            if holds
            else Text("检验方不独立", "the verifier is not independent")
        )
        yield m.id, Verdict.MET if holds else Verdict.UNMET, m.verifier_org, None, text


def _on_time(case: Case, at: date) -> Iterable[Finding]:
    for m in case.milestones:
        if m.due_on is None:
            yield m.id, Verdict.UNKNOWN, None, None, Text("没有到期日", "no due date")
            continue
        due = m.due_on.isoformat()
        day = m.reviewed_at.day if m.reviewed_at is not None else at
        seen = str(m.reviewed_at) if m.reviewed_at is not None else None
        if day <= m.due_on:
            if m.reviewed_at is not None:
                yield m.id, Verdict.MET, seen, due, Text("按期评审", "reviewed on time")
        elif m.delay_reason.strip():
            yield m.id, Verdict.MET, seen, due, Text("逾期，已写明理由", "late, with its reason")
        else:
            yield m.id, Verdict.UNMET, seen, due, Text("逾期，未写明理由", "late, without a reason")


def _paid(case: Case, at: date) -> Iterable[Finding]:
    known: dict[str, Milestone] = {m.id: m for m in case.milestones}
    for n, p in enumerate(case.payments, start=1):
        name = f"payment-{n}:{p.milestone}"
        m = known.get(p.milestone)
        if m is None:
            yield name, Verdict.UNKNOWN, p.milestone, None, Text("没有这个里程碑", "no such milestone")
            continue
        result = assess_milestone(m)
        wanted = Assessment.MET.value
        if result is Assessment.UNKNOWN:
            yield (
                name,
                Verdict.UNKNOWN,
                result.value,
                wanted,
                Text("里程碑结果不明", "the milestone's result is unknown"),
            )
        elif result is not Assessment.MET:
            yield name, Verdict.UNMET, result.value, wanted, Text("未达到而付款", "paid without a pass")
        elif m.reviewed_at is None:
            yield name, Verdict.UNKNOWN, None, str(p.at), Text("没有评审日期", "no date of review")
        elif m.reviewed_at.after(p.at):
            yield name, Verdict.UNMET, str(p.at), str(m.reviewed_at), Text("付款早于评审", "paid before the review")
        else:
            yield name, Verdict.MET, result.value, wanted, Text("达到后付款", "paid on a pass")


def _approver(case: Case, at: date) -> Iterable[Finding]:
    for d in case.decisions:
        if not d.creator or not d.approver:
            yield (
                d.id,
                Verdict.UNKNOWN,
                d.approver or None,
                d.creator or None,
                Text("经办人或审批人不明", "creator or approver missing"),
            )
        else:
            holds = d.creator != d.approver
            text = (
                Text("审批人另有其人", "approved by another") if holds else Text("自办自批", "approved by the creator")
            )
            yield d.id, Verdict.MET if holds else Verdict.UNMET, d.approver, d.creator, text


def _cause(case: Case, at: date) -> Iterable[Finding]:
    for d in case.decisions:
        if d.outcome != "stop":
            continue
        if d.cause is None or not d.evidence:
            yield (
                d.id,
                Verdict.UNKNOWN,
                None if d.cause is None else d.cause.value,
                None,
                Text("停止原因或其证据不在案", "cause of the stop or its evidence not on file"),
            )
        else:
            yield d.id, Verdict.MET, d.cause.value, None, Text("原因与证据在案", "cause and evidence on file")


def _gain(case: Case, at: date) -> Iterable[Finding]:
    text = Text("是否谋取私利须由人判断", "whether there was illicit gain must be judged by a person")
    yield case.award.id, Verdict.MANUAL_REVIEW, case.gain_declared, None, text


def _intact(case: Case, at: date) -> Iterable[Finding]:
    digests: dict[str, set[str]] = {}
    for e in case.evidence:
        digests.setdefault(e.id, set()).add(e.sha256)
    repeats = Counter(e.id for e in case.evidence)
    for name, found in digests.items():
        if len(found) > 1:
            yield (
                name,
                Verdict.UNMET,
                len(found),
                1,
                Text("同一证据有两个摘要", "one piece of evidence has two digests"),
            )
        elif found == {""}:
            yield name, Verdict.UNKNOWN, None, None, Text("没有摘要", "no digest")
        elif not _DIGEST.fullmatch(next(iter(found))):
            yield name, Verdict.UNMET, next(iter(found)), None, Text("不是 SHA-256 摘要", "not a SHA-256 digest")
        else:
            yield name, Verdict.MET, repeats[name], None, Text("摘要在案", "digest on file")


Check = Callable[[Case, date], Iterable[Finding]]
DUTIES: dict[str, tuple[Check, str, bool]] = {
    "interests_declared": (_interests, "challenge.law.heads", True),
    "alternatives_recorded": (_alternatives, "challenge.law.duty_of_care", True),
    "forecast_recorded": (_forecast, "challenge.law.duty_of_care", True),
    "evidence_before_decision": (_evidence_first, "challenge.law.explorers", True),
    "tests_preregistered": (_preregistered, "challenge.law.explorers", True),
    "verifier_independent": (_independent, "challenge.law.duty_of_care", False),
    "supervised_on_time": (_on_time, "challenge.law.heads", True),
    "paid_on_pass": (_paid, "challenge.law.heads", False),
    "approver_differs": (_approver, "challenge.law.duty_of_care", True),
    "cause_stated": (_cause, "challenge.law.tolerance", False),
    "no_illicit_gain": (_gain, "challenge.law.heads", True),
    "records_intact": (_intact, "challenge.law.explorers", True),
}
"""Duty → its check, the rule it rests on, and whether silence (no record at all) leaves it unknown."""


def decide_diligence(case: Case, *, at: date, parameters: Snapshot) -> Diligence:
    """Hold the records of an award against the twelve duties.

    Parameters
    ----------
    case : Case
    at : date
        Day of the file: what is due by then must have been reviewed.
    parameters : Snapshot
        The articles in force, codes ``challenge.law.*``.
    """
    duties = tuple(_duty(name, case, at, parameters) for name in DUTIES)
    verdicts = [d.verdict for d in duties]
    outcome = (
        "contradicted" if Verdict.UNMET in verdicts else "incomplete" if Verdict.UNKNOWN in verdicts else "complete"
    )
    stops = [d for d in case.decisions if d.outcome == "stop" and d.cause is not None]
    last = max(stops, key=lambda d: (d.at.day, str(d.at)), default=None)
    cause = None if last is None or last.cause is None else last.cause.value
    used = [code for code in sorted({law for _, law, _ in DUTIES.values()}) if code in parameters]
    return Diligence(outcome, duties, cause, at, parameters.only(*used))


def _duty(name: str, case: Case, at: date, parameters: Snapshot) -> Duty:
    check, law, silence_counts = DUTIES[name]
    citation: Citation | None = parameters[law].citation if law in parameters else None
    findings = list(check(case, at))
    if not findings:
        verdict = Verdict.UNKNOWN if silence_counts and not _not_yet(name, case) else Verdict.NOT_APPLICABLE
        text = Text("没有记录", "nothing on record") if verdict is Verdict.UNKNOWN else Text("不涉及", "does not arise")
        return Duty(name, verdict, (Reason(name, verdict, text, citation=citation),), ())
    verdict = all_of(v for _, v, _, _, _ in findings)
    reasons = tuple(
        Reason(f"{name}:{place}", v, text, seen, threshold, citation=citation)
        for place, v, seen, threshold, text in findings
    )
    return Duty(name, verdict, reasons, tuple(place for place, _, _, _, _ in findings))


def _not_yet(name: str, case: Case) -> bool:
    """Whether milestones are on file but none has come so far that the duty could arise."""
    return bool(case.milestones) and name in ("supervised_on_time", "tests_preregistered")
