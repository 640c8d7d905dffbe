"""Kaplan–Meier: the share still waiting (or still holding) by time, with log–log intervals and late entry.

Use it for durations of which some are not yet over.  Source: Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452;
Greenwood's variance on the log(−log) scale: Kalbfleisch and Prentice 2002, doi:10.1002/9781118032985.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from biaochi.core.text import Lang


@dataclass(frozen=True)
class Survival:
    """A survival curve.

    Parameters
    ----------
    time : array, shape (k,)
        Distinct times at which something ended or was censored, increasing.
    at_risk, events : array of int, shape (k,)
        Cases at risk just before, and events at, each time.
    value, low, high : array, shape (k,)
        Share surviving beyond each time, and its interval (NaN where it has no width to estimate: before the first
        event and once the curve is at zero).
    level : float
        Level of the interval.
    """

    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float

    def at(self, time: float) -> tuple[float, float, float]:
        """Return the share surviving beyond a time, with its interval; 1 before the first time."""
        position = int(np.searchsorted(self.time, time, side="right")) - 1
        if position < 0:
            return 1.0, 1.0, 1.0
        return float(self.value[position]), float(self.low[position]), float(self.high[position])

    def quantile(self, share: float = 0.5) -> float:
        """Return the first time at which no more than ``1 − share`` survive; infinity when that is not reached."""
        reached = np.flatnonzero(self.value <= 1 - share + 1e-12)
        return float(self.time[reached[0]]) if reached.size else float("inf")

    def quantile_interval(self, share: float = 0.5) -> tuple[float, float]:
        """Return the interval of a quantile, by inverting the limits of the curve (Brookmeyer and Crowley 1982)."""
        ends = []
        for limit in (self.low, self.high):
            reached = np.flatnonzero(np.nan_to_num(limit, nan=1.0) <= 1 - share + 1e-12)
            ends.append(float(self.time[reached[0]]) if reached.size else float("inf"))
        return ends[0], ends[1]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a time."""
        return pd.DataFrame(
            {
                "t": self.time,
                "value": self.value,
                "lo": self.low,
                "hi": self.high,
                "at_risk": self.at_risk,
                "events": self.events,
            }
        )

    def explain(self, lang: Lang = "zh") -> str:
        """Return the curve in one sentence."""
        n, events, median = int(self.at_risk.max(initial=0)), int(self.events.sum()), self.quantile()
        middle = ("未达到" if lang == "zh" else "not reached") if median == float("inf") else f"{median:g}"
        if lang == "zh":
            return f"{n} 例中发生 {events} 例；中位时间 {middle}"
        return f"{events} events among {n}; median time {middle}"


def kaplan_meier(time: ArrayLike, event: ArrayLike, *, entry: ArrayLike | None = None, level: float = 0.95) -> Survival:
    """Estimate a survival curve.

    Parameters
    ----------
    time : array, shape (n,)
        Time to the event or to the end of observation; finite, not negative.
    event : array of bool, shape (n,)
        Whether the event was seen.
    entry : array, shape (n,), optional
        When observation began (late entry); a case counts as at risk only after it.
    level : float
        Level of the interval, 0..1.

    Returns
    -------
    Survival

    Raises
    ------
    ValueError
        When lengths differ, a time is missing or not later than its entry.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 2, 3, 4, 5, 6], [1, 1, 0, 1, 0, 1, 0])
    >>> curve.value.round(6).tolist()
    [0.857143, 0.714286, 0.535714, 0.535714, 0.267857, 0.267857]
    >>> [round(v, 6) for v in curve.at(3)]
    [0.535714, 0.131988, 0.824997]
    """
    ends, seen, starts = checked(time, event, entry)
    times, at_risk, events = risk_table(ends, seen, starts)
    with np.errstate(divide="ignore", invalid="ignore"):
        value: NDArray[np.float64] = np.cumprod(1 - events / at_risk, dtype=np.float64)
        terms = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
        variance = np.cumsum(terms)
        low, high = log_log(value, np.sqrt(variance), level)
    return Survival(times, at_risk, events, value, low, high, level)


def checked(
    time: ArrayLike, event: ArrayLike, entry: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Return times, events and entries as arrays, or raise ``ValueError`` saying what is wrong."""
    ends = np.asarray(time, dtype=np.float64)
    seen = np.asarray(event).astype(bool)
    starts = np.full(ends.shape, -np.inf) if entry is None else np.asarray(entry, dtype=np.float64)
    if ends.ndim != 1 or ends.shape != seen.shape or ends.shape != starts.shape:
        raise ValueError(
            f"time, event and entry must be of one length, seen {ends.shape}, {seen.shape}, {starts.shape}"
        )
    if not np.isfinite(ends).all() or (ends < 0).any():
        raise ValueError("times must be finite and not negative")
    if (starts >= ends).any() and entry is not None:
        raise ValueError("a case must be observed for some time: entry must lie before time")
    return ends, seen, starts


def risk_table(
    ends: NDArray[np.float64], seen: NDArray[np.bool_], starts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct end times, the number at risk just before each, and the events at each."""
    times, place = np.unique(ends, return_inverse=True)
    events = np.bincount(place, weights=seen, minlength=times.size).astype(np.int64)
    ordered_ends, ordered_starts = np.sort(ends), np.sort(starts)
    entered = np.searchsorted(ordered_starts, times, side="left")
    left = np.searchsorted(ordered_ends, times, side="left")
    return times, (entered - left).astype(np.int64), events


def log_log(
    value: NDArray[np.float64], spread: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the interval on the log(−log) scale from the standard error of log S."""
    z = float(ndtri((1 + level) / 2))
    inner = (value > 0) & (value < 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # a curve that is all but 0 may be anywhere
        logs = np.log(value)
        half = z * spread / logs
        low = np.where(inner, value ** np.exp(-half), np.nan)
        high = np.where(inner, value ** np.exp(half), np.nan)
    sure = value >= 1
    return np.where(sure, 1.0, np.where(value <= 0, 0.0, low)), np.where(sure, 1.0, np.where(value <= 0, 0.0, high))
