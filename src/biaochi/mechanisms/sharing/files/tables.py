"""The files sharing reads, described once; instants are told in the office's own time, UTC+8."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import Column, Kind, TableReader
from biaochi.mechanisms.sharing.model import BookingStatus, Resource, ResourceKind

RECODED = {"negative_value": "negative"}
OFFICE = timezone(timedelta(hours=8))


def _column(name: str, kind: Kind, zh: str, en: str, *, must: bool = False, **rest: Any) -> Column:
    return Column(name, kind, Text(zh, en), required=must, **rest)


RESOURCE_COLUMNS: tuple[Column, ...] = (
    _column("resource", "code", "资源", "resource", must=True),
    _column("owner", "code", "所有者", "owner"),
    _column("kind", "choice", "类型", "kind", choices=tuple(k.value for k in ResourceKind)),
    _column("unit", "text", "单位", "unit"),
    _column("capacity", "number", "容量", "capacity", low=0),
    _column("open_from", "instant", "开放自", "open from"),
    _column("open_to", "instant", "开放至", "open to"),
)
BOOKING_COLUMNS: tuple[Column, ...] = (
    _column("booking", "code", "预约", "booking", must=True),
    _column("resource", "code", "资源", "resource", must=True),
    _column("user", "code", "用户", "user"),
    _column("group", "code", "用户类别", "group of user"),
    _column("class", "code", "价格类别", "price class"),
    _column("requested_at", "instant", "申请时刻", "requested at"),
    _column("from", "instant", "起", "from", must=True),
    _column("to", "instant", "止", "to", must=True),
    _column("units", "number", "单位数", "units", low=0),
    _column("status", "choice", "状态", "status", must=True, choices=tuple(s.value for s in BookingStatus)),
    _column("used_units", "number", "实用单位数", "units used", low=0),
    _column("charge", "money", "收费", "charge", low=0),
    _column("subsidy", "money", "补贴", "subsidy", low=0),
)
PRICE_COLUMNS: tuple[Column, ...] = (
    _column("resource", "code", "资源", "resource", must=True),
    _column("class", "code", "价格类别", "price class"),
    _column("from", "date", "自", "from"),
    _column("to", "date", "至", "to"),
    _column("unit_price", "money", "单价", "price of a unit", must=True, low=0),
)


def local(value: pd.Timestamp | None) -> pd.Timestamp | None:
    """Return an instant in the office's time without a zone; one without a zone already is."""
    if value is None or value.tzinfo is None:
        return value
    return value.tz_convert(OFFICE).tz_localize(None)


def read_resources(call: TableReader, path: Path, faults: Faults) -> dict[str, Resource]:
    """Read resources."""
    own = Faults(path.name)
    frame = call.table(path, RESOURCE_COLUMNS, key=("resource",), faults=own).frame
    _reversed(frame, "open_from", "open_to", own)
    own.recode(RECODED)
    faults.extend(own)
    return {
        str(r["resource"]): Resource(
            str(r["resource"]),
            str(r["owner"]),
            ResourceKind(r["kind"]) if r["kind"] else None,
            str(r["unit"]),
            None if np.isnan(r["capacity"]) else float(r["capacity"]),
            _plain(r["open_from"]),
            _plain(r["open_to"]),
            int(r["row"]),
        )
        for r in frame.to_dict("records")
    }


def _plain(value: pd.Timestamp | None) -> datetime | None:
    found = local(value)
    return None if found is None else found.to_pydatetime()


def read_bookings(call: TableReader, path: Path, resources: dict[str, Resource], faults: Faults) -> pd.DataFrame:
    """Read bookings: each must end after it begins and name a resource that is there."""
    own = Faults(path.name)
    frame = call.table(path, BOOKING_COLUMNS, key=("booking",), faults=own).frame
    for name in ("requested_at", "from", "to"):
        frame[name] = pd.Series([local(v) for v in frame[name]], dtype=object)
    _reversed(frame, "from", "to", own, strict=True)
    for row, name in zip(frame["row"], frame["resource"], strict=True):
        if name not in resources:
            _unknown(own, int(row), str(name))
    own.recode(RECODED)
    faults.extend(own)
    # A booking without a number of units takes one.
    frame["units"] = frame["units"].fillna(1.0)
    return frame


def timed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return bookings whose instants are columns of time, once no cell is at fault."""
    return frame.assign(**{c: pd.to_datetime(frame[c]) for c in ("from", "to")})


def read_prices(call: TableReader, path: Path, resources: dict[str, Resource], faults: Faults) -> pd.DataFrame:
    """Read listed prices; two prices of one resource and class may not hold on one day."""
    own = Faults(path.name)
    frame = call.table(path, PRICE_COLUMNS, faults=own).frame
    _reversed(frame, "from", "to", own)
    for row, name in zip(frame["row"], frame["resource"], strict=True):
        if name not in resources:
            _unknown(own, int(row), str(name))
    own.recode(RECODED)
    faults.extend(own)
    return frame


def _unknown(faults: Faults, row: int, name: str) -> None:
    faults.add(
        "unknown_reference",
        Text(f"没有资源 {name}", f"there is no resource {name}"),
        Text("请核对标识", "check the identifier"),
        row=row,
        column="resource",
        seen=name,
    )


def _reversed(frame: pd.DataFrame, start: str, end: str, faults: Faults, *, strict: bool = False) -> None:
    for row, a, z in zip(frame["row"], frame[start], frame[end], strict=True):
        if a is not None and z is not None and (z < a or (strict and z == a)):
            faults.add(
                "reversed_interval",
                Text(f"{end} 不晚于 {start}", f"{end} does not lie after {start}"),
                Text("请核对起止", "check both"),
                row=int(row),
                column=end,
                seen=f"{a} … {z}",
            )
