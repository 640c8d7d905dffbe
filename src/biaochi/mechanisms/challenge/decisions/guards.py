"""The guards of the life cycles, one function each: facts in, a decision with its reasons out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.challenge.decisions.milestones import Assessment
from biaochi.mechanisms.challenge.model import Declaration, Moment, StopCause


def _decision(reasons: Sequence[Reason], at: date | datetime, parameters: Snapshot | None = None) -> Decision:
    verdict = all_of(r.verdict for r in reasons)
    used = parameters if parameters is not None else Snapshot.empty()
    return Decision(verdict.value, tuple(reasons), at, parameters=used)


def _reason(
    rule: str, holds: bool | None, yes: Text, no: Text, seen: Scalar = None, threshold: Scalar = None
) -> Reason:
    if holds is None:
        unknown = Text("没有记录", "not recorded")
        return Reason(rule, Verdict.UNKNOWN, unknown, seen, threshold)
    return Reason(rule, Verdict.MET if holds else Verdict.UNMET, yes if holds else no, seen, threshold)


def may_publish(*, indicators: int, functional: int, fairness_outcome: str | None, at: date) -> Decision:
    """Return whether a challenge may be published: every indicator functional, and a fairness decision that passed."""
    return _decision(
        [
            _reason(
                "functional_indicators",
                indicators > 0 and functional == indicators,
                Text("每项指标都是功能性指标", "every indicator is functional"),
                Text(
                    f"{indicators} 项指标中 {functional} 项是功能性的",
                    f"{functional} of {indicators} indicators are functional",
                ),
                functional,
                indicators,
            ),
            _reason(
                "fairness_decision",
                None if fairness_outcome is None else fairness_outcome == "passed",
                Text("公平竞争审查已通过", "the fair-competition review passed"),
                Text("公平竞争审查未通过", "the fair-competition review did not pass"),
                fairness_outcome,
                "passed",
            ),
        ],
        at,
    )


def may_open_bids(*, deadline: datetime, now: datetime, officers: Sequence[str]) -> Decision:
    """Return whether sealed bids may be opened: after the deadline, by two different officers."""
    return _decision(
        [
            _reason(
                "deadline_passed",
                now > deadline,
                Text("已过截止时间", "the deadline has passed"),
                Text("尚未截止", "the deadline has not passed"),
                now.isoformat(),
                deadline.isoformat(),
            ),
            _reason(
                "two_officers",
                len(set(officers)) >= 2,
                Text("两名经办人共同开启", "two officers open together"),
                Text("须由两名不同的经办人共同开启", "two different officers must open together"),
                len(set(officers)),
                2,
            ),
        ],
        now,
    )


def conflicts_declared(
    *,
    person: str,
    organisation: str,
    bidder_orgs: Sequence[str],
    declarations: Sequence[Declaration],
    subject: str,
    reading_at: Moment,
) -> Decision:
    """Return whether a reviewer may read a bid: declared before, free of conflict, not of a bidder's organisation."""
    own = [d for d in declarations if d.person == person and d.subject == subject]
    first = min((d.at for d in own), key=lambda m: (m.day, str(m)), default=None)
    return _decision(
        [
            _reason(
                "declared_before_reading",
                None if first is None else not first.after(reading_at),
                Text("阅卷前已申报利益关系", "interests were declared before reading"),
                Text("申报晚于阅卷", "interests were declared after reading"),
                None if first is None else str(first),
                str(reading_at),
            ),
            _reason(
                "no_conflict",
                None if not own else not any(d.conflict for d in own),
                Text("申报无利益关系", "no conflict was declared"),
                Text("申报有利益关系", "a conflict was declared"),
            ),
            _reason(
                "other_organisation",
                organisation not in bidder_orgs,
                Text("不属于投标单位", "of no bidder's organisation"),
                Text("属于投标单位", "of a bidder's own organisation"),
                organisation,
            ),
        ],
        reading_at.day,
    )


def may_see_scores(*, own_score_in: bool, at: date) -> Decision:
    """Return whether a reviewer may see the scores of others: blind until one's own is in."""
    return _decision(
        [
            _reason(
                "own_score_in",
                own_score_in,
                Text("自己的评分已提交", "one's own score is in"),
                Text("自己的评分尚未提交", "one's own score is not in yet"),
                own_score_in,
                True,
            )
        ],
        at,
    )


def routes_plural(*, routes: Sequence[str], reason: str, at: date) -> Decision:
    """Return whether awards keep the race: at least two routes, or a reason why not (赛马制)."""
    count = len(set(routes))
    return _decision(
        [
            _reason(
                "two_routes_or_reason",
                count >= 2 or bool(reason.strip()),
                Text("至少两条路线，或已写明理由", "at least two routes, or a reason was given"),
                Text("只有一条路线而未写明理由", "a single route without a reason"),
                count,
                2,
            )
        ],
        at,
    )


def tests_registered(*, registered_at: Moment | None, started_at: Moment | None, at: date) -> Decision:
    """Return whether a stage's tests were registered before it started."""
    holds = None if registered_at is None or started_at is None else not registered_at.after(started_at)
    return _decision(
        [
            _reason(
                "registered_before_start",
                holds,
                Text("测试在阶段开始前已登记", "the tests were registered before the stage started"),
                Text("测试登记晚于阶段开始", "the tests were registered after the stage had started"),
                None if registered_at is None else str(registered_at),
                None if started_at is None else str(started_at),
            )
        ],
        at,
    )


def verifier_independent(*, verifier_org: str, team_org: str, owner_org: str, at: date) -> Decision:
    """Return whether the verifier is of neither the team's nor the owner's organisation."""
    holds = None if not verifier_org else verifier_org not in (team_org, owner_org)
    return _decision(
        [
            _reason(
                "verifier_of_third_party",
                holds,
                Text("由第三方检验", "verified by a third party"),
                Text("检验方属于团队或发榜方", "the verifier belongs to the team or the owner"),
                verifier_org,
            )
        ],
        at,
    )


def may_pay(*, assessment: Assessment, at: date) -> Decision:
    """Return whether a milestone may be paid: on a pass only."""
    holds = None if assessment is Assessment.UNKNOWN else assessment is Assessment.MET
    return _decision(
        [
            _reason(
                "pay_on_pass",
                holds,
                Text("里程碑已达到", "the milestone was met"),
                Text("里程碑未达到", "the milestone was not met"),
                assessment.value,
                Assessment.MET.value,
            )
        ],
        at,
    )


def may_stop(*, cause: StopCause | None, evidence: Sequence[str], at: date) -> Decision:
    """Return whether a stop may be recorded: it names its cause, with evidence."""
    return _decision(
        [
            _reason(
                "cause_named",
                None if cause is None else True,
                Text("已写明停止原因", "the cause of the stop is named"),
                Text("未写明停止原因", "the cause of the stop is not named"),
                None if cause is None else cause.value,
            ),
            _reason(
                "cause_with_evidence",
                bool(evidence),
                Text("原因附有证据", "the cause comes with evidence"),
                Text("原因没有证据", "the cause comes without evidence"),
                len(evidence),
                1,
            ),
        ],
        at,
    )


def may_complete(*, accepted_by_user: bool | None, at: date, parameters: Snapshot) -> Decision:
    """Return whether an award is completed: the user accepts; the rule is unverified, so a person must look."""
    rule = parameters["challenge.user_acceptance"]
    found = _reason(
        "user_acceptance",
        accepted_by_user,
        Text("用户已验收", "the user has accepted"),
        Text("用户未验收", "the user has not accepted"),
        accepted_by_user,
        True,
    )
    verdict = found.verdict if rule.confirmed or not found.verdict.firm else Verdict.MANUAL_REVIEW
    reason = Reason(found.rule, verdict, found.text, found.seen, found.threshold, citation=rule.citation)
    return _decision([reason], at, parameters.only("challenge.user_acceptance"))


def bid_eligible(*, partners: int, months: float | None, at: date, parameters: Snapshot) -> Decision:
    """Return whether a bid keeps to the ministry's limits: partners beside the lead, and the term."""
    found = []
    for code, rule, seen, zh, en in (
        ("challenge.max_partners", "partners", float(partners), "参与单位数", "partners beside the lead"),
        ("challenge.max_term_months", "term", months, "期限（月）", "term in months"),
    ):
        value = parameters[code]
        limit = float(str(value.value))
        if seen is None:
            verdict = Verdict.UNKNOWN
        elif not value.confirmed:
            verdict = Verdict.MANUAL_REVIEW
        else:
            verdict = Verdict.MET if seen <= limit else Verdict.UNMET
        text = Text(f"{zh}：上限 {limit:g}", f"{en}: at most {limit:g}")
        found.append(Reason(rule, verdict, text, seen, limit, citation=value.citation))
    return _decision(found, at, parameters.only("challenge.max_partners", "challenge.max_term_months"))


def awards_within_limits(count: int, slots: int, *, at: date, parameters: Snapshot) -> Decision:
    """Return whether no more bids are awarded than there are places, nor than the ministry allows a direction."""
    rule = parameters["challenge.max_units"]
    most = int(str(rule.value))
    places = _reason(
        "within_places",
        count <= slots,
        Text(f"入选 {count} 份，名额 {slots} 个", f"{count} selected for {slots} places"),
        Text(f"入选 {count} 份，超过名额 {slots} 个", f"{count} selected exceed {slots} places"),
        count,
        slots,
    )
    verdict = (Verdict.MET if count <= most else Verdict.UNMET) if rule.confirmed else Verdict.MANUAL_REVIEW
    text = Text(f"每个方向入围单位上限 {most}", f"at most {most} units a direction")
    limit = Reason("units_of_direction", verdict, text, count, most, citation=rule.citation)
    return _decision([places, limit], at, parameters.only("challenge.max_units"))
