"""What the pages compute from a stored purchase file: the purchase, its market, its checks; and flags of a file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import RootModel

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source, decode
from biaochi.exchange.structured import read_model
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.procurement.decisions import Market, WorkingCalendar, check_purchase, market
from biaochi.mechanisms.procurement.decisions.needs import faults_of_needs
from biaochi.mechanisms.procurement.model import Number, ProductFact, Purchase
from biaochi.mechanisms.procurement.report.ocds import compile_releases

PACKAGE = "biaochi.mechanisms.procurement"
SCHEMA = "biaochi.procurement.purchase/1"
PRODUCTS = (
    Column("product", "code", Text("产品", "product")),
    Column("supplier", "code", Text("供应商", "supplier")),
    Column("group", "code", Text("集团", "group"), required=False, blank=True),
    Column("need", "code", Text("需求", "need")),
    Column("value", "text", Text("值", "value"), blank=True),
    Column("low", "number", Text("下限", "low"), required=False, blank=True),
    Column("high", "number", Text("上限", "high"), required=False, blank=True),
    Column("source", "text", Text("来源", "source"), required=False, blank=True),
    Column("date", "date", Text("日期", "date"), required=False, blank=True),
)


class PurchaseFile(RootModel[Purchase]):
    """A purchase file."""


def rules(day: date) -> Snapshot:
    """Return the parameters in force on a day."""
    return load_parameters(PACKAGE).at(day)


def purchase_of(document: str) -> Purchase:
    """Return the purchase of a file's text; raise every fault at once."""
    faults = Faults("purchase.yaml")
    model, _ = read_model(Source("purchase.yaml", document.encode()), PurchaseFile, schema=SCHEMA, faults=faults)
    faults.check()
    assert model is not None
    found = model.root
    total = sum(c.weight for c in found.criteria)
    if found.criteria and abs(total - 100) > 1e-9:
        told = Text("评审权重之和应为 100", "the weights must sum to 100")
        faults.add("weight_sum", told, Text("请调整权重", "adjust them"), column="criteria", seen=f"{total:g}")
    for position, part in faults_of_needs(found.needs):
        if part == "unit":
            told = Text("数值型需求须有单位", "a numeric need needs a unit")
            faults.add("unit_missing", told, Text("请补上", "add it"), column=f"needs[{position}].unit")
    faults.check()
    return found


def products_of(table: str, purchase: Purchase) -> list[ProductFact]:
    """Return the products of a table's text; raise every fault at once."""
    if not table.strip():
        return []
    faults = Faults("products.csv")
    frame = read_table(Source("products.csv", table.encode()), PRODUCTS, key=("product", "need"), faults=faults).frame
    needs = {n.code: n for n in purchase.needs}
    found = []
    for r in frame.to_dict("records"):
        need, row = needs.get(str(r["need"])), int(r["row"])
        if need is None:
            told = Text("采购文件里没有这项需求", "the purchase has no such need")
            faults.add("unknown_need", told, Text("请核对", "check it"), row=row, column="need", seen=str(r["need"]))
            continue
        value: Number | str | None = str(r["value"]) or None
        if value is not None and need.numeric:
            try:
                value = float(value)
            except ValueError:
                told = Text("不是数", "this is not a number")
                faults.add("not_a_number", told, Text("请写一个数", "write one"), row=row, column="value", seen=value)
        fact = ProductFact(
            str(r["product"]),
            str(r["supplier"]),
            need.code,
            value,
            _known(r["low"]),
            _known(r["high"]),
            str(r["group"]),
        )
        found.append(fact)
    faults.check()
    return found


def _known(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def market_of(purchase: Purchase, table: str) -> Market | None:
    """Return the market check, or nothing when no product was entered."""
    products = products_of(table, purchase)
    return market(purchase.needs, products) if products else None


def checked(purchase: Purchase, found: Market | None, at: date) -> Decision:
    """Hold the purchase against its articles."""
    return check_purchase(purchase, at=at, parameters=rules(at), market=found)


def standstill_end(purchase: Purchase, at: date, *, first: bool) -> date | None:
    """Return the last day of the standstill, counted from the day the result was announced."""
    start = purchase.dates.result
    if first:
        start = purchase.first_purchase.announced_on if purchase.first_purchase is not None else None
    if start is None:
        return None
    return WorkingCalendar().after(start, int(str(rules(at)["standstill_days"].value)))


def reaches(reason: Reason, *, most: bool = False) -> bool:
    """Return whether the value seen reaches its threshold, also where the rule itself is unverified."""
    seen, threshold = reason.seen, reason.threshold
    if not isinstance(seen, int | float | Decimal) or not isinstance(threshold, int | float | Decimal):
        return reason.verdict is Verdict.MET
    return float(seen) <= float(threshold) if most else float(seen) >= float(threshold)


def releases_of(data: bytes, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the compiled releases of JSON lines, a release package or a record package."""
    text = decode(data, name)
    faults = Faults(name)
    found: list[Any] = []
    try:
        found.append(json.loads(text))
    except (ValueError, RecursionError):
        for row, line in enumerate(io.StringIO(text), start=1):
            try:
                found += [json.loads(line)] if line.strip() else []
            except (ValueError, RecursionError):
                told = Text("不是规范的 JSON", "this is not well-formed JSON")
                faults.add("bad_json", told, Text("一行一条发布", "one release a line"), row=row, seen=line[:80])
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for item in found:
        records = item.get("records") if isinstance(item, dict) else None
        inner = item.get("releases", [item]) if isinstance(item, dict) else item
        listed = [r.get("compiledRelease") for r in records if isinstance(r, dict)] if records else inner
        for release in listed if isinstance(listed, list) else [listed]:
            if not isinstance(release, dict) or not release.get("ocid"):
                told = Text("不是带 ocid 的 OCDS 发布", "this is no OCDS release with an ocid")
                faults.add("bad_json", told, Text("请核对文件", "check the file"))
                continue
            groups.setdefault(str(release["ocid"]), []).append(release)
    faults.check()
    for members in groups.values():
        yield members[0] if len(members) == 1 else compile_releases(members)
