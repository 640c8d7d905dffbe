"""Running the fairness commands in one process."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from biaochi.mechanisms.fairness.cli import app


@pytest.fixture
def run() -> Callable[..., tuple[int, Any, str]]:
    """Return a function that runs a command: exit code, JSON of stdout (or text), stderr."""

    def call(*arguments: object, stdin: str | None = None) -> tuple[int, Any, str]:
        answer = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
        try:
            body = json.loads(answer.stdout)
        except ValueError:
            body = answer.stdout
        return answer.exit_code, body, answer.stderr

    return call
