"""Bookings against capacity: where more is promised than there is.  Times are half-open ``[from, to)``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Conflict:
    """A stretch of time on one resource where bookings exceed its capacity."""

    resource: str
    start: pd.Timestamp
    end: pd.Timestamp
    units: float
    capacity: float
    bookings: tuple[str, ...]


@dataclass(frozen=True)
class Load:
    """Units in use on each resource between successive events; ``change[i]`` starts at ``time[i]``."""

    resource: NDArray[np.int64]
    time: NDArray[np.int64]
    units: NDArray[np.float64]
    names: list[str]


def load(bookings: pd.DataFrame) -> Load:
    """Return the running load of every resource.

    Parameters
    ----------
    bookings : pandas.DataFrame
        ``resource``, ``from``, ``to`` (timestamps), ``units``.
    """
    codes, names = pd.factorize(bookings["resource"])
    n = len(bookings)
    start = bookings["from"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
    end = bookings["to"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
    units = bookings["units"].to_numpy(dtype=float)
    resource = np.concatenate([codes, codes]).astype(np.int64)
    time = np.concatenate([start, end])
    change = np.concatenate([units, -units])
    # Ends come before starts at one instant, since an interval does not hold its end.
    order = np.lexsort((np.concatenate([np.ones(n), np.zeros(n)]), time, resource))
    resource, time, change = resource[order], time[order], change[order]
    # Every resource returns to zero after its last event, so one running sum serves all.
    return Load(resource, time, np.cumsum(change), [str(x) for x in names])


def conflicts(bookings: pd.DataFrame, capacity: Mapping[str, float]) -> list[Conflict]:
    """Return every stretch where bookings exceed capacity, longest possible, in order of resource and time.

    Parameters
    ----------
    bookings : pandas.DataFrame
        ``booking``, ``resource``, ``from``, ``to``, ``units``; ``from`` before ``to``.
    capacity : mapping
        Resource → units; resources not named have none.

    Returns
    -------
    list of Conflict
        ``units`` is the peak of the stretch; ``bookings`` all that touch it, in order of start.

    Examples
    --------
    >>> frame = pd.DataFrame({"booking": ["a", "b", "c"], "resource": "line", "units": 1.0,
    ...     "from": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]),
    ...     "to": pd.to_datetime(["2026-01-03", "2026-01-03", "2026-01-04"])})
    >>> [(c.start.day, c.end.day, c.units, c.bookings) for c in conflicts(frame, {"line": 1})]
    [(2, 3, 2.0, ('a', 'b'))]
    """
    if not len(bookings):
        return []
    running = load(bookings)
    limit = np.array([capacity.get(n, 0.0) for n in running.names])[running.resource]
    # Sums of decimals drift by rounding; a billionth of a unit is no conflict.
    over = running.units > limit + 1e-9
    last_of_instant = np.r_[
        (running.resource[1:] != running.resource[:-1]) | (running.time[1:] != running.time[:-1]), True
    ]
    over &= last_of_instant
    if not over.any():
        return []
    steps = np.flatnonzero(last_of_instant)
    flags = over[steps]
    starts = np.flatnonzero(flags & ~np.r_[False, flags[:-1]])
    ends = np.flatnonzero(~flags & np.r_[False, flags[:-1]])
    booked = _Booked.of(bookings, running.names)
    found = []
    for a, b in zip(starts, ends, strict=True):
        code = int(running.resource[steps[a]])
        name = running.names[code]
        start, end = int(running.time[steps[a]]), int(running.time[steps[b]])
        peak = float(running.units[steps[a:b]].max())
        touching = booked.touching(code, start, end)
        found.append(
            Conflict(
                name, pd.Timestamp(start), pd.Timestamp(end), peak, float(capacity.get(name, 0.0)), tuple(touching)
            )
        )
    return sorted(found, key=lambda c: (c.resource, c.start))


@dataclass(frozen=True)
class _Booked:
    """Bookings sorted by resource and start, so that those touching a stretch are found by bisection."""

    first: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    names: NDArray[np.object_]

    @classmethod
    def of(cls, bookings: pd.DataFrame, resources: list[str]) -> _Booked:
        codes, _ = pd.factorize(bookings["resource"])
        start = bookings["from"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
        end = bookings["to"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
        order = np.lexsort((start, codes))
        first = np.searchsorted(codes[order], np.arange(len(resources) + 1))
        names = bookings["booking"].astype(str).to_numpy(dtype=object)[order]
        return cls(first.astype(np.int64), start[order], end[order], names)

    def touching(self, resource: int, start: int, end: int) -> list[str]:
        low, high = self.first[resource], self.first[resource + 1]
        high = low + int(np.searchsorted(self.start[low:high], end, side="left"))
        rows = np.flatnonzero(self.end[low:high] > start) + low
        return [str(n) for n in self.names[rows]]
