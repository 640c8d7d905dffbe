"""Running the layout's commands, and the small tables its tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from biaochi.mechanisms.layout.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Return a function that runs ``biaochi layout …`` and gives the result."""
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(a) for a in arguments])


@pytest.fixture
def answer(run: Run) -> Callable[..., dict[str, Any]]:
    """Return a function that runs a verb, expects success and gives its JSON."""

    def ask(*arguments: object) -> dict[str, Any]:
        result = run(*arguments, "--format", "json")
        assert result.exit_code == 0, result.stderr
        return dict(json.loads(result.stdout))

    return ask


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file of the test's folder."""

    def put(name: str, text: str) -> Path:
        place = tmp_path / name
        place.write_text(text, encoding="utf-8")
        return place

    return put
