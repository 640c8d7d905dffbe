"""The two paths of one guardrail: readings as they were first received, and as they are after corrections.

``received`` takes first versions in order of arrival.  ``corrected`` takes the latest revisions in order of their own
time, and is run anew at each late or corrected row.  While nothing is late or corrected the two are one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.surveillance import Replay, Rule, replay

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Arrivals:
    """Rows of one metric in order of arrival (received, at, seq); arrays of one length.

    ``at`` and ``received`` are microseconds since 1970 in UTC, ``value`` is NaN where the cell was empty, ``high`` the
    upper end of an exposure range or NaN.
    """

    at: Ints
    received: Ints
    seq: Ints
    revision: Ints
    value: Floats
    exposure: Floats
    high: Floats

    def __len__(self) -> int:
        return int(self.at.size)

    def take(self, which: NDArray[np.bool_] | Ints) -> Arrivals:
        """Return some of the rows, in the same order."""
        return Arrivals(
            self.at[which],
            self.received[which],
            self.seq[which],
            self.revision[which],
            self.value[which],
            self.exposure[which],
            self.high[which],
        )


@dataclass(frozen=True)
class Crossing:
    """The first alarm of a path: which reading (1-based) and which arrival made it, at what statistic."""

    path: str
    reading: int
    reading_row: int
    arrival: int
    statistic: float
    values: Floats
    exposure: Floats
    high: Floats


@dataclass(frozen=True)
class Followed:
    """Both paths over all arrivals known.

    ``received_trace`` and ``corrected_trace`` hold the statistic after each arrival (NaN before the first reading);
    ``differ`` says whether the paths ever parted; ``final`` is the corrected path as it is now.
    """

    received: Replay
    total: float
    exposure: float
    crossing: Crossing | None
    differ: bool
    final: Replay
    received_trace: Floats
    corrected_trace: Floats


def follow(rows: Arrivals, rule: Rule, *, whole_trace: bool = False) -> Followed:
    """Run a rule over both paths.

    Parameters
    ----------
    rows : Arrivals
        In order of arrival.
    rule : Rule
        What is watched.
    whole_trace : bool
        Whether the corrected statistic is needed after the first alarm too (families do).
    """
    first = (rows.revision == 0) & ~np.isnan(rows.value)
    kept = np.flatnonzero(first)
    received = replay(rows.value[kept], rule, exposure=rows.exposure[kept], trace=True)
    trace = np.full(len(rows), np.nan)
    if kept.size and received.trace is not None:
        trace[kept] = received.trace[0]
        trace = _carried(trace)
    crossing = _received_crossing(rows, kept, received)
    events, rank = _events(rows)
    total, exposure = float(rows.value[kept].sum()), float(rows.exposure[kept].sum())
    if not events.size:
        return Followed(received, total, exposure, crossing, False, received, trace, trace)
    corrected, corrected_trace, final = _corrected(rows, rule, events, rank, trace, whole_trace)
    if corrected is not None and (crossing is None or corrected.arrival < crossing.arrival):
        crossing = corrected
    return Followed(received, total, exposure, crossing, True, final, trace, corrected_trace)


def _received_crossing(rows: Arrivals, kept: Ints, received: Replay) -> Crossing | None:
    index = int(received.alarm_index[0])
    if not index or received.trace is None:
        return None
    row, sofar = int(kept[index - 1]), kept[:index]
    return Crossing(
        "received",
        index,
        row,
        row,
        float(received.trace[0][index - 1]),
        rows.value[sofar],
        rows.exposure[sofar],
        rows.high[sofar],
    )


def _events(rows: Arrivals) -> tuple[Ints, Ints]:
    """Return the arrivals that are late or corrections, and each row's place in the order of (at, seq)."""
    order = np.lexsort((rows.seq, rows.at))
    at, seq = rows.at[order], rows.seq[order]
    fresh = np.concatenate(([True], (at[1:] != at[:-1]) | (seq[1:] != seq[:-1]))) if len(rows) else np.empty(0, bool)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.cumsum(fresh) - 1
    before = np.concatenate(([-1], np.maximum.accumulate(rank)[:-1])) if len(rows) else rank
    late = (rank <= before) & ~np.isnan(rows.value)
    return np.flatnonzero(late | (rows.revision > 0)), rank


def _corrected(
    rows: Arrivals, rule: Rule, events: Ints, rank: Ints, received_trace: Floats, whole_trace: bool
) -> tuple[Crossing | None, Floats, Replay]:
    book = _Book(int(rank.max()) + 1)
    trace = received_trace.copy()
    trace[events[0] :] = np.nan
    found: Crossing | None = None
    ends = [*events[1:].tolist(), len(rows)]
    book.enter(rows, rank, 0, int(events[0]))
    for event, end in zip(events.tolist(), ends, strict=True):
        book.enter(rows, rank, event, event + 1)
        book.enter(rows, rank, event + 1, end)
        if found is not None and not whole_trace:
            continue
        run = np.arange(event + 1, end)
        run = run[~np.isnan(rows.value[run])]
        found_now, tail = _run(rows, rule, book, event, run)
        found = found or found_now
        trace[event] = tail[0]
        trace[run] = tail[1:]
    holders = book.present()
    final = replay(rows.value[holders], rule, exposure=rows.exposure[holders])
    return found, _carried(trace), final


class _Book:
    """The latest revision of each (at, seq), by its place in time; −1 where there is none yet."""

    def __init__(self, size: int) -> None:
        self._row = np.full(size, -1, dtype=np.int64)
        self._revision = np.full(size, -1, dtype=np.int64)
        self._usable = np.zeros(size, dtype=bool)

    def enter(self, rows: Arrivals, rank: Ints, begin: int, end: int) -> None:
        """Take in the arrivals from ``begin`` up to ``end``; a later revision replaces an earlier one."""
        rows_in = np.arange(begin, end)
        # within one call a place occurs once: a second revision is an event and opens the next call
        newer = rows_in[rows.revision[rows_in] > self._revision[rank[rows_in]]]
        places = rank[newer]
        self._revision[places], self._row[places] = rows.revision[newer], newer
        self._usable[places] = ~np.isnan(rows.value[newer])

    def present(self) -> Ints:
        """Return the rows that count now, in order of their own time."""
        return self._row[self._usable]


def _run(rows: Arrivals, rule: Rule, book: _Book, event: int, run: Ints) -> tuple[Crossing | None, Floats]:
    """Replay what counts after one late or corrected row and the orderly rows that followed it."""
    holders = book.present()
    values, exposure = rows.value[holders], rows.exposure[holders]
    result = replay(values, rule, exposure=exposure, trace=True)
    path = result.trace[0] if result.trace is not None else np.empty(0)
    settled = holders.size - run.size
    tail = np.concatenate(([path[settled - 1] if settled else np.nan], path[settled:]))
    index = int(result.alarm_index[0])
    if not index:
        return None, tail
    arrival = event if index <= settled else int(run[index - settled - 1])
    sofar = holders[:index]
    crossing = Crossing(
        "corrected",
        index,
        int(sofar[-1]),
        arrival,
        float(path[index - 1]),
        values[:index],
        exposure[:index],
        rows.high[sofar],
    )
    return crossing, tail


def _carried(trace: Floats) -> Floats:
    """Fill each gap with the last known statistic."""
    known = ~np.isnan(trace)
    last = np.maximum.accumulate(np.where(known, np.arange(trace.size), -1))
    return np.where(last >= 0, trace[np.maximum(last, 0)], np.nan)
