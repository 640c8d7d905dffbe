"""The cube of observations: period × unit × indicator, with a status, a standard error and a source row for each cell.

Missing is never zero.  A cell is observed, provisional, missing, not applicable (the indicator has no band yet) or
too early (its period has not matured); imputed cells arise later, in the pipeline, and are marked there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from biaochi.core.period import Period
from biaochi.core.text import Text
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.long_cycle import matured_on, window_rows, window_too_early
from biaochi.methods.composite.observations import LONG, context_of, melt_wide, sound_rows
from biaochi.methods.composite.status import MISSING, NOT_APPLICABLE, OBSERVED, PROVISIONAL, TOO_EARLY
from biaochi.methods.composite.tree import Tree


@dataclass(frozen=True)
class Dataset:
    """Observations arranged for a framework.

    Attributes
    ----------
    units, periods : tuple of str
        Row labels; periods in calendar order.
    values, se : ndarray, shape (P, U, I)
        Raw values (NaN = missing) and standard errors (0 when none was stated), indicators in ``framework.leaves``
        order.
    status : ndarray of int8, shape (P, U, I)
        Index into :data:`STATUS`.
    denominators : ndarray, shape (P, U, D)
        In ``framework.denominators`` order.
    records : DataFrame
        The observations used: one row a cell, with grade, source, vintage and file row.
    context : DataFrame
        Groups and context of units, indexed by unit.
    """

    framework: Tree
    units: tuple[str, ...]
    periods: tuple[str, ...]
    values: np.ndarray
    se: np.ndarray
    status: np.ndarray
    denominators: np.ndarray
    records: pd.DataFrame = field(repr=False)
    context: pd.DataFrame = field(repr=False)
    as_of: date | None = None

    @classmethod
    def from_long(
        cls,
        frame: pd.DataFrame,
        framework: Tree,
        *,
        units: pd.DataFrame | None = None,
        as_of: date | None = None,
        file: str = "observations.csv",
    ) -> Self:
        """Build from one row an observation (``unit, indicator, period, value`` and optional columns).

        Parameters
        ----------
        frame : DataFrame
            Cells may be text as read from a file; an optional column ``row`` gives file rows for messages.
        units : DataFrame or None
            Column ``unit`` and groups or context; when given, units outside it are faults.
        as_of : date or None
            Use vintages known by that day and mark periods not matured by then; ``None`` uses everything.

        Raises
        ------
        CompositeError
            With every fault found.
        """
        problems = Problems(file)
        found = cls.read_long(frame, framework, problems, units=units, as_of=as_of)
        problems.check()
        assert found is not None
        return found

    @classmethod
    def from_wide(
        cls,
        frame: pd.DataFrame,
        framework: Tree,
        *,
        units: pd.DataFrame | None = None,
        as_of: date | None = None,
        period: str = "",
        file: str = "observations.csv",
    ) -> Self:
        """Build from one row a unit (and period), one column an indicator or denominator.

        ``period`` serves when there is no such column; by default the year the framework takes effect.
        """
        problems = Problems(file)
        long = melt_wide(frame, framework, problems, period=period)
        found = cls.read_long(long, framework, problems, units=units, as_of=as_of)
        problems.check()
        assert found is not None
        return found

    @classmethod
    def read_long(
        cls,
        frame: pd.DataFrame,
        framework: Tree,
        problems: Problems,
        *,
        units: pd.DataFrame | None = None,
        as_of: date | None = None,
    ) -> Self | None:
        """Build as :meth:`from_long`, noting faults; faulty rows are left out, ``None`` when nothing is left."""
        for column in LONG:
            if column not in frame:
                problems.add("missing_column", row=1, column=column)
        if any(c not in frame for c in LONG):
            return None
        context = context_of(units)
        rows = sound_rows(frame, framework, problems, context if units is not None else None)
        known = rows if as_of is None else rows[rows["known_on"].isna() | (rows["known_on"] <= pd.Timestamp(as_of))]
        latest = known.sort_values("known_on", kind="stable", na_position="first")
        latest = latest.drop_duplicates(["unit", "indicator", "period"], keep="last").sort_index()
        if latest.empty:
            problems.add("no_data")
            return None
        return cls._arranged(latest.reset_index(drop=True), framework, context, as_of, problems)

    @classmethod
    def _arranged(
        cls, rows: pd.DataFrame, framework: Tree, context: pd.DataFrame, as_of: date | None, problems: Problems
    ) -> Self:
        periods = tuple(sorted(rows["period"].unique(), key=lambda p: Period.parse(p).start))
        seen = list(dict.fromkeys(rows["unit"]))
        units = tuple([u for u in context.index if u in set(seen)] + [u for u in seen if u not in context.index])
        leaves, bottoms = framework.leaves, tuple(d.code for d in framework.denominators)
        columns = (*leaves, *bottoms)
        where = (
            pd.Categorical(rows["period"], periods).codes.astype(int),
            pd.Categorical(rows["unit"], units).codes.astype(int),
            pd.Categorical(rows["indicator"], columns).codes.astype(int),
        )
        shape = (len(periods), len(units), len(columns))
        values, se = np.full(shape, np.nan), np.zeros(shape)
        status = np.full(shape, MISSING, dtype=np.int8)
        lines = np.zeros(shape, dtype=np.int64)
        values[where] = rows["value"]
        se[where] = rows["se"].fillna(0.0)
        status[where] = rows["code"]
        lines[where] = rows["row"]
        n = len(leaves)
        for p, u, d in np.argwhere(values[..., n:] == 0):
            used = [i for i, leaf in enumerate(leaves) if framework.by_code[leaf].denominator == bottoms[d]]
            if used and np.isfinite(values[p, u, used]).any():
                problems.add(
                    "denominator_zero", row=int(lines[p, u, n + d]), column="value", seen=f"{bottoms[d]}, {units[u]}"
                )
                values[p, u, n + d] = np.nan
        _mask(status, values, framework, periods, as_of)
        missing = np.isin(status[..., :n], (MISSING, NOT_APPLICABLE, TOO_EARLY))
        kept = np.where(missing, np.nan, values[..., :n])
        return cls(
            framework=framework,
            units=units,
            periods=periods,
            values=kept,
            se=np.where(missing, 0.0, se[..., :n]),
            status=status[..., :n],
            denominators=values[..., n:],
            records=rows,
            context=context.reindex(list(units)),
            as_of=as_of,
        )

    @cached_property
    def index(self) -> pd.MultiIndex:
        """Row labels (unit, period) in the order of every flattened array: period by period."""
        return pd.MultiIndex.from_tuples([(u, p) for p in self.periods for u in self.units], names=["unit", "period"])

    @cached_property
    def too_early(self) -> np.ndarray:
        """Cells that may not be judged yet, shape (P, U, I): not matured, or with a window that is not whole."""
        young = self.status == TOO_EARLY
        for i, leaf in enumerate(self.framework.leaves):
            years = self.framework.by_code[leaf].window_years
            if years > 1:
                young[..., i] = window_too_early(~young[..., i], window_rows(self.periods, years))
        return np.asarray(young & (self.status != NOT_APPLICABLE))

    def group(self, name: str) -> np.ndarray:
        """Return each unit's group label; raise ``group_missing`` when a unit has none."""
        problems = Problems("units.csv")
        if name not in self.context:
            problems.add("group_missing", column=name, seen=name)
            problems.check()
        labels = self.context[name]
        for unit, label in labels.items():
            if label is None or label != label or str(label) == "":
                problems.add("group_missing", column=name, seen=unit)
        problems.check()
        return labels.astype(str).to_numpy()

    def context_number(self, name: str) -> np.ndarray:
        """Return a context column as numbers, NaN where it is none."""
        return np.asarray(pd.to_numeric(self.context[name], errors="coerce"), dtype=float)

    def at(self, periods: Iterable[str]) -> Dataset:
        """Return the dataset of some periods only."""
        wanted = [p for p in self.periods if p in set(periods)]
        index = [self.periods.index(p) for p in wanted]
        return replace(
            self,
            periods=tuple(wanted),
            values=self.values[index],
            se=self.se[index],
            status=self.status[index],
            denominators=self.denominators[index],
            records=self.records[self.records["period"].isin(wanted)],
        )

    def counts(self) -> dict[str, int]:
        """Return how many units, periods, indicators and rows there are, and how many cells miss or are too early."""
        return {
            "units": len(self.units),
            "periods": len(self.periods),
            "indicators": len(self.framework.leaves),
            "rows": len(self.records),
            "missing": int(((self.status == MISSING) & ~self.too_early).sum()),
            "too_early": int(self.too_early.sum()),
        }

    def availability(self) -> pd.DataFrame:
        """Return, for each unit, period and node above the leaves, the share of its applicable cells observed."""
        present = np.isin(self.status, (OBSERVED, PROVISIONAL))
        applicable = (self.status != NOT_APPLICABLE) & ~self.too_early
        position = {leaf: i for i, leaf in enumerate(self.framework.leaves)}
        parts = []
        for node in self.framework.parents:
            below = [position[leaf] for leaf in self.framework.under(node)]
            total = applicable[..., below].sum(-1)
            share = np.where(total > 0, (present & applicable)[..., below].sum(-1) / np.maximum(total, 1), np.nan)
            parts.append(pd.DataFrame({"node": node, "share": share.ravel()}, index=self.index))
        return pd.concat(parts).reset_index()[["unit", "period", "node", "share"]]


def _mask(
    status: np.ndarray, values: np.ndarray, framework: Tree, periods: tuple[str, ...], as_of: date | None
) -> None:
    """Mark cells that cannot count: no band yet, or a period that has not matured (excluded, never zero)."""
    for i, leaf in enumerate(framework.leaves):
        node = framework.by_code[leaf]
        if not node.scored:
            status[..., i] = NOT_APPLICABLE
            continue
        for p, period in enumerate(periods):
            if as_of is not None and matured_on(Period.parse(period), node.lag_years) > as_of:
                status[p, :, i] = TOO_EARLY


def units_mapping(context: pd.DataFrame) -> Mapping[str, Text]:
    """Return each unit's name from ``name_zh`` and ``name_en``; the code where there is none."""
    names: dict[str, Text] = {}
    for unit, line in context.iterrows():
        zh, en = str(line.get("name_zh") or ""), str(line.get("name_en") or "")
        names[str(unit)] = Text(zh or en or str(unit), en or zh or str(unit))
    return names
