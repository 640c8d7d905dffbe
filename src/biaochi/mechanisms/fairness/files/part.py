"""Fairness's part of a programme folder."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.register import Unrecorded
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.fairness.decisions import PartInputs, PartText
from biaochi.mechanisms.fairness.files.documents import document_text
from biaochi.mechanisms.fairness.files.facts import read_claims, read_facts
from biaochi.mechanisms.fairness.files.inputs import in_force
from biaochi.mechanisms.fairness.files.records import Entry
from biaochi.mechanisms.fairness.files.shipped import shipped_measures, shipped_pack
from biaochi.methods.textreview.rule_pack import KINDS, RulePack

TEXTS = (
    Column("file", "text", Text("文件", "file")),
    Column("kind", "choice", Text("类型", "kind"), choices=KINDS),
    Column("date", "date", Text("文件日期", "date of the document")),
    Column("facts", "text", Text("事实文件", "facts file"), required=False, blank=True),
    Column("exception", "text", Text("例外主张文件", "file of claims"), required=False, blank=True),
)
_T = TypeVar("_T")


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``texts.csv`` and the texts, facts and claims it names beside it; ``None`` without it."""
    place = folder / "texts.csv"
    if not place.is_file():
        return None
    own = Faults(place.name)
    frame = read_table(place, TEXTS, key=("file",), faults=own).frame
    faults.extend(own)
    pack = shipped_pack()
    texts = [t for row in frame.to_dict("records") if (t := _text(folder, row, pack, faults)) is not None]
    return None if len(faults) else PartInputs(tuple(texts), pack, shipped_measures())


def _text(folder: Path, row: Mapping[Hashable, Any], pack: RulePack, faults: Faults) -> PartText | None:
    number, kind, day = int(row["row"]), str(row["kind"]), row["date"]
    if not row["file"] or not kind or day is None:
        return None
    path, given, claimed = (_beside(folder, str(row[c]), c, number, faults) for c in ("file", "facts", "exception"))
    if path is None:
        return None
    call = Unrecorded()
    text = _tried(lambda: document_text(Source.read(path)), faults)
    facts = _tried(lambda: read_facts(call, given), faults)
    claims = _tried(lambda: read_claims(call, claimed), faults)
    if text is None or facts is None or claims is None:
        return None
    entry = Entry(path.name, text, kind, day, None, None, facts, "texts.csv", number, False)
    active = pack.at(day, kind, first_kind=facts.first_kind is not None)
    if not _has_words(entry, faults) or not in_force(active, entry, faults):
        return None
    return PartText(path.name, text, kind, day, facts, claims)


def _has_words(entry: Entry, faults: Faults) -> bool:
    if entry.text.strip():
        return True
    faults.add(
        "missing_text",
        Text("文件没有文字", "the file holds no text"),
        Text("请核对文件", "check the file"),
        row=entry.row,
        column="file",
        seen=entry.id,
        file=entry.file,
    )
    return False


def _beside(folder: Path, name: str, column: str, row: int, faults: Faults) -> Path | None:
    """Return a file of the same folder; a name that leads elsewhere, or to nothing, is a fault."""
    if not name:
        return None
    path = folder / name
    if Path(name).name == name and path.is_file():
        return path
    faults.add(
        "file_missing",
        Text("texts.csv 旁没有这个文件", "there is no such file beside texts.csv"),
        Text("请写同一文件夹内的文件名", "name a file of the same folder"),
        row=row,
        column=column,
        seen=name,
        file="texts.csv",
    )
    return None


def _tried(read: Callable[[], _T], faults: Faults) -> _T | None:
    try:
        return read()
    except InputError as error:
        faults.extend(error)
        return None
