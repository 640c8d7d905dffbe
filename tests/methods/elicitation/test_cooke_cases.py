"""Cooke's classical model: worked numbers, 57 real studies, and what optimised weights do out of sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.methods.elicitation.answers import QuantileAnswers, Seeds
from biaochi.methods.elicitation.cooke import (
    calibration_from_counts,
    combinations,
    combine_experts,
    cooke_scores,
    information_on,
    item_distributions,
    out_of_sample,
)
from biaochi.methods.elicitation.excalibur import FormatError, Realisations, missing, parse_dtt, parse_rls


def text_of(path: Path) -> str:
    """Read bytes as UTF-8, else one byte a character: the format is in fixed columns."""
    data = path.read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, tuple[QuantileAnswers, Realisations]]:
    folder = shared / "data/f_experts/cooke_cases"
    by_name = {p.name.lower(): p for p in folder.iterdir()}
    found = {}
    for name, path in sorted(by_name.items()):
        partner = by_name.get(name[:-4] + ".rls")
        if name.endswith(".dtt") and partner is not None:
            found[path.name] = (parse_dtt(text_of(path)), parse_rls(text_of(partner)))
    return found


@pytest.fixture(scope="module")
def golden(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "reference/foresight/foresight_published.json").read_text())["cooke"]
    return found


@pytest.mark.reference
def test_worked_calibration_and_information(golden: dict[str, Any]) -> None:
    for worked in golden["worked"]:
        counts = np.array(worked["counts_of_seeds_per_bin"], dtype=float)
        levels = worked.get("quantiles", [0.05, 0.5, 0.95])
        if "calibration" in worked:
            assert float(calibration_from_counts(counts, levels)) == pytest.approx(worked["calibration"], rel=1e-9)
    info = golden["information"]
    low, high = (np.array(float(v)) for v in info["intrinsic_range"])
    seen = information_on(np.array(info["quantile_values"], dtype=float), [0.05, 0.5, 0.95], low, high)
    assert float(seen) == pytest.approx(info["information_uniform"], rel=1e-12)


@pytest.mark.reference
def test_every_pair_is_read_and_scored(cases: dict[str, Any], golden: dict[str, Any]) -> None:
    assert len(cases) == golden["files"]["pairs"]
    for name, (answers, truth) in cases.items():
        scores = cooke_scores(answers, truth.seeds, excalibur=True)
        assert np.all((scores.calibration >= 0) & (scores.calibration <= 1)), name
        assert np.all(scores.information > 0), name
        made = combinations(answers, truth.seeds, excalibur=True)
        best, plain = made["performance"], made["unthresholded"]
        assert best.calibration * best.information >= plain.calibration * plain.information - 1e-12, name


@pytest.mark.reference
@pytest.mark.slow
def test_out_of_sample_equal_weights_cover_and_optimised_do_not(cases: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    tables = [out_of_sample(a, t.seeds, rng, splits=6) for a, t in cases.values() if len(a.levels) == 3]
    mean = pd.concat(tables).groupby("name")["coverage90"].mean()
    assert mean["equal"] >= 0.88
    assert mean["performance"] <= 0.80


def answers_of(values: list[list[list[float]]], scales: tuple[Any, ...] = ()) -> QuantileAnswers:
    n = len(values)
    return QuantileAnswers(
        tuple(f"e{i}" for i in range(n)),
        tuple(f"i{j}" for j in range(len(values[0]))),
        (0.05, 0.5, 0.95),
        np.array(values),
        scales,
    )


def test_bins_are_open_below_and_closed_above() -> None:
    answers = answers_of([[[1.0, 2.0, 3.0]] * 3])
    scores = cooke_scores(answers, Seeds({"i0": 1.0, "i1": 2.0, "i2": 3.0}))
    expected = calibration_from_counts(np.array([1.0, 1, 1, 0]), [0.05, 0.5, 0.95])
    assert scores.calibration[0] == pytest.approx(float(expected))


def test_missing_answers_count_only_for_those_who_answered() -> None:
    nothing = [np.nan, np.nan, np.nan]
    answers = answers_of([[[1.0, 2, 3], [1.0, 2, 3]], [[0.0, 5, 9], nothing]])
    seeds = Seeds({"i0": 2.5, "i1": 2.5})
    scores = cooke_scores(answers, seeds)
    assert scores.n_seeds.tolist() == [2, 1]
    pooled = combine_experts(answers, np.array([0.0, 1.0]))
    assert np.isfinite(pooled.values).all()  # the item only the other expert answered falls back on equal weights


def test_a_log_item_is_combined_in_logarithms() -> None:
    answers = answers_of([[[1.0, 10, 100]], [[1.0, 10, 100]]], ("log",))
    assert combine_experts(answers, np.ones(2)).values[0, 0] == pytest.approx([1, 10, 100])
    with pytest.raises(ValueError, match="not positive"):
        answers_of([[[-1.0, 10, 100]]], ("log",))
    with pytest.raises(ValueError, match="not positive"):
        cooke_scores(answers, Seeds({"i0": -3.0}))


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_a_pool_of_one_is_the_expert_and_pools_never_cross(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.sort(rng.normal(size=(n, 2, 3)).round(1), axis=2)
    answers = answers_of(values.tolist())
    alone = combine_experts(answers, np.eye(n)[0])
    assert alone.values[0] == pytest.approx(answers.values[0], abs=1e-9)
    pooled = combine_experts(answers, rng.uniform(0.1, 1, n), [0.01, 0.05, 0.3, 0.5, 0.9, 0.95, 0.99])
    assert np.all(np.diff(pooled.values, axis=2) >= 0)
    for law in item_distributions(answers, np.ones(n)).values():
        assert law.quantile(0.05) <= law.median <= law.quantile(0.95)


def test_pool_quantiles_solve_the_mean_of_distributions() -> None:
    answers = answers_of([[[0.0, 1, 2]], [[4.0, 5, 6]]])
    pooled = combine_experts(answers, np.array([1.0, 1.0]), [0.25, 0.5, 0.75])
    # Each expert holds half of the mass: the pool's quartiles lie near the experts' medians.
    assert pooled.values[0, 0, 0] == pytest.approx(1.0, abs=0.1)
    assert pooled.values[0, 0, 2] == pytest.approx(5.0, abs=0.1)


def test_calibrated_experts_score_uniformly_high() -> None:
    rng = np.random.default_rng(0)
    from_true = np.quantile(rng.normal(size=100_000), [0.05, 0.5, 0.95])
    values = np.tile(from_true, (1, 400, 1))
    answers = answers_of(values.tolist())
    seeds = Seeds({f"i{j}": float(v) for j, v in enumerate(rng.normal(size=400))})
    assert cooke_scores(answers, seeds).calibration[0] > 0.01
    narrow = answers_of((values * 0.2).tolist())
    assert cooke_scores(narrow, seeds).calibration[0] < 1e-6


def test_bad_answers_are_refused() -> None:
    with pytest.raises(ValueError, match="cross"):
        answers_of([[[3.0, 2.0, 1.0]]])
    with pytest.raises(ValueError, match="no item"):
        cooke_scores(answers_of([[[1.0, 2.0, 3.0]]]), Seeds({}))
    with pytest.raises(ValueError, match="four seeds"):
        out_of_sample(answers_of([[[1.0, 2.0, 3.0]]]), Seeds({"i0": 1.0}), np.random.default_rng(0))
    with pytest.raises(ValueError, match="levels"):
        QuantileAnswers(("e",), ("i",), (0.5, 0.5), np.zeros((1, 1, 2)))


def test_parsers_name_the_line() -> None:
    head = "* CLASS ASCII OUTPUT FILE. NQ=   3   QU=   5  50  95\n"
    row = "    1        A    1       Item one UNI  1.00000E+0000  2.00000E+0000  3.00000E+0000   text"
    found = parse_dtt(head + row + "\n\x1a")
    assert (found.experts, found.items, found.levels) == (("A",), ("Item one",), (0.05, 0.5, 0.95))
    with pytest.raises(FormatError, match="line 2"):
        parse_dtt(head + "nonsense here")
    with pytest.raises(FormatError, match="3 quantiles expected"):
        parse_dtt(head + "    1        A    1       Item one UNI  1.0  2.0")
    with pytest.raises(FormatError, match="header"):
        parse_dtt("no header")
    with pytest.raises(FormatError, match="line 1"):
        parse_rls("x")
    assert parse_rls("    1       Item one -9.99500E+0002 UNI  q").seeds.realisations == {}
    assert missing(-1000.0)
    assert not missing(-1000.1)
