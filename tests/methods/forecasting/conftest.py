"""Reference data and small series for the forecasting tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from biaochi.methods.forecasting.series import Series


@pytest.fixture(scope="session")
def golden(shared: Path) -> dict[str, Any]:
    """Return the published and recomputed reference values."""
    found: dict[str, Any] = json.loads((shared / "reference/foresight/foresight_published.json").read_text())
    return found


@pytest.fixture(scope="session")
def farmer_lafond(shared: Path) -> list[Series]:
    """Return the 66 cost series."""
    frame = pd.read_csv(shared / "data/c_tech_curves/owid_farmer_lafond_2016.csv")
    frame.columns = pd.Index(["technology", "year", "value"])
    groups = frame.sort_values("year").groupby("technology")
    return [Series(str(name), g["year"], g["value"]) for name, g in groups]


@pytest.fixture(scope="session")
def experience_curves(shared: Path) -> list[Series]:
    """Return the 76 yearly series with experience and at least eight points."""
    frame = pd.read_csv(shared / "data/c_tech_curves/ExpCurves.csv").sort_values("Year")
    found = []
    for name, g in frame.groupby("Tech"):
        if len(g) >= 8 and bool((np.diff(g["Year"]) == 1).all()):
            found.append(Series(str(name), g["Year"], g["Unit cost"], experience=g["Cumulative production"]))
    return found


@pytest.fixture(scope="session")
def simulated() -> list[Series]:
    """Return eight simulated series with experience, of different lengths."""
    rng = np.random.default_rng(7)
    found = []
    for i in range(8):
        n = 12 + 2 * i
        dx = rng.normal(0.3, 0.05, n - 1).clip(0.05)
        dy = -0.4 * dx + rng.normal(0, 0.1, n - 1)
        values = np.exp(np.concatenate([[0.0], np.cumsum(dy)]))
        grown = np.exp(np.concatenate([[0.0], np.cumsum(dx)]))
        found.append(Series(f"t{i}", np.arange(1990, 1990 + n), values, "cost", "u", "simulated", grown))
    return found
