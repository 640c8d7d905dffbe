"""Distributions: quantiles, intervals, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.distribution import Distribution, Interval

numbers = st.floats(-1e9, 1e9)


@given(st.lists(numbers, min_size=1, max_size=60), st.floats(0, 1))
def test_sample_quantiles_are_type_seven(samples: list[float], level: float) -> None:
    expected = float(np.quantile(samples, level))
    assert Distribution.from_samples(samples).quantile(level) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(st.lists(numbers, min_size=2, max_size=30), st.floats(0.01, 0.98), st.floats(0.001, 0.01))
def test_wider_levels_give_wider_intervals(samples: list[float], level: float, more: float) -> None:
    d = Distribution.from_samples(samples)
    narrow, wide = d.interval(level), d.interval(level + more)
    assert wide.low <= narrow.low <= narrow.high <= wide.high


def test_quantiles_hold_at_the_ends() -> None:
    d = Distribution.from_quantiles({0.9: 4.0, 0.1: 1.0})
    assert (d.quantile(0), d.quantile(1), d.median) == (1.0, 4.0, 2.5)
    assert d.quantile(0.1) == 1.0


def test_a_point_has_no_width() -> None:
    d = Distribution.point(3)
    assert d.interval(0.9).width == 0
    assert 3 in d.interval(0.9)


def test_infinite_ends_do_not_become_nan() -> None:
    d = Distribution((0.1, 0.9), (float("inf"), float("inf")))
    assert d.quantile(0.5) == float("inf")


def test_intervals_overlap() -> None:
    assert Interval(0, 1, 0.9).overlaps(Interval(1, 2, 0.9))
    assert not Interval(0, 1, 0.9).overlaps(Interval(1.1, 2, 0.9))


def test_to_dict_is_what_results_carry() -> None:
    record = Distribution.from_quantiles({0.05: 0.0, 0.95: 1.0}).to_dict()
    assert record["median"] == pytest.approx(0.5)
    assert list(record["quantiles"]) == ["0.05", "0.25", "0.75", "0.95"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("levels", "values"),
    [
        ((), ()),
        ((0.5,), (1.0, 2.0)),
        ((1.5,), (1.0,)),
        ((0.5, 0.5), (1.0, 2.0)),
        ((0.5,), (float("nan"),)),
        ((0.1, 0.9), (2.0, 1.0)),
    ],
)
def test_what_is_no_distribution_is_refused(levels: tuple[float, ...], values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Distribution(levels, values)


@pytest.mark.parametrize("level", [-0.1, 1.1])
def test_a_level_is_a_probability(level: float) -> None:
    d = Distribution.point(1)
    with pytest.raises(ValueError, match="probability"):
        d.quantile(level)
    with pytest.raises(ValueError, match="confidence"):
        d.interval(level)
