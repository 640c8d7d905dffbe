"""Declared plans as one reading: the rows, the tracks, and how they stood on a day."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.mechanisms.layout.files.register import Register, Unrecorded
from biaochi.mechanisms.layout.files.tables import demands, read_plans, read_tracks, read_universe, records
from biaochi.mechanisms.layout.model.plan_table import PlanTable
from biaochi.mechanisms.layout.model.plans import Level


def load_plans(
    plans: Path | Source | None = None,
    tracks: Path | Source | None = None,
    universe: Path | None = None,
    level: Level = Level.PROVINCE,
    *,
    faults: Faults,
    register: Register | None = None,
) -> PlanTable:
    """Read declared plans and tracks, the shipped ones where none are given; faults go to ``faults``.

    Examples
    --------
    >>> found = load_plans(faults=Faults())
    >>> declared = found.stood(found.newest)
    >>> int(declared.named["quantum"]), int(declared.possible["quantum"])
    (13, 30)
    """
    call = register or Unrecorded()
    listed = read_tracks(call, tracks, faults)
    rows = records(listed)
    names = {str(r["track"]): Text(str(r["name_zh"]), str(r["name_en"])) for r in rows}
    everyone = read_universe(call, universe, level, faults)
    return PlanTable(
        read_plans(call, plans, list(names), everyone, level, faults),
        level,
        names,
        {str(r["track"]): str(r["direction"]) for r in rows},
        demands(listed),
        tuple(everyone) if everyone is not None else None,
    )
