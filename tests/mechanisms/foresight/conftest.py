"""Running the commands of foresight on small files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from biaochi.mechanisms.foresight.cli import app

Run = Callable[..., tuple[Result, dict[str, Any]]]


@pytest.fixture
def run() -> Run:
    """Return a function that runs a command with ``--format json`` and gives the result and its document."""

    def call(*arguments: object) -> tuple[Result, dict[str, Any]]:
        result = CliRunner().invoke(app, [*(str(a) for a in arguments), "--format", "json"])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        document = json.loads(result.stdout) if result.stdout.strip().startswith("{") else {}
        return result, document

    return call


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file below a temporary folder."""

    def make(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


@pytest.fixture(scope="session")
def example() -> Path:
    """Return the example folder."""
    return Path(__file__).resolve().parents[3] / "examples" / "foresight"
