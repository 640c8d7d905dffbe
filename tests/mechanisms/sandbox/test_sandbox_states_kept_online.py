"""The states the site keeps give what the whole record gives, under late, corrected, empty and repeated times."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from biaochi.mechanisms.sandbox.decisions import Arrivals, Row, Watch, advance, follow
from biaochi.methods.surveillance import Rule

RULES = (
    Rule("beta", cap=0.1, alpha=0.05),
    Rule("gamma", cap=0.3, alpha=0.05),
    Rule("e_detector", base="beta", kind="sr", cap=0.1, arl=50),
    Rule("hard", cap=0.5),
)


@st.composite
def arrivals(draw: st.DrawFn) -> list[Row]:
    """Return arrivals with unique keys: a revision follows the one before."""
    last: dict[tuple[int, int], int] = {}
    rows = []
    for _ in range(draw(st.integers(0, 40))):
        place = (draw(st.integers(0, 25)), draw(st.integers(0, 1)))
        revision = last.get(place, -1) + 1
        last[place] = revision
        value = draw(st.sampled_from([0.0, 0.0, 1.0, math.nan]))
        rows.append(Row(*place, revision, value, 1.0))
    return rows


@given(arrivals(), st.lists(st.integers(1, 7), max_size=20), st.sampled_from(RULES))
def test_states_equal_the_replay_of_the_whole_record(rows: list[Row], cuts: list[int], rule: Rule) -> None:
    (watch,) = (Watch.starting(rule),)
    done = 0
    for size in [*cuts, len(rows)]:
        batch, before = rows[done : done + size], rows[:done]
        (watch,) = advance([watch], batch, lambda before=before: before)
        done += len(batch)
    columns = [np.array([getattr(r, n) for r in rows]) for n in ("at", "seq", "revision", "value", "exposure")]
    at, seq, revision = (c.astype(np.int64) for c in columns[:3])
    value, exposure = (c.astype(float) for c in columns[3:])
    received = np.arange(len(rows), dtype=np.int64)
    whole = follow(Arrivals(at, received, seq, revision, value, exposure, np.full(len(rows), np.nan)), rule)
    assert watch.crossed == (whole.crossing is not None)
    assert watch.received.readings == int(whole.received.readings[0])
    assert (watch.corrected is not None) == whole.differ
    for seen, expected in zip(watch.log_e, (whole.received, whole.final), strict=True):
        assert seen == expected.statistic[0] or abs(seen - float(expected.statistic[0])) <= 1e-12 * max(1, abs(seen))


def test_a_version_judges_only_its_own_time() -> None:
    rule = Rule("hard", cap=0.5)
    first, second = Watch.starting(rule, None, 10), Watch.starting(rule, 10, None)
    before, after = advance([first, second], [Row(3, 0, 0, 0.0, 1.0), Row(12, 0, 0, 1.0, 1.0)], lambda: ())
    assert (before.received.readings, after.received.readings) == (1, 1)
    assert (before.crossed, after.crossed) == (False, True)
