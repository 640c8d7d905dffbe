"""The input tables of the layout: their columns, and readers that find every fault."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, Table, read_table
from biaochi.mechanisms.layout.files.register import Register
from biaochi.mechanisms.layout.model.menu import Demand
from biaochi.mechanisms.layout.model.plans import NATION, Level

REGION = Column("region", "code", Text("地区", "region"), example="浙江")
TRACK = Column("track", "code", Text("赛道", "track"), example="quantum")
ACTIVITY = (
    REGION,
    TRACK,
    Column("period", "period", Text("时期", "period"), example="2024"),
    Column("value", "number", Text("数值", "value"), low=0.0, example="12"),
    Column("unit", "text", Text("单位", "unit"), required=False, blank=True),
    Column("source", "text", Text("来源", "source"), required=False, blank=True),
    Column("se", "number", Text("标准误", "standard error"), required=False, blank=True, low=0.0),
)
PLANS = (
    REGION,
    Column("level", "choice", Text("层级", "level"), False, True, choices=("national", *(v.value for v in Level))),
    Column("kind", "choice", Text("文件类型", "kind"), False, True, choices=("plan", "list", "speech")),
    TRACK,
    Column("wording", "text", Text("原文表述", "original wording"), example="量子信息"),
    Column("source", "text", Text("文件", "document")),
    Column("date", "date", Text("日期", "date"), example="2024-12"),
    Column("evidence", "choice", Text("证据", "evidence"), False, True, choices=("seen", "memory")),
    Column("coverage", "text", Text("清单是否完整", "coverage"), example="complete"),
)
TRACKS = (
    TRACK,
    Column("name_zh", "text", Text("中文名", "name in Chinese")),
    Column("name_en", "text", Text("英文名", "name in English")),
    Column("direction", "code", Text("方向", "direction")),
    *(
        Column(name, "number", title, required=False, blank=True, low=0.0)
        for name, title in (
            ("value", Text("价值", "value")),
            ("demand", Text("需求", "demand")),
            ("demand_lo", Text("需求低值", "low demand")),
            ("demand_hi", Text("需求高值", "high demand")),
            ("capacity", Text("单处产能", "capacity of one place")),
            ("kappa", Text("共享收益系数", "gain shared")),
            ("min_regions", Text("最少地区数", "least number of regions")),
            ("max_regions", Text("最多地区数", "greatest number of regions")),
        )
    ),
)
GAINS = (REGION, TRACK, Column("p", "number", Text("成功概率", "probability"), example="0.3"))
CONCORDANCE = (
    TRACK,
    Column("class", "code", Text("所属类别", "parent class")),
    Column("weight", "number", Text("权重", "weight"), low=0.0, example="1"),
)
UNIVERSE = (REGION,)
Record = Mapping[Hashable, Any]


def records(table: Table) -> list[dict[Hashable, Any]]:
    """Return the rows of a table as records."""
    return list(table.frame.to_dict("records"))


def shipped(name: str) -> Source:
    """Return a file of the shipped plans."""
    return Source(name, files("biaochi").joinpath("data", "plans", name).read_bytes())


def read(
    call: Register,
    place: Path | Source,
    columns: tuple[Column, ...],
    faults: Faults,
    *,
    key: tuple[str, ...] = (),
    duplicate_code: str = "duplicate_key",
) -> Table:
    """Read a table of the layout and remember it among the inputs."""
    table = read_table(place, columns, key=key, faults=faults, duplicate_code=duplicate_code)
    call.remember(table.source, len(table))
    return table


def read_tracks(call: Register, path: Path | Source | None, faults: Faults) -> Table:
    """Read the tracks: an office's own, or the shipped ones; demands are checked to be ranges."""
    table = read(call, path or shipped("tracks.csv"), TRACKS, faults, key=("track",))
    for row in records(table):
        low, mid, high = row["demand_lo"], row["demand"], row["demand_hi"]
        given = [v for v in (low, mid, high) if not np.isnan(v)]
        if given and given != sorted(given):
            faults.add(
                "out_of_range",
                Text("需求区间颠倒", "the demand range is upside down"),
                Text("须 demand_lo ≤ demand ≤ demand_hi", "demand_lo ≤ demand ≤ demand_hi is needed"),
                row=int(row["row"]),
                column="demand",
                seen=f"{low}, {mid}, {high}",
                file=table.source.name,
            )
    return table


def demands(tracks: Table) -> dict[str, Demand]:
    """Return the demand of every track that states a range and a capacity; a missing centre is the middle."""
    found = {}
    for row in records(tracks):
        low, high, capacity = row["demand_lo"], row["demand_hi"], row["capacity"]
        if any(np.isnan(v) for v in (low, high, capacity)) or not capacity > 0 or low > high:
            continue
        centre = (low + high) / 2 if np.isnan(row["demand"]) else row["demand"]
        if low <= centre <= high:
            found[str(row["track"])] = Demand(centre, low, high, capacity)
    return found


def read_plans(
    call: Register,
    path: Path | Source | None,
    tracks: Collection[str],
    universe: Collection[str] | None,
    level: Level,
    faults: Faults,
) -> pd.DataFrame:
    """Read declared plans: an office's own, or the shipped ones.

    Rows without a level belong to ``level``, those of 全国 to the nation; rows without evidence were seen.
    """
    table = read(call, path or shipped("region_tracks.csv"), PLANS, faults)
    name = table.source.name
    for row in records(table):
        if row["coverage"] not in ("complete", "partial", ""):
            faults.add(
                "bad_coverage",
                Text("coverage 只能是 complete 或 partial", "coverage is complete or partial"),
                Text("清单完整写 complete，否则写 partial", "write complete for a whole list, else partial"),
                row=int(row["row"]),
                column="coverage",
                seen=row["coverage"],
                file=name,
            )
        unknown_track(row, tracks, faults, name)
    frame = table.frame.copy()
    national = (frame["level"] == "national") | ((frame["level"] == "") & (frame["region"] == NATION))
    frame.loc[frame["level"] == "", "level"] = level.value
    frame.loc[national, "level"] = "national"
    frame.loc[frame["evidence"] == "", "evidence"] = "seen"
    if universe is not None:
        for row in frame[frame["level"] == level.value].to_dict("records"):
            unknown_region(row, universe, faults, name)
    return frame


def read_universe(call: Register, path: Path | None, level: Level, faults: Faults) -> list[str] | None:
    """Read the regions asked about, one a line with or without a header; for provinces the 31 by default."""
    if path is None:
        if level is not Level.PROVINCE:
            return None
        frame = read_table(shipped("provinces.csv"), (REGION, Column("code", "code", Text("代码", "code")))).frame
        return [str(r) for r in frame["region"]]
    source = call.source(path)
    lines = [line.strip() for line in source.text().splitlines()]
    kept = [(n, line) for n, line in enumerate(lines, start=1) if line and line != "region"]
    call.remember(source, len(kept))
    names: list[str] = []
    for number, line in kept:
        if line in names:
            faults.add(
                "duplicate_key",
                Text("地区重复", "the region repeats"),
                Text("请只留一行", "keep one of the lines"),
                row=number,
                seen=line,
                file=source.name,
            )
        names.append(line)
    return list(dict.fromkeys(names))


def unknown_track(row: Record, tracks: Collection[str], faults: Faults, file: str) -> None:
    """Note a row whose track is not declared."""
    if row["track"] and row["track"] not in tracks:
        faults.add(
            "unknown_track",
            Text("没有这个赛道代码", "there is no track of this code"),
            Text("请对照 tracks.csv", "compare it with tracks.csv"),
            row=int(row["row"]),
            column="track",
            seen=row["track"],
            file=file,
        )


def unknown_region(row: Record, regions: Collection[str], faults: Faults, file: str) -> None:
    """Note a row whose region is not among those asked about."""
    if row["region"] and row["region"] not in regions:
        faults.add(
            "unknown_region",
            Text("没有这个地区", "there is no such region"),
            Text("请对照地区表（--universe）", "compare it with the list of regions (--universe)"),
            row=int(row["row"]),
            column="region",
            seen=row["region"],
            file=file,
        )


def read_activity(call: Register, path: Path | Source, faults: Faults) -> Table:
    """Read an activity table; all rows must share one unit."""
    key = ("region", "track", "period")
    table = read(call, path, ACTIVITY, faults, key=key, duplicate_code="duplicate_cell")
    units = table.frame["unit"]
    if units.nunique() > 1:
        first = units.iloc[0]
        for row in table.frame[units != first].head(20).to_dict("records"):
            faults.add(
                "mixed_units",
                Text(
                    f"单位与第一行（{first or '空'}）不同",
                    f"the unit differs from the first row's ({first or 'empty'})",
                ),
                Text("一张表只能有一种单位", "a table holds one unit"),
                row=int(row["row"]),
                column="unit",
                seen=row["unit"],
                file=table.source.name,
            )
    return table
