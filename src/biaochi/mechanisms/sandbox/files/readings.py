"""Reading readings.csv, incidents.csv and streams: every fault with its row, large files by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from biaochi.core.canonical import instant
from biaochi.core.text import Text
from biaochi.exchange.columnar import Streamed
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.sandbox.decisions import Arrivals, microseconds, moment
from biaochi.mechanisms.sandbox.files.checks import (
    check_arrival,
    check_keys,
    check_registration,
    check_values,
    groups_of,
    positions_of,
)
from biaochi.mechanisms.sandbox.model import Case, Incident, Severity, Stream, read_instant
from biaochi.methods.surveillance import READING_FAULTS, Rule, impossible, reading_fault

READING_COLUMNS = (
    Column("case", "code", Text("案例", "case")),
    Column("metric", "code", Text("指标", "metric")),
    Column("at", "code", Text("发生时刻", "instant of the reading")),
    Column("value", "number", Text("读数", "value"), blank=True),
    Column("exposure", "number", Text("暴露量", "exposure"), required=False, blank=True),
    Column("exposure_low", "number", Text("暴露量下限", "lower end of the exposure"), required=False, blank=True),
    Column("exposure_high", "number", Text("暴露量上限", "upper end of the exposure"), required=False, blank=True),
    Column("received_at", "code", Text("到达时刻", "instant of arrival"), required=False, blank=True),
    Column("revision", "integer", Text("修订号", "revision"), required=False, blank=True, low=0),
    Column("seq", "integer", Text("序号", "sequence"), required=False, blank=True),
    Column("source", "text", Text("来源", "source"), required=False, blank=True),
)
INCIDENT_COLUMNS = (
    Column("case", "code", Text("案例", "case")),
    Column("incident", "code", Text("事件", "incident")),
    Column("occurred_at", "code", Text("发生时刻", "when it happened")),
    Column("reported_at", "code", Text("报告时刻", "when it was reported")),
    Column("severity", "choice", Text("严重程度", "severity"), choices=tuple(s.value for s in Severity)),
    Column("text", "text", Text("说明", "text"), required=False, blank=True),
)
STREAM_COLUMNS = (
    Column("stream", "code", Text("流", "stream")),
    Column("value", "number", Text("读数", "value"), blank=True),
    Column("exposure", "number", Text("暴露量", "exposure"), required=False, blank=True),
    Column("at", "code", Text("时刻", "instant"), required=False, blank=True),
)
_NONE = np.iinfo(np.int64).min
_WHOLE = 4_000_000


@dataclass(frozen=True)
class Readings:
    """All readings, by case and metric in order of arrival; ``last`` is the last arrival."""

    by_case: Mapping[str, Mapping[str, Arrivals]]
    last: int | None
    frame: pd.DataFrame
    source: Source | Streamed


def read_columns(path: Path, columns: Sequence[Column], faults: Faults) -> tuple[pd.DataFrame, Source | Streamed]:
    """Read a table whole: delimited text by column, a workbook cell by cell; absent optional columns are left out."""
    if path.is_file() and path.suffix.lower() != ".xlsx":
        streamed = Streamed(path, columns, rows=_WHOLE)
        parts = list(streamed.slices())
        return (parts[0] if len(parts) == 1 else _joined(parts, columns)), streamed
    table = read_table(path, columns, faults=faults)
    return table.frame, table.source


def _joined(parts: list[pd.DataFrame], columns: Sequence[Column]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({"row": np.empty(0, np.int64), **{c.name: np.empty(0, object) for c in columns}})
    return pd.concat([p.astype({c: object for c in p if p[c].dtype == "category"}) for p in parts], ignore_index=True)


def read_readings(path: Path, cases: Sequence[Case], zone: ZoneInfo) -> Readings:
    """Read readings.csv against the registered plans.

    Raises
    ------
    InputError
        With every fault and its row: unknown case or metric, impossible values, repeated keys, gaps between revisions,
        arrivals before the reading, readings before registration.
    """
    faults = Faults(path.name)
    raw, source = read_columns(path, READING_COLUMNS, faults)
    faults.check()
    return _readings(raw, cases, zone, faults, source)


def readings_from(source: Source, cases: Sequence[Case], zone: ZoneInfo) -> Readings:
    """Read the bytes of a bundle's readings.csv; whether they follow registration is the bundle's own check."""
    faults = Faults(source.name)
    table = read_table(source, READING_COLUMNS, faults=faults)
    faults.check()
    return _readings(table.frame, cases, zone, faults, source, registered=False)


def _readings(
    raw: pd.DataFrame,
    cases: Sequence[Case],
    zone: ZoneInfo,
    faults: Faults,
    source: Source | Streamed,
    *,
    registered: bool = True,
) -> Readings:
    frame = typed_readings(raw, zone, faults)
    plans = {c.id: c.plan for c in cases if c.plan is not None}
    group = groups_of(frame, plans, faults)
    faults.check()
    check_arrival(frame, raw, faults)
    if registered:
        check_registration(frame, raw, plans, faults)
    check_keys(frame, faults)
    check_values(frame, plans, group, faults)
    faults.check()
    return arranged(frame, source)


def _instants(column: pd.Series, rows: np.ndarray, name: str, zone: ZoneInfo, faults: Faults) -> np.ndarray:
    """Return microseconds since 1970 for a column of text; each distinct text is read once."""
    codes, texts = pd.factorize(column)
    known = np.full(len(texts) + 1, _NONE, dtype=np.int64)
    for i, text in enumerate(texts):
        try:
            known[i] = microseconds(read_instant(str(text), zone))
        except ValueError:
            for position in np.flatnonzero(codes == i)[:100]:
                faults.add(
                    "bad_date",
                    Text("不是时刻", "this is not an instant"),
                    Text("请写成 2026-03-31T09:30", "write it as 2026-03-31T09:30"),
                    row=int(rows[position]),
                    column=name,
                    seen=text,
                )
    return known[codes]


def typed_readings(raw: pd.DataFrame, zone: ZoneInfo, faults: Faults) -> pd.DataFrame:
    """Return readings with instants in microseconds and defaults filled in, noting every time that is none."""
    rows, size = raw["row"].to_numpy(), len(raw)
    at = _instants(raw["at"], rows, "at", zone, faults)
    received = at
    if "received_at" in raw:
        text = raw["received_at"].astype(object)
        given = _instants(text.where(text.notna() & (text != ""), None), rows, "received_at", zone, faults)
        received = np.where(given == _NONE, at, given)
    value = raw["value"].to_numpy(dtype=float)
    exposure = _numbers(raw, "exposure", size)
    exposure = np.where(np.isnan(exposure), 1.0, exposure)
    return pd.DataFrame(
        {
            "row": rows,
            "case": raw["case"],
            "metric": raw["metric"],
            "at": at,
            "received_at": received,
            "seq": np.nan_to_num(_numbers(raw, "seq", size)).astype(np.int64),
            "revision": np.nan_to_num(_numbers(raw, "revision", size)).astype(np.int64),
            "value": value,
            "exposure": exposure,
            "low": _numbers(raw, "exposure_low", size),
            "high": _numbers(raw, "exposure_high", size),
            "source": raw["source"].astype(object).fillna("") if "source" in raw else "",
        }
    )


def _numbers(raw: pd.DataFrame, name: str, size: int) -> np.ndarray:
    return raw[name].to_numpy(dtype=float) if name in raw else np.full(size, np.nan)


def arranged(frame: pd.DataFrame, source: Source | Streamed) -> Readings:
    """Return typed readings in order of arrival, by case and metric."""
    order = np.lexsort((frame["revision"], frame["seq"], frame["at"], frame["received_at"]))
    by_case: dict[str, dict[str, Arrivals]] = {}
    arranged = frame.iloc[order]
    columns = [arranged[n].to_numpy() for n in ("at", "received_at", "seq", "revision", "value", "exposure", "high")]
    for (case, metric), positions in positions_of(arranged).items():
        by_case.setdefault(case, {})[metric] = Arrivals(*(c[positions] for c in columns))
    last = int(frame["received_at"].max()) if len(frame) else None
    return Readings(by_case, last, arranged, source)


def read_incidents(path: Path, cases: Sequence[Case], zone: ZoneInfo) -> tuple[dict[str, tuple[Incident, ...]], Source]:
    """Read incidents.csv; every incident belongs to a known case and was reported after it happened."""
    source = Source.read(path)
    return incidents_from(source, cases, zone), source


def incidents_from(source: Source, cases: Sequence[Case], zone: ZoneInfo) -> dict[str, tuple[Incident, ...]]:
    """Read the bytes of an incidents.csv."""
    faults = Faults(source.name)
    table = read_table(source, INCIDENT_COLUMNS, key=("case", "incident"), faults=faults)
    known = {c.id for c in cases}
    found: dict[str, list[Incident]] = {}
    for line in table.frame.to_dict("records"):
        row = int(line["row"])
        if line["case"] and line["case"] not in known:
            faults.add(
                "unknown_case", Text("没有这个案例", "there is no such case"), Text("请核对编号", "check the id"),
                row=row, column="case", seen=line["case"],
            )  # fmt: skip
        moments: list[datetime | None] = []
        for name in ("occurred_at", "reported_at"):
            moments.append(_moment(line[name], name, row, zone, faults))
        occurred, reported = moments
        if occurred is None or reported is None:
            continue
        if reported < occurred:
            faults.add(
                "received_before_at", Text("报告早于发生", "it was reported before it happened"),
                Text("请核对两个时刻", "check both instants"), row=row, column="reported_at", seen=line["reported_at"],
            )  # fmt: skip
        found.setdefault(line["case"], []).append(
            Incident(line["incident"], occurred, reported, line["severity"], line["text"])
        )
    faults.check()
    return {
        case: tuple(sorted(items, key=lambda i: (i.reported_at, i.occurred_at, i.id))) for case, items in found.items()
    }


def reading_frame(readings: Readings, case: str, as_of: datetime) -> pd.DataFrame:
    """Return a case's rows that had arrived by ``as_of``, in order of arrival, with the columns of readings.csv."""
    frame = readings.frame
    own = frame[(frame["case"].astype(object) == case) & (frame["received_at"] <= microseconds(as_of))]
    return pd.DataFrame(
        {
            "case": own["case"].astype(object),
            "metric": own["metric"].astype(object),
            "at": [instant(moment(t)) for t in own["at"].tolist()],
            "value": own["value"],
            "exposure": own["exposure"],
            "exposure_low": own["low"],
            "exposure_high": own["high"],
            "received_at": [instant(moment(t)) for t in own["received_at"].tolist()],
            "revision": own["revision"],
            "seq": own["seq"],
            "source": own["source"],
        }
    )


def incident_frame(case: str, incidents: Sequence[Incident], as_of: datetime) -> pd.DataFrame:
    """Return a case's incidents reported by ``as_of``, with the columns of incidents.csv."""
    rows = [
        (case, i.id, instant(i.occurred_at), instant(i.reported_at), i.severity, i.text)
        for i in incidents
        if i.reported_at <= as_of
    ]
    return pd.DataFrame(rows, columns=[c.name for c in INCIDENT_COLUMNS])


def _moment(text: str, name: str, row: int, zone: ZoneInfo, faults: Faults) -> datetime | None:
    if not text:
        return None
    try:
        return read_instant(text, zone)
    except ValueError:
        faults.add(
            "bad_date", Text("不是时刻", "this is not an instant"),
            Text("请写成 2026-03-31T09:30", "write it as 2026-03-31T09:30"), row=row, column=name, seen=text,
        )  # fmt: skip
        return None


def read_streams(path: Path) -> tuple[list[Stream], Source | Streamed, int]:
    """Read streams.csv: streams in order of first appearance, readings in file order.

    Empty values are no readings.  Returns the streams, the file and its number of rows.
    """
    faults = Faults(path.name)
    raw, source = read_columns(path, STREAM_COLUMNS, faults)
    faults.check()
    value, exposure = raw["value"].to_numpy(dtype=float), _numbers(raw, "exposure", len(raw))
    exposure = np.where(np.isnan(exposure), 1.0, exposure)
    at = raw["at"].astype(object).fillna("").to_numpy() if "at" in raw else np.full(len(raw), "", dtype=object)
    found = []
    for name, positions in raw.groupby("stream", sort=False, observed=True).indices.items():
        kept = positions[~np.isnan(value[positions])]
        found.append(
            Stream(str(name), raw["row"].to_numpy()[kept], value[kept], exposure[kept], [str(t) for t in at[kept]])
        )
    return found, source, len(raw)


def check_stream(stream: Stream, rule: Rule, faults: Faults) -> None:
    """Note every reading of a stream that the rule's method cannot have."""
    for i in np.flatnonzero(impossible(rule, stream.values, stream.exposure)):
        code = reading_fault(rule, float(stream.values[i]), float(stream.exposure[i]))
        message, fix = READING_FAULTS[code]
        wrong_exposure = code == "exposure_not_positive"
        faults.add(
            code, message, fix, row=int(stream.rows[i]), column="exposure" if wrong_exposure else "value",
            seen=f"{stream.exposure[i] if wrong_exposure else stream.values[i]:g}",
        )  # fmt: skip
