"""Declared plans of one level with everything needed to read them on any day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from biaochi.core.text import Text
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
