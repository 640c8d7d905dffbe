"""Is a track crowded?  Places named against places the demand can carry; silence is never read as absence."""

from __future__ import annotations

from datetime import date

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.layout.model.menu import Demand

RULE = "crowding"


def decide_crowding(track: str, named: int, possible: int, demand: Demand | None, *, at: date) -> Decision:
    """Decide whether a track is ``crowded``, ``clear`` or ``unknown``.

    Crowded: even the high demand carries fewer places than regions have named.  Clear: even the low demand carries
    every region that has named it or may have.  Otherwise, or without a demand range, unknown.

    Parameters
    ----------
    track : str
        Code of the track.
    named, possible : int
        Regions that declared it; these and all whose state is unknown.
    demand : Demand or None
        Range of demand and the capacity of one place; ``None`` when nobody gave one (it is never invented).
    at : datetime.date
        Day of the decision.

    Examples
    --------
    >>> decide_crowding("quantum", 13, 30, Demand(5, 4, 8, 1), at=date(2026, 3, 5)).outcome
    'crowded'
    >>> decide_crowding("quantum", 13, 30, None, at=date(2026, 3, 5)).outcome
    'unknown'
    """
    facts: dict[str, Scalar] = {"track": track, "named": named, "possible": possible}
    if demand is None:
        text = Text(
            f"{named} 个地区已提出，至多 {possible} 个；未给出需求区间，不作判断",
            f"{named} regions named it, at most {possible}; no demand range was given, so no verdict",
        )
        return Decision("unknown", (Reason(RULE, Verdict.UNKNOWN, text, named),), at, facts=facts)
    low, high = demand.places_low, demand.places_high
    if high < named:
        outcome, verdict, threshold = "crowded", Verdict.UNMET, high
        text = Text(
            f"已有 {named} 个地区提出，需求取高值也只容 {high:.1f} 处",
            f"{named} regions named it; even the high demand carries only {high:.1f} places",
        )
    elif low >= possible:
        outcome, verdict, threshold = "clear", Verdict.MET, low
        text = Text(
            f"至多 {possible} 个地区会做，需求取低值也容 {low:.1f} 处",
            f"at most {possible} regions may do it; even the low demand carries {low:.1f} places",
        )
    else:
        outcome, verdict, threshold = "unknown", Verdict.UNKNOWN, high
        text = Text(
            f"已有 {named} 个、至多 {possible} 个地区提出，需求容 {low:.1f} 至 {high:.1f} 处，不能判定",
            f"{named} to {possible} regions, demand carries {low:.1f} to {high:.1f} places: not decided",
        )
    seen = possible if outcome == "clear" else named
    return Decision(outcome, (Reason(RULE, verdict, text, seen, threshold, "places"),), at, facts=facts)
