"""The reference class of a forecast: what other technologies had shown up to the origin year.

A technology is admitted with at least six points up to the origin year; a reference class needs at least five of
them.  The own series and, where families are given, its near-duplicates never belong to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.windows import Windows, windows

MIN_INCREMENTS = 5
MIN_MEMBERS = 5
MIN_S = 1e-3


@dataclass(frozen=True, eq=False)
class ReferenceClass:
    """Summaries of the reference class, one entry a row of windows.

    Attributes
    ----------
    n : array of int
        Admitted technologies; below five the other entries must not be used.
    log_variance, median, between : array of float
        Mean log variance, median slope, variance of slopes beyond their own error (before its floor).
    """

    n: Ints
    log_variance: Floats
    median: Floats
    between: Floats

    @property
    def usable(self) -> np.ndarray:
        """Whether the class has enough members."""
        return self.n >= MIN_MEMBERS


@dataclass(frozen=True, eq=False)
class _Slopes:
    value: Floats
    error: Floats
    log_variance: Floats
    admitted: np.ndarray


def _moore(history: Windows) -> _Slopes:
    return _Slopes(history.mu, history.k2 / history.m, np.log(history.k2), np.ones(len(history), dtype=bool))


def _wright(history: Windows) -> _Slopes:
    with np.errstate(invalid="ignore", divide="ignore"):
        admitted = np.isfinite(history.s) & (history.s >= MIN_S)
        return _Slopes(
            np.clip(np.nan_to_num(history.b), -1.2, 0.8),
            np.minimum(np.where(admitted, history.s2 / np.where(admitted, history.s, 1.0), 0.2), 0.2),
            np.log(np.where(np.isfinite(history.s2), history.s2, 1.0)),
            admitted,
        )


def reference_class(
    rows: Windows, series: Sequence[Series], *, slope: str = "moore", hindsight: bool = False
) -> ReferenceClass:
    """Summarise, for each row, the other technologies up to the row's year.

    Parameters
    ----------
    rows : Windows
        Origins; ``rows.member`` points into ``series``.
    series : sequence of Series
        All technologies, the rows' own included.
    slope : {"moore", "wright"}
        Yearly log-change, or slope on log experience.
    hindsight : bool
        Use the others' whole history, whatever the row's year (leave-one-technology-out: leaks the future).
    """
    history = windows(series, minimum=MIN_INCREMENTS)
    slopes = _moore(history) if slope == "moore" else _wright(history)
    families = _families(series)
    count = len(rows)
    n = np.zeros(count, dtype=np.int64)
    log_variance, median, between = (np.full(count, np.nan) for _ in range(3))
    years = np.full(count, np.iinfo(np.int64).max) if hindsight else rows.year
    for year in np.unique(years):
        targets = np.flatnonzero(years == year)
        latest = _latest(history, year)
        latest = latest[slopes.admitted[latest]]
        allowed = families[rows.member[targets]][:, None] != families[history.member[latest]][None, :]
        n[targets] = allowed.sum(axis=1)
        usable = n[targets] >= MIN_MEMBERS
        if usable.any():
            kept, mask = targets[usable], allowed[usable]
            log_variance[kept] = _mean(slopes.log_variance[latest], mask)
            values = np.where(mask, slopes.value[latest], np.nan)
            median[kept] = np.nanmedian(values, axis=1)
            between[kept] = np.nanvar(values, axis=1) - _mean(slopes.error[latest], mask)
    return ReferenceClass(n, log_variance, median, between)


def _latest(history: Windows, year: int) -> np.ndarray:
    """Return the last row of each series that is not after a year; rows come ordered by series and year."""
    known = np.flatnonzero(history.year <= year)
    if len(known) == 0:
        return known
    ends = np.append(history.member[known][1:] != history.member[known][:-1], True)
    return np.asarray(known[ends])


def _mean(values: Floats, mask: np.ndarray) -> Floats:
    return np.asarray(mask @ values / mask.sum(axis=1), dtype=np.float64)


def _families(series: Sequence[Series]) -> np.ndarray:
    """Return one number a series; equal numbers never serve as each other's reference."""
    codes: dict[tuple[str, str], int] = {}
    names = [("family", s.family) if s.family else ("technology", s.technology) for s in series]
    return np.array([codes.setdefault(name, len(codes)) for name in names], dtype=np.int64)
