"""The files of the fairness commands: facts, exception claims, market results, registries, records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from biaochi.core.text import Text
from biaochi.exchange.command import Invocation
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source, decode
from biaochi.exchange.structured import build_model, read_data
from biaochi.exchange.tables import Column
from biaochi.mechanisms.fairness.cli.documents import docx_text, html_text
from biaochi.mechanisms.fairness.model import Alternative, Claim, Hearing
from biaochi.methods.textreview.engine import Facts, Necessity
from biaochi.methods.textreview.roles import ROLES
from biaochi.methods.textreview.rule_pack import KINDS

FACTS_SCHEMA = "biaochi.fairness.facts/1"
EXCEPTION_SCHEMA = "biaochi.fairness.exception/1"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Sme(_Strict):
    reserved: bool | None = None
    rate: float | None = None
    joint_rate: float | None = None


class _Authority(_Strict):
    title: str | None = None
    article: str | None = None


class _List(_Strict):
    name: str
    conditions_published: bool = False
    open: bool = False


class _Necessity(_Strict):
    rule: str
    quote: str = ""
    reason: str = ""
    evidence: str = ""


class _Facts(_Strict):
    category: Literal["goods", "services", "works"] | None = None
    amount: Decimal | None = None
    imported: bool | None = None
    import_approved: date | None = None
    first_kind: Literal["first_unit", "first_batch", "first_version"] | None = None
    sme: _Sme = _Sme()
    authority: list[_Authority] = []
    lists: list[_List] = []
    necessity: list[_Necessity] = []

    def facts(self) -> Facts:
        return Facts(
            category=self.category,
            amount=None if self.amount is None else float(self.amount),
            imported=self.imported,
            import_approved=self.import_approved is not None,
            first_kind=self.first_kind,
            sme_reserved=self.sme.reserved,
            sme_rate=self.sme.rate,
            sme_joint_rate=self.sme.joint_rate,
            authority=any(a.title for a in self.authority),
            lists={entry.name: entry.conditions_published and entry.open for entry in self.lists},
            necessity=tuple(Necessity(n.rule, n.quote, n.reason, n.evidence) for n in self.necessity),
        )


class _Alternative(_Strict):
    option: str
    why_not: str


class _Heard(_Strict):
    who: str
    on: date
    view: str = ""


class _Claim(_Strict):
    rule: str = ""
    quote: str = ""
    ground: str = ""
    statement: str = ""
    alternatives: list[_Alternative] = []
    end_on: date | None = None
    termination: str = ""
    heard: list[_Heard] = []

    def claim(self) -> Claim:
        return Claim(
            self.ground,
            self.statement,
            self.rule,
            self.quote,
            tuple(Alternative(a.option, a.why_not) for a in self.alternatives),
            self.end_on,
            self.termination,
            tuple(Hearing(h.who, h.on, h.view) for h in self.heard),
        )


class _Claims(_Strict):
    claims: list[_Claim]


class _Record(_Strict):
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


def read_facts(call: Invocation, path: Path | None) -> Facts:
    """Return the facts of a file, or none known."""
    if path is None:
        return Facts()
    found = call.model(path, _Facts, schema=FACTS_SCHEMA)
    return found.facts() if found is not None else Facts()


def read_claims(call: Invocation, path: Path | None) -> tuple[Claim, ...]:
    """Return the exception claims of a file."""
    if path is None:
        return ()
    found = call.model(path, _Claims, schema=EXCEPTION_SCHEMA)
    return tuple(c.claim() for c in found.claims) if found is not None else ()


def with_market(call: Invocation, facts: Facts, path: Path | None) -> Facts:
    """Add the verdict of a market check (the JSON of ``procurement check``, or its ``market`` object)."""
    if path is None:
        return facts
    data, source = read_data(path)
    call.remember(source, 0)
    market = data.get("market", data) if isinstance(data, Mapping) else None
    verdict = market.get("verdict") if isinstance(market, Mapping) else None
    if verdict not in ("clean", "needs_context", "violation"):
        faults = Faults(source.name)
        faults.add(
            "bad_structure",
            Text("没有市场检查的结论", "there is no verdict of a market check"),
            Text("请用 procurement check 的 JSON 输出", "use the JSON output of procurement check"),
            column="market.verdict",
            seen=verdict if verdict is not None else "",
        )
        faults.check()
    return replace(facts, market=str(verdict))


_REGISTRY = (
    Column("kind", "choice", Text("类别", "kind"), choices=("cancelled", "blacklist")),
    Column("name", "text", Text("名称", "name")),
    Column("from", "date", Text("自", "from"), required=False, blank=True),
    Column("basis", "text", Text("依据", "basis"), required=False, blank=True),
)


def with_registry(call: Invocation, facts: Facts, path: Path | None, day: date) -> Facts:
    """Add a register of cancelled approvals and of blacklists with their legal basis."""
    if path is None:
        return facts
    frame = call.table(path, _REGISTRY).frame
    known = {
        str(r["name"]): (str(r["kind"]), bool(r["basis"]))
        for r in frame.to_dict("records")
        if r["from"] is None or r["from"] <= day
    }
    return replace(facts, registry=known)


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
        model = build_model(content, _Facts, inner)
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


def document_text(source: Source) -> str:
    """Return the text of a txt, md, docx or html file."""
    lowered = source.name.lower()
    if lowered.endswith(".docx") or source.data[:4] == b"PK\x03\x04":
        return docx_text(source)
    text = decode(source.data, source.name)
    return html_text(text) if lowered.endswith((".html", ".htm")) else text
