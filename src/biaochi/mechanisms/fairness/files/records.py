"""Records of JSON lines: one text each, with the options that hold for it and, for labelled ones, the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import build_model
from biaochi.mechanisms.fairness.files.facts import FactsFile, Strict
from biaochi.methods.textreview.engine import Facts
from biaochi.methods.textreview.roles import ROLES
from biaochi.methods.textreview.rule_pack import KINDS


class _Record(Strict):
    id: str
    text: str
    kind: str | None = None
    date: str | None = None
    lang: Literal["zh", "en"] | None = None
    role: str | None = None
    facts: dict[str, Any] | None = None
    verdict: str | None = None
    rules: list[str] | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One text to review: a document or a record, with the options that hold for it."""

    id: str
    text: str
    kind: str | None
    date: date | None
    lang: str | None
    role: str | None
    facts: Facts | None
    file: str
    row: int
    record: bool
    verdict: str = ""
    rules: tuple[str, ...] = ()
    family: str = ""


def read_records(source: Source, faults: Faults, *, labelled: bool = False) -> list[Entry]:
    """Read JSON lines of records; every fault goes to ``faults`` with its line."""
    try:
        text = source.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = source.data.count(b"\n", 0, error.start) + 1
        faults.add(
            "not_utf8",
            Text("不是 UTF-8 编码", "this is not UTF-8"),
            Text("请存为 UTF-8", "save it as UTF-8"),
            row=row,
            file=source.name,
        )
        return []
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    for row, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        entry = _entry(line, row, source.name, faults, labelled)
        if entry is None:
            continue
        if entry.id in seen:
            faults.add(
                "duplicate_id",
                Text(f"与第 {seen[entry.id]} 行的 id 重复", f"repeats the id of row {seen[entry.id]}"),
                Text("请改用唯一的 id", "use a unique id"),
                row=row,
                column="id",
                seen=entry.id,
                file=source.name,
            )
            continue
        seen[entry.id] = row
        entries.append(entry)
    return entries


_QUICK = {"id", "text", "kind", "lang"}


def _entry(line: str, row: int, file: str, faults: Faults, labelled: bool) -> Entry | None:
    def fault(code: str, zh: str, en: str, column: str = "", seen: object = "") -> None:
        faults.add(
            code,
            Text(zh, en),
            Text("请对照格式说明改正", "correct it by the format's description"),
            row=row,
            column=column,
            seen=seen,
            file=file,
        )

    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        fault("bad_json", "不是规范的 JSON", "this is not well-formed JSON", seen=line[:80])
        return None
    if not isinstance(raw, dict):
        fault("bad_json", "每行应是一个对象", "each line must be an object", seen=line[:80])
        return None
    if isinstance(raw.get("id"), int) and not isinstance(raw["id"], bool):
        raw["id"] = str(raw["id"])
    text = raw.get("text")
    if not isinstance(text, str) or not text.strip():
        fault("missing_text", "没有文本", "there is no text", "text", "" if text is None else text)
        return None
    if raw.get("kind") is not None and raw["kind"] not in KINDS:
        fault("unknown_kind", "没有这种文件", "there is no such kind", "kind", raw["kind"])
        return None
    if not set(raw) - _QUICK and isinstance(raw.get("id"), str) and raw.get("lang") in (None, "zh", "en"):
        return Entry(raw["id"], text, raw.get("kind"), None, raw.get("lang"), None, None, file, row, True)
    own = Faults(file)
    found = build_model(raw, _Record, own)
    for item in own.all():
        faults.extend([replace(item, row=row)])
    if found is None:
        return None
    day = None
    if found.date is not None:
        try:
            day = date.fromisoformat(found.date)
        except ValueError:
            fault("bad_date", "不是日期", "this is not a date", "date", found.date)
            return None
    if found.role is not None and found.role not in ROLES:
        fault("unknown_value", "没有这种角色", "there is no such role", "role", found.role)
        return None
    if labelled and found.verdict not in ("violation", "needs_context", "lawful_preference", "clean"):
        fault("unknown_value", "没有这个结论", "there is no such verdict", "verdict", found.verdict or "")
        return None
    facts = None
    if found.facts is not None:
        inner = Faults(file)
        content = {k: v for k, v in found.facts.items() if k != "schema"}
        model = build_model(content, FactsFile, inner)
        for item in inner.all():
            faults.extend([replace(item, row=row, column=f"facts.{item.column}")])
        if model is None:
            return None
        facts = model.facts()
    return Entry(
        found.id,
        found.text,
        found.kind,
        day,
        found.lang,
        found.role,
        facts,
        file,
        row,
        True,
        found.verdict or "",
        tuple(found.rules or ()),
        found.family or "",
    )


def load_records(data: bytes, name: str) -> list[Entry]:
    """Read labelled records, raising every fault."""
    faults = Faults(name)
    entries = read_records(Source(name, data), faults, labelled=True)
    faults.check()
    return entries
