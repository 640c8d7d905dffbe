"""Reading a register of titles."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import TableReader
from biaochi.mechanisms.cultivation.files.tables import RECODED, REGISTRY_COLUMNS
from biaochi.mechanisms.cultivation.model import EndCause, Grant


def read_registry(call: TableReader, path: Path) -> list[Grant]:
    """Return every title of a register, or raise all faults."""
    faults = Faults(path.name)
    frame = call.table(path, REGISTRY_COLUMNS, faults=faults).frame
    for record in frame.to_dict("records"):
        check_order(record, faults)
    faults.recode(RECODED)
    faults.check()
    return [
        Grant(
            str(r["firm"]),
            str(r["grade"]),
            str(r["batch"]),
            r["granted_on"],
            r["valid_to"],
            r["ended_on"],
            EndCause(r["end_cause"]) if r["end_cause"] else None,
            str(r["successor"]),
            r["listed_from"],
            int(r["row"]),
        )
        for r in frame.to_dict("records")
    ]


def check_order(record: Mapping[Hashable, object], faults: Faults) -> None:
    """Find a title that ends before it begins."""
    start = record["granted_on"]
    for name in ("valid_to", "ended_on"):
        end = record[name]
        if isinstance(start, date) and isinstance(end, date) and end < start:
            faults.add(
                "reversed_interval",
                Text(f"{name} 早于 granted_on", f"{name} lies before granted_on"),
                Text("请核对两个日期", "check both dates"),
                row=int(str(record["row"])),
                column=name,
                seen=f"{start} … {end}",
            )
