"""From input files to texts ready to be read, and from texts to readings; faults carry file and row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.register import Register
from biaochi.exchange.source import Source
from biaochi.mechanisms.fairness.decisions import Reading, read_document
from biaochi.mechanisms.fairness.files.documents import document_text
from biaochi.mechanisms.fairness.files.records import Entry, read_records
from biaochi.mechanisms.fairness.model import Claim
from biaochi.methods.textreview.engine import Facts, Memo, Reranker
from biaochi.methods.textreview.rule_pack import ActivePack, RulePack
from biaochi.methods.textreview.segment import Clause, segment, whole


class Segmentation(StrEnum):
    """When a text is cut into clauses."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class How:
    """How texts are read, for all of one call.

    Attributes
    ----------
    kind, day :
        For texts that name none of their own.
    """

    kind: str
    day: date
    facts: Facts = field(default_factory=Facts)
    claims: tuple[Claim, ...] = ()
    segmentation: Segmentation = Segmentation.AUTO
    repair: bool = False
    reranker: Reranker | None = None


@dataclass(frozen=True)
class Reviewed:
    """One text as it was read."""

    entry: Entry
    kind: str
    day: date
    reading: Reading


def read_entries(register: Register, sources: Iterable[tuple[str, Source]], faults: Faults) -> list[Entry]:
    """Return the texts of files: records of JSON lines, or one text a document.

    Parameters
    ----------
    register : Register
        Told the number of records of each file.
    sources : iterable of (str, Source)
        Each file with the name it was asked for by; ``-`` is read as JSON lines.
    faults : Faults
        Where every fault goes.
    """
    entries: list[Entry] = []
    owners: dict[str, tuple[str, int]] = {}
    for asked, source in sources:
        if asked == "-" or source.name.lower().endswith(".jsonl"):
            found = read_records(source, faults)
            register.remember(source, len(found))
        else:
            found = _document(asked, source, faults, owners)
        for entry in found:
            first = owners.get(entry.id)
            if first is None:
                owners[entry.id] = (entry.file, entry.row)
                entries.append(entry)
                continue
            faults.add(
                "duplicate_id",
                Text(f"与 {first[0]} 第 {first[1]} 行的 id 重复", f"repeats the id of {first[0]} row {first[1]}"),
                Text("请改用唯一的 id", "use a unique id"),
                row=entry.row,
                column="id",
                seen=entry.id,
                file=entry.file,
            )
    return entries


def _document(asked: str, source: Source, faults: Faults, owners: dict[str, tuple[str, int]]) -> list[Entry]:
    try:
        text = document_text(source)
    except InputError as error:
        faults.extend(error)
        return []
    if not text.strip():
        faults.add(
            "missing_text",
            Text("文件没有文字", "the file holds no text"),
            Text("请核对文件", "check the file"),
            file=source.name,
        )
        return []
    name = source.name if source.name not in owners else asked
    return [Entry(name, text, None, None, None, None, None, source.name if name == source.name else asked, 0, False)]


def review_entries(entries: Sequence[Entry], pack: RulePack, how: How, faults: Faults) -> list[Reviewed]:
    """Read every text against the rules of its day; a day before any rule is the fault ``no_pack_in_force``."""
    active: dict[tuple[date, str, bool], ActivePack] = {}
    memos: dict[tuple[date, str, bool], Memo] = {}
    done = []
    for entry in entries:
        kind, day, facts = entry.kind or how.kind, entry.date or how.day, entry.facts or how.facts
        key = (day, kind, facts.first_kind is not None)
        if key not in active:
            active[key] = pack.at(day, kind, first_kind=key[2])
        if not in_force(active[key], entry, faults):
            continue
        memo = memos.setdefault(key, {}) if facts is how.facts else None
        clauses = clauses_of(entry, how.segmentation, repair=how.repair)
        reading = read_document(
            clauses, active[key], at=day, facts=facts, claims=how.claims, reranker=how.reranker, memo=memo
        )
        done.append(Reviewed(entry, kind, day, reading))
    return done


def in_force(active: ActivePack, entry: Entry, faults: Faults) -> bool:
    """Return whether any rule binds a text on its day; note the fault when none does."""
    if active.rules:
        return True
    faults.add(
        "no_pack_in_force",
        Text(
            f"{active.day} 没有适用于 {active.kind} 的规则",
            f"no rule for {active.kind} was in force on {active.day}",
        ),
        Text("请核对日期", "check the date"),
        file=entry.file,
        row=entry.row,
        column="date",
        seen=active.day.isoformat(),
    )
    return False


def clauses_of(entry: Entry, segmentation: Segmentation, *, repair: bool = False) -> tuple[Clause, ...]:
    """Return a text as clauses; by default documents are cut and records are not."""
    cut = segmentation is Segmentation.ALWAYS or (segmentation is Segmentation.AUTO and not entry.record)
    if cut:
        return segment(entry.text, lang=entry.lang, repair=repair, document=entry.id)
    return (whole(entry.text, identifier=entry.id, role=entry.role),)
