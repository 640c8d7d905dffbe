"""What a regulator's moves rest on: entering, resuming after a pause, and agreeing a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.decisions.ethics import review_ethics
from biaochi.mechanisms.sandbox.decisions.planning import PlanSimulation
from biaochi.mechanisms.sandbox.decisions.screening import grant_waiver, screen_application
from biaochi.mechanisms.sandbox.model import Case, Plan, Supervision

_OPEN = frozenset({Verdict.UNMET, Verdict.UNKNOWN})


def ethics_settled(case: Case, *, at: date, parameters: Snapshot) -> bool:
    """Whether nothing in ethics is unmet or unanswered; numbers left to a person are that person's to sign."""
    return not any(r.verdict in _OPEN for r in review_ethics(case, at=at, parameters=parameters).reasons)


def admit_case(case: Case, *, at: date, parameters: Snapshot) -> Decision:
    """Decide ``admit`` or ``refuse``.

    Unlike ``check``, which leaves what is unverified open, a person signs here: reasons left to a person are listed
    and stay with the decision; what is unmet or unknown refuses.
    """
    screened = screen_application(case, at=at, parameters=parameters)
    reasons = [*screened.reasons]
    for waiver in case.waivers:
        reasons += [r for r in grant_waiver(waiver, at=at, parameters=parameters).reasons if r.rule == "waiver_past"]
    refused = any(r.verdict in _OPEN for r in reasons)
    return Decision("refuse" if refused else "admit", tuple(reasons), at, parameters=screened.parameters)


def agree_plan(
    plan: Plan, simulations: Mapping[str, PlanSimulation], *, digest: str, registered_at: str, at: datetime
) -> Decision:
    """Return the decision that registers a plan, with what was simulated of each guardrail before."""
    reasons = tuple(_simulated(plan, simulations))
    facts = {"plan_digest": digest, "registered_at": registered_at}
    return Decision("agree", reasons, at, facts=facts)


def _simulated(plan: Plan, simulations: Mapping[str, PlanSimulation]) -> Iterable[Reason]:
    for guardrail in plan.guardrails:
        found = simulations.get(guardrail.id)
        alpha = guardrail.versions[0].rule.alpha
        if found is None:
            text = Text(f"{guardrail.id} 未作误报模拟", f"{guardrail.id}: false alarms were not simulated")
            yield Reason("simulated_false_alarms", Verdict.NOT_APPLICABLE, text, None, alpha)
            continue
        text = Text(
            f"{guardrail.id} 模拟误报 {found.false_alarm:.1%}，{found.readings} 次读数，{found.streams} 条流",
            f"{guardrail.id}: {found.false_alarm:.1%} simulated false alarms in {found.readings} readings, "
            f"{found.streams} streams",
        )
        bad = alpha is not None and found.false_alarm > alpha
        verdict = Verdict.MANUAL_REVIEW if bad else Verdict.MET
        yield Reason("simulated_false_alarms", verdict, text, round(found.false_alarm, 4), alpha)


def resume_case(found: Supervision, *, at: datetime) -> Decision:
    """Decide ``resume`` or ``refuse``: nobody resumes while a feed is silent, ethics overdue or no waiver is left.

    Guardrails that have alarmed stay crossed; only an amendment starts them afresh, which the reasons say.
    """
    reasons = tuple(_resumption(found))
    refused = any(r.verdict is Verdict.UNMET for r in reasons)
    return Decision("refuse" if refused else "resume", reasons, at)


def _resumption(found: Supervision) -> Iterable[Reason]:
    for feed in found.feeds:
        silent = feed.status == "suspend"
        yield Reason(
            "feed_live",
            Verdict.UNMET if silent else Verdict.MET,
            Text(
                f"{feed.metric} 已 {feed.silent_hours:.1f} 小时没有新读数",
                f"{feed.metric}: {feed.silent_hours:.1f} h silent",
            ),
            round(feed.silent_hours, 2),
            unit="hour",
        )
    overdue = found.ethics_status == "overdue"
    yield Reason(
        "ethics_not_overdue",
        Verdict.UNMET if overdue else Verdict.MET,
        Text("伦理跟踪审查已逾期", "the continuing ethics review is overdue")
        if overdue
        else Text("伦理跟踪审查未逾期", "the continuing ethics review is not overdue"),
    )
    left = [w for w in found.waivers if w.status in ("active", "suspended")]
    yield Reason(
        "waiver_left",
        Verdict.MET if left else Verdict.UNMET,
        Text(f"在期内的豁免 {len(left)} 项", f"{len(left)} waivers within their dates"),
        len(left),
        1,
    )
    crossed = [g.guardrail for g in found.guardrails if g.status == "alarm"]
    if crossed:
        names = ", ".join(crossed)
        yield Reason(
            "guardrails_crossed",
            Verdict.MANUAL_REVIEW,
            Text(
                f"{names} 已越过界限，恢复后不再重复报警；须以修订重新开始",
                f"{names} stays crossed and will not alarm again unless an amendment starts it afresh",
            ),
            names,
        )


def exit_move(recommended: Decision, move: str, at: datetime) -> Decision:
    """Return the decision of a person at the exit: what was recommended and why, and what was chosen."""
    differs = move != recommended.outcome
    text = Text(
        f"建议：{_WORDS.get(recommended.outcome, recommended.outcome)}；决定{'与建议不同' if differs else '同建议'}",
        f"recommended: {recommended.outcome}; the decision {'differs' if differs else 'follows it'}",
    )
    verdict = Verdict.MANUAL_REVIEW if differs else Verdict.MET
    reason = Reason("recommendation", verdict, text, move, recommended.outcome)
    facts = {"recommended": recommended.outcome}
    return Decision(move, (reason, *recommended.reasons), at, parameters=recommended.parameters, facts=facts)


_WORDS = {
    "graduate": "成功出箱",
    "extend": "延期",
    "adjust": "调整出箱",
    "stop": "终止",
    "more_info": "补充材料",
    "wind_down": "有序退出",
}
EXIT_MOVES: Sequence[str] = ("graduate", "extend", "adjust", "stop", "wind_down")
