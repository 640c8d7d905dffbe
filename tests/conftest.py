"""What all tests share: the place of the reference data, a PostgreSQL of their own, and small hypothesis budgets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.throwaway_postgres import throwaway_postgres, tools
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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a throw-away PostgreSQL on a socket of its own; give its address; stop it at the end."""
    if tools() is None:
        pytest.skip("PostgreSQL is not installed")
    with throwaway_postgres() as address:
        yield address
