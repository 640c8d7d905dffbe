"""A table of firms as arrays: missing stays missing, and years that do not fit the day are unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.rules.columns import BY_NAME, LEVELS

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

NEVER = -np.inf


class Facts:
    """The columns of a table of firms, read on demand.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a firm; any of the columns of :data:`biaochi.methods.rules.columns.COLUMNS`.
    at : datetime.date
        Day of the assessment; ``_1`` … ``_4`` are unknown for firms whose ``fiscal_year`` is not the year before.
    evidence : pandas.DataFrame or None
        ``firm``, ``column``, ``grade``: overrides of the row's grade for one column.
    """

    def __init__(self, frame: pd.DataFrame, at: date, evidence: pd.DataFrame | None = None) -> None:
        self.frame = frame
        self.at = at
        self.size = len(frame)
        self.matching: Bools = self._plain("fiscal_year") == at.year - 1
        self._all_match = bool(self.matching.all())
        self._texts: dict[str, tuple[NDArray[np.int64], list[str]]] = {}
        self._grade_a = self._graded()
        self._overrides = _overrides(frame, evidence)
        self._cache: dict[str, Floats] = {}

    def number(self, name: str) -> Floats:
        """Return a column of numbers; NaN where unknown, levels as 0…4, days as ordinals, ``none`` as −∞."""
        found = self._cache.get(name)
        if found is None:
            spec = BY_NAME[name]
            found = self._coded(name, _CODERS[spec.kind]) if spec.kind in _CODERS else self._plain(name)
            if spec.year is not None and not self._all_match:
                found = np.where(self.matching, found, np.nan)
            self._cache[name] = found
        return found

    def text(self, name: str) -> tuple[NDArray[np.int64], list[str]]:
        """Return a column of text as codes into the list of its distinct values; −1 where it is empty."""
        found = self._texts.get(name)
        if found is None:
            found = self._texts[name] = self._text(name)
        return found

    def _text(self, name: str) -> tuple[NDArray[np.int64], list[str]]:
        if name not in self.frame:
            return np.full(self.size, -1, dtype=np.int64), []
        codes, values = _distinct(self.frame[name])
        texts = ["" if v is None or v != v else str(v).strip() for v in values]
        empty = np.array([not t for t in texts] + [True])
        return np.where(empty[codes], -1, codes), texts

    def graded_a(self, name: str) -> Bools:
        """Return where the evidence of a column is official or audited."""
        rows, grades = self._overrides.get(name, (None, None))
        if rows is None or grades is None:
            return self._grade_a
        found = self._grade_a.copy()
        found[rows] = grades
        return found

    def _graded(self) -> Bools:
        codes, values = self.text("grade")
        is_a = np.array([v == "A" for v in values] + [False])
        return is_a[codes]

    def _plain(self, name: str) -> Floats:
        if name not in self.frame:
            return np.full(self.size, np.nan)
        column = self.frame[name]
        if column.dtype == np.float64:
            return column.to_numpy()
        if column.dtype == object:
            column = column.replace("", np.nan)
        return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)

    def _coded(self, name: str, code: Callable[[object], float]) -> Floats:
        if name not in self.frame:
            return np.full(self.size, np.nan)
        codes, values = _distinct(self.frame[name])
        table = np.array([np.nan if v is None or v != v else code(v) for v in values] + [np.nan])
        return table[codes]


def _distinct(column: pd.Series[Any]) -> tuple[NDArray[np.int64], list[object]]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        picks: NDArray[np.int64] = np.array(column.cat.codes, dtype=np.int64)
        return picks, list(column.cat.categories)
    codes, values = pd.factorize(column, use_na_sentinel=True)
    found: NDArray[np.int64] = np.array(codes, dtype=np.int64)
    return found, list(values)


def _level(value: object) -> float:
    text = str(value).strip()
    return float(LEVELS[text]) if text else np.nan


def _day(value: object) -> float:
    if isinstance(value, date):
        return float(date(value.year, value.month, value.day).toordinal())
    text = str(value).strip()
    if not text:
        return np.nan
    return NEVER if text == "none" else float(date.fromisoformat(text[:10]).toordinal())


_CODERS: dict[str, Callable[[object], float]] = {"level": _level, "date": _day, "until": _day}


def _overrides(frame: pd.DataFrame, evidence: pd.DataFrame | None) -> dict[str, tuple[NDArray[np.intp], Bools]]:
    if evidence is None or evidence.empty or "firm" not in frame:
        return {}
    here = evidence[evidence["firm"].isin(frame["firm"])]
    if here.empty:
        return {}
    position = pd.Index(frame["firm"].astype(str)).get_indexer(pd.Index(here["firm"].astype(str)))
    found: dict[str, tuple[NDArray[np.intp], Bools]] = {}
    for name, rows in here.assign(position=position).groupby("column", sort=False):
        found[str(name)] = (rows["position"].to_numpy(dtype=np.intp), (rows["grade"] == "A").to_numpy())
    return found
