"""Whole records at once: the statistic after every reading of many streams, and where each first alarmed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from biaochi.methods.surveillance import dispatch
from biaochi.methods.surveillance.pieces import Floats
from biaochi.methods.surveillance.reading import impossible, reading_error, reading_fault
from biaochi.methods.surveillance.rule import Method, Rule
from biaochi.methods.surveillance.state import State


@dataclass(frozen=True)
class Replay:
    """What a replay found; one entry a stream.

    ``alarm_index`` is the first reading (1-based, empty cells not counted) that raised the alarm, 0 for none;
    ``statistic`` the last, ``maximum`` the most alarming value; ``trace`` streams × readings with NaN after the end,
    when it was asked for.
    """

    rule: Rule
    threshold: float
    readings: NDArray[np.int64]
    alarm_index: NDArray[np.int64]
    statistic: Floats
    maximum: Floats
    trace: Floats | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row a stream."""
        return pd.DataFrame(
            {
                "readings": self.readings,
                "alarm_index": self.alarm_index,
                "threshold": self.threshold,
                "statistic": self.statistic,
                "maximum": self.maximum,
            }
        )


def replay(values: ArrayLike, rule: Rule, *, exposure: ArrayLike | None = None, trace: bool = False) -> Replay:
    """Run a rule over complete streams; the same numbers as :func:`~biaochi.methods.surveillance.update` gives.

    Parameters
    ----------
    values : array_like
        Streams × readings (or one stream); NaN where there is no reading.
    rule : Rule
        What is watched.
    exposure : array_like or None
        Same shape, positive; 1 by default.
    trace : bool
        Whether to keep the statistic of every reading.

    Raises
    ------
    ReadingError
        For the first reading that the rule's method cannot have.

    Examples
    --------
    >>> found = replay([[1, 0, 1, 1, 1]], Rule(Method.BETA, cap=0.1, alpha=0.05))
    >>> found.alarm_index.tolist()
    [4]
    """
    x = np.atleast_2d(np.asarray(values, dtype=float))
    e = np.ones_like(x) if exposure is None else np.broadcast_to(np.asarray(exposure, dtype=float), x.shape)
    x, e, counts = _packed(x, e)
    inside = np.arange(x.shape[1]) < counts[:, None]
    bad = impossible(rule, x, e) & inside
    if bad.any():
        i, j = np.argwhere(bad)[0]
        raise reading_error(reading_fault(rule, float(x[i, j]), float(e[i, j])), float(x[i, j]), float(e[i, j]))
    initial = dispatch.start(rule)
    if x.shape[1] == 0:
        empty = np.zeros(x.shape[0], dtype=np.int64)
        start, worst = np.full(x.shape[0], initial.statistic), np.full(x.shape[0], initial.maximum)
        return Replay(rule, initial.threshold, empty, empty, start, worst, x if trace else None)
    if not inside.all():
        filler = rule.bounds[0] if rule.likelihood == "betting" else 0.0
        x, e = np.where(inside, x, filler), np.where(inside, e, 1.0)
    path = dispatch.trace(x, e, rule)
    return _summary(rule, initial.threshold, initial.statistic, initial.maximum, path, counts, inside, keep=trace)


def settle(values: ArrayLike, rule: Rule, *, exposure: ArrayLike | None = None, found: Replay | None = None) -> State:
    """Return the state one whole stream ends in, as the recursion would leave it (to rounding), without a loop.

    ``found`` spares the replay when it was made already.

    Examples
    --------
    >>> rule = Rule(Method.BETA, cap=0.1, alpha=0.05)
    >>> settle([1, 0, 1, 1, 1], rule).alarm_index
    4
    """
    x = np.asarray(values, dtype=float)
    e = np.ones_like(x) if exposure is None else np.asarray(exposure, dtype=float)
    done = found if found is not None else replay(x, rule, exposure=e)
    kept = ~np.isnan(x)
    return State(
        rule,
        done.threshold,
        int(done.readings[0]),
        float(x[kept].sum()),
        float(e[kept].sum()),
        dispatch.memory(x[kept], e[kept], rule),
        float(done.statistic[0]),
        float(done.maximum[0]),
        int(done.alarm_index[0]),
    )


def _packed(x: Floats, e: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Move the readings of each stream to its front, in order."""
    present = ~np.isnan(x)
    counts = present.sum(axis=1)
    if not (present[:, 1:] > present[:, :-1]).any():
        return x, e, counts
    order = np.argsort(~present, axis=1, kind="stable")
    return np.take_along_axis(x, order, axis=1), np.take_along_axis(e, order, axis=1), counts


def _summary(
    rule: Rule,
    threshold: float,
    at_start: float,
    worst_at_start: float,
    path: Floats,
    counts: NDArray[np.int64],
    inside: NDArray[np.bool_],
    *,
    keep: bool,
) -> Replay:
    downward = rule.method is Method.HARD and rule.mirrored
    if rule.method is Method.HARD:
        over = path < threshold if downward else path > threshold
    elif rule.method is Method.ASYMPTOTIC:
        over = path > threshold
    else:
        over = path >= threshold
    over &= inside
    over[:, : rule.min_data - 1] = False
    alarm = np.where(over.any(axis=1), over.argmax(axis=1) + 1, 0)
    worst = np.where(inside, path, np.inf if downward else -np.inf)
    maximum = worst.min(axis=1) if downward else worst.max(axis=1)
    last = np.take_along_axis(path, np.maximum(counts - 1, 0)[:, None], axis=1)[:, 0]
    return Replay(
        rule,
        threshold,
        counts.astype(np.int64),
        alarm.astype(np.int64),
        np.where(counts > 0, last, at_start),
        np.where(counts > 0, maximum, worst_at_start),
        np.where(inside, path, np.nan) if keep else None,
    )
