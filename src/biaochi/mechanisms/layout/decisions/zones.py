"""Pilot zones: admission and rolling assessment, by the rules of the jurisdiction on the day."""

from __future__ import annotations

from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.layout.model.zones import (
    AssessmentResult,
    ZoneApplication,
    ZoneAssessment,
    criteria_in_force,
)

_NO_RULE = Text(
    "没有见到该地的先导区规则（也没有国家规则；工信部规〔2025〕250号是另一项目），须人工审核",
    "no rule for pilot zones was seen here, nor a national one (工信部规〔2025〕250号 is another programme): "
    "a person decides",
)
_AFTER = {
    AssessmentResult.GOOD: ("continued", Text("评估优良，继续滚动培育", "assessed good: cultivation continues")),
    AssessmentResult.OK: ("continued", Text("评估合格，继续滚动培育", "assessed sufficient: cultivation continues")),
    AssessmentResult.FAIL: (
        "adjusted",
        Text("评估未达标，限期整改", "assessed insufficient: rectification within a term"),
    ),
    AssessmentResult.RETAINED: ("continued", Text("整改后保留", "kept after rectification")),
    AssessmentResult.CANCELLED: (
        "withdrawn",
        Text("整改后仍未达标，退出", "still insufficient after rectification: it leaves"),
    ),
}


def decide_zone_admission(application: ZoneApplication, *, at: date, parameters: Snapshot) -> Decision:
    """Decide whether an application may go on: ``admit``, ``return``, ``manual_review``.

    Every criterion of the jurisdiction must hold; one that fails or an open objection returns the application, one
    that is unknown, an unverified rule, or no rule at all asks a person.
    """
    found = criteria_in_force(application.jurisdiction, parameters)
    if found is None:
        reason = Reason("zones.criteria", Verdict.MANUAL_REVIEW, _NO_RULE, application.jurisdiction)
        return Decision("manual_review", (reason,), at)
    rule, criteria = found
    reasons = []
    for criterion in criteria:
        fact = application.facts.get(criterion.code)
        verdict = Verdict.UNKNOWN if fact is None else Verdict.MET if fact else Verdict.UNMET
        if verdict is Verdict.MET and not rule.confirmed:
            verdict = Verdict.MANUAL_REVIEW
        reasons.append(Reason(f"{rule.code}.{criterion.code}", verdict, criterion.text, fact, True, "", rule.citation))
    reasons += _independence(application)
    if application.open_objections:
        text = Text(
            f"公示期有 {application.open_objections} 件异议未处理完",
            f"{application.open_objections} objections to the notice are open",
        )
        reasons.append(Reason("zones.objections", Verdict.UNMET, text, application.open_objections, 0))
    verdict = all_of(r.verdict for r in reasons)
    outcome = {Verdict.MET: "admit", Verdict.UNMET: "return"}.get(verdict, "manual_review")
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only(rule.code))


def decide_zone_assessment(assessment: ZoneAssessment, *, at: date, parameters: Snapshot) -> Decision:
    """Decide what follows an assessment: ``continued``, ``adjusted``, ``withdrawn`` or ``manual_review``.

    Dynamic adjustment must be a rule of the jurisdiction; elsewhere the result is only proposed to a person.
    """
    if assessment.result is None:
        text = Text("评估结果未知", "the result of the assessment is unknown")
        return Decision("manual_review", (Reason("zones.assessment", Verdict.UNKNOWN, text),), at)
    outcome, text = _AFTER[assessment.result]
    code = f"zones.{assessment.jurisdiction}.adjustment"
    good = outcome == "continued"
    if code not in parameters or not parameters[code].confirmed:
        doubt = Reason("zones.adjustment", Verdict.MANUAL_REVIEW, _NO_RULE, assessment.jurisdiction)
        proposed = Reason("zones.assessment", Verdict.MANUAL_REVIEW, text, assessment.result.value)
        return Decision("manual_review", (proposed, doubt), at, facts={"proposed": outcome})
    rule = parameters[code]
    verdict = Verdict.MET if good else Verdict.UNMET
    reason = Reason(code, verdict, text, assessment.result.value, None, "", rule.citation)
    return Decision(outcome, (reason,), at, parameters=parameters.only(code))


def _independence(application: ZoneApplication) -> list[Reason]:
    people = [p for p in (application.applicant, application.checker, application.reviewer) if p]
    if len(set(people)) == len(people):
        return []
    text = Text("申报、核查与论证须由不同的人办理", "applicant, checker and reviewer must be different people")
    return [Reason("zones.independence", Verdict.UNMET, text)]
