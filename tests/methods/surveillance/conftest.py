"""The reference streams of the surveillance goldens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def _calm_then_bad() -> list[float]:
    z, tail = 9, []
    for _ in range(4000):
        z = (1103515245 * z + 12345) % 2**31
        tail.append(1.0 if z / 2**31 < 0.2 else 0.0)
    return [0.0] * 20_000 + tail


@pytest.fixture(scope="session")
def golden(shared: Path) -> dict[str, Any]:
    """Return every reference file of the folder by its stem; the stream given by recipe is built."""
    folder = shared / "reference" / "surveillance"
    found = {p.stem: json.loads(p.read_text()) for p in folder.glob("*.json")}
    found["alarm_times"]["streams"]["long_calm_then_bad"] = {"value": _calm_then_bad(), "exposure": None}
    return found
