"""The purchase file: its shape, and what no type can say; every fault with its line."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from pydantic import RootModel

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.register import Register, Unrecorded
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model
from biaochi.mechanisms.procurement.decisions.needs import faults_of_needs
from biaochi.mechanisms.procurement.files.cells import unknown_need
from biaochi.mechanisms.procurement.model import Purchase

PURCHASE_SCHEMA = "biaochi.procurement.purchase/1"
_CHECK_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class PurchaseFile(RootModel[Purchase]):
    """A purchase file."""


def read_purchase(register: Register, place: Path | Source) -> Purchase:
    """Read a purchase and check what no type can say: weights, units, order of dates, references, credit code."""
    faults = Faults(place.name)
    model, source = read_model(place, PurchaseFile, schema=PURCHASE_SCHEMA, faults=faults)
    register.remember(source, 0)
    faults.check()
    assert model is not None
    purchase = model.root
    _consistent(purchase, faults, source.text())
    faults.check()
    return purchase


def purchase_of(document: str) -> Purchase:
    """Return the purchase of a file's text; raise every fault at once."""
    return read_purchase(Unrecorded(), Source("purchase.yaml", document.encode()))


def _line(text: str, word: str) -> int:
    """Return the line of a top-level key of a YAML text, 0 when it is not found."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(word):
            return number
    return 0


def _consistent(p: Purchase, faults: Faults, text: str) -> None:
    total = sum(c.weight for c in p.criteria)
    if p.criteria and abs(total - 100) > 1e-9:
        faults.add(
            "weight_sum",
            Text("评审权重之和应为 100", "the weights of the criteria must sum to 100"),
            Text("请调整权重", "adjust the weights"),
            row=_line(text, "criteria"),
            column="criteria",
            seen=f"{total:g}",
        )
    for position, part in faults_of_needs(p.needs):
        if part in ("unit", "threshold"):
            faults.add(
                "unit_missing" if part == "unit" else "not_a_number",
                Text("数值型需求须有单位", "a numeric need needs a unit")
                if part == "unit"
                else Text("该比较符的阈值须为一个数", "this comparison needs one number as threshold"),
                Text("请补上", "add it"),
                row=_line(text, "needs"),
                column=f"needs[{position}].{part}",
                seen=p.needs[position].code,
            )
    known = {n.code for n in p.needs}
    for position, test in enumerate(p.acceptance):
        if test.need not in known:
            unknown_need(faults, test.need, f"acceptance[{position}].need", _line(text, "acceptance"))
    _ordered(p, faults, text)
    _codes(p, faults, text)


def _ordered(p: Purchase, faults: Faults, text: str) -> None:
    days = [(f.name, getattr(p.dates, f.name)) for f in fields(p.dates)]
    given = [(n, d) for n, d in days if d is not None]
    for (before, first), (after, second) in pairwise(given):
        if first > second:
            _date_order(faults, f"dates.{after}", f"{after} {second} < {before} {first}", _line(text, "dates"))
    for c, contract in enumerate(p.contracts):
        if contract.signed_on > contract.ends_on:
            _date_order(faults, f"contracts[{c}].ends_on", str(contract.ends_on), _line(text, "contracts"))
        for s, stage in enumerate(contract.stages):
            if stage.starts_on is not None and stage.due_on is not None and stage.starts_on > stage.due_on:
                _date_order(faults, f"contracts[{c}].stages[{s}].due_on", str(stage.due_on), _line(text, "contracts"))
    for i, complaint in enumerate(p.complaints):
        if complaint.answered_on is not None and complaint.answered_on < complaint.on:
            _date_order(faults, f"complaints[{i}].answered_on", str(complaint.answered_on), _line(text, "complaints"))


def _date_order(faults: Faults, column: str, seen: str, row: int) -> None:
    faults.add(
        "date_order",
        Text("日期先后颠倒", "the dates are out of order"),
        Text("请核对日期", "check the dates"),
        row=row,
        column=column,
        seen=seen,
    )


def _codes(p: Purchase, faults: Faults, text: str) -> None:
    if p.buyer.code and not valid_credit_code(p.buyer.code):
        faults.add(
            "bad_code",
            Text("统一社会信用代码的校验位不符", "the check digit of the unified social credit code is wrong"),
            Text("请核对 18 位代码", "check the 18 characters"),
            row=_line(text, "buyer"),
            column="buyer.code",
            seen=p.buyer.code,
        )
    numbers = (
        ("sme.subcontract_share", p.sme.subcontract_share, 0.0, 1.0),
        ("sme.rate", p.sme.rate, 0.0, 1.0),
        ("sme.joint_rate", p.sme.joint_rate, 0.0, 1.0),
        ("planned_suppliers", p.planned_suppliers, 1.0, float("inf")),
    )
    for name, value, low, high in numbers:
        if value is not None and not low <= value <= high:
            faults.add(
                "out_of_range",
                Text("超出允许的范围", "the value is out of range"),
                Text(f"应在 {low:g} 与 {high:g} 之间", f"it must lie between {low:g} and {high:g}"),
                row=_line(text, name.split(".")[0]),
                column=name,
                seen=value,
            )


def valid_credit_code(code: str) -> bool:
    """Return whether a unified social credit code has 18 allowed characters and the right check digit (GB 32100-2015).

    Examples
    --------
    >>> valid_credit_code("91350100M000100Y43")
    True
    """
    if len(code) != 18 or any(c not in _CODE_CHARACTERS for c in code):
        return False
    total = sum(_CODE_CHARACTERS.index(c) * w for c, w in zip(code[:17], _CHECK_WEIGHTS, strict=True))
    return _CODE_CHARACTERS[(31 - total % 31) % 31] == code[17]
