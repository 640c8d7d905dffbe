"""Who is selected by a scene's published rule: points times weights, a soft reserve for start-ups, ties to a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.scene.model import Scene


def select_firms(
    scene: Scene, scores: Mapping[str, Mapping[str, float]], *, at: date, startups: Collection[str] = ()
) -> Decision:
    """Select firms by the scene's published rule.

    Parameters
    ----------
    scene : Scene
        With ``rule``, ``slots`` and ``reserved``.
    scores : mapping
        Firm → criterion code → points 0..1; a firm with a criterion missing cannot be ranked and is listed so.
    at : datetime.date
        Day of the decision.
    startups : collection of str
        Firms that may take a reserved slot.  The reserve is soft: start-ups first, what they leave goes to anyone
        (Hafalir, Yenmez and Yildirim 2013, doi:10.3982/TE1135).

    Returns
    -------
    Decision
        ``outcome`` is ``selected`` or ``manual_review`` (firms tie for the last slot, or one cannot be ranked); one
        reason a firm with its total.

    Examples
    --------
    >>> scene = Scene("S", slots=2, reserved=1, rule=(("a", Decimal(1)),))
    >>> points = {"L1": {"a": 0.9}, "L2": {"a": 0.8}, "S1": {"a": 0.7}}
    >>> select_firms(scene, points, at=date(2026, 5, 1), startups={"S1"}).facts["selected"]
    'L1;S1'
    """
    totals = {firm: _total(scene, points) for firm, points in scores.items()}
    ranked = sorted((f for f, t in totals.items() if t is not None), key=lambda f: (-(totals[f] or 0), f))
    slots = scene.slots or 0
    reserved = min(scene.reserved, slots)
    young = frozenset(startups)

    def chosen_if(firm: str, *, last: bool) -> bool:
        """Whether a firm has a slot when it comes last, or first, among those with the same total."""
        order = sorted(ranked, key=lambda f: (-(totals[f] or 0), (f == firm) is last, f))
        return firm in _chosen(order, slots, reserved, young)

    sure = {f for f in ranked if chosen_if(f, last=True)}
    tied = {f for f in ranked if f not in sure and chosen_if(f, last=False)}
    selected = [f for f in ranked if f in sure]
    edge = min((totals[f] or Decimal(0) for f in (*selected, *tied)), default=None)
    first_ranked = set(ranked[:slots])
    reasons = tuple(
        _reason(f, totals[f], edge, f in sure, f in tied, f not in first_ranked)
        for f in [*ranked, *(f for f in totals if totals[f] is None)]
    )
    doubtful = bool(tied) or any(t is None for t in totals.values())
    facts: dict[str, Scalar] = {
        "scene": scene.scene,
        "slots": slots,
        "reserved": reserved,
        "selected": ";".join(selected) if not tied else "",
    }
    return Decision("manual_review" if doubtful else "selected", reasons, at, facts=facts)


def least_reserve(slots: int, parameters: Snapshot) -> int:
    """Return how many of some slots must go to start-ups first by the office's ``startup_share``, rounded up."""
    share = Decimal(str(parameters["startup_share"].value))
    return int((share * slots).to_integral_value(ROUND_CEILING))


def _total(scene: Scene, points: Mapping[str, float]) -> Decimal | None:
    if any(code not in points for code, _ in scene.rule):
        return None
    return sum((Decimal(str(points[code])) * weight for code, weight in scene.rule), Decimal(0))


def _chosen(order: Sequence[str], slots: int, reserved: int, young: Collection[str]) -> list[str]:
    """Return who has a slot: start-ups take the reserve in order, then everybody takes what is left."""
    first = [f for f in order if f in young][:reserved]
    rest = [f for f in order if f not in first]
    return [*first, *rest[: slots - len(first)]]


def _reason(firm: str, total: Decimal | None, edge: Decimal | None, sure: bool, tied: bool, by_reserve: bool) -> Reason:
    if total is None:
        verdict, text = Verdict.UNKNOWN, Text(f"{firm} 缺少评分", f"{firm} lacks points of a criterion")
    elif tied:
        verdict, text = Verdict.MANUAL_REVIEW, Text(f"{firm} 与他人并列", f"{firm} ties for the last slot")
    elif sure and by_reserve:
        verdict = Verdict.MET
        text = Text(f"{firm} 总分 {total}，占用预留给初创企业的名额", f"{firm} scores {total}, takes a reserved slot")
    else:
        verdict = Verdict.MET if sure else Verdict.UNMET
        text = Text(f"{firm} 总分 {total}", f"{firm} scores {total}")
    return Reason(f"rule:{firm}", verdict, text, total, edge, "points")
