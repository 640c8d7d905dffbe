"""The worked programme file, and a way to run commands."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from biaochi.mechanisms.fund.cli import app

WORKED: dict[str, Any] = {
    "schema": "biaochi.fund.programme/1",
    "stages": [{"code": "review", "cost": 1}, {"code": "pilot", "cost": 10}],
    "rounds": {"count": 3, "caps": [5, None, None]},
    "budget": 21,
    "payoff": {"kind": "coverage", "value": 100, "overlap": 0.3},
    "objective": {"return_value": 1, "discount": 1},
    "routes": [
        {
            "code": "a",
            "class_prior": [0.5, 0.5],
            "team_class": [[1], [1]],
            "pass": [[[0.2], [0.8]], [[0], [0.5]]],
            "coverage": 0.8,
            "teams": ["a1"],
        }
    ],
    "observations": [{"round": 1, "team": "a1", "outcome": "pass"}],
}


@pytest.fixture
def worked() -> dict[str, Any]:
    """Return the worked example of the specification."""
    return copy.deepcopy(WORKED)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[object], str]:
    """Return a writer of programme files."""

    def save(data: object) -> str:
        path = tmp_path / "p.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        return str(path)

    return save


@pytest.fixture
def fund() -> Callable[..., Result]:
    """Return a runner of ``biaochi fund``."""
    return lambda *words: CliRunner().invoke(app, [str(w) for w in words])
