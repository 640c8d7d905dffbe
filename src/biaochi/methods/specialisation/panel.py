"""Activity of regions in tracks over periods: the table every indicator starts from.

A cell that is not there is missing, not zero, unless the caller says so; a region with a gap is left out of that
period and named, since a share needs a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Values of regions × tracks for each period.

    Attributes
    ----------
    periods, regions, tracks : tuple of str
        Labels, periods in order of time.
    values : array, shape (periods, regions, tracks)
        X ≥ 0; NaN is missing.
    se : array of the same shape, or None
        Standard errors of the values.
    unit : str
        Unit of the values; empty when not stated.
    """

    periods: tuple[str, ...]
    regions: tuple[str, ...]
    tracks: tuple[str, ...]
    values: Array
    se: Array | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        shape = (len(self.periods), len(self.regions), len(self.tracks))
        if self.values.shape != shape:
            raise ValueError(f"values must have shape {shape}, seen {self.values.shape}")
        if np.nanmin(self.values, initial=0.0) < 0:
            raise ValueError("values must not be negative")
        if np.isinf(self.values).any():
            raise ValueError("values must be finite")

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, absent: str = "missing", unit: str = "") -> Self:
        """Build from long form.

        Parameters
        ----------
        frame : DataFrame
            Columns region, track, period, value and optionally se; no cell twice.
        absent : {"missing", "zero"}
            What a cell without a row means.
        unit : str
            Unit of the values.

        Examples
        --------
        >>> long = pd.DataFrame({"region": ["a", "a", "b"], "track": ["x", "y", "x"], "period": ["2020"] * 3,
        ...                      "value": [1.0, 2.0, 3.0]})
        >>> Panel.from_frame(long, absent="zero").table("2020").loc["b"].tolist()
        [3.0, 0.0]
        """
        if absent not in ("missing", "zero"):
            raise ValueError(f"absent must be 'missing' or 'zero', seen {absent!r}")
        axes = [sorted(frame["period"].unique()), *(list(dict.fromkeys(frame[c])) for c in ("region", "track"))]
        codes = [
            pd.Index(axis).get_indexer(frame[c]) for axis, c in zip(axes, ("period", "region", "track"), strict=True)
        ]
        place = np.ravel_multi_index(tuple(codes), tuple(len(a) for a in axes)) if len(frame) else np.zeros(0, int)
        if len(np.unique(place)) != len(place):
            raise ValueError("a cell of region, track and period appears twice")
        shape = tuple(len(a) for a in axes)
        values = np.full(shape, np.nan if absent == "missing" else 0.0)
        values.flat[place] = frame["value"].to_numpy(dtype=float)
        se = None
        if "se" in frame and frame["se"].notna().any():
            se = np.full(shape, np.nan)
            se.flat[place] = frame["se"].to_numpy(dtype=float)
        periods, regions, tracks = (tuple(str(v) for v in axis) for axis in axes)
        return cls(periods, regions, tracks, values, se, unit)

    @classmethod
    def single(cls, table: pd.DataFrame, period: str = "", unit: str = "") -> Self:
        """Build from one regions × tracks table."""
        return cls(
            (period,),
            tuple(str(r) for r in table.index),
            tuple(str(t) for t in table.columns),
            table.to_numpy(dtype=float)[None],
            unit=unit,
        )

    def table(self, period: str) -> pd.DataFrame:
        """Return one period as regions × tracks, gaps included."""
        return pd.DataFrame(self.values[self._position(period)], index=list(self.regions), columns=list(self.tracks))

    def complete(self, period: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """Return one period without the regions that have a gap, and the names of these."""
        table = self.table(period)
        gaps = table.isna().any(axis=1)
        return table.loc[~gaps], tuple(str(r) for r in table.index[gaps])

    def standard_errors(self, period: str, regions: Sequence[str]) -> pd.DataFrame | None:
        """Return the standard errors of one period for a few regions; ``None`` when there are none."""
        if self.se is None:
            return None
        table = self.se[self._position(period)]
        return pd.DataFrame(table, index=list(self.regions), columns=list(self.tracks)).loc[list(regions)]

    @property
    def counts(self) -> bool:
        """Whether the values may be read as counts: whole numbers without standard errors."""
        known = self.values[~np.isnan(self.values)]
        return self.se is None and known.size > 0 and bool((known == np.round(known)).all())

    def windows(self, width: int, step: int | None = None) -> Panel:
        """Return sums over windows of successive periods, each named by its first period.

        Parameters
        ----------
        width : int
            Periods in a window, at least 1.
        step : int or None
            Distance between two windows' first periods; ``width`` by default.

        Notes
        -----
        Only whole windows are kept; a gap in any period is a gap of the window.
        """
        step = width if step is None else step
        if width < 1 or step < 1:
            raise ValueError(f"a window and its step span at least one period, seen {width} and {step}")
        return self.from_starts(range(0, len(self.periods) - width + 1, step), width)

    def from_starts(self, starts: Sequence[int], width: int, *, partial: bool = False) -> Panel:
        """Return sums over the windows that start at given positions.

        Parameters
        ----------
        starts : sequence of int
            Positions of first periods, in order.
        width : int
            Periods in a window.
        partial : bool
            Whether the last window may be shorter, when the data end.
        """
        if not partial and any(s + width > len(self.periods) for s in starts):
            raise ValueError("a window reaches beyond the newest period")
        shape = (len(starts), len(self.regions), len(self.tracks))
        values = np.array([self.values[s : s + width].sum(axis=0) for s in starts]).reshape(shape)
        se = None
        if self.se is not None:
            se = np.array([np.sqrt((self.se[s : s + width] ** 2).sum(axis=0)) for s in starts]).reshape(shape)
        return Panel(tuple(self.periods[s] for s in starts), self.regions, self.tracks, values, se, self.unit)

    def grouped(self, groups: Sequence[str]) -> Panel:
        """Return the panel with tracks summed to groups, one label a track, groups in order of first appearance.

        Standard errors do not survive, since errors of one region's tracks need not be independent.
        """
        labels = list(dict.fromkeys(groups))
        parts = [self.values[:, :, [g == label for g in groups]].sum(axis=2) for label in labels]
        values = np.stack(parts, axis=2) if parts else np.zeros((len(self.periods), len(self.regions), 0))
        return Panel(self.periods, self.regions, tuple(labels), values, None, self.unit)

    def _position(self, period: str) -> int:
        try:
            return self.periods.index(period)
        except ValueError:
            raise KeyError(f"no period {period!r}; there are {', '.join(self.periods)}") from None
