"""Declared plans in use, and what they say, computed once for each state of them.

Plans in use: the shipped ones, and every document that was coded twice and published here.  Simulated documents of a
demonstration never enter: declared plans are real data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.tables import read_table, to_csv
from biaochi.mechanisms.layout import report
from biaochi.mechanisms.layout.decisions import decide_crowding
from biaochi.mechanisms.layout.files import load_plans, shipped
from biaochi.mechanisms.layout.files.tables import UNIVERSE
from biaochi.mechanisms.layout.model import Demand, local_parts, national_days, read_crowding
from biaochi.mechanisms.layout.model.plan_table import PlanTable
from biaochi.mechanisms.layout.web.models import DemandRange, PlanDocument, Reading
from biaochi.registry.regions import PROVINCES

DRAWS = 1000
SEED = 0
VERSION = 4  # raise it when what is computed changes
PACKAGE = "biaochi.mechanisms.layout"


@lru_cache(maxsize=1)
def _shipped() -> PlanTable:
    faults = Faults()
    found = load_plans(faults=faults)
    faults.check()
    return found


@lru_cache(maxsize=1)
def place_names() -> Mapping[str, Text]:
    """Return the provinces' names in both languages, by their name in the plans."""
    english = {code: en for code, _, en in PROVINCES}
    frame = read_table(shipped("provinces.csv"), UNIVERSE, extra="keep").frame
    return {
        str(r): Text(str(r), english.get(str(c), str(r))) for r, c in zip(frame["region"], frame["code"], strict=True)
    }


def plan_table() -> PlanTable:
    """Return the declared plans the pages rest on, with the demand ranges somebody gave."""
    base = _shipped()
    rows = [
        {
            "row": 0,
            "region": document.place,
            "level": document.level,
            "kind": "plan",
            "track": track,
            "wording": wording,
            "source": document.source,
            "date": document.dated,
            "evidence": "seen" if document.seen else "memory",
            "coverage": document.coverage,
        }
        for document in PlanDocument.objects.filter(state="published", simulated=False).order_by("pk")
        for track, wording in (document.first or {}).items()
    ]
    demands = {d.track: Demand(d.demand, d.demand_lo, d.demand_hi, d.capacity) for d in DemandRange.objects.all()}
    table = pd.concat([base.rows, pd.DataFrame(rows)], ignore_index=True) if rows else base.rows
    return replace(base, rows=table, demands={**base.demands, **demands})


def rules() -> Snapshot:
    """Return the layout's parameters in force today."""
    return load_parameters(PACKAGE).at(timezone.localdate())


def basis_of(table: PlanTable) -> str:
    """Return the digest of the plans, the tracks and the demand ranges of a reading."""
    demands = {t: [d.low, d.central, d.high, d.capacity] for t, d in sorted(table.demands.items())}
    return digest([VERSION, DRAWS, SEED, to_csv(table.rows), list(table.names), demands, list(table.universe or ())])


def crowding_reading(table: PlanTable) -> Any:
    """Return how crowded the plans are and why they are alike, against both nulls, with and without national tracks."""

    def compute() -> dict[str, object]:
        rng = np.random.default_rng(SEED)
        declared = table.stood(newest(table))
        found = read_crowding(
            declared,
            national=national_days(table.rows, declared.at),
            directions=table.directions,
            draws=DRAWS,
            rng=rng,
        )
        return report.crowding_page(found, table.demands, local_parts(found, draws=DRAWS, rng=rng), table.names)

    return Reading.once("crowding", basis_of(table), compute)


def counts(table: PlanTable) -> dict[str, Any]:
    """Return the counts of every track without random tables, quick enough for home and portal."""
    declared = table.stood(newest(table))
    national = national_days(table.rows, declared.at)
    named, possible = declared.named, declared.possible
    tracks = []
    for code in declared.tracks:
        n, most, demand = int(named[code]), int(possible[code]), table.demands.get(code)
        verdict = decide_crowding(code, n, most, demand, at=declared.at).outcome
        since = national.get(code)
        tracks.append({"track": code, "named": n, "possible": most, "national_since": since or "", "verdict": verdict})
    places = {t: [d.places_low, d.places_high] for t, d in table.demands.items()}
    return {
        "regions": {"universe": len(declared.universe)},
        "tracks": tracks,
        "places": places,
        "names": table.names,
    }


def newest(table: PlanTable) -> date:
    """Return the day of the newest document."""
    return table.newest or timezone.localdate()


def day_of(reading: Any) -> date:
    """Return the day a stored reading speaks of."""
    return date.fromisoformat(str(reading["at"]))


def pairs_of(reading: Any) -> pd.DataFrame:
    """Return the pairs of a stored reading as a table."""
    return pd.DataFrame(reading["pairs"], columns=["a", "b", "value"])
