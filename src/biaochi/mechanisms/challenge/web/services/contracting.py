"""After the award: milestones with their tests, results of the verifier, grounds of decisions, money, the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction as database
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.decision import Decision, Reason
from biaochi.core.evidence import EvidenceGrade
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.challenge.decisions import (
    Assessment,
    may_complete,
    may_pay,
    may_stop,
    verifier_independent,
)
from biaochi.mechanisms.challenge.decisions.milestones import indicator_verdict
from biaochi.mechanisms.challenge.model import Award as DomainAward
from biaochi.mechanisms.challenge.model import (
    Case,
    CaseDecision,
    CaseEvidence,
    Declaration,
    Moment,
    Payment,
    StopCause,
)
from biaochi.mechanisms.challenge.web.models import Award, Milestone
from biaochi.mechanisms.challenge.web.services.refusal import refuse
from biaochi.mechanisms.challenge.web.services.reviewing import rules
from biaochi.registry.models.work import Document
from biaochi.registry.transition import create, record


def register_milestone(award: Award, milestone: Milestone, actor: Actor, now: datetime) -> Milestone:
    """Register a stage's tests; a stage of a running award whose earlier stages are decided starts with it."""
    if award.state not in ("contracted", "active"):
        raise refuse("not_running", "项目不在实施", "the award does not run")
    require_declared(award, actor)
    found = verifier_independent(
        verifier_org=milestone.verifier.public_id,
        team_org=award.organisation.public_id if award.organisation else "",
        owner_org=award.challenge.organisation.public_id if award.challenge.organisation else "",
        at=timezone.localdate(now),
    )
    found.require("met")
    with database.atomic():
        earlier = list(award.milestones.values_list("state", flat=True))
        waiting = [s for s in earlier if s not in ("continued", "adjusted", "paused", "stopped")]
        milestone.award = award
        milestone.number = len(earlier) + 1
        milestone.registered_at = now
        milestone.started_at = now if award.state == "active" and not waiting else None
        milestone.region, milestone.simulated = award.region, award.simulated
        create(milestone, actor, now=now)
        milestone.organisation = award.organisation
        milestone.save(update_fields=["organisation"])
    return milestone


def measure(milestone: Milestone, values: Mapping[str, float], report: str, actor: Actor, now: datetime) -> Decision:
    """Keep the verifier's values with the digest of its report, and say what they come to."""
    if actor.organisation != milestone.verifier.public_id:
        raise refuse("not_verifier", "由登记的检验方填写", "given by the registered verifier")
    milestone.measured = dict(values)
    milestone.report_sha256 = digest([milestone.public_id, dict(values), report.strip()])
    milestone.reviewed_at = now
    milestone.save(update_fields=["measured", "report_sha256", "reviewed_at"])
    plain = milestone.domain()
    reasons = [
        Reason(
            "indicator_measured",
            indicator_verdict(i, plain.measured),
            Text(f"{i.name}：按 {i.test_method} 实测", f"{i.name}: measured by {i.test_method}"),
            plain.measured.get(i.name),
            str(i.threshold),
            i.unit,
        )
        for i in plain.indicators
    ]
    result = milestone.assessment
    verdict = {
        Assessment.MET: Verdict.MET,
        Assessment.PARTLY: Verdict.UNMET,
        Assessment.UNMET: Verdict.UNMET,
        Assessment.UNKNOWN: Verdict.UNKNOWN,
    }[result]
    whole = Reason("milestone_result", verdict, Text(f"结果：{result.text.zh}", f"result: {result.text.en}"))
    return Decision(verdict.value, (whole, *reasons), timezone.localdate(now), facts={"report": report.strip()[:500]})


def verdicts_of(milestone: Milestone) -> dict[str, str]:
    """Return the verdict on each measured indicator."""
    plain = milestone.domain()
    measured = plain.measured
    return {i.name: indicator_verdict(i, measured).value for i in plain.indicators if i.name in measured}


def ground(milestone: Milestone, outcome: str, data: Mapping[str, Any], actor: Actor, now: datetime) -> Decision:
    """Keep the grounds of a decision on a milestone, and return the decision with its reasons."""
    require_declared(milestone.award, actor)
    evidence = [e.id for e in evidence_of(milestone)]
    cause = StopCause(data["cause"]) if outcome == "stop" and data.get("cause") else None
    alternatives = [line.strip() for line in str(data.get("alternatives", "")).splitlines() if line.strip()]
    late = timezone.localdate(milestone.reviewed_at) > milestone.due_on if milestone.reviewed_at else False
    milestone.grounds = {
        "outcome": outcome,
        "creator": milestone.creator.public_id if milestone.creator else "",
        "alternatives": alternatives,
        "forecast": data.get("forecast"),
        "evidence": evidence,
        "cause": cause.value if cause else None,
        "due_on": data["due_on"].isoformat() if data.get("due_on") else None,
    }
    if late and not milestone.delay_reason:
        milestone.delay_reason = str(data.get("delay_reason") or "").strip()
    if outcome == "adjust" and not data.get("due_on"):
        raise refuse("no_due_day", "调整须写明新的到期日", "an adjustment names a new due day")
    milestone.save(update_fields=["grounds", "delay_reason"])
    if outcome == "stop":
        return may_stop(cause=cause, evidence=evidence, at=timezone.localdate(now)).require("met")
    result = milestone.assessment
    words = Text(
        f"第三方检验结果：{result.text.zh}；备选 {len(alternatives)} 项",
        f"verified by a third party: {result.text.en}; {len(alternatives)} alternatives recorded",
    )
    verdict = Verdict.MET if result is Assessment.MET else Verdict.UNMET
    return Decision(outcome, (Reason("milestone_result", verdict, words),), timezone.localdate(now))


def pay(milestone: Milestone, actor: Actor, now: datetime) -> None:
    """Pay a milestone that was met and continued, once; every other case is refused."""
    with database.atomic():
        row = Milestone.objects.select_for_update(of=("self",)).select_related("verifier", "award").get(pk=milestone.pk)
        if actor.role is not Role.OFFICER or row.state != "continued" or row.paid_at is not None or not row.amount:
            raise refuse("not_payable", "只对已决定继续、尚未付款的里程碑付款", "a continued milestone is paid, once")
        decision = may_pay(assessment=row.assessment, at=timezone.localdate(now)).require("met")
        row.paid_at = now
        row.save(update_fields=["paid_at"])
        reason = Text(f"付款 {row.amount:,.2f} 元", f"paid {row.amount:,.2f} yuan")
        record(row, "paid", actor, f"{reason.zh} / {reason.en}", decision, now=now)


def accept(award: Award, accepted: bool, by: str, actor: Actor, now: datetime) -> None:
    """Record whether the user accepted, on what document; the rule is unverified, so a person answers for it."""
    require_declared(award, actor)
    if award.state != "active" or not by.strip():
        raise refuse("not_running", "实施中的项目，须写明用户与验收文件", "of a running award; name user and document")
    decision = may_complete(accepted_by_user=accepted, at=timezone.localdate(now), parameters=rules())
    with database.atomic():
        award.acceptance = {"accepted": accepted, "by": by.strip()[:400], "at": now.isoformat()}
        award.save(update_fields=["acceptance"])
        record(award, "user_acceptance", actor, by.strip()[:400], decision, now=now)


def name_cause(award: Award, cause: str, evidence: str, actor: Actor, now: datetime) -> None:
    """Record why an award ends and on what evidence, where no milestone was stopped."""
    require_declared(award, actor)
    named = [line.strip() for line in evidence.splitlines() if line.strip()]
    found = StopCause(cause) if cause in set(StopCause) else None
    decision = may_stop(cause=found, evidence=named, at=timezone.localdate(now)).require("met")
    with database.atomic():
        award.cause, award.cause_evidence = cause, named
        award.save(update_fields=["cause", "cause_evidence"])
        record(award, "cause_recorded", actor, "", decision, now=now)


def declare_gain(award: Award, gained: bool, actor: Actor, now: datetime) -> None:
    """Record what the team declares of illicit gain; a person judges it."""
    own = award.organisation is not None and award.organisation.public_id == actor.organisation
    if actor.role is not Role.FIRM or not own or award.gain_declared is not None:
        raise refuse("not_own", "由团队自己申报一次", "declared by the team itself, once")
    with database.atomic():
        award.gain_declared = gained
        award.save(update_fields=["gain_declared"])
        record(award, "gain_declared", actor, "", Decision("declared", (), timezone.localdate(now)), now=now)


def require_declared(award: Award, actor: Actor) -> None:
    """Refuse an officer who has not declared, or declared a conflict."""
    mine = award.challenge.declarations.filter(person=actor.person).first()
    if mine is None:
        raise refuse("not_declared", "须先申报利益关系", "declare your interests first")
    if mine.conflict:
        raise refuse("conflict", "有利益关系，须回避", "you declared a conflict and stand aside")


def evidence_of(milestone: Milestone) -> list[CaseEvidence]:
    """Return what is on file about a milestone: the verifier's result and every document."""
    found = []
    if milestone.report_sha256 and milestone.reviewed_at:
        at = Moment.of(milestone.reviewed_at)
        found.append(CaseEvidence(f"{milestone.public_id}-V", EvidenceGrade.A, at, milestone.report_sha256))
    for doc in Document.objects.filter(subject=milestone.public_id).order_by("pk"):
        found.append(CaseEvidence(doc.public_id, EvidenceGrade.C, Moment.of(doc.uploaded_at), doc.sha256))
    return found


def case_of(award: Award) -> Case:
    """Return everything the exemption file of an award rests on, as the decisions room knows it."""
    milestones = list(award.milestones.select_related("verifier", "organisation").order_by("number"))
    evidence = [e for m in milestones for e in evidence_of(m)]
    known = {e.id for e in evidence}
    evidence += [CaseEvidence(name, EvidenceGrade.C, None, "") for name in award.cause_evidence if name not in known]
    return Case(
        DomainAward(
            award.public_id,
            award.organisation.public_id if award.organisation else "",
            award.challenge.organisation.public_id if award.challenge.organisation else "",
            tuple(sorted(set(award.challenge.awards.values_list("route", flat=True)))),
        ),
        tuple(
            Declaration(d.person, award.public_id, Moment.of(d.at), d.conflict)
            for d in award.challenge.declarations.order_by("pk")
        ),
        tuple(evidence),
        tuple(m.domain() for m in milestones),
        tuple(_decisions(milestones)),
        tuple(Payment(Moment.of(m.paid_at), m.amount, m.public_id) for m in milestones if m.paid_at),
        award.gain_declared,
    )


def _decisions(milestones: Sequence[Milestone]) -> list[CaseDecision]:
    found = []
    for m in milestones:
        g = m.grounds
        if not g.get("at"):
            continue
        found.append(
            CaseDecision(
                f"{m.public_id}-D",
                Moment.of(datetime.fromisoformat(g["at"])),
                g["creator"],
                g["approver"],
                g["outcome"],
                g["reason"],
                tuple(g["alternatives"]),
                g["forecast"],
                tuple(g["evidence"]),
                StopCause(g["cause"]) if g["cause"] else None,
            )
        )
    return found
