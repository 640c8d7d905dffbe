"""Past records under any guardrail: what it would have said, and when first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from biaochi.core.period import date_or_end
from biaochi.mechanisms.sandbox.decisions.points import Point, points_along
from biaochi.mechanisms.sandbox.model import Stream
from biaochi.methods.surveillance import Replay, Rule, replay


@dataclass(frozen=True)
class Run:
    """One stream under one guardrail.

    Parameters
    ----------
    stream, guardrail : str
        What was watched, by what.
    points : sequence of Point
        Along the record.
    cap : float or None
        What the estimate is held against; ``None`` for a method without a cap.
    threshold : float
        Limit of the statistic.
    alarm : int
        Reading of the first alarm (1-based), 0 for none.
    alarm_at : str
        Time of that reading, as written.
    statistic : float
        Statistic at that reading; without an alarm the largest reached.
    """

    stream: str
    guardrail: str
    points: Sequence[Point]
    cap: float | None
    threshold: float
    alarm: int
    alarm_at: str
    statistic: float


def run_of(stream: Stream, guardrail: str, rule: Rule, found: Replay | None = None) -> Run:
    """Return one stream under one guardrail; ``found`` is its replay, where it was already computed."""
    result = found if found is not None else replay(stream.values, rule, exposure=stream.exposure)
    alarm = int(result.alarm_index[0])
    also = (alarm,) if alarm else ()
    points = points_along(stream.values, stream.exposure, times_of(stream.at), rule, also=also)
    reached = next((p.statistic for p in points if alarm and p.readings == alarm), float(result.maximum[0]))
    at = stream.at[alarm - 1] if alarm else ""
    return Run(stream.name, guardrail, points, rule.cap, result.threshold, alarm, at, reached)


def times_of(at: Sequence[str]) -> list[datetime] | None:
    """Return the times of readings; a month means its end; ``None`` unless every reading has one.

    Examples
    --------
    >>> times_of(["2023-02"]), times_of(["", "2023"])
    ([datetime.datetime(2023, 2, 28, 0, 0)], None)
    """
    found = [_time(text) for text in at]
    known = [t for t in found if t is not None]
    return known if len(known) == len(found) else None


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.combine(date_or_end(text), time())
    except ValueError:
        return None
