"""How long decisions took: intervals that cover, rounds that follow, and nothing said from too little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.programme.pace import LEAST, Interval, pace

DAYS = st.lists(st.floats(0.01, 400), min_size=LEAST, max_size=60)


@given(DAYS, st.data())
def test_the_median_lies_in_its_interval_and_the_share_in_its_own(days: list[float], data: st.DataObject) -> None:
    reasoned = data.draw(st.integers(0, len(days)))
    found = pace(days, reasoned)
    assert min(days) <= found.days.low <= found.days.middle <= found.days.high <= max(days)
    assert 0 <= found.reasoned.low <= found.reasoned.middle + 1e-12 <= found.reasoned.high + 1e-9 <= 1 + 1e-9
    rounds = found.rounds(2)
    assert rounds.low <= rounds.middle <= rounds.high


def test_intervals_of_the_median_cover_at_least_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(2000):
        found = pace(rng.exponential(10, 25).tolist(), 20)
        hits += found.days.low <= 10 * np.log(2) <= found.days.high
    assert hits / 2000 >= 0.89


def test_too_few_decisions_say_nothing() -> None:
    with pytest.raises(ValueError, match="say nothing of a pace"):
        pace([1.0] * (LEAST - 1), 1)


def test_rounds_are_whole_and_slow_work_has_none() -> None:
    assert pace([400.0] * 9, 9).rounds() == Interval(0, 0, 0)
    assert pace([10.0] * 9, 9).rounds(steps=3) == Interval(12, 12, 12)
