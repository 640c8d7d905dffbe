"""What ethics is due, and whether what was decided suffices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import InForce, Snapshot
from biaochi.core.period import add_months
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.model import Case, EthicsFile, EthicsOutcome

ETHICS_CODES = (
    "ethics_review_months_max",
    "ethics_members_min",
    "ethics_external_min",
    "ethics_present_min",
    "ethics_majority",
    "ethics_questions",
)


@dataclass(frozen=True, slots=True)
class EthicsDue:
    """Which questions the tracks raise, which were answered yes, and the review that follows.

    ``review``: ``expert_re_review`` when a trigger was answered yes, ``unknown`` while a question is open, otherwise
    ``not_required``.
    """

    questions: tuple[str, ...]
    triggers: tuple[str, ...]
    open: tuple[str, ...]
    review: str

    def to_dict(self) -> dict[str, object]:
        """Return the record of ``check``."""
        return {"triggers": list(self.triggers), "review": self.review}


def ethics_due(tracks: Sequence[str], answers: Mapping[str, bool], parameters: Snapshot) -> EthicsDue:
    """Return what the tracks ask and what the answers mean; a case without a track is asked everything."""
    table = parameters["ethics_questions"].value
    if not isinstance(table, Mapping):
        raise TypeError("the parameter ethics_questions is a table of track to questions")
    asked = {q for track in (tracks or ("other",)) for q in table.get(track, table["other"])}
    questions = tuple(sorted(asked))
    triggers = tuple(sorted(q for q, yes in answers.items() if yes))
    unanswered = tuple(q for q in questions if q not in answers)
    if triggers:
        review = "expert_re_review"
    else:
        review = "unknown" if unanswered else "not_required"
    return EthicsDue(questions, triggers, unanswered, review)


def review_ethics(case: Case, *, at: date, parameters: Snapshot) -> Decision:
    """Decide whether ethics is cleared: ``cleared``, ``not_cleared`` or ``open``.

    The committee's numbers are unverified rules, so they are always left to a person.
    """
    due = ethics_due(case.tracks, case.ethics.answers, parameters)
    reasons = list(_question_reasons(due, parameters))
    if due.review != "not_required" or case.ethics.decision is not None:
        reasons.extend(_decision_reasons(case.ethics, due, at, parameters))
    verdicts = {r.verdict for r in reasons}
    if Verdict.UNMET in verdicts:
        outcome = "not_cleared"
    else:
        outcome = "open" if verdicts & {Verdict.UNKNOWN, Verdict.MANUAL_REVIEW} else "cleared"
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only(*ETHICS_CODES))


def _question_reasons(due: EthicsDue, parameters: Snapshot) -> Iterable[Reason]:
    citation = parameters["ethics_questions"].citation
    if due.open:
        names = ", ".join(due.open)
        text = Text(f"尚未回答：{names}", f"not answered: {names}")
        yield Reason("ethics_questions", Verdict.UNKNOWN, text, names, ", ".join(due.questions), citation=citation)
        return
    answered = ", ".join(due.triggers) or "–"
    text = Text(f"触发项：{answered}", f"triggers: {answered}")
    yield Reason("ethics_questions", Verdict.MET, text, answered, ", ".join(due.questions), citation=citation)


def _decision_reasons(ethics: EthicsFile, due: EthicsDue, at: date, parameters: Snapshot) -> Iterable[Reason]:
    citation = parameters["ethics_review_months_max"].citation
    if ethics.decision is None:
        verdict = Verdict.UNKNOWN
        text = Text("需要伦理审查，尚无结论", "ethics review is needed and not yet decided")
        yield Reason("ethics_decision", verdict, text, None, due.review, citation=citation)
        return
    rejected = ethics.decision is EthicsOutcome.REJECTED
    yield Reason(
        "ethics_decision",
        Verdict.UNMET if rejected else Verdict.MET,
        Text("伦理审查未通过", "ethics review rejected it")
        if rejected
        else Text("伦理审查已通过", "ethics approved it"),
        ethics.decision.value,
        "approved",
        citation=citation,
    )
    yield from _interval_reasons(ethics, at, parameters["ethics_review_months_max"])
    yield from _quorum_reasons(ethics, parameters)


def _interval_reasons(ethics: EthicsFile, at: date, rule: InForce) -> Iterable[Reason]:
    if ethics.next_review_on is None or ethics.decided_on is None:
        text = Text("没有跟踪审查日期", "the continuing review is not dated")
        yield Reason("ethics_interval", Verdict.UNKNOWN, text, None, None, citation=rule.citation)
        return
    months = int(str(rule.value))
    latest = add_months(ethics.decided_on, months)
    within = ethics.next_review_on <= latest
    yield Reason(
        "ethics_interval",
        Verdict.MET if within else Verdict.UNMET,
        Text(
            f"下次跟踪审查 {ethics.next_review_on}，最迟 {latest}（{months} 个月）",
            f"next review {ethics.next_review_on}, at the latest {latest} ({months} months)",
        ),
        ethics.next_review_on,
        latest,
        citation=rule.citation,
    )
    if at > ethics.next_review_on:
        text = Text("跟踪审查已逾期", "the continuing review is overdue")
        yield Reason("ethics_overdue", Verdict.UNMET, text, at, ethics.next_review_on, citation=rule.citation)


def _quorum_reasons(ethics: EthicsFile, parameters: Snapshot) -> Iterable[Reason]:
    counts = (
        ("ethics_members", ethics.members, Text("委员人数", "members")),
        ("ethics_external", ethics.external, Text("外部委员", "outside members")),
        ("ethics_present", ethics.present, Text("到会人数", "members present")),
    )
    for code, seen, name in counts:
        rule = parameters[f"{code}_min"]
        yield _count_reason(code, seen, Fraction(str(rule.value)), name, rule)
    rule = parameters["ethics_majority"]
    share = None
    if ethics.present and ethics.in_favour is not None:
        share = Fraction(ethics.in_favour, ethics.present)
    yield _count_reason("ethics_majority", share, Fraction(str(rule.value)), Text("赞成比例", "share in favour"), rule)


def _count_reason(code: str, seen: int | Fraction | None, least: Fraction, name: Text, rule: InForce) -> Reason:
    if seen is None:
        text = Text(f"缺少{name.zh}", f"{name.en} not stated")
        return Reason(code, Verdict.UNKNOWN, text, None, float(least), citation=rule.citation)
    firm = Verdict.MET if seen >= least else Verdict.UNMET
    verdict = firm if rule.confirmed else Verdict.MANUAL_REVIEW
    sign = "≥" if seen >= least else "<"
    doubt = ("", "") if rule.confirmed else ("（数值未核实）", " (number unverified)")
    return Reason(
        code,
        verdict,
        Text(
            f"{name.zh} {_shown(seen)} {sign} {_shown(least)}{doubt[0]}",
            f"{name.en} {_shown(seen)} {sign} {_shown(least)}{doubt[1]}",
        ),
        float(seen),
        float(least),
        citation=rule.citation,
    )


def _shown(value: int | Fraction) -> str:
    return str(value)
