"""Aalen–Johansen: the share that ended by each of several causes, when one end rules out the others.

Kaplan–Meier that treats other causes as censoring overstates every cause.  Source: Aalen and Johansen 1978,
https://www.jstor.org/stable/4615704; variance by the delta method, doi:10.1002/sim.2712 (Putter et al. 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from biaochi.methods.survival.kaplan_meier import checked, log_log, risk_table


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of one cause.

    Parameters
    ----------
    cause : int
        Its code.
    time : array, shape (k,)
        Times, increasing.
    value, low, high : array, shape (k,)
        Share ended by this cause up to each time, and its interval (log–log of its complement).
    at_risk, events : array of int, shape (k,)
        Cases at risk, and events of this cause.
    """

    cause: int
    time: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]

    def at(self, time: float) -> tuple[float, float, float]:
        """Return the share by a time, with its interval; 0 before the first time."""
        position = int(np.searchsorted(self.time, time, side="right")) - 1
        if position < 0:
            return 0.0, 0.0, 0.0
        return float(self.value[position]), float(self.low[position]), float(self.high[position])

    def to_frame(self) -> pd.DataFrame:
        """Return one row a time."""
        return pd.DataFrame({"t": self.time, "value": self.value, "lo": self.low, "hi": self.high})


def aalen_johansen(
    time: ArrayLike, cause: ArrayLike, *, entry: ArrayLike | None = None, level: float = 0.95
) -> dict[int, Incidence]:
    """Estimate the cumulative incidence of every cause.

    Parameters
    ----------
    time : array, shape (n,)
        Time to the end or to the end of observation.
    cause : array of int, shape (n,)
        0 censored, else the code of the cause.
    entry : array, shape (n,), optional
        When observation began.
    level : float
        Level of the interval.

    Returns
    -------
    dict
        Cause → :class:`Incidence`; the values of all causes and the overall survival add up to one at every time.

    Examples
    --------
    >>> found = aalen_johansen([1, 2, 3, 4, 5, 6], [1, 2, 0, 1, 2, 1])
    >>> [round(found[1].at(t)[0], 6) for t in (1, 4, 6)], round(found[2].at(5)[0], 6)
    ([0.166667, 0.388889, 0.611111], 0.388889)
    """
    causes = np.asarray(cause, dtype=np.int64)
    ends, seen, starts = checked(time, causes != 0, entry)
    times, at_risk, events = risk_table(ends, seen, starts)
    survival = np.cumprod(1 - events / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    place = np.searchsorted(times, ends)
    found: dict[int, Incidence] = {}
    for code in np.unique(causes[causes != 0]).tolist():
        own = np.bincount(place, weights=causes == code, minlength=times.size).astype(np.int64)
        value = np.cumsum(before * own / at_risk)
        spread = np.sqrt(_variance(value, before, own, events, at_risk))
        with np.errstate(divide="ignore", invalid="ignore"):
            upper, lower = log_log(1 - value, spread / (1 - value), level)
        found[code] = Incidence(code, times, value, 1 - lower, 1 - upper, at_risk, own)
    return found


def _variance(
    value: NDArray[np.float64],
    before: NDArray[np.float64],
    own: NDArray[np.int64],
    events: NDArray[np.int64],
    at_risk: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the delta-method variance; sums over earlier times are kept as running moments, so it is linear in k."""
    left = at_risk - events
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where((events > 0) & (left > 0), events / (at_risk * left), 0.0)
    b = before**2 * (at_risk - own) * own / at_risk.astype(float) ** 3
    c = before * own / at_risk.astype(float) ** 2
    first = value**2 * np.cumsum(a) - 2 * value * np.cumsum(value * a) + np.cumsum(value**2 * a)
    third = 2 * (value * np.cumsum(c) - np.cumsum(value * c))
    return np.asarray(np.maximum(first + np.cumsum(b) - third, 0.0), dtype=np.float64)
