"""What the market offers, and the days on which it works."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.register import Register, Unrecorded
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.files.cells import optional, unknown_need, value_of
from biaochi.mechanisms.procurement.model import ProductFact, Purchase

_PRODUCTS = (
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


def read_products(register: Register, place: Path | Source, purchase: Purchase) -> list[ProductFact]:
    """Read the table of products; values of numeric needs must be numbers."""
    faults = Faults(place.name)
    table = read_table(place, _PRODUCTS, key=("product", "need"), faults=faults)
    register.remember(table.source, len(table))
    needs = {n.code: n for n in purchase.needs}
    found = []
    for r in table.frame.to_dict("records"):
        code = str(r["need"])
        if code not in needs:
            unknown_need(faults, code, "need", int(r["row"]))
            continue
        low, high = optional(r["low"]), optional(r["high"])
        if low is not None and high is not None and low > high:
            faults.add(
                "out_of_range",
                Text("下限大于上限", "low exceeds high"),
                Text("请核对", "check them"),
                row=int(r["row"]),
                column="low",
                seen=low,
            )
        value = value_of(str(r["value"]), needs[code].numeric, faults, int(r["row"]), "value")
        found.append(ProductFact(str(r["product"]), str(r["supplier"]), code, value, low, high, str(r["group"])))
    faults.check()
    return found


def products_of(table: str, purchase: Purchase) -> list[ProductFact]:
    """Return the products of a table's text; raise every fault at once."""
    if not table.strip():
        return []
    return read_products(Unrecorded(), Source("products.csv", table.encode()), purchase)


def read_calendar(register: Register, place: Path | Source | None) -> WorkingCalendar:
    """Read declared working days."""
    if place is None:
        return WorkingCalendar()
    columns = (Column("date", "date", Text("日期", "date")), Column("working", "flag", Text("是否上班", "working")))
    table = read_table(place, columns, key=("date",))
    register.remember(table.source, len(table))
    return WorkingCalendar({cast(date, r["date"]): r["working"] == 1 for r in table.frame.to_dict("records")})
