"""Long-cycle assessment (长周期考核): when a period may be judged, and on what.

A period matures at its end plus the indicator's lag.  Before that, or with fewer matured periods than the window, an
indicator is *too early*: left out, never zero.  Sources: Kaplan & Meier (1958), doi 10.1080/01621459.1958.10501452;
perpetual inventory of knowledge stocks, Griliches (1979), doi 10.2307/3003321.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from biaochi.core.period import Period, add_months


def matured_on(period: Period, lag_years: float) -> date:
    """Return the first day a period counts: its end plus the lag.

    Examples
    --------
    >>> matured_on(Period.parse("2024"), 2)
    datetime.date(2026, 12, 31)
    """
    return period.end if lag_years == 0 else add_months(period.end, round(lag_years * 12))


def window_rows(periods: Sequence[str], years: int) -> list[list[int] | None]:
    """Return, for each period, the positions of the periods of its window; ``None`` where one is not among them.

    Examples
    --------
    >>> window_rows(["2020", "2021", "2022", "2024"], 2)
    [None, [0, 1], [1, 2], None]
    """
    place = {code: i for i, code in enumerate(periods)}
    rows: list[list[int] | None] = []
    for code in periods:
        period = Period.parse(code)
        length = years * (12 // period.months) if years > 1 else 1
        wanted = [period.shift(-k).code for k in reversed(range(length))]
        rows.append([place[w] for w in wanted] if all(w in place for w in wanted) else None)
    return rows


def window_too_early(matured: np.ndarray, windows: Sequence[Sequence[int] | None]) -> np.ndarray:
    """Return where a window is too early to judge: it is not whole, or one of its periods has not matured.

    Parameters
    ----------
    matured : ndarray of bool, shape (P, …)
    windows : sequence, length P
        From :func:`window_rows`.
    """
    early = np.ones(matured.shape, dtype=bool)
    for p, window in enumerate(windows):
        if window is not None:
            early[p] = ~matured[list(window)].all(axis=0)
    return early


def window_values(
    values: np.ndarray,
    too_early: np.ndarray,
    windows: Sequence[Sequence[int] | None],
    *,
    statistic: str = "median",
) -> np.ndarray:
    """Return the statistic of each period's window over the values present in it, NaN where it is too early.

    Parameters
    ----------
    values, too_early : ndarray, shape (P, …)
    windows : sequence, length P
    statistic : {"median", "mean"}
    """
    result = np.full(values.shape, np.nan)
    pick = np.nanmedian if statistic == "median" else np.nanmean
    for p, window in enumerate(windows):
        if window is None:
            continue
        block = values[list(window)]
        some = ~too_early[p] & np.isfinite(block).any(axis=0)
        if some.any():
            result[p][some] = pick(block[:, some], axis=0)
    return result


def kaplan_meier(durations: Sequence[float], observed: Sequence[bool]) -> pd.DataFrame:
    """Return the survival curve of a cohort with right censoring.

    Parameters
    ----------
    durations : sequence of float, shape (n,)
        Time to the event, or to the last look; not negative.
    observed : sequence of bool, shape (n,)
        Whether the event was seen (else censored).

    Returns
    -------
    DataFrame
        ``time, at_risk, events, survival, se`` (Greenwood).

    Examples
    --------
    >>> kaplan_meier([1, 2, 3], [True, False, True])["survival"].round(4).tolist()
    [0.6667, 0.0]
    """
    times = np.asarray(durations, dtype=float)
    seen = np.asarray(observed, dtype=bool)
    rows, survival, variance = [], 1.0, 0.0
    for t in np.unique(times[seen]):
        at_risk = int((times >= t).sum())
        events = int(((times == t) & seen).sum())
        survival *= 1 - events / at_risk
        variance += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
        rows.append((float(t), at_risk, events, survival, survival * math.sqrt(variance)))
    return pd.DataFrame(rows, columns=["time", "at_risk", "events", "survival", "se"])


def median_survival(durations: Sequence[float], observed: Sequence[bool]) -> float:
    """Return the time by which half of a cohort saw the event; NaN when fewer than half did."""
    curve = kaplan_meier(durations, observed)
    reached = curve[curve["survival"] <= 0.5 + 1e-12]
    return float(reached["time"].iloc[0]) if len(reached) else math.nan


def stock(flows: Sequence[float], *, depreciation: float, lag: int = 0, initial: float = 0.0) -> np.ndarray:
    """Return the stock K_t = (1−δ)K_{t−1} + I_{t−lag}, shape (T,); flows before the first count nothing.

    Examples
    --------
    >>> stock([10, 10, 10], depreciation=0.5, lag=1).tolist()
    [0.0, 10.0, 15.0]
    """
    if not 0 <= depreciation <= 1:
        raise ValueError(f"a depreciation rate lies between 0 and 1, seen {depreciation}")
    level, levels = initial, []
    for t in range(len(flows)):
        inflow = float(flows[t - lag]) if t >= lag else 0.0
        level = (1 - depreciation) * level + inflow
        levels.append(level)
    return np.array(levels)


def shrunk_rate(events: float, trials: float, *, a: float, b: float) -> float:
    """Return (y + a)/(n + b): a rate of small counts drawn towards the prior a/b."""
    if b <= 0 or a < 0 or events < 0 or trials < events:
        raise ValueError("counts and prior must be 0 ≤ y ≤ n, a ≥ 0, b > 0")
    return (events + a) / (trials + b)
