"""What may be said of a unit's standing: claims, moves between tiers, and whether a period may be judged yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.period import Period
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.methods.composite import Claim
from biaochi.methods.composite.long_cycle import matured_on


def decide_claim(found: Claim, *, at: date, parameters: Snapshot) -> Decision:
    """Return ``may_say``, ``may_not_say`` or ``undecided`` for "a stands above b".

    The claim is met only at the simultaneous level in force; an unverified level makes it a matter for a person.
    """
    rule = parameters["tier_level"]
    verdict = found.verdict
    if verdict is Verdict.MET and not rule.confirmed:
        verdict = Verdict.MANUAL_REVIEW
    text = Text(
        f"{found.a} 高于 {found.b}：概率 {found.p:.0%}，同时置信可达 {found.simultaneous:.0%}",
        f"{found.a} above {found.b}: probability {found.p:.0%}, holds simultaneously up to {found.simultaneous:.0%}",
    )
    reason = Reason("claim", verdict, text, found.simultaneous, float(str(rule.value)), "share", rule.citation)
    outcome = {Verdict.MET: "may_say", Verdict.UNMET: "may_not_say"}.get(verdict, "undecided")
    return Decision(outcome, (reason,), at, parameters=parameters.only("tier_level"))


def decide_tier_move(probabilities: Sequence[float], *, at: date, parameters: Snapshot) -> Decision:
    """Return ``move`` or ``stay``: a move is said only when its probability was high enough several times running.

    Parameters
    ----------
    probabilities : sequence of float
        Probability that the unit lies in the other tier, latest period last.
    """
    level, times = parameters["tier_move_probability"], parameters["tier_move_times"]
    needed, running = float(str(level.value)), 0
    for p in reversed(list(probabilities)):
        if p < needed:
            break
        running += 1
    wanted = int(str(times.value))
    text = Text(
        f"概率不低于 {needed:.0%} 连续 {running} 次，需 {wanted} 次",
        f"probability of at least {needed:.0%} {running} times running, {wanted} needed",
    )
    verdict = Verdict.MET if running >= wanted else Verdict.UNMET
    reason = Reason("tier_move", verdict, text, running, wanted, "times", times.citation)
    used = parameters.only("tier_move_probability", "tier_move_times")
    return Decision("move" if verdict is Verdict.MET else "stay", (reason,), at, parameters=used)


def decide_maturity(period: Period, *, lag_years: float, window_years: int, matured_years: int, at: date) -> Decision:
    """Return ``judge`` or ``too_early``: a period matures at its end plus lag, and its window must be whole.

    Parameters
    ----------
    matured_years : int
        Years of the window, this one included, that have matured.
    """
    ripe = matured_on(period, lag_years)
    first = Reason(
        "matured",
        Verdict.MET if ripe <= at else Verdict.UNMET,
        Text(f"{period.code} 于 {ripe.isoformat()} 成熟", f"{period.code} matures on {ripe.isoformat()}"),
        at,
        ripe,
    )
    second = Reason(
        "window",
        Verdict.MET if matured_years >= window_years else Verdict.UNMET,
        Text(f"已成熟 {matured_years} 年，需 {window_years} 年", f"{matured_years} of {window_years} years matured"),
        matured_years,
        window_years,
        "years",
    )
    fine = first.verdict is Verdict.MET and second.verdict is Verdict.MET
    return Decision("judge" if fine else "too_early", (first, second), at, facts={"matures_on": ripe})
