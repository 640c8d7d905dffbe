"""Nulls keep their margins, parts sum, and the similarity of a known table is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from biaochi.methods.specialisation.crowding import benjamini_hochberg, decompose_crowding, jaccard, pair_shares
from biaochi.methods.specialisation.null_models import curveball, uniform_tables

tables = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8))


@given(tables, st.integers(0, 2**32 - 1))
def test_curveball_keeps_both_margins(table: np.ndarray, seed: int) -> None:
    for drawn in curveball(table, 3, np.random.default_rng(seed)):
        assert (drawn.sum(axis=0) == table.sum(axis=0)).all()
        assert (drawn.sum(axis=1) == table.sum(axis=1)).all()


@given(tables, st.integers(0, 2**32 - 1))
def test_uniform_tables_keep_portfolio_sizes(table: np.ndarray, seed: int) -> None:
    for drawn in uniform_tables(table, 3, np.random.default_rng(seed)):
        assert (drawn.sum(axis=1) == table.sum(axis=1)).all()


def test_curveball_reaches_every_table_of_its_margins_equally_often() -> None:
    """The 3 × 3 tables with all margins 1 are the six permutations."""
    drawn = curveball(np.eye(3, dtype=bool), 6000, np.random.default_rng(1))
    counts = pd.Series([tuple(t.argmax(axis=1)) for t in drawn]).value_counts()
    assert len(counts) == 6
    assert counts.between(880, 1120).all()


@given(tables, st.integers(0, 2**32 - 1))
def test_parts_sum_to_the_observed_value(table: np.ndarray, seed: int) -> None:
    parts = decompose_crowding(pd.DataFrame(table), draws=5, rng=np.random.default_rng(seed)).parts
    assert parts.size + parts.popular + parts.copying == pytest.approx(parts.observed, nan_ok=True)


@given(tables)
def test_jaccard_is_that_of_sets(table: np.ndarray) -> None:
    sets = [set(np.flatnonzero(row)) for row in table]
    for i, a in enumerate(sets):
        for j, b in enumerate(sets):
            expected = len(a & b) / len(a | b) if a | b else np.nan
            assert jaccard(table)[i, j] == pytest.approx(expected, nan_ok=True)


def test_copied_portfolios_are_found_beyond_popularity() -> None:
    rng = np.random.default_rng(3)
    original = rng.random((8, 30)) < 0.3
    copied = np.vstack([original, original])
    parts = decompose_crowding(pd.DataFrame(copied), draws=200, rng=rng).parts
    assert parts.copying > 0
    assert parts.popularity.p < 0.01


def test_shares_of_coinciding_choices() -> None:
    plans = pd.DataFrame({"x": [1, 1, 1], "y": [1, 1, 0], "z": [0, 0, 0]}, dtype=bool)
    assert pair_shares(plans).to_dict() == {"x": 0.75, "y": 0.25, "z": 0.0}


def test_false_discovery_rates_are_those_of_benjamini_and_hochberg() -> None:
    p = np.array([0.04, 0.001, np.nan, 0.03, 0.5])
    assert benjamini_hochberg(p) == pytest.approx([0.16 / 3, 0.004, np.nan, 0.16 / 3, 0.5], nan_ok=True)


def test_a_single_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="two draws"):
        decompose_crowding(pd.DataFrame(np.eye(2, dtype=bool)), draws=1, rng=np.random.default_rng(0))


def test_one_region_has_nothing_to_be_like() -> None:
    parts = decompose_crowding(pd.DataFrame([[True]]), draws=2, rng=np.random.default_rng(0)).parts
    assert np.isnan(parts.observed)
    assert np.isnan(parts.popularity.p)
