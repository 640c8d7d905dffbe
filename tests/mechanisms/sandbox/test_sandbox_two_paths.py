"""The two paths against a slow, obvious twin that starts afresh at every arrival."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.mechanisms.sandbox.decisions import Arrivals, follow
from biaochi.methods.surveillance import Rule, start, update

RULES: dict[str, dict[str, Any]] = {
    "beta": {"method": "beta", "cap": 0.2, "alpha": 0.2},
    "gamma": {"method": "gamma", "cap": 0.4, "alpha": 0.2, "min_data": 3},
    "betting": {"method": "betting", "cap": 0.4, "alpha": 0.3, "range": [0, 3]},
    "cusum": {"method": "cusum", "mu0": 0.5, "sigma": 1, "k": 0.2, "h": 2},
    "sr": {"method": "e_detector", "base": "beta", "kind": "sr", "cap": 0.2, "arl": 20},
    "hard": {"method": "hard", "cap": 1.5},
}
ROW = st.tuples(
    st.integers(0, 8),  # own time
    st.integers(0, 3),  # lateness of the first version
    st.sampled_from([0.0, 0.0, 1.0, 2.0, None]),
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from([0.0, 1.0, 2.0, None])), max_size=2),
)


def arrivals(rows: list[Any]) -> Arrivals:
    """Return rows with unique keys in order of arrival."""
    lines, seen = [], set()
    for seq, (at, late, value, corrections) in enumerate(rows):
        if (at, seq) in seen:
            continue
        seen.add((at, seq))
        received = at + late
        lines.append((received, at, seq, 0, value))
        for revision, (later, corrected) in enumerate(corrections, start=1):
            received += later
            lines.append((received, at, seq, revision, corrected))
    lines.sort(key=lambda x: x[:4])
    at, received, seq, revision = (np.array([x[i] for x in lines], dtype=np.int64) for i in (1, 0, 2, 3))
    value = np.array([np.nan if x[4] is None else x[4] for x in lines])
    return Arrivals(at, received, seq, revision, value, np.full(len(lines), 3.0), np.full(len(lines), np.nan))


def slow_twin(rows: Arrivals, rule: Rule) -> tuple[str, int, int] | None:
    """Return path, reading and arrival of the first alarm by starting both paths anew at every arrival."""
    for i in range(len(rows)):
        sofar = range(i + 1)
        first = [j for j in sofar if rows.revision[j] == 0 and not np.isnan(rows.value[j])]
        latest: dict[tuple[int, int], int] = {}
        for j in sofar:
            key = (int(rows.at[j]), int(rows.seq[j]))
            if key not in latest or rows.revision[j] > rows.revision[latest[key]]:
                latest[key] = j
        corrected = [latest[k] for k in sorted(latest) if not np.isnan(rows.value[latest[k]])]
        for path, order in (("received", first), ("corrected", corrected)):
            state = start(rule)
            for j in order:
                state = update(state, float(rows.value[j]), float(rows.exposure[j]))
            if state.alarm_index:
                return path, state.alarm_index, i
    return None


@pytest.mark.parametrize("name", RULES)
@given(rows=st.lists(ROW, min_size=1, max_size=14))
def test_paths_equal_the_slow_twin(name: str, rows: list[Any]) -> None:
    rule, arrived = Rule.from_mapping(RULES[name]), arrivals(rows)
    crossing = follow(arrived, rule).crossing
    found = None if crossing is None else (crossing.path, crossing.reading, crossing.arrival)
    assert found == slow_twin(arrived, rule)


@given(rows=st.lists(ROW, min_size=1, max_size=14))
def test_the_corrected_trace_ends_where_the_corrected_data_end(rows: list[Any]) -> None:
    rule, arrived = Rule.from_mapping(RULES["beta"]), arrivals(rows)
    followed = follow(arrived, rule, whole_trace=True)
    last = followed.corrected_trace[-1]
    if followed.final.readings[0]:
        assert last == pytest.approx(followed.final.statistic[0], abs=1e-12)


def test_orderly_rows_have_one_path() -> None:
    rows = arrivals([(t, 0, 1.0, []) for t in range(6)])
    followed = follow(rows, Rule.from_mapping(RULES["beta"]))
    assert not followed.differ
    assert followed.final is followed.received
