"""Rows of observations as they are read: every fault noted with its row, sound rows kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.period import Period, date_or_end
from biaochi.core.text import Text
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.status import IMPUTED, MISSING, OBSERVED, PROVISIONAL, STATUS
from biaochi.methods.composite.tree import Tree

GRADES = ("A", "B", "C")
LONG = ("unit", "indicator", "period", "value")
OPTIONAL = ("se", "grade", "source", "status", "vintage")


def melt_wide(frame: pd.DataFrame, framework: Tree, problems: Problems, *, period: str = "") -> pd.DataFrame:
    """Return a wide table as long rows, noting unknown columns; ``row`` is kept."""
    if "unit" not in frame:
        problems.add("missing_column", row=1, column="unit")
        return pd.DataFrame(columns=[*LONG, "row"])
    codes = {*framework.leaves, *(d.code for d in framework.denominators)}
    own = [c for c in frame.columns if c not in ("unit", "period", "row", "name_zh", "name_en")]
    for column in own:
        if column not in codes:
            problems.add("unknown_indicator", row=1, column=str(column), seen=column)
    kept = frame.copy()
    if "row" not in kept:
        kept["row"] = np.arange(2, len(kept) + 2)
    if "period" not in kept:
        kept["period"] = period or (str(framework.effective_on.year) if framework.effective_on else "")
    long = kept.melt(["unit", "period", "row"], [c for c in own if c in codes], "indicator", "value")
    return long.sort_values("row", kind="stable").reset_index(drop=True)


def context_of(units: pd.DataFrame | None) -> pd.DataFrame:
    """Return the table of units indexed by unit; empty without one."""
    if units is None:
        return pd.DataFrame(index=pd.Index([], name="unit", dtype=object))
    frame = units.drop(columns=[c for c in ("row",) if c in units]).copy()
    frame["unit"] = frame["unit"].astype(str)
    return frame.set_index("unit")


def sound_rows(frame: pd.DataFrame, framework: Tree, problems: Problems, context: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows without fault, with ``row``, ``known_on`` (vintage) and ``code`` (status)."""
    rows = pd.DataFrame({c: _clean(frame[c]) for c in LONG})
    for column in OPTIONAL:
        rows[column] = _clean(frame[column]) if column in frame else ""
    rows["row"] = frame["row"].to_numpy() if "row" in frame else np.arange(2, len(frame) + 2)
    rows["value"] = _numbers(rows, "value", problems)
    rows["se"] = _numbers(rows, "se", problems)
    for row, seen in rows.loc[rows["se"] < 0, ["row", "se"]].itertuples(index=False):
        problems.add("negative_se", row=int(row), column="se", seen=seen)
    codes = {*framework.leaves, *(d.code for d in framework.denominators)}
    keep = _known(rows, "indicator", codes, "unknown_indicator", problems)
    allowed = set(framework.units) if framework.units else None
    if context is not None:
        allowed = set(context.index) if allowed is None else allowed & set(context.index)
    if allowed is not None:
        keep &= _known(rows, "unit", allowed, "unknown_unit", problems)
    keep &= _periods(rows, problems)
    rows["known_on"] = _vintages(rows, problems)
    rows["code"] = _status(rows, problems)
    _choice(rows, "grade", GRADES, problems)
    repeated = rows.duplicated(["unit", "indicator", "period", "vintage"], keep="first")
    first = rows.groupby(["unit", "indicator", "period", "vintage"], sort=False)["row"].transform("min")
    for position in np.flatnonzero(repeated.to_numpy()):
        line = rows.iloc[position]
        seen = ", ".join(str(line[k]) for k in ("unit", "indicator", "period", "vintage") if line[k])
        detail = Text(f"与第 {first.iloc[position]} 行相同", f"the same as row {first.iloc[position]}")
        problems.add(
            "duplicate_cell", row=int(line["row"]), column="unit,indicator,period,vintage", seen=seen, detail=detail
        )
    return rows[keep & ~repeated].copy()


def _clean(column: Any) -> np.ndarray:
    """Return cells as text, empty for missing; numbers keep every digit."""
    cells = pd.Series(np.asarray(column, dtype=object))
    return np.array(["" if c is None or c != c else str(c).strip() for c in cells], dtype=object)


def _numbers(rows: pd.DataFrame, column: str, problems: Problems) -> np.ndarray:
    cells = rows[column]
    filled = cells != ""
    numbers = pd.to_numeric(cells.where(filled), errors="coerce").to_numpy(dtype=float)
    bad = filled.to_numpy() & ~np.isfinite(numbers)
    for position in np.flatnonzero(bad):
        problems.add("not_a_number", row=int(rows["row"].iloc[position]), column=column, seen=cells.iloc[position])
    return np.where(bad, np.nan, numbers)


def _known(rows: pd.DataFrame, column: str, known: set[str], code: str, problems: Problems) -> pd.Series:
    fine = rows[column].isin(known)
    for row, seen in rows.loc[~fine, ["row", column]].itertuples(index=False):
        problems.add(code, row=int(row), column=column, seen=seen)
    return fine


def _periods(rows: pd.DataFrame, problems: Problems) -> pd.Series:
    kinds: dict[str, str] = {}
    for cell in rows["period"].unique():
        try:
            kinds[cell] = Period.parse(cell).kind
        except ValueError:
            kinds[cell] = ""
    counted = rows["period"].map(kinds)
    common = counted[counted != ""].mode()
    main = common.iloc[0] if len(common) else "year"
    fine = counted == main
    for row, seen in rows.loc[~fine, ["row", "period"]].itertuples(index=False):
        problems.add("bad_period", row=int(row), column="period", seen=seen)
    return fine


def _vintages(rows: pd.DataFrame, problems: Problems) -> pd.Series:
    days: dict[str, Any] = {"": pd.NaT}
    for cell in rows["vintage"].unique():
        if cell:
            try:
                days[cell] = pd.Timestamp(date_or_end(cell))
            except ValueError:
                days[cell] = pd.NaT
                for row in rows.loc[rows["vintage"] == cell, "row"]:
                    problems.add("bad_date", row=int(row), column="vintage", seen=cell)
    return pd.to_datetime(rows["vintage"].map(days))


def _status(rows: pd.DataFrame, problems: Problems) -> np.ndarray:
    _choice(rows, "status", STATUS[:6], problems)
    stated = rows["status"].map({s: i for i, s in enumerate(STATUS)})
    empty = np.isnan(rows["value"].to_numpy(dtype=float))
    code = stated.fillna(OBSERVED).to_numpy(dtype=np.int8)
    return np.where(empty & np.isin(code, (OBSERVED, PROVISIONAL, IMPUTED)), MISSING, code)


def _choice(rows: pd.DataFrame, column: str, choices: Iterable[str], problems: Problems) -> None:
    bad = (rows[column] != "") & ~rows[column].isin(list(choices))
    for row, seen in rows.loc[bad, ["row", column]].itertuples(index=False):
        detail = Text.same(", ".join(choices))
        problems.add("unknown_value", row=int(row), column=column, seen=seen, detail=detail)
