"""What the numbers mean for each team, as decisions with reasons; and the guards of the fund's life cycles."""

from __future__ import annotations

from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.fund.model import TeamVerdict
from biaochi.methods.allocation import Programme, TeamOutlook


def decide_team(outlook: TeamOutlook, programme: Programme, *, at: date, parameters: Snapshot) -> Decision:
    """Return the verdict on one team with its reasons.

    Funded: continue, after a miss adjust.  Not funded: pause if it is funded later in at least the share of paths the
    office has set, else stop.  Never tried: start or reserve.
    """
    share = parameters["fund.pause_share"]
    threshold = float(share.value)  # type: ignore[arg-type]
    verdict = _verdict(outlook, threshold)
    reasons = list(_reasons(outlook, programme))
    if not outlook.funded and not outlook.succeeded:
        met = outlook.p_later >= threshold
        reasons.append(
            Reason(
                "funded_later_share",
                Verdict.MET if met else Verdict.UNMET,
                Text(
                    f"以后再获资助的机会为 {outlook.p_later:.0%}",
                    f"the chance of funding later is {outlook.p_later:.0%}",
                ),
                outlook.p_later,
                threshold,
                citation=share.citation,
            )
        )
    return Decision(verdict.value, tuple(reasons), at, parameters=parameters.only("fund.pause_share"))


def _verdict(outlook: TeamOutlook, threshold: float) -> TeamVerdict:
    if outlook.succeeded:
        return TeamVerdict.SUCCEEDED
    if not outlook.tried:
        return TeamVerdict.START if outlook.funded else TeamVerdict.RESERVE
    if outlook.funded:
        return TeamVerdict.ADJUST if outlook.missed else TeamVerdict.CONTINUE
    return TeamVerdict.PAUSE if outlook.p_later >= threshold else TeamVerdict.STOP


def _reasons(outlook: TeamOutlook, programme: Programme) -> list[Reason]:
    if outlook.succeeded:
        text = Text("最后阶段已通过", "the last stage was passed")
        return [Reason("already_succeeded", Verdict.MET, text, len(programme.stages), len(programme.stages))]
    needed = len(programme.stages) - outlook.stage
    left = programme.rounds_left
    reasons = [_worth(outlook)]
    reasons.append(
        Reason(
            "can_finish",
            Verdict.MET if needed <= left else Verdict.UNMET,
            Text(f"还需 {needed} 轮，尚余 {left} 轮", f"{needed} rounds needed, {left} left"),
            needed,
            left,
        )
    )
    if outlook.missed:
        text = Text("本阶段已有未达标", "this stage was missed before")
        reasons.append(Reason("missed_at_stage", Verdict.MET, text, 1, 0))
    return reasons


def _worth(outlook: TeamOutlook) -> Reason:
    if outlook.marginal is None:
        text = Text("本轮余下的钱不够资助该团队", "the money of this round does not pay for this team as well")
        return Reason("affordable_now", Verdict.UNMET, text, outlook.cost_to_completion, None)
    if outlook.funded:
        text = Text(
            f"不资助将使预期价值减少 {outlook.marginal:.4g}",
            f"leaving it out would lose {outlook.marginal:.4g} of value",
        )
        return Reason(
            "worth_its_cost", Verdict.MET if outlook.marginal >= 0 else Verdict.UNMET, text, outlook.marginal, 0.0
        )
    text = Text(
        f"若资助，预期价值减少 {outlook.marginal:.4g}", f"funding it as well would lose {outlook.marginal:.4g} of value"
    )
    return Reason(
        "money_better_elsewhere", Verdict.MET if outlook.marginal >= 0 else Verdict.UNMET, text, outlook.marginal, 0.0
    )


def may_open(*, simulated: bool, at: date) -> Decision:
    """Return whether a programme may open: never without a simulation of its rules in other worlds."""
    text = (
        Text("已做情景推演", "the programme was simulated")
        if simulated
        else Text("尚未做情景推演", "the programme has not been simulated")
    )
    reason = Reason("has_whatif", Verdict.MET if simulated else Verdict.UNMET, text, simulated, True)
    return Decision("may_open" if simulated else "may_not_open", (reason,), at)


def may_decide(recommended: str, decided: str, reason: str, *, at: date) -> Decision:
    """Return whether a decision may be recorded: one that departs from the advice needs its reason."""
    departs = recommended != decided
    sound = not departs or bool(reason.strip())
    text = (
        Text("与建议一致", "follows the advice")
        if not departs
        else Text("不同于建议，已写明理由", "departs from the advice with its reason")
        if sound
        else Text("不同于建议，未写明理由", "departs from the advice without a reason")
    )
    found = Reason("deviation_explained", Verdict.MET if sound else Verdict.UNMET, text, decided, recommended)
    return Decision("may_decide" if sound else "may_not_decide", (found,), at)
