"""What the pages of declared plans show, computed once from the plans in use and kept under their digest."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.canonical import digest
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.layout import report
from biaochi.mechanisms.layout.files import load_plans
from biaochi.mechanisms.layout.model import local_parts, national_days, read_crowding
from biaochi.mechanisms.layout.model.plan_table import PlanTable
from biaochi.mechanisms.layout.web.models import Reading

DRAWS = 1000
SEED = 0
VERSION = 1


def plan_table() -> PlanTable:
    """Return the declared plans the pages rest on."""
    faults = Faults()
    found = load_plans(faults=faults)
    faults.check()
    return found


def basis_of(table: PlanTable) -> str:
    """Return the digest of the plans, the tracks and the demand ranges of a reading."""
    demands = {t: [d.low, d.central, d.high, d.capacity] for t, d in sorted(table.demands.items())}
    return digest([VERSION, DRAWS, SEED, to_csv(table.rows), list(table.names), demands, list(table.universe or ())])


def crowding_reading(table: PlanTable) -> Any:
    """Return how crowded the plans are and why they are alike, against both nulls, with and without national tracks."""

    def compute() -> dict[str, object]:
        rng = np.random.default_rng(SEED)
        declared = table.stood(table.newest) if table.newest else None
        assert declared is not None, "a table of plans holds at least one dated document"
        found = read_crowding(
            declared,
            national=national_days(table.rows, declared.at),
            directions=table.directions,
            draws=DRAWS,
            rng=rng,
        )
        return report.crowding_page(found, table.demands, local_parts(found, draws=DRAWS, rng=rng), table.names)

    return Reading.once("crowding", basis_of(table), compute)


def day_of(reading: Any) -> date:
    """Return the day a stored reading speaks of."""
    return date.fromisoformat(str(reading["at"]))


def pairs_of(reading: Any) -> pd.DataFrame:
    """Return the pairs of a stored reading as a table."""
    return pd.DataFrame(reading["pairs"], columns=["a", "b", "value"])
