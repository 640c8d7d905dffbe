"""What all tests share: the place of the reference data, and small hypothesis budgets."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "biaochi", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("biaochi")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with reference data beside the project; tests that use it skip where it is absent."""
    if not (SHARED / "reference").is_dir():
        pytest.skip("reference data not beside the project")
    return SHARED
