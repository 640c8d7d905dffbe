"""The ASEM example of the reference outputs: framework, data, the example's method."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biaochi.methods.composite import Composite, Dataset, Framework, Method, read_coinr

EXAMPLE = [
    "denominate",
    {"impute": {"method": "group_mean", "by": "EurAsia_group"}},
    {"screen": {"min_available": 0.9}},
    {"treat": {"winmax": 5, "skew": 2.0, "kurtosis": 3.5, "then": "log_ct"}},
    {"normalise": {"method": "minmax", "to": [0, 100]}},
    {"weights": "declared"},
    {"aggregate": "arithmetic"},
]


@pytest.fixture(scope="session")
def golden(shared: Path) -> Callable[[str], pd.DataFrame]:
    """Return a reader of reference tables, indexed by unit where there is one."""

    def read(name: str) -> pd.DataFrame:
        frame = pd.read_csv(
            shared / "reference" / "composite" / f"{name}.csv", keep_default_na=False, na_values=["", "NaN"]
        )
        return frame.set_index("uCode") if "uCode" in frame else frame

    return read


@pytest.fixture(scope="session")
def asem(shared: Path) -> tuple[Framework, Dataset]:
    """Return the ASEM framework and data."""
    folder = shared / "reference" / "composite"
    return read_coinr(pd.read_csv(folder / "00_iMeta.csv"), pd.read_csv(folder / "00_iData.csv"), method=EXAMPLE)


@pytest.fixture(scope="session")
def example() -> list[object]:
    """Return the steps of the example."""
    return EXAMPLE


@pytest.fixture(scope="session")
def build(asem: tuple[Framework, Dataset]) -> Callable[..., Composite]:
    """Return a function that scores ASEM by a list of steps."""

    def run(steps: list[object]) -> Composite:
        return Method.from_steps(steps).fit(asem[1]).transform(asem[1])

    return run


@pytest.fixture(scope="session")
def apart() -> Callable[[pd.DataFrame, pd.DataFrame], float]:
    """Return the largest relative difference of two tables, matched by unit and code; missing cells must agree."""

    def measure(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
        mine = ours.set_index("unit").drop(columns="period") if "unit" in ours else ours
        codes = [c for c in theirs.columns if c in mine.columns]
        assert len(codes) >= min(len(theirs.columns), len(mine.columns))
        a = theirs[codes].to_numpy(dtype=float)
        b = mine.loc[theirs.index, codes].to_numpy(dtype=float)
        assert (np.isnan(a) == np.isnan(b)).all()
        return float(np.nanmax(np.abs(a - b) / np.maximum(1.0, np.abs(a))))

    return measure
