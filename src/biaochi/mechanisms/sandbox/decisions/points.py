"""One guardrail along its record: estimate, interval and statistic after some of its readings, for a picture of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.surveillance import Rule, estimate, interval, settle

MOST_POINTS = 60
USUAL_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Point:
    """One guardrail after one of its readings; ``low`` and ``high`` are ``None`` for a method without an interval."""

    at: datetime | None
    readings: int
    estimate: float | None
    low: float | None
    high: float | None
    statistic: float


def points_along(
    values: NDArray[np.float64],
    exposure: NDArray[np.float64],
    at: Sequence[datetime] | None,
    rule: Rule,
    *,
    most: int = MOST_POINTS,
    also: Collection[int] = (),
) -> list[Point]:
    """Return how a guardrail stood after up to ``most`` of its readings, the first and the last among them.

    Parameters
    ----------
    values, exposure : array, shape (n,)
        Readings in order.
    at : sequence of datetime or None
        Their times; ``None`` when they have none.
    rule : Rule
        The guardrail; its interval is at level 1 − α, or .95 where it has no α.
    most : int
        Number of points.
    also : collection of int
        Readings (1-based) that are among them whatever their number.

    Examples
    --------
    >>> rule = Rule("beta", cap=0.1, alpha=0.05)
    >>> [p.readings for p in points_along(np.zeros(3), np.ones(3), None, rule)]
    [1, 2, 3]
    """
    n = len(values)
    ends = sorted({*(int(i) for i in np.linspace(1, n, min(most, n))), *also}) if n else []
    level = 1 - rule.alpha if rule.alpha is not None else USUAL_LEVEL
    found = []
    for end in ends:
        state = settle(values[:end], rule, exposure=exposure[:end])
        band = interval(state, level)
        low, high = (band.low, band.high) if band is not None else (None, None)
        when = at[end - 1] if at is not None else None
        found.append(Point(when, end, estimate(state), low, high, state.statistic))
    return found
