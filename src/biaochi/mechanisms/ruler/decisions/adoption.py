"""May a framework be adopted?"""

from __future__ import annotations

from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.ruler.model import FrameworkRecord

_BOUNDS = ("correlation_low", "correlation_high")


def decide_adoption(record: FrameworkRecord, *, consulted_on: date | None, at: date, parameters: Snapshot) -> Decision:
    """Return ``adopt``, ``review`` or ``refuse`` with every reason.

    Parameters
    ----------
    record : FrameworkRecord
        Faults of the last check, stored audit, gate, comments.
    consulted_on : date or None
        First day of the consultation.
    parameters : Snapshot
        ``consultation_days``, and the bounds of child–parent correlations the gate used.
    """
    days = int(str(parameters["consultation_days"].value))
    reasons = [
        _met(
            "check_clean",
            record.faults == 0,
            Text(f"最近一次核验有 {record.faults} 处错误", f"the last check found {record.faults} faults"),
            seen=record.faults,
            threshold=0,
        ),
        _met("audit_stored", bool(record.audit_digest), Text("稳健性审计的留存", "an audit is stored")),
        _met(
            "leaves_complete",
            record.incomplete_leaves == 0,
            Text(
                f"{record.incomplete_leaves} 项指标缺少来源、责任人或滞后期",
                f"{record.incomplete_leaves} indicators lack source, owner or lag",
            ),
            seen=record.incomplete_leaves,
            threshold=0,
        ),
        _met(
            "comments_answered",
            record.comments_open == 0,
            Text(f"{record.comments_open} 条意见未答复", f"{record.comments_open} comments are unanswered"),
            seen=record.comments_open,
            threshold=0,
        ),
        _consultation(consulted_on, at, days, parameters),
        _gate(record, parameters),
    ]
    whole = all_of(r.verdict for r in reasons)
    outcome = {Verdict.MET: "adopt", Verdict.UNMET: "refuse"}.get(whole, "review")
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only("consultation_days", *_BOUNDS))


def _met(rule: str, fine: bool, text: Text, *, seen: int | None = None, threshold: int | None = None) -> Reason:
    return Reason(rule, Verdict.MET if fine else Verdict.UNMET, text, seen, threshold)


def _consultation(consulted_on: date | None, at: date, days: int, parameters: Snapshot) -> Reason:
    rule = parameters["consultation_days"]
    if consulted_on is None:
        text = Text("没有征求过意见", "there was no consultation")
        return Reason("consultation_days", Verdict.UNMET, text, None, days, "days", rule.citation)
    passed = (at - consulted_on).days
    text = Text(f"已征求意见 {passed} 天，应满 {days} 天", f"consulted for {passed} days of {days}")
    verdict = Verdict.MET if passed >= days else Verdict.UNMET
    return Reason("consultation_days", verdict, text, passed, days, "days", rule.citation)


def _gate(record: FrameworkRecord, parameters: Snapshot) -> Reason:
    """The coherence gate; bounds recalled from memory alone never make it firmly met."""
    if record.gate is Verdict.UNMET and record.gate_override.strip():
        text = Text(f"一致性关口未达到，放行理由：{record.gate_override}", f"gate overridden: {record.gate_override}")
        return Reason("gate", Verdict.MANUAL_REVIEW, text, record.gate.value)
    confirmed = all(parameters[code].confirmed for code in _BOUNDS)
    verdict = record.gate
    if (verdict is Verdict.MET and not confirmed) or verdict is Verdict.UNKNOWN:
        verdict = Verdict.MANUAL_REVIEW
    text = Text(f"一致性关口：{record.gate.text.zh}", f"coherence gate: {record.gate.text.en}")
    return Reason("gate", verdict, text, record.gate.value, citation=parameters["correlation_low"].citation)
