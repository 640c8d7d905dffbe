"""Readings sent to the site: the same columns, checks and fault codes as readings.csv, against what already arrived."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from biaochi.core.canonical import instant
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import read_table
from biaochi.mechanisms.sandbox.decisions import moment
from biaochi.mechanisms.sandbox.files.checks import (
    check_arrival,
    check_keys,
    check_registration,
    check_values,
    groups_of,
)
from biaochi.mechanisms.sandbox.files.readings import READING_COLUMNS, typed_readings
from biaochi.mechanisms.sandbox.model import Case

NAME = "readings"
KEY = ["metric", "at", "seq", "revision"]
_CONTENT = ["value", "exposure", "low", "high"]


@dataclass(frozen=True)
class Posted:
    """Clean new rows in order of (at, seq, revision), and how many were sent before exactly so."""

    frame: pd.DataFrame
    duplicates: int


@dataclass(frozen=True)
class Sent:
    """Rows whose cells were read; what arrived before is still to be compared."""

    frame: pd.DataFrame
    raw: pd.DataFrame
    faults: Faults


def read_sent(rows: Sequence[Mapping[str, object]], case: Case, zone: ZoneInfo, arrival: int) -> Sent:
    """Read the cells of rows sent as JSON.

    A row may leave ``case`` out; ``received_at`` is the site's own clock, whatever was sent.  Rows are numbered as in a
    table: the first is 2.

    Raises
    ------
    InputError
        With every cell that cannot be read, and every row of another case or an unknown metric.
    """
    faults = Faults(NAME)
    raw = read_table(Source(f"{NAME}.csv", _as_table(rows, case.id)), READING_COLUMNS, faults=faults).frame
    faults.check()
    raw = raw.assign(received_at=instant(moment(arrival)))
    frame = typed_readings(raw, zone, faults)
    faults.check()
    frame["received_at"] = arrival
    return Sent(frame, raw, faults)


def settle_sent(sent: Sent, case: Case, stored: pd.DataFrame) -> Posted:
    """Check rows against the plan and against what arrived before; leave out what was sent before exactly so.

    Parameters
    ----------
    sent : Sent
        The rows.
    case : Case
        With its registered plan.
    stored : pandas.DataFrame
        Earlier arrivals of the same metric and time, every revision, with the columns of ``sent.frame``.

    Raises
    ------
    InputError
        With every fault and its row.
    """
    frame, raw, faults = sent.frame, sent.raw, sent.faults
    plans = {case.id: case.plan} if case.plan is not None else {}
    groups = groups_of(frame, plans, faults)
    faults.check()
    check_arrival(frame, raw, faults)
    check_registration(frame, raw, plans, faults)
    check_values(frame, plans, groups, faults)
    fresh = _without_repeats(frame, stored)
    check_keys(pd.concat([stored, fresh], ignore_index=True) if len(stored) else fresh, faults)
    faults.check()
    ordered = fresh.iloc[np.lexsort((fresh["revision"], fresh["seq"], fresh["at"]))].reset_index(drop=True)
    return Posted(ordered, len(frame) - len(fresh))


def _without_repeats(frame: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows whose key and content both occurred before, here or in what is stored."""
    columns = [*KEY, *_CONTENT]
    both = pd.concat([stored[columns], frame[columns]], ignore_index=True) if len(stored) else frame[columns]
    both = both.assign(metric=both["metric"].astype(object))
    repeated = both.duplicated().to_numpy()[len(stored) :]
    return frame[~repeated].reset_index(drop=True)


def _as_table(rows: Sequence[Mapping[str, object]], case: str) -> bytes:
    names = list(dict.fromkeys(["case", "metric", "at", "value", *(str(k) for r in rows for k in r)]))
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(names)
    for row in rows:
        table.writerow([_cell(row.get(n, case if n == "case" else None)) for n in names])
    return stream.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else json.dumps(value)


NO_STORED = pd.DataFrame(
    {"row": pd.Series(dtype="int64"), "case": pd.Series(dtype=object), "metric": pd.Series(dtype=object)}
    | {n: pd.Series(dtype="int64") for n in ("at", "received_at", "seq", "revision")}
    | {n: pd.Series(dtype="float64") for n in ("value", "exposure", "low", "high")}
    | {"source": pd.Series(dtype=object)}
)
TOO_MANY = Text("一次最多 1000 个读数", "at most 1,000 readings at once")
