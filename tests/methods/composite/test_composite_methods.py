"""Single methods: along time, EM, long cycles, gaming, frontier, peers, links; executors change no digit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
import yaml

from biaochi.methods.composite import (
    Dataset,
    Framework,
    Plan,
    benefit_of_doubt,
    peers,
    rank_confidence_sets,
    replay,
)
from biaochi.methods.composite.bod import order_m
from biaochi.methods.composite.chain import link
from biaochi.methods.composite.errors import CompositeError
from biaochi.methods.composite.frontier import distance, pace, years_to
from biaochi.methods.composite.gaming import (
    bunching,
    cusum,
    gain_concentration,
    growth_split,
    heaping,
    reporting_advantage,
    worst_case,
)
from biaochi.methods.composite.importance import main_effect
from biaochi.methods.composite.impute import along_time, em_normal
from biaochi.methods.composite.long_cycle import kaplan_meier, median_survival, shrunk_rate, stock, window_rows
from biaochi.methods.composite.weights import ahp_weights, budget_weights

NAN = float("nan")


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("constant", [2, 2, 2, 8, 8]),
        ("linear", [2, 2, 5, 8, 8]),
        ("linear_constant", [2, 2, 5, 8, 8]),
        ("latest", [NAN, 2, 2, 8, 8]),
    ],
)
def test_along_time(method: str, expected: list[float]) -> None:
    cube = np.array([NAN, 2, NAN, 8, NAN])[None, :, None]
    assert np.array_equal(along_time(cube, method)[0, :, 0], expected, equal_nan=True)


def test_one_point_and_a_limit_on_looking_back() -> None:
    cube = np.array([NAN, 2, NAN, NAN])[None, :, None]
    assert np.isnan(along_time(cube, "linear")[0, [0, 2, 3], 0]).all()
    assert along_time(cube, "linear_constant")[0, :, 0].tolist() == [2, 2, 2, 2]
    assert np.array_equal(along_time(cube, "latest", 1)[0, :, 0], [NAN, 2, 2, NAN], equal_nan=True)


def test_em_uses_what_the_other_indicators_say() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    table = np.stack([x, 2 * x + 0.1 * rng.normal(size=200), rng.normal(size=200)])
    holed = table.copy()
    holed[1, :40] = NAN
    filled = em_normal(holed[None])[0]
    error, naive = np.abs(filled[1, :40] - table[1, :40]).mean(), np.abs(table[1, :40]).mean()
    assert error < 0.3 * naive
    assert np.array_equal(filled[1, 40:], table[1, 40:])
    drawn = em_normal(holed[None], rng.standard_normal((1, 3, 200)))[0]
    assert np.abs(drawn[1, :40] - filled[1, :40]).max() > 0


def test_long_cycles() -> None:
    curve = kaplan_meier([1, 2, 2, 3], [True, True, False, False])
    assert curve["survival"].tolist() == pytest.approx([0.75, 0.5])
    assert median_survival([1, 2, 2, 3], [True, True, False, False]) == 2
    assert np.isnan(median_survival([1, 2], [False, False]))
    assert stock([10, 10], depreciation=0.1, lag=1).tolist() == [0, 10]
    assert shrunk_rate(0, 0, a=1, b=4) == 0.25
    assert window_rows(["2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4", "2021-Q1"], 1)[4] == [4]
    with pytest.raises(ValueError, match="depreciation"):
        stock([1], depreciation=2)
    with pytest.raises(ValueError, match="counts"):
        shrunk_rate(3, 2, a=1, b=2)


def test_gaming_tests_see_what_they_should_and_no_more() -> None:
    rng = np.random.default_rng(2)
    assert heaping(np.round(rng.uniform(100, 1000, 60) / 5) * 5) < 1e-6
    assert heaping(np.round(rng.uniform(100, 1000, 400))) > 0.01
    assert np.isnan(heaping(np.arange(5.0)))
    honest = rng.uniform(90, 110, 200)
    assert bunching(honest, 100) > 0.01
    assert bunching(np.where((honest > 97) & (honest < 100), 100.5, honest), 100) < 0.01
    assert gain_concentration(np.array([5.0, 0, -1])) == 1
    assert np.isnan(gain_concentration(np.array([-1.0])))
    assert reporting_advantage(100, 5) == 20
    assert np.isnan(reporting_advantage(None, 5))
    top, bottom = growth_split(np.array([[100.0], [100.0]]), np.array([[10.0], [8.0]]))
    assert (top + bottom).tolist() == pytest.approx([np.log(10 / 8)])
    assert worst_case(np.array([2.0]), np.array([11.0]), 0.1).tolist() == pytest.approx([2.0])
    assert cusum(np.full(8, 2.0), np.zeros(8), scale=1.0).alarm == 2
    assert cusum(rng.normal(size=8) * 0.1, np.zeros(8), scale=1.0).alarm == -1


def test_frontier_pace_and_years() -> None:
    assert distance(5, 5, 5) != distance(5, 5, 5)
    assert pace(np.array([1.0, 2.0, 4.0])) == 1.5
    assert np.isnan(years_to(10, 20, -1))
    assert years_to(20, 10, -1) == 0


def test_peers_never_look_at_scores_and_cope_with_gaps() -> None:
    context = pd.DataFrame({"size": ["1", "2", "", "9"], "zone": ["a", "a", "b", None]}, index=list("abcd"))
    found = peers(context, "a", k=3)
    assert found["unit"].tolist()[0] == "b"
    assert len(found) == 3


def test_links_of_two_baskets() -> None:
    old = np.array([10.0, 20.0, 30.0])
    found = link(old, 2 * old, old, 2.2 * old)
    assert found.factor == pytest.approx(2)
    assert found.overlap_correlation == pytest.approx(1)
    assert found.drift == pytest.approx(np.log(1.1))


def test_order_m_is_kinder_than_the_full_frontier() -> None:
    rng = np.random.default_rng(0)
    y = rng.uniform(0.2, 1, (15, 3))
    full = benefit_of_doubt(y).scores
    assert (order_m(y, m=5, draws=20, rng=rng) >= full - 1e-9).all()
    with pytest.raises(ValueError, match="not negative"):
        benefit_of_doubt(-y)
    with pytest.raises(ValueError, match="shares"):
        benefit_of_doubt(y, share=(0.5, 0.6))


def test_main_effect_of_curves_and_noise() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 200)
    assert main_effect(x, x**2) > 0.95
    assert main_effect(x, rng.normal(size=200)) < 0.2
    assert np.isnan(main_effect(x[:5], x[:5]))


def test_judgements_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="reciprocal"):
        ahp_weights(np.array([[1, 2], [2, 1]]))
    with pytest.raises(ValueError, match="points"):
        budget_weights(np.array([[0.0, 0.0]]), rng=np.random.default_rng(0))
    weights, draws = budget_weights(np.array([[30.0, 70], [50, 50]]), rng=np.random.default_rng(0), resamples=50)
    assert weights.tolist() == pytest.approx([0.4, 0.6])
    assert draws.sum(1) == pytest.approx(np.ones(50))


def test_rank_sets_need_a_covariance() -> None:
    with pytest.raises(ValueError, match="covariance"):
        rank_confidence_sets(np.ones(3), np.ones((2, 2)), rng=np.random.default_rng(0))


def test_the_shipped_framework_is_sound() -> None:
    text = (files("biaochi.data") / "ruler" / "framework.yaml").read_text(encoding="utf-8")
    framework = Framework.from_mapping(yaml.safe_load(text))
    assert len(framework.leaves) == 58
    assert framework.by_code["B4"].band == (0.2, 0.5)
    assert framework.by_code["F9"].band == (0.6, 0.9)
    assert [n.code for n in framework.nodes if n.polarity and not n.scored] == ["F1"]
    assert framework.effective_weights["A1"] == pytest.approx(1 / 64)
    again = Framework.from_mapping(yaml.safe_load(text))
    assert framework.digest == again.digest


@pytest.mark.reference
def test_executors_change_no_digit(asem: tuple[Framework, Dataset]) -> None:
    framework, dataset = asem
    assert framework.method is not None
    noisy = replace(dataset, se=0.05 * np.abs(np.nan_to_num(dataset.values)))
    factors = {
        "observations": {"noise": "se", "draws": 1000},
        "treat.winmax": {"choice": [0, 5]},
        "weights": {"scale": 0.25, "levels": [1, 2, 3], "draws": 64},
    }
    plan = Plan.from_mapping({"factors": factors}, seed=4)
    design = plan.sample(200, rng=np.random.default_rng(0))
    one = replay(framework.method, noisy, plan, design).scores
    with ThreadPoolExecutor(2) as pool:
        two = replay(framework.method, noisy, plan, design, executor=pool, chunk_bytes=200_000).scores
    assert np.array_equal(one, two)


def test_negative_scores_under_entropy_are_a_fault() -> None:
    tree = Framework.from_mapping(
        {
            "code": "T", "version": "1", "name": "T",
            "nodes": [{"code": "T", "name": "T"}]
            + [{"code": c, "name": c, "parent": "T", "polarity": "positive"} for c in "ab"],
            "method": [{"normalise": "zscore"}, {"weights": "entropy"}, {"aggregate": "arithmetic"}],
        }
    )  # fmt: skip
    rows = [(f"u{u}", c, "2024", float(u * (2 if c == "a" else 3) % 7)) for u in range(6) for c in "ab"]
    data = Dataset.from_long(pd.DataFrame(rows, columns=["unit", "indicator", "period", "value"]), tree)
    assert tree.method is not None
    with pytest.raises(CompositeError, match="nonpositive"):
        tree.method.fit(data)
