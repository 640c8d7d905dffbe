"""Declared plans as one reading: the rows, the tracks, and how they stood on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.mechanisms.layout.files.register import Register, Unrecorded
from biaochi.mechanisms.layout.files.tables import demands, read_plans, read_tracks, read_universe, records
from biaochi.mechanisms.layout.model.menu import Demand
from biaochi.mechanisms.layout.model.plans import Declarations, Documents, Level, declarations


@dataclass(frozen=True)
class PlanTable:
    """Declared plans of one level with everything needed to read them.

    Attributes
    ----------
    rows : DataFrame
        Every row of every level, as read.
    level : Level
        The level compared.
    names, directions : mapping
        Track code → its name; → its direction, in the order of the taxonomy.
    demands : mapping
        Demand ranges, only where somebody gave one.
    universe : tuple of str or None
        The regions asked about.
    """

    rows: pd.DataFrame
    level: Level
    names: Mapping[str, Text]
    directions: Mapping[str, str]
    demands: Mapping[str, Demand]
    universe: tuple[str, ...] | None

    @property
    def newest(self) -> date | None:
        """The day of the newest document."""
        return max((d for d in self.rows["date"] if d is not None), default=None)

    def stood(self, at: date, documents: Documents = Documents.LATEST) -> Declarations:
        """Return the declarations as they stood on a day."""
        return declarations(
            self.rows,
            at=at,
            level=self.level,
            tracks=list(self.names),
            universe=self.universe,
            documents=documents,
        )


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
