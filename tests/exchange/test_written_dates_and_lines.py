"""Dates as written, and the line of a path in a YAML text."""

from __future__ import annotations

from datetime import date

from biaochi.exchange.source import Source
from biaochi.exchange.structured import line_numbers, read_data

TEXT = "a: 2026-01-01\nb:\n- at: 2025-12-20T09:00:00\n  n: 0.020\n"


def test_dates_stay_as_written_only_when_asked() -> None:
    source = Source("a.yaml", TEXT.encode())
    assert read_data(source, written_dates=True)[0] == {
        "a": "2026-01-01",
        "b": [{"at": "2025-12-20T09:00:00", "n": 0.02}],
    }
    assert read_data(source)[0]["a"] == date(2026, 1, 1)


def test_lines_of_paths_and_of_their_parents() -> None:
    line = line_numbers(TEXT)
    assert (line(("b", 0, "n")), line(("b", 0, "missing")), line(())) == (4, 3, 1)
