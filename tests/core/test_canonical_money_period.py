"""One spelling for each value; money to the fen; periods and dates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.canonical import canonical_json, digest, instant, number, plain, sha256
from biaochi.core.money import shared_out, written, yuan
from biaochi.core.period import Period, add_months, add_years, date_or_end

scalars = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(scalars, lambda s: st.lists(s, max_size=4) | st.dictionaries(st.text(), s, max_size=4))


@given(values)
def test_canonical_json_is_stable_and_reads_back(value: object) -> None:
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers()))
def test_key_order_does_not_matter(value: dict[str, int]) -> None:
    assert digest(dict(reversed(value.items()))) == digest(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_without_exponent(value: float) -> None:
    text = number(value)
    assert float(text) == value
    assert "e" not in text.lower()


class Colour(StrEnum):
    RED = "red"


@dataclass
class Point:
    x: float
    y: Colour


def test_every_type_has_one_form() -> None:
    assert plain(Point(0.5, Colour.RED)) == {"x": "0.5", "y": "red"}
    assert plain({Colour.RED: {3, 1}}) == {"red": [1, 3]}
    assert plain(Fraction(1, 3)) == "1/3"
    assert plain(-0.0) == "0"
    assert plain(date(2026, 1, 2)) == "2026-01-02"
    assert plain(datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=8)))) == "2026-01-02T00:00:00.000000Z"
    assert sha256(b"a") == sha256("a")


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        plain(object())
    with pytest.raises(TypeError, match="no canonical form"):
        plain(Point)
    with pytest.raises(ValueError, match="finite"):
        number(float("inf"))
    with pytest.raises(ValueError, match="time zone"):
        instant(datetime(2026, 1, 1))  # noqa: DTZ001


def test_instants_sort_as_text() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert instant(early) < instant(late)


@given(st.decimals(0, 10**9, places=2), st.lists(st.integers(0, 100), min_size=1, max_size=9))
def test_sharing_out_loses_no_fen(total: Decimal, weights: list[int]) -> None:
    if sum(weights) == 0:
        with pytest.raises(ValueError, match="positive"):
            shared_out(total, weights)
        return
    parts = shared_out(total, weights)
    assert sum(parts) == total
    assert all(p >= 0 for p in parts)
    exact = [total * w / sum(weights) for w in weights]
    assert all(abs(p - e) < Decimal("0.01") for p, e in zip(parts, exact, strict=True))


def test_money_is_never_a_float() -> None:
    with pytest.raises(TypeError, match="never a float"):
        yuan(0.1)  # type: ignore[arg-type]
    for bad in ("abc", "NaN", "Infinity"):
        with pytest.raises(ValueError, match="not an amount"):
            yuan(bad)
    assert written(yuan("1.005")) == "1.01"
    assert written(yuan(3)) == "3.00"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2024", date(2024, 12, 31)),
        ("2024-Q1", date(2024, 3, 31)),
        ("2024-02", date(2024, 2, 29)),
    ],
)
def test_periods_end_on_their_last_day(text: str, end: date) -> None:
    assert Period.parse(text).end == end
    assert Period.parse(text).code == text
    assert date_or_end(text) == end


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2024-Q5", "2024-1", "2024-01-01x"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="period"):
        Period.parse(text)


@given(st.sampled_from(["2024", "2024-Q2", "2024-11"]), st.integers(-50, 50), st.integers(-50, 50))
def test_shifting_adds_up(text: str, a: int, b: int) -> None:
    period = Period.parse(text)
    assert period.shift(a).shift(b) == period.shift(a + b)
    assert period.shift(1) > period
    assert period.start <= period.end


def test_years_and_months_later() -> None:
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_years(date(2024, 3, 1), -1) == date(2023, 3, 1)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert date_or_end("2024-05-06") == date(2024, 5, 6)
