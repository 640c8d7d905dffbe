"""The how-to's example room works as written: one folder and one line are all a mechanism needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

WALK = Path(__file__).parent / "example_room_walk.py"


def test_the_example_room_of_the_how_to_works(run_in_example: Callable[..., str]) -> None:
    assert "walked" in run_in_example("-W", "ignore", str(WALK))


def test_the_api_of_the_example_room_works(run_in_example: Callable[..., str]) -> None:
    assert "called" in run_in_example("-W", "ignore", str(WALK.with_name("example_api_walk.py")))


@pytest.mark.slow
def test_two_thousand_hostile_requests_break_nothing(run_in_example: Callable[..., str]) -> None:
    assert "survived" in run_in_example("-W", "ignore", str(WALK.with_name("example_hostile_walk.py")))
