"""Sharing's part of one turn of the programme: overlaps, charges and use over the year of the turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.sharing.decisions.bookings import check_prices, utilisation
from biaochi.mechanisms.sharing.model import HOLDING, Resource
from biaochi.methods.matching import Conflict, conflicts


@dataclass(frozen=True)
class PartInputs:
    """Resources with whatever else the folder holds."""

    resources: Mapping[str, Resource]
    bookings: pd.DataFrame | None
    prices: pd.DataFrame | None


@dataclass(frozen=True)
class PartResult:
    """Use of each resource, stretches over capacity, and how many charges differ from the list or have no price."""

    use: tuple[Mapping[str, object], ...]
    overlaps: tuple[Conflict, ...]
    wrong_charges: int
    unpriced: int


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Count use from the first of January to the day of the turn; find overlaps and wrong charges."""
    if inputs.bookings is None:
        return PartResult((), (), 0, 0)
    start = datetime(turn.at.year, 1, 1)  # noqa: DTZ001 - the office's own time
    end = datetime(turn.at.year, turn.at.month, turn.at.day) + pd.Timedelta(days=1)  # noqa: DTZ001
    use = utilisation(inputs.resources, inputs.bookings, start, end)
    holding = inputs.bookings[inputs.bookings["status"].isin([s.value for s in HOLDING])].reset_index(drop=True)
    over = conflicts(holding, {name: r.capacity for name, r in inputs.resources.items()})
    if inputs.prices is None:
        return PartResult(tuple(use), tuple(over), 0, 0)
    checked = check_prices(inputs.bookings, inputs.prices)
    return PartResult(tuple(use), tuple(over), len(checked.wrong), len(checked.missing))
