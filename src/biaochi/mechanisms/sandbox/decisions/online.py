"""Both paths of a guardrail, one reading at a time: a state of constant size for each, as the site keeps them.

The same as :func:`~biaochi.mechanisms.sandbox.decisions.paths.follow` over the whole record.  An orderly reading costs
the same whatever came before; a late or corrected one runs the corrected path anew, as the definition says.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from biaochi.methods.surveillance import Rule, State, settle, start, update

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One arrival of a metric: own time in microseconds, sequence, revision, value (NaN for empty), exposure."""

    at: int
    seq: int
    revision: int
    value: float
    exposure: float


@dataclass(frozen=True, slots=True)
class Watch:
    """A guardrail's version as it stands on both paths.

    ``begin`` and ``end`` (microseconds, ``None`` for open) bound the readings it judges, by their own time.
    ``corrected`` is ``None`` while the paths are one.  ``crossed`` stays once either path has alarmed.
    """

    received: State
    corrected: State | None = None
    newest: Place | None = None
    crossed: bool = False
    begin: int | None = None
    end: int | None = None

    @classmethod
    def starting(cls, rule: Rule, begin: int | None = None, end: int | None = None) -> Watch:
        """Return the watch before its first reading."""
        return cls(start(rule), begin=begin, end=end)

    def judges(self, at: int) -> bool:
        """Whether a reading of this time is this version's to judge."""
        return (self.begin is None or at >= self.begin) and (self.end is None or at < self.end)

    @property
    def log_e(self) -> tuple[float, float]:
        """The present statistic on the received and on the corrected path."""
        return self.received.statistic, (self.corrected or self.received).statistic


class Book:
    """The latest revision of every reading of a metric, in order of its own time."""

    def __init__(self, rows: Iterable[Row]) -> None:
        latest: dict[Place, Row] = {}
        for row in rows:
            held = latest.get((row.at, row.seq))
            if held is None or row.revision > held.revision:
                latest[row.at, row.seq] = row
        self._places = sorted(latest)
        self._rows = [latest[p] for p in self._places]

    def enter(self, row: Row) -> None:
        """Take in an arrival; a later revision replaces an earlier one."""
        place = (row.at, row.seq)
        i = bisect_left(self._places, place)
        if i < len(self._places) and self._places[i] == place:
            if row.revision > self._rows[i].revision:
                self._rows[i] = row
            return
        self._places.insert(i, place)
        self._rows.insert(i, row)

    def of(self, watch: Watch) -> tuple[list[float], list[float]]:
        """Return values and exposures of what a watch judges; empty cells left out."""
        found = [r for r in self._rows if not math.isnan(r.value) and watch.judges(r.at)]
        return [r.value for r in found], [r.exposure for r in found]


def advance(watches: Sequence[Watch], rows: Sequence[Row], stored: Callable[[], Iterable[Row]]) -> tuple[Watch, ...]:
    """Take in new arrivals of one metric, in order of arrival.

    Parameters
    ----------
    watches : sequence of Watch
        Every version of every guardrail of the metric.
    rows : sequence of Row
        New arrivals.
    stored : callable
        Gives all earlier arrivals; asked only when a row is late or corrects another.

    Examples
    --------
    >>> from biaochi.methods.surveillance import Method
    >>> watch = Watch.starting(Rule(Method.BETA, cap=0.1, alpha=0.05))
    >>> orderly = [Row(t, 0, 0, v, 1.0) for t, v in enumerate((1, 0, 1, 1, 1))]
    >>> (now,) = advance([watch], orderly, lambda: ())
    >>> now.received.alarm_index, now.crossed, now.corrected
    (4, True, None)
    """
    found, book = list(watches), None
    for position, row in enumerate(rows):
        mine = [i for i, w in enumerate(found) if w.judges(row.at)]
        if book is not None:
            book.enter(row)
        elif any(_is_event(found[i], row) for i in mine):
            book = Book([*stored(), *rows[: position + 1]])
        for i in mine:
            found[i] = _one(found[i], row, book)
    return tuple(found)


def _is_event(watch: Watch, row: Row) -> bool:
    late = watch.newest is not None and (row.at, row.seq) <= watch.newest and not math.isnan(row.value)
    return late or row.revision > 0


def _one(watch: Watch, row: Row, book: Book | None) -> Watch:
    event, empty = _is_event(watch, row), math.isnan(row.value)
    received, corrected = watch.received, watch.corrected
    if row.revision == 0 and not empty:
        received = update(received, row.value, row.exposure)
    if event and book is not None:
        values, exposure = book.of(watch)
        corrected = settle(values, received.rule, exposure=exposure)
    elif corrected is not None and not empty:
        corrected = update(corrected, row.value, row.exposure)
    place = (row.at, row.seq)
    newest = place if watch.newest is None else max(watch.newest, place)
    alarmed = bool(received.alarm_index) or (corrected is not None and bool(corrected.alarm_index))
    return replace(watch, received=received, corrected=corrected, newest=newest, crossed=watch.crossed or alarmed)
