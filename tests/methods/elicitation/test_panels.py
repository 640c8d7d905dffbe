"""Rounds of a panel: years, consensus, stability, attrition, IDEA, pools, scores; golden values and properties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.methods.elicitation.attrition import attrition
from biaochi.methods.elicitation.consensus import (
    ItemSpec,
    importance_index,
    kendall_w,
    krippendorff_alpha,
    summarise_round,
    weighted_median,
)
from biaochi.methods.elicitation.idea import combine_intervals, stretch
from biaochi.methods.elicitation.pool import pool_probabilities
from biaochi.methods.elicitation.realisation import (
    RealisationAnswer,
    median_year,
    panel_cdf,
    realisation_cdf,
    realisation_cdfs,
    score_realisation,
)
from biaochi.methods.elicitation.scoring import brier, reliability, shrunk_scores
from biaochi.methods.elicitation.stability import stability


@pytest.fixture(scope="module")
def golden(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "reference/foresight/foresight_published.json").read_text())["delphi"]
    return found


@pytest.mark.reference
def test_kendall_w(golden: dict[str, Any]) -> None:
    for case in golden["kendall_w"]:
        assert kendall_w(case["ranks_by_expert"]).w == pytest.approx(case["w"], abs=1e-9)


def test_kendall_w_is_not_fooled_by_orientation() -> None:
    with pytest.raises(ValueError, match="at least two"):
        kendall_w([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="every item"):
        kendall_w([[1.0, np.nan], [1.0, 2.0]])
    assert kendall_w(np.tile([1.0, 2, 3, 4, 5], (7, 1))).w == pytest.approx(1.0)


@pytest.mark.reference
def test_horizon_scan_cells(golden: dict[str, Any], shared: Path) -> None:
    frame = pd.read_csv(shared / "data/f_experts/iascs_horizon_scan_long.csv.gz")
    scale = {"Strongly disagree": 1.0, "Disagree": 2.0, "Neutral": 3.0, "Agree": 4.0, "Strongly agree": 5.0}
    known = frame[frame["score"] != "I don't know"]
    last = known.drop_duplicates(["coder", "technology", "criterion"], keep="last")
    scan = golden["iascs_horizon_scan"]
    assert len(known) - len(last) == scan["rows_dropped_as_repeats"]
    values = last["score"].map(lambda s: scale.get(s, 3.0))
    answers = pd.DataFrame(
        {"round": 1, "item": last["technology"] + "|" + last["criterion"], "version": 1, "value": values}
    )
    items = {i: ItemSpec(i, "likert", 1, 5, 4) for i in answers["item"].unique()}
    table = summarise_round(answers, items)
    cells = table[table["n"] >= 5]
    assert len(cells) == scan["cells"]
    assert int((cells["top_share"] >= 0.75).sum()) == scan["cells_top_box_at_least_75_percent"]
    assert int((cells["top_share"] <= 0.25).sum()) == scan["cells_top_box_at_most_25_percent"]


@pytest.mark.reference
def test_realisation_score(golden: dict[str, Any]) -> None:
    case = golden["realisation_score"]
    years = np.arange(case["survey_year"], case["resolved_in"] + 1)
    mass = {int(k): v for k, v in case["forecast_mass"].items() if k != "never"}
    cdf = np.array([sum(p for y, p in mass.items() if y <= year) for year in years])
    assert score_realisation(cdf, years.tolist(), None, 2032) == pytest.approx(case["score_if_not_realised"])
    assert score_realisation(cdf, years.tolist(), 2030, 2032) == pytest.approx(case["score_if_realised_2030"])


def test_realisation_points_and_tail() -> None:
    answer = RealisationAnswer(2028, 2030, 2035, 0.2, 2026)
    assert realisation_cdf(answer, [2026, 2027, 2028, 2030, 2035]) == pytest.approx([0, 0.04, 0.08, 0.4, 0.72])
    assert realisation_cdf(answer, [2040])[0] == pytest.approx(0.8 * (1 - 0.1 * np.exp(-4)))
    assert realisation_cdf(answer, [2500])[0] == pytest.approx(0.8)
    point = RealisationAnswer(2030, 2030, 2030, 0.0, 2026)
    assert realisation_cdf(point, [2029, 2030, 2031])[1:] == pytest.approx([1.0, 1.0])


@given(st.lists(st.integers(0, 40), min_size=3, max_size=3).map(sorted), st.floats(0, 1), st.integers(0, 2**31 - 1))
def test_realisation_cdfs_rise_and_stop_at_what_never_leaves(points: list[int], never: float, seed: int) -> None:
    del seed
    years = np.arange(2020, 2200)
    table = np.array([[2020.0 + p for p in points]])
    cdf = realisation_cdfs(table, np.array([never]), 2020, years)[0]
    assert np.all(np.diff(cdf) >= -1e-12)
    assert np.all(cdf <= 1 - never + 1e-12)


def test_panel_median_is_not_reached_below_one_half() -> None:
    years = np.arange(2026, 2060)
    doubtful = realisation_cdfs(np.array([[2028.0, 2030, 2035]]), np.array([0.6]), 2026, years)
    certain = realisation_cdfs(np.array([[2028.0, 2030, 2035]]), np.array([0.0]), 2026, years)
    assert median_year(panel_cdf(doubtful), years) is None
    assert median_year(panel_cdf(certain), years) == pytest.approx(2030)


def test_bad_years_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        RealisationAnswer(2028, 2030, 2035, 1.2, 2026)
    with pytest.raises(ValueError, match="cross"):
        RealisationAnswer(2031, 2030, 2035, 0.2, 2026)
    with pytest.raises(ValueError, match="cross"):
        RealisationAnswer(2025, 2030, 2035, 0.2, 2026)


def test_summaries_equal_pandas() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "round": rng.integers(1, 3, 600),
            "item": rng.choice(list("abc"), 600),
            "version": 1,
            "value": rng.integers(1, 6, 600).astype(float),
        }
    )
    frame.loc[rng.choice(600, 50, replace=False), "value"] = np.nan
    table = summarise_round(frame, {c: ItemSpec(c, "likert", 1, 5) for c in "abc"}).set_index(["round", "item"])
    slow = frame.groupby(["round", "item"])["value"]
    assert table["median"].to_numpy() == pytest.approx(slow.median().to_numpy())
    assert table["iqr"].to_numpy() == pytest.approx((slow.quantile(0.75) - slow.quantile(0.25)).to_numpy())
    assert table["top_share"].to_numpy() == pytest.approx(slow.apply(lambda v: (v.dropna() >= 4).mean()).to_numpy())
    assert table["skipped"].sum() == 50


def test_polarised_and_unanimous() -> None:
    two_camps = pd.DataFrame({"round": 1, "item": "a", "version": 1, "value": [1, 1, 1, 5, 5, 5, 3.0]})
    one = pd.DataFrame({"round": 1, "item": "b", "version": 1, "value": [4.0] * 5})
    table = summarise_round(pd.concat([two_camps, one]), {c: ItemSpec(c, "likert", 1, 5) for c in "ab"})
    assert table["polarised"].tolist() == [True, False]
    assert table["entropy"].tolist()[1] == 0
    assert table["iqr_share"].tolist()[1] == 0


def test_krippendorff_alpha_against_a_worked_example() -> None:
    # Krippendorff (2011), "Computing Krippendorff's alpha-reliability", four observers, twelve units.
    nan = np.nan
    table = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
        [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
    ]
    assert krippendorff_alpha(table, "nominal") == pytest.approx(0.743, abs=0.001)
    assert krippendorff_alpha(table, "ordinal") == pytest.approx(0.815, abs=0.001)
    assert krippendorff_alpha(table, "interval") == pytest.approx(0.849, abs=0.001)


def test_importance_with_familiarity() -> None:
    assert importance_index([5, 3, 2, 0]) == pytest.approx(82.5)
    assert np.isnan(importance_index([0, 0, 0, 0]))
    with pytest.raises(ValueError, match="four counts"):
        importance_index([1, 2])
    assert weighted_median([1, 2, 3], [4, 1, 1]) == 1
    assert weighted_median([1, 2, 3, 4], [1, 1, 1, 1]) == 2.5


def test_stability_is_of_the_same_experts() -> None:
    found = stability([1, 2, 3, np.nan, 5], [1, 2, 4, 4, 5])
    assert (found.n, found.share_changed) == (4, 0.25)
    assert 0.9 < found.kappa < 1
    assert stability([3, 3], [3, 3]).kappa == 1
    assert stability([np.nan], [1.0]).n == 0
    with pytest.raises(ValueError, match="same experts"):
        stability([1.0], [1.0, 2.0])


def test_attrition_finds_leavers_who_differ() -> None:
    rng = np.random.default_rng(0)
    first = pd.DataFrame(
        {
            "round": 1,
            "expert": [f"e{i}" for i in range(40)],
            "item": "a",
            "value": np.concatenate([rng.normal(3, 0.5, 30), rng.normal(1, 0.5, 10)]),
        }
    )
    second = first.iloc[:30].assign(round=2)
    found = attrition(pd.concat([first, second]), rng)[0]
    assert (found.stayers, found.leavers) == (30, 10)
    assert found.difference < -1
    assert found.p < 0.01
    assert np.isnan(attrition(pd.concat([first, first.assign(round=2)]), rng)[0].p)


@pytest.mark.reference
def test_enlight_panel(golden: dict[str, Any], shared: Path) -> None:
    folder = shared / "data/f_experts"
    rounds = [pd.read_excel(folder / f"enlight_delphi_Round{r}.xlsx") for r in (1, 2)]
    codes = [set(r.iloc[:, 1].dropna().astype(str).str.strip().str.upper()) for r in rounds]
    wanted = golden["enlight"]
    assert (len(rounds[0]), len(rounds[1])) == (wanted["respondents_round1"], wanted["respondents_round2"])
    if len(codes[0]) == wanted["respondents_round1"]:
        assert len(codes[0] & codes[1]) == wanted["linked_by_code"]


def test_idea_stretches_and_averages() -> None:
    stretched = stretch([2.0, 1.0], [5.0, 4.0], [9.0, 8.0], [0.5, 0.8])
    assert stretched[1] == pytest.approx([1, 4, 8])
    assert stretched[0] == pytest.approx([0.2, 5, 11.4])
    law = combine_intervals(stretched)
    assert 4 < law.median < 5
    alone = combine_intervals(stretched[1:])
    assert (alone.quantile(0.1), alone.median, alone.quantile(0.9)) == pytest.approx((1, 4, 8))
    assert combine_intervals(np.array([[2.0, 2.0, 2.0]])).median == 2
    with pytest.raises(ValueError, match="best"):
        stretch(5.0, 4.0, 9.0, 0.8)
    with pytest.raises(ValueError, match="confidence"):
        stretch(1.0, 4.0, 9.0, 0.0)


def test_pools_of_probabilities() -> None:
    p = [0.1, 0.3, 0.8]
    assert pool_probabilities(p) == pytest.approx(0.4)
    assert pool_probabilities(p, "median") == 0.3
    assert pool_probabilities(p, "odds") == pytest.approx(0.36522831784750603)
    assert pool_probabilities(p, "extremised") < pool_probabilities(p, "odds")
    assert pool_probabilities([0.0, 0.5], "odds") == 0.0
    with pytest.raises(ValueError, match=r"0\.\.1"):
        pool_probabilities([1.2])


def test_reliability_and_shrinkage() -> None:
    table = reliability([0.1, 0.15, 0.9, 0.95], [0, 0, 1, 0])
    assert table["n"].tolist() == [2, 2]
    assert table["frequency"].tolist() == [0.0, 0.5]
    assert brier([1.0], [0])[0] == 1
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(
        [(f"e{e}", f"i{i}", rng.normal()) for e in range(10) for i in range(6)], columns=["expert", "item", "score"]
    )
    pure = shrunk_scores(noise)
    assert pure["shrunk"].std() < 0.7 * pure["score"].std()
    skilled = noise.assign(score=noise["score"] + noise["expert"].str[1:].astype(float))
    assert shrunk_scores(skilled)["expert"].tolist() == [f"e{e}" for e in range(10)]
