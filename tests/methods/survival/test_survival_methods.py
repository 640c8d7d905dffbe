"""Curves, causes, tests and proportions: goldens of the reference, naive twins, properties, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.methods.survival import (
    aalen_johansen,
    at_landmark,
    e_value,
    jeffreys,
    kaplan_meier,
    log_rank,
    mantel_haenszel,
    newcombe,
    risk_ratio,
    split_at_use,
    turnbull,
    wilson,
)

CASES = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2), st.integers(0, 3)), min_size=2, max_size=40)


@pytest.fixture(scope="session")
def goldens(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "reference" / "adoption" / "goldens.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def sbir(shared: Path) -> pd.DataFrame:
    """Phase I awards 1984–1996: years to the phase II award, censored at 4."""
    columns = ["phase", "year", "agency", "award_id", "phase2_award_id"]
    frame = pd.read_csv(shared / "data" / "d_projects" / "sbir_awards_1983_2018.csv.gz", usecols=columns)
    years = frame.drop_duplicates("award_id").set_index("award_id")["year"]
    first = frame[(frame["phase"] == 1) & frame["year"].between(1984, 1996)].copy()
    wait = first["phase2_award_id"].map(years) - first["year"]
    first["event"] = wait.notna() & (wait <= 4)
    first["time"] = wait.where(first["event"], 4.0)
    return first


@pytest.mark.reference
def test_sbir_waits_equal_the_goldens(goldens: dict[str, Any], sbir: pd.DataFrame) -> None:
    golden = goldens["sbir"]
    assert len(sbir) == golden["n"]
    curve = kaplan_meier(sbir["time"], sbir["event"])
    for t, value in golden["survival"].items():
        assert curve.at(float(t))[0] == pytest.approx(value, abs=1e-6)
    assert curve.at(2)[1:] == pytest.approx(golden["interval_2"], abs=1e-6)
    assert curve.at(4)[1:] == pytest.approx(golden["interval_4"], abs=1e-6)
    group = np.where(sbir["agency"].str.contains("Department of Defense"), "dod", "other")
    group = np.where(sbir["agency"].str.contains("National Aeronautics"), "nasa", group)
    two = group != "other"
    test = log_rank(sbir["time"][two], sbir["event"][two], group[two])
    assert test.chi2 == pytest.approx(golden["log_rank"]["chi2"], abs=1e-5)


@pytest.mark.reference
def test_firms_on_two_lists_equal_the_goldens(goldens: dict[str, Any], shared: Path) -> None:
    frame = pd.read_csv(shared / "data" / "g_firms" / "cn_PubFirmLeader.csv", dtype={"name": str})
    names = {y: set(g["name"].str.strip()) for y, g in frame.groupby("year")}
    golden = goldens["cohort_lists"]
    assert len(names[2023]) == golden["listed_2023"]
    assert len(names[2023] & names[2025]) == golden["both"]


@pytest.mark.reference
def test_kaplan_meier_and_its_interval_equal_the_goldens(goldens: dict[str, Any]) -> None:
    golden = goldens["kaplan_meier"]
    curve = kaplan_meier(golden["time"], golden["event"])
    for t, value in golden["survival"].items():
        assert curve.at(float(t))[0] == pytest.approx(value, abs=1e-6)
    for t, interval in golden["log_log_95"].items():
        assert curve.at(float(t))[1:] == pytest.approx(interval, abs=1e-6)


@pytest.mark.reference
def test_aalen_johansen_equals_the_goldens(goldens: dict[str, Any]) -> None:
    golden = goldens["aalen_johansen"]
    found = aalen_johansen(golden["time"], golden["cause"])
    for cause in (1, 2):
        for t, value in golden[f"incidence_{cause}"].items():
            assert found[cause].at(float(t))[0] == pytest.approx(value, abs=1e-6)


@pytest.mark.reference
def test_proportions_equal_the_goldens(goldens: dict[str, Any]) -> None:
    golden = goldens["proportions"]
    for estimate, name in (
        (wilson(1697, 1952), "wilson_1697_1952"),
        (wilson(360, 412), "wilson_360_412"),
        (newcombe((80, 100), (30, 100)), "newcombe_80_100_minus_30_100"),
        (jeffreys(3, 20), "jeffreys_3_20"),
    ):
        assert (estimate.low, estimate.high) == pytest.approx(golden[name], abs=1e-6)
    assert e_value(risk_ratio((80, 100), (30, 100)).value) == pytest.approx(golden["e_value_0.8_0.3"], abs=1e-6)


@given(CASES)
def test_kaplan_meier_equals_a_loop_with_late_entry(cases: list[tuple[int, int, int]]) -> None:
    time = np.array([a + c for a, _, c in cases], dtype=float)
    entry = np.array([c for _, _, c in cases], dtype=float)
    event = np.array([b > 0 for _, b, _ in cases])
    curve = kaplan_meier(time, event, entry=entry)
    value = 1.0
    for j, t in enumerate(curve.time):
        risk = int(((entry < t) & (time >= t)).sum())
        dead = int(((time == t) & event).sum())
        value *= 1 - dead / risk
        assert curve.at_risk[j] == risk
        assert curve.value[j] == pytest.approx(value)
    inside = np.isfinite(curve.low)
    assert (curve.low[inside] <= curve.value[inside] + 1e-12).all()
    assert (curve.value[inside] <= curve.high[inside] + 1e-12).all()


@given(CASES)
def test_causes_and_survival_add_up_to_one(cases: list[tuple[int, int, int]]) -> None:
    time = np.array([a for a, _, _ in cases], dtype=float)
    cause = np.array([b for _, b, _ in cases])
    curve = kaplan_meier(time, cause > 0)
    total = sum((i.value for i in aalen_johansen(time, cause).values()), np.zeros(curve.time.size))
    np.testing.assert_allclose(total + curve.value, 1.0, atol=1e-12)


@given(CASES)
def test_incidence_of_one_cause_has_the_interval_of_kaplan_meier(cases: list[tuple[int, int, int]]) -> None:
    time = np.array([a for a, _, _ in cases], dtype=float)
    cause = np.array([int(b > 0) for _, b, _ in cases])
    if not cause.any():
        return
    curve, found = kaplan_meier(time, cause == 1), aalen_johansen(time, cause)[1]
    inside = (curve.value > 0) & (curve.value < 1)
    np.testing.assert_allclose(found.low[inside], 1 - curve.high[inside], atol=1e-9)
    np.testing.assert_allclose(found.high[inside], 1 - curve.low[inside], atol=1e-9)


@given(CASES)
def test_log_rank_is_symmetric_and_one_stratum_is_none(cases: list[tuple[int, int, int]]) -> None:
    time = np.array([a for a, _, _ in cases], dtype=float)
    event = np.array([b > 0 for _, b, _ in cases])
    group = np.arange(len(cases)) % 2
    plain = log_rank(time, event, group)
    assert log_rank(time, event, 1 - group).chi2 == pytest.approx(plain.chi2, abs=1e-9)
    assert log_rank(time, event, group, strata=np.zeros(len(cases))).chi2 == pytest.approx(plain.chi2, abs=1e-9)
    assert 0 <= plain.p <= 1


def test_one_stratum_mantel_haenszel_is_the_plain_difference() -> None:
    assert mantel_haenszel([8], [10], [3], [12]).value == pytest.approx(0.8 - 0.25)


def test_mantel_haenszel_undoes_confounding_by_stratum() -> None:
    # Within each stratum no difference at all; pooled, the mix of strata feigns one (Simpson).
    pooled = mantel_haenszel([80, 1], [100, 10], [8, 10], [10, 100])
    assert pooled.value == pytest.approx(0.0)
    assert pooled.low < 0 < pooled.high


def test_use_that_starts_late_counts_as_without_until_then() -> None:
    parts = split_at_use([10.0, 10.0, 10.0], [1, 1, 0], [4.0, np.nan, 0.0])
    assert parts.case.tolist() == [0, 1, 2, 0]
    assert parts.time.tolist() == [4.0, 10.0, 10.0, 10.0]
    assert parts.entry.tolist() == [0.0, 0.0, 0.0, 4.0]
    assert parts.used.tolist() == [False, False, True, True]
    assert parts.event.sum() == 2


def test_a_landmark_drops_those_already_gone() -> None:
    found = at_landmark([1.0, 5.0, 8.0], [1, 1, 1], [0.5, 6.0, 2.0], 3.0)
    assert found.kept.tolist() == [False, True, True]
    assert found.used.tolist() == [False, True]
    assert found.time.tolist() == [2.0, 5.0]


@given(st.lists(st.tuples(st.integers(1, 8), st.booleans()), min_size=1, max_size=25))
def test_turnbull_of_known_ends_is_kaplan_meier(cases: list[tuple[int, bool]]) -> None:
    time = np.array([t for t, _ in cases], dtype=float)
    event = np.array([e for _, e in cases])
    if not event[time == time.max()].any():
        event[time == time.max()] = True
    curve = kaplan_meier(time, event)
    found = turnbull(time, np.where(event, time, np.inf))
    for j, t in enumerate(curve.time):
        if curve.events[j]:
            assert found.at(t)[0] == pytest.approx(curve.value[j], abs=1e-5)


def test_the_bounds_of_shares_hold_at_the_ends() -> None:
    assert wilson(0, 10).low == 0
    assert wilson(10, 10).high == 1
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    assert jeffreys(0, 5).low == 0
    assert np.isnan(risk_ratio((0, 5), (1, 5)).value)
    assert e_value(1.0) == 1.0
    assert e_value(0.5) == e_value(2.0)


def test_medians_are_reached_or_not() -> None:
    curve = kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0])
    assert curve.quantile() == 2
    assert kaplan_meier([1, 2, 3], [1, 0, 0]).quantile() == float("inf")
    low, high = curve.quantile_interval()
    assert low <= 2 <= high
    assert "2" in curve.explain("en")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kaplan_meier([1, 2], [1]), "one length"),
        (lambda: kaplan_meier([-1], [1]), "not negative"),
        (lambda: kaplan_meier([1, np.nan], [1, 1]), "finite"),
        (lambda: kaplan_meier([1], [1], entry=[2]), "entry"),
        (lambda: log_rank([1, 2], [1, 1], ["a", "a"]), "two groups"),
        (lambda: wilson(3, 2), "between 0 and trials"),
        (lambda: turnbull([2], [1]), "left"),
    ],
)
def test_wrong_input_says_what_is_wrong(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
