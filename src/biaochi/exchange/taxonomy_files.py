"""Reading the taxonomy of directions and tracks: the shipped one, or an office's own of the same form.

Three tables: ``tracks.csv`` (track, name_zh, name_en, direction), ``aliases.csv`` (track, alias) and ``national.csv``
(track, date, wording, source, evidence).  Only rows whose wording was seen raise a national flag.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from biaochi.core.taxonomy import Direction, Taxonomy, Track
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, Table, read_table

Record = Mapping[Hashable, Any]
TRACK = Column("track", "code", Text("赛道代码", "track code"), example="quantum")
TRACK_COLUMNS = (
    TRACK,
    Column("name_zh", "text", Text("中文名", "name in Chinese"), example="量子科技"),
    Column("name_en", "text", Text("英文名", "name in English"), example="Quantum technology"),
    Column("direction", "choice", Text("方向", "direction"), choices=tuple(d.value for d in Direction)),
)
ALIAS_COLUMNS = (TRACK, Column("alias", "text", Text("别名", "alias"), example="量子信息"))
NATIONAL_COLUMNS = (
    TRACK,
    Column("date", "date", Text("日期", "date"), example="2025-10"),
    Column("wording", "text", Text("原文表述", "original wording"), required=False, blank=True),
    Column("source", "text", Text("文件", "document")),
    Column("evidence", "choice", Text("证据", "evidence"), choices=("seen", "memory")),
)


@cache
def shipped_taxonomy() -> Taxonomy:
    """Return the 45 tracks that ship with Biaochi, with aliases and dated national flags.

    Examples
    --------
    >>> taxonomy = shipped_taxonomy()
    >>> len(taxonomy), taxonomy.find("仿生机器人").code
    (45, 'embodied')
    >>> taxonomy["fusion"].national_since(date(2025, 12, 31))
    datetime.date(2025, 10, 31)
    """
    folder = files("biaochi").joinpath("data", "taxonomy")
    tracks, aliases, national = (
        Source(name, folder.joinpath(name).read_bytes()) for name in ("tracks.csv", "aliases.csv", "national.csv")
    )
    return read_taxonomy(tracks, aliases, national)


def read_taxonomy(tracks: Source, aliases: Source | None = None, national: Source | None = None) -> Taxonomy:
    """Read a taxonomy from its tables.

    Raises
    ------
    InputError
        With every fault of the tables: unreadable cells, repeated codes, an alias that names two tracks, an alias
        or a flag of a track that is not declared (``unknown_track``).
    """
    faults = Faults()
    declared = read_table(tracks, TRACK_COLUMNS, key=("track",), faults=faults)
    codes = set(declared.frame["track"])
    names = read_table(aliases, ALIAS_COLUMNS, key=("alias",), faults=faults) if aliases else None
    flags = read_table(national, NATIONAL_COLUMNS, faults=faults) if national else None
    for table in (names, flags):
        if table is not None:
            _known(table, codes, faults)
    if names is not None:
        _distinct(declared, names, faults)
    faults.check()
    aliases_of = _by_track(names, lambda row: str(row["alias"]))
    days_of = _by_track(flags, _day, keep=lambda row: row["evidence"] == "seen")
    return Taxonomy(
        Track(
            str(row["track"]),
            Text(str(row["name_zh"]), str(row["name_en"])),
            Direction(row["direction"]),
            tuple(str(a) for a in aliases_of.get(str(row["track"]), ())),
            tuple(sorted({d for d in days_of.get(str(row["track"]), ()) if isinstance(d, date)})),
        )
        for row in declared.frame.to_dict("records")
    )


def _day(row: Record) -> object:
    return row["date"]


def _by_track(
    table: Table | None,
    value: Callable[[Record], object],
    keep: Callable[[Record], bool] = lambda row: True,
) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for row in table.frame.to_dict("records") if table is not None else []:
        if keep(row):
            found.setdefault(str(row["track"]), []).append(value(row))
    return found


def _known(table: Table, codes: set[str], faults: Faults) -> None:
    for row in table.frame.to_dict("records"):
        if row["track"] and row["track"] not in codes:
            faults.add(
                "unknown_track",
                Text("没有这个赛道代码", "there is no track of this code"),
                Text("请对照赛道表", "compare it with the table of tracks"),
                row=int(row["row"]),
                column="track",
                seen=row["track"],
                file=table.source.name,
            )


def _distinct(declared: Table, names: Table, faults: Faults) -> None:
    owner = {}
    for row in declared.frame.to_dict("records"):
        for name in (row["track"], row["name_zh"], row["name_en"]):
            owner[str(name).casefold()] = row["track"]
    for row in names.frame.to_dict("records"):
        other = owner.get(str(row["alias"]).casefold(), row["track"])
        if other != row["track"]:
            faults.add(
                "ambiguous_alias",
                Text(f"这个别名也是 {other} 的名称", f"this alias is also a name of {other}"),
                Text("一个名称只能指一个赛道", "a name may mean one track only"),
                row=int(row["row"]),
                column="alias",
                seen=row["alias"],
                file=names.source.name,
            )
