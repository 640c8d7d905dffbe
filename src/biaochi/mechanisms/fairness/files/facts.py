"""What a text does not show: facts, exception claims, the market check, registers of approvals and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.register import Register
from biaochi.exchange.structured import read_data, read_model
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.fairness.model import Alternative, Claim, Hearing
from biaochi.methods.textreview.engine import Facts, Necessity

FACTS_SCHEMA = "biaochi.fairness.facts/1"
EXCEPTION_SCHEMA = "biaochi.fairness.exception/1"


class Strict(BaseModel):
    """A part of a file; keys it does not know are faults."""

    model_config = ConfigDict(extra="forbid")


class _Sme(Strict):
    reserved: bool | None = None
    rate: float | None = None
    joint_rate: float | None = None


class _Authority(Strict):
    title: str | None = None
    article: str | None = None


class _List(Strict):
    name: str
    conditions_published: bool = False
    open: bool = False


class _Necessity(Strict):
    rule: str
    quote: str = ""
    reason: str = ""
    evidence: str = ""


class FactsFile(Strict):
    """The facts file (or the ``facts`` of a record)."""

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
        """Return the facts as the reading takes them."""
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


class _Alternative(Strict):
    option: str
    why_not: str


class _Heard(Strict):
    who: str
    on: date
    view: str = ""


class _Claim(Strict):
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


class _Claims(Strict):
    claims: list[_Claim]


def read_facts(register: Register, path: Path | None) -> Facts:
    """Return the facts of a file, or none known."""
    if path is None:
        return Facts()
    found, source = read_model(path, FactsFile, schema=FACTS_SCHEMA)
    register.remember(source, 0)
    return found.facts() if found is not None else Facts()


def read_claims(register: Register, path: Path | None) -> tuple[Claim, ...]:
    """Return the exception claims of a file."""
    if path is None:
        return ()
    found, source = read_model(path, _Claims, schema=EXCEPTION_SCHEMA)
    register.remember(source, 0)
    return tuple(c.claim() for c in found.claims) if found is not None else ()


def with_market(register: Register, facts: Facts, path: Path | None) -> Facts:
    """Add the verdict of a market check (the JSON of ``procurement check``, or its ``market`` object)."""
    if path is None:
        return facts
    data, source = read_data(path)
    register.remember(source, 0)
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


def with_registry(register: Register, facts: Facts, path: Path | None, day: date) -> Facts:
    """Add a register of cancelled approvals and of blacklists with their legal basis."""
    if path is None:
        return facts
    table = read_table(path, _REGISTRY)
    register.remember(table.source, len(table))
    known = {
        str(r["name"]): (str(r["kind"]), bool(r["basis"]))
        for r in table.frame.to_dict("records")
        if r["from"] is None or r["from"] <= day
    }
    return replace(facts, registry=known)
