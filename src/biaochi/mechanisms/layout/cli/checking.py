"""The verb that checks files: every fault of every file at once, its kind told by its header."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    Format,
    FormatOption,
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
    tell_faults,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import read_header
from biaochi.mechanisms.layout.cli.options import Absent
from biaochi.mechanisms.layout.files.constraints import read_constraints
from biaochi.mechanisms.layout.files.gains import checked_probabilities
from biaochi.mechanisms.layout.files.reading import load_activity
from biaochi.mechanisms.layout.files.tables import (
    CONCORDANCE,
    GAINS,
    read,
    read_plans,
    read_tracks,
    records,
    unknown_track,
)
from biaochi.mechanisms.layout.model import Level

MARKS = {
    "plans": {"region", "track", "coverage"},
    "activity": {"region", "track", "period"},
    "gains": {"region", "track", "p"},
    "concordance": {"track", "class"},
    "tracks": {"track", "direction"},
}


def check(
    files: Annotated[list[Path], typer.Argument(help="要检查的文件 / files to check")],
    out: OutOption = None,
    output: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """检查输入文件，一次列出全部错误 / check input files and list every fault at once."""
    options = Options(out, output, lang, seed, at, as_of)
    with invocation("biaochi.layout.check/1", options) as call:
        faults = Faults()
        kinds = {path: _kind(path, faults) for path in files}
        codes = _codes(call, [p for p, kind in kinds.items() if kind == "tracks"])
        described = []
        for path, kind in kinds.items():
            rows = _READERS[kind](call, path, codes, faults) if kind else 0
            described.append({"path": path.name, "kind": kind or None, "rows": rows})
        found = faults.all()
        if found:
            tell_faults(found, options.language)
        n = len(found)
        call.finish(
            {"ok": not found, "files": described, "faults": [f.to_dict(options.language) for f in found]},
            summary=Text(f"共 {n} 处错误" if n else "全部通过", f"{n} faults" if n else "all files pass"),
            exit_code=1 if found else 0,
        )


def _kind(path: Path, faults: Faults) -> str:
    """Return the kind of a file, empty when it is none of ours."""
    if path.suffix.lower() in (".yaml", ".yml", ".json"):
        return "constraints"
    try:
        header = set(read_header(Source.read(path)))
    except InputError as error:
        faults.extend(error)
        return ""
    for kind, marks in MARKS.items():
        if marks <= header:
            return kind
    faults.add(
        "unknown_file",
        Text("表头不属于任何一种输入表", "the header belongs to no kind of input table"),
        Text(
            "请对照 activity、plans、tracks、gains、concordance 的列", "compare it with the columns of the input tables"
        ),
        row=1,
        seen=", ".join(sorted(header)),
        file=path.name,
    )
    return ""


def _codes(call: Invocation, tracks: list[Path]) -> set[str]:
    """Return the track codes that plans are held against: those of the tables given, else the shipped ones."""
    ignored = Faults()
    tables = [read_tracks(call, p, ignored) for p in tracks]
    if not tables:
        tables = [read_tracks(call, None, ignored)]
    return {str(t) for table in tables for t in table.frame["track"]}


def _activity(call: Invocation, path: Path, codes: set[str], faults: Faults) -> int:
    found = load_activity(call, path, Absent.MISSING.value, faults)
    return len(found.table) if found else 0


def _plans(call: Invocation, path: Path, codes: set[str], faults: Faults) -> int:
    return len(read_plans(call, path, codes, None, Level.PROVINCE, faults))


def _tracks(call: Invocation, path: Path, codes: set[str], faults: Faults) -> int:
    return len(read_tracks(call, path, faults))


def _gains(call: Invocation, path: Path, codes: set[str], faults: Faults) -> int:
    table = read(call, path, GAINS, faults, key=("region", "track"))
    checked_probabilities(table, faults)
    return len(table)


def _concordance(call: Invocation, path: Path, codes: set[str], faults: Faults) -> int:
    table = read(call, path, CONCORDANCE, faults, key=("track", "class"))
    for row in records(table):
        unknown_track(row, codes, faults, table.source.name)
    return len(table)


def _constraints(call: Invocation, path: Path, codes: set[str], faults: Faults) -> int:
    try:
        read_constraints(call, path, faults)
    except InputError as error:
        faults.extend(error)
    return 0


_READERS: dict[str, Callable[[Invocation, Path, set[str], Faults], int]] = {
    "activity": _activity,
    "plans": _plans,
    "tracks": _tracks,
    "gains": _gains,
    "concordance": _concordance,
    "constraints": _constraints,
}
