"""Reading what the verbs need: firms slice by slice from CSV, XLSX or Parquet; rule sets; evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pandas as pd

from biaochi.core.errors import DefinitionError, InputError, MissingExtraError
from biaochi.core.text import Text
from biaochi.exchange.columnar import Streamed
from biaochi.exchange.command import Invocation
from biaochi.exchange.faults import Faults, unreadable
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_data
from biaochi.exchange.tables import read_table
from biaochi.mechanisms.cultivation.files.rules import shipped_rules
from biaochi.mechanisms.cultivation.files.tables import (
    BY_COLUMN,
    EVIDENCE_COLUMNS,
    FIRM_COLUMNS,
    RECODED,
    check_firms,
    in_yuan,
)
from biaochi.mechanisms.cultivation.model import in_order
from biaochi.methods.rules import RuleSet

PARAMETERS = "biaochi.mechanisms.cultivation"


def all_rules(call: Invocation, extra: Iterable[Path]) -> list[RuleSet]:
    """Return the shipped rule sets and those of the files or folders given; the same set@version is replaced."""
    found = {(r.code, r.version): r for r in shipped_rules()}
    for path in extra:
        for file in sorted(path.glob("*.yaml")) if path.is_dir() else [path]:
            source = call.source(file)
            data, _ = read_data(source)
            try:
                rules = RuleSet.from_mapping(data)
            except DefinitionError as error:
                raise unreadable(
                    file.name,
                    Text(f"不是有效的规则集：{error}", f"this is no valid rule set: {error}"),
                    Text("请对照规则集格式改正", "correct it by the format of rule sets"),
                    "bad_rule_set",
                ) from error
            found[(rules.code, rules.version)] = rules
    return in_order(found.values())


def firm_slices(call: Invocation, path: Path, *, wan: bool) -> Iterator[pd.DataFrame]:
    """Give a table of firms slice by slice, money in yuan; every fault of the file is raised together."""
    suffix = path.suffix.lower()
    try:
        if suffix in (".xlsx", ".parquet", ".pq"):
            frames: Iterable[pd.DataFrame] = [_whole(call, path, suffix)]
        else:
            streamed = Streamed(path, FIRM_COLUMNS, key="firm", duplicate_code="duplicate_firm", check=check_firms)
            call.remember(streamed, 0)
            frames = _remembered(call, streamed)
        for frame in frames:
            yield in_yuan(frame) if wan else frame
    except InputError as error:
        faults = Faults()
        faults.extend(error)
        faults.recode(RECODED, BY_COLUMN)
        raise InputError(faults.all()) from error


def _remembered(call: Invocation, streamed: Streamed) -> Iterator[pd.DataFrame]:
    yield from streamed.slices()
    call.remember(streamed, streamed.read)


def _whole(call: Invocation, path: Path, suffix: str) -> pd.DataFrame:
    source = Source.read(path)
    if suffix != ".xlsx":
        source = Source(f"{path.stem}.csv", _parquet_as_csv(path))
    faults = Faults(path.name)
    table = read_table(source, FIRM_COLUMNS, key=("firm",), faults=faults, duplicate_code="duplicate_firm")
    check_firms(table.frame, faults)
    faults.check()
    call.remember(Source.read(path), len(table))
    return table.frame


def _parquet_as_csv(path: Path) -> bytes:
    try:
        frame = pd.read_parquet(path)
    except ImportError as error:
        raise MissingExtraError("parquet", Text("读取 Parquet ", "reading Parquet")) from error
    return frame.to_csv(index=False).encode()


def read_evidence(call: Invocation, path: Path | None, as_of: date) -> pd.DataFrame | None:
    """Return the latest grade of each firm's column observed by ``as_of``."""
    if path is None:
        return None
    frame = call.table(path, EVIDENCE_COLUMNS).frame
    known = frame[frame["observed_on"].map(lambda d: d is None or d <= as_of)]
    order = known.assign(seen=known["observed_on"].map(lambda d: d or date.min)).sort_values("seen", kind="stable")
    return order.drop_duplicates(["firm", "column"], keep="last")[["firm", "column", "grade"]]
