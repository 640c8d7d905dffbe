"""From checked tables to panels, anchors and limits; what contradicts becomes a fault."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from biaochi.core.errors import UsageError
from biaochi.core.period import Period
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, Table, read_header
from biaochi.mechanisms.layout.files.register import Register
from biaochi.mechanisms.layout.files.tables import REGION, TRACK, read, read_activity
from biaochi.methods.specialisation.conventions import Anchor
from biaochi.methods.specialisation.entry import EntryEvent
from biaochi.methods.specialisation.panel import Panel

ANCHOR_VALUE = Column("value", "number", Text("数值", "value"))


@dataclass(frozen=True)
class Activity:
    """An activity table as a panel, with where it came from."""

    panel: Panel
    table: Table


def load_activity(call: Register, path: Path | Source, absent: str, faults: Faults) -> Activity | None:
    """Read activity as a panel; None when its faults forbid it."""
    before = len(faults)
    table = read_activity(call, path, faults)
    frame = table.frame
    if not len(frame) and len(faults) == before:
        faults.add(
            "too_few_periods",
            Text("表中没有数据", "the table holds no data"),
            Text("请填入数据", "add data"),
            file=table.source.name,
        )
    kinds = {Period.parse(p).kind for p in frame["period"] if p}
    if len(kinds) > 1:
        faults.add(
            "mixed_units",
            Text("年、季、月混在一起", "years, quarters and months are mixed"),
            Text("一张表只能有一种时期", "a table holds one kind of period"),
            column="period",
            seen=", ".join(sorted(kinds)),
            file=table.source.name,
        )
    if len(faults) > before:
        return None
    unit = str(frame["unit"].iloc[0])
    panel = Panel.from_frame(frame, absent=absent, unit=unit)
    return Activity(panel, table)


def windowed(activity: Activity, width: int, faults: Faults, *, step: int | None = None, least: int = 1) -> Panel:
    """Return windows that end with the newest period, each ``step`` after the last; too few are a fault."""
    step = step or width
    panel = activity.panel
    starts = list(range(len(panel.periods) - width, -1, -step))[::-1]
    if len(starts) < least:
        few_windows(faults, activity, len(starts), least)
        return panel
    return panel.from_starts(starts, width)


def few_windows(faults: Faults, activity: Activity, found: int, least: int) -> None:
    """Note that there are too few windows."""
    faults.add(
        "too_few_periods",
        Text(
            f"{len(activity.panel.periods)} 个时期只够 {found} 个窗口，至少要 {least} 个",
            f"{len(activity.panel.periods)} periods make {found} windows; {least} are needed",
        ),
        Text("请缩短 --window 或补充更多时期", "shorten --window or add periods"),
        column="period",
        seen=len(activity.panel.periods),
        file=activity.table.source.name,
    )


def load_anchor(
    call: Register, text: str | None, tracks: Collection[str], regions: Collection[str], faults: Faults
) -> Anchor | None:
    """Return the anchor: track codes with commas, or a table of tracks or of regions with values."""
    if text is None:
        return None
    path = Path(text)
    if not path.is_file():
        codes = [c.strip() for c in text.split(",") if c.strip()]
        for code in codes:
            if code not in tracks:
                _unknown_anchor(faults, code, "--anchor", 0)
        return Anchor("tracks", dict.fromkeys(codes, 1.0), text) if codes else None
    source = Source.read(path)
    by_region = "region" in read_header(source)
    label = REGION if by_region else TRACK
    table = read(call, source, (label, ANCHOR_VALUE), faults, key=(label.name,))
    known = regions if by_region else tracks
    values = {str(k): float(v) for k, v in zip(table.frame[label.name], table.frame["value"], strict=True)}
    if not set(values) & set(known):
        _unknown_anchor(faults, ", ".join(list(values)[:5]), table.source.name, 2)
        return None
    return Anchor("gdp" if by_region else "pci", values, source.name)


def _unknown_anchor(faults: Faults, seen: str, file: str, row: int) -> None:
    faults.add(
        "anchor_unknown",
        Text("锚不在活动表中", "the anchor is not in the activity table"),
        Text("请用表中的赛道或地区代码", "use codes of tracks or regions of the table"),
        row=row,
        seen=seen,
        file=file,
    )


def parse_event(text: str) -> EntryEvent:
    """Return the event, or say how to write one."""
    try:
        return EntryEvent.parse(text)
    except ValueError:
        raise UsageError(
            Text(
                f"--event 应为 loose、strict 或 absolute:A，见到 {text}",
                f"--event is loose, strict or absolute:A, seen {text}",
            )
        ) from None


def parse_list(text: str | None) -> list[str] | None:
    """Return the parts of a comma-separated option; None when it was not given."""
    if text is None:
        return None
    return [part.strip() for part in text.split(",") if part.strip()]


def one_of(name: str, seen: Sequence[str], allowed: Sequence[str]) -> None:
    """Refuse values that do not exist."""
    wrong = [s for s in seen if s not in allowed]
    if wrong:
        raise UsageError(
            Text(
                f"{name} 没有 {'、'.join(wrong)}；可选 {'、'.join(allowed)}",
                f"{name} has no {', '.join(wrong)}; choose from {', '.join(allowed)}",
            )
        )
