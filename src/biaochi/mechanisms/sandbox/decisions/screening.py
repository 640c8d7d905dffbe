"""Whether a case may enter the sandbox, and whether a waiver may be granted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.period import add_months
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.decisions.ethics import ETHICS_CODES, review_ethics
from biaochi.mechanisms.sandbox.model import CRITERIA, Case, Criterion, Floor, Level, Plan, Waiver

WAIVER_CODES = ("waiver_months_min", "waiver_months_max", "floor_items", "law_level_needs_authorisation")


def screen_application(case: Case, *, at: date, parameters: Snapshot) -> Decision:
    """Decide ``admissible``, ``more_info`` or ``not_admissible``.

    Any unmet rule makes a case not admissible; otherwise anything unknown or left to a person asks for more.

    Parameters
    ----------
    case : Case
        As applied for.
    at : datetime.date
        Day of the decision.
    parameters : Snapshot
        Rules in force on that day.
    """
    reasons = [
        *_eligibility(case),
        _floor(case.safety_floor, parameters),
        *_waivers(case.waivers, parameters),
        *review_ethics(case, at=at, parameters=parameters).reasons,
        *_plan(case.plan),
    ]
    return Decision(outcome_of(reasons), tuple(reasons), at, parameters=parameters.only(*WAIVER_CODES, *ETHICS_CODES))


def outcome_of(reasons: Sequence[Reason]) -> str:
    """Return the outcome that the reasons add up to."""
    verdicts = {r.verdict for r in reasons}
    if Verdict.UNMET in verdicts:
        return "not_admissible"
    return "more_info" if verdicts & {Verdict.UNKNOWN, Verdict.MANUAL_REVIEW} else "admissible"


def grant_waiver(waiver: Waiver, *, at: date, parameters: Snapshot) -> Decision:
    """Decide ``grant``, ``more_info`` or ``refuse`` for one waiver.

    A waiver that touches the floor is refused; one from a law without authorisation waits for a person; one whose last
    day has passed is refused.
    """
    reasons = list(_waiver(waiver, parameters))
    if waiver.end_on < at:
        text = Text(f"{waiver.id} 已过止期", f"{waiver.id}: its last day has passed")
        reasons.append(Reason("waiver_past", Verdict.UNMET, text, waiver.end_on, at))
    outcome = {"not_admissible": "refuse", "more_info": "more_info", "admissible": "grant"}[outcome_of(reasons)]
    facts = {"start_on": waiver.start_on, "end_on": waiver.end_on}
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only(*WAIVER_CODES), facts=facts)


def _eligibility(case: Case) -> Iterable[Reason]:
    for name in CRITERIA:
        criterion = case.eligibility.get(name, Criterion())
        said = criterion.reason or "–"
        yield Reason(name, criterion.verdict, Text(f"{_CRITERIA[name].zh}:{said}", f"{_CRITERIA[name].en}: {said}"))


_CRITERIA = {
    "in_scope": Text("属于范围", "in scope"),
    "genuine_innovation": Text("真正创新", "genuine innovation"),
    "consumer_benefit": Text("对使用者有益", "benefit to users"),
    "readiness": Text("已有准备", "readiness"),
    "need_for_support": Text("确需支持", "need for support"),
}


def _floor(kept: Sequence[Floor], parameters: Snapshot) -> Reason:
    rule = parameters["floor_items"]
    missing = [f for f in Floor if f not in kept]
    citation = rule.citation
    if missing:
        zh, en = "、".join(f.text.zh for f in missing), ", ".join(f.text.en for f in missing)
        text = Text(f"未承诺保留：{zh}", f"not kept: {en}")
        return Reason("safety_floor", Verdict.UNMET, text, ", ".join(missing), "all five", citation=citation)
    text = Text("五项安全底线全部保留", "all five floor items are kept")
    return Reason("safety_floor", Verdict.MET, text, 5, 5, citation=citation)


def _waivers(waivers: Sequence[Waiver], parameters: Snapshot) -> Iterable[Reason]:
    if not waivers:
        text = Text("没有写明要豁免哪条规则", "no rule to be relieved is named")
        yield Reason("waiver_named", Verdict.UNKNOWN, text)
    for waiver in waivers:
        yield from _waiver(waiver, parameters)


def _waiver(waiver: Waiver, parameters: Snapshot) -> Iterable[Reason]:
    yield _touching(waiver, parameters)
    yield _authority(waiver)
    yield _rank(waiver, parameters)
    yield from _length(waiver, parameters)


def _touching(waiver: Waiver, parameters: Snapshot) -> Reason:
    citation = parameters["floor_items"].citation
    if waiver.touches is None:
        text = Text(f"{waiver.id} 未说明是否触及安全底线", f"{waiver.id}: not said whether it touches the floor")
        return Reason("waiver_floor", Verdict.UNKNOWN, text, None, "none", citation=citation)
    if waiver.touches:
        zh = "、".join(f.text.zh for f in waiver.touches)
        en = ", ".join(f.text.en for f in waiver.touches)
        text = Text(f"{waiver.id} 触及{zh}，任何豁免都不得触及", f"{waiver.id} touches {en}, which no waiver may")
        return Reason("waiver_floor", Verdict.UNMET, text, ", ".join(waiver.touches), "none", citation=citation)
    text = Text(f"{waiver.id} 不触及安全底线", f"{waiver.id} does not touch the floor")
    return Reason("waiver_floor", Verdict.MET, text, "none", "none", citation=citation)


def _authority(waiver: Waiver) -> Reason:
    named = bool(waiver.authority.strip()) and bool(waiver.citation.strip())
    text = (
        Text(
            f"{waiver.id} 由{waiver.authority}负责：{waiver.citation}",
            f"{waiver.id}: {waiver.authority}, {waiver.citation}",
        )
        if named
        else Text(f"{waiver.id} 未写明条文或主管部门", f"{waiver.id}: clause or authority is not named")
    )
    return Reason("waiver_authority", Verdict.MET if named else Verdict.UNKNOWN, text, waiver.authority)


def _rank(waiver: Waiver, parameters: Snapshot) -> Reason:
    rule = parameters["law_level_needs_authorisation"]
    rank = waiver.level.text
    if waiver.level is Level.LAW and not (waiver.authorisation or "").strip():
        text = Text(
            f"{waiver.id} 要豁免的是法律，须有授权决定；地方不得自行豁免上位法",
            f"{waiver.id} would relieve a law and needs an authorising decision; no local waiver relieves higher law",
        )
        return Reason("waiver_level", Verdict.MANUAL_REVIEW, text, waiver.level.value, citation=rule.citation)
    text = Text(f"{waiver.id} 的规则层级：{rank.zh}", f"{waiver.id}: rank of the rule is {rank.en}")
    verdict = Verdict.MET
    if waiver.level is Level.LAW and not rule.confirmed:
        verdict = Verdict.MANUAL_REVIEW
    return Reason("waiver_level", verdict, text, waiver.level.value, waiver.authorisation, citation=rule.citation)


def _length(waiver: Waiver, parameters: Snapshot) -> Iterable[Reason]:
    shortest, longest = parameters["waiver_months_min"], parameters["waiver_months_max"]
    after = waiver.end_on + timedelta(days=1)
    least = add_months(waiver.start_on, int(str(shortest.value)))
    most = add_months(waiver.start_on, int(str(longest.value)))
    days = (after - waiver.start_on).days
    within = least <= after <= most
    yield Reason(
        "waiver_length",
        Verdict.MET if within else Verdict.UNMET,
        Text(
            f"{waiver.id} 共 {days} 天，应为 {shortest.value}–{longest.value} 个月",
            f"{waiver.id} lasts {days} days, allowed are {shortest.value} to {longest.value} months",
        ),
        days,
        f"{shortest.value}–{longest.value}",
        "month",
        longest.citation,
    )


def _plan(plan: Plan | None) -> Iterable[Reason]:
    if plan is None:
        yield Reason("plan", Verdict.UNKNOWN, Text("没有监测方案", "there is no supervision plan"))
        return
    feeds = len(plan.feeds)
    yield Reason(
        "plan_feed",
        Verdict.MET if feeds else Verdict.UNMET,
        Text(f"数据源 {feeds} 个", f"{feeds} data feeds")
        if feeds
        else Text("没有数据源不得运行", "no run without a feed"),
        feeds,
        1,
    )
    rails = len(plan.guardrails)
    text = Text(f"护栏 {rails} 个", f"{rails} guardrails") if rails else Text("没有护栏", "there is no guardrail")
    yield Reason("plan_guardrail", Verdict.MET if rails else Verdict.UNKNOWN, text, rails, 1)
    told = plan.incidents is not None
    yield Reason(
        "plan_incidents",
        Verdict.MET if told else Verdict.UNKNOWN,
        Text("事件报告规则已定", "incident rules are set")
        if told
        else Text("未定事件报告规则", "no incident rules are set"),
        plan.incidents.stop_at.value if plan.incidents is not None else None,
    )
