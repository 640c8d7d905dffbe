"""The files of the procurement commands: purchases, products, calendars, offers, scores; every fault with its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import cast

from pydantic import RootModel

from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.command import Invocation
from biaochi.exchange.faults import Faults
from biaochi.exchange.structured import read_model
from biaochi.exchange.tables import Column
from biaochi.mechanisms.procurement.decisions.needs import faults_of_needs
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.model import (
    Number,
    Offer,
    ProductFact,
    Purchase,
    ReviewerScore,
)

PURCHASE_SCHEMA = "biaochi.procurement.purchase/1"
_CHECK_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class PurchaseFile(RootModel[Purchase]):
    """A purchase file."""


def read_purchase(call: Invocation, path: Path) -> Purchase:
    """Read a purchase and check what no type can say: weights, units, order of dates, references, credit code."""
    faults = Faults(path.name)
    model, source = read_model(path, PurchaseFile, schema=PURCHASE_SCHEMA, faults=faults)
    call.remember(source, 0)
    faults.check()
    assert model is not None
    purchase = model.root
    _consistent(purchase, faults, source.text())
    faults.check()
    return purchase


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
            _unknown_need(faults, test.need, f"acceptance[{position}].need", _line(text, "acceptance"))
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


def _unknown_need(faults: Faults, need: str, column: str, row: int, file: str | None = None) -> None:
    faults.add(
        "unknown_need",
        Text("采购文件里没有这项需求", "the purchase has no such need"),
        Text("请核对需求代码", "check the code of the need"),
        row=row,
        column=column,
        seen=need,
        file=file,
    )


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


def read_products(call: Invocation, path: Path, purchase: Purchase) -> list[ProductFact]:
    """Read the table of products; values of numeric needs must be numbers."""
    faults = Faults(path.name)
    frame = call.table(path, _PRODUCTS, key=("product", "need"), faults=faults).frame
    needs = {n.code: n for n in purchase.needs}
    found = []
    for r in frame.to_dict("records"):
        code = str(r["need"])
        if code not in needs:
            _unknown_need(faults, code, "need", int(r["row"]))
            continue
        low, high = _optional(r["low"]), _optional(r["high"])
        if low is not None and high is not None and low > high:
            faults.add(
                "out_of_range",
                Text("下限大于上限", "low exceeds high"),
                Text("请核对", "check them"),
                row=int(r["row"]),
                column="low",
                seen=low,
            )
        value = _value(str(r["value"]), needs[code].numeric, faults, int(r["row"]), "value")
        found.append(ProductFact(str(r["product"]), str(r["supplier"]), code, value, low, high, str(r["group"])))
    faults.check()
    return found


def _optional(value: object) -> float | None:
    return None if value is None or value != value else float(str(value))


def _value(cell: str, numeric: bool, faults: Faults, row: int, column: str) -> Number | str | None:
    if cell == "":
        return None
    if not numeric:
        return cell
    try:
        number = float(cell)
    except ValueError:
        number = float("nan")
    if number != number or number in (float("inf"), float("-inf")):
        faults.add(
            "not_a_number",
            Text("不是数", "this is not a number"),
            Text("请写一个数", "write a number"),
            row=row,
            column=column,
            seen=cell,
        )
        return None
    return number


def read_calendar(call: Invocation, path: Path | None) -> WorkingCalendar:
    """Read declared working days."""
    if path is None:
        return WorkingCalendar()
    columns = (Column("date", "date", Text("日期", "date")), Column("working", "flag", Text("是否上班", "working")))
    frame = call.table(path, columns, key=("date",)).frame
    return WorkingCalendar({cast(date, r["date"]): r["working"] == 1 for r in frame.to_dict("records")})


def read_offers(call: Invocation, path: Path, purchase: Purchase) -> list[Offer]:
    """Read the offers: fixed columns and one column a need."""
    faults = Faults(path.name)
    columns = (
        Column("offer", "code", Text("报价", "offer")),
        Column("supplier", "code", Text("供应商", "supplier")),
        Column("price", "money", Text("价格", "price"), unit="元", low=0),
        Column("domestic", "choice", Text("本国产品", "domestic"), choices=("yes", "no", "unknown")),
        Column("domestic_share", "share", Text("本国成本占比", "domestic share"), required=False, blank=True),
        Column("sme", "choice", Text("中小企业", "sme"), choices=("none", "small", "micro", "joint")),
        *(
            Column(n.code, "text", Text(n.function.zh, n.function.en), required=False, blank=True)
            for n in purchase.needs
        ),
    )
    frame = call.table(path, columns, key=("offer",), faults=faults, duplicate_code="duplicate_offer").frame
    offers = []
    for r in frame.to_dict("records"):
        values = tuple(
            (n.code, _value(str(r[n.code]), n.numeric, faults, int(r["row"]), n.code)) for n in purchase.needs
        )
        if r["price"] is None:
            continue
        offers.append(
            Offer(
                str(r["offer"]),
                str(r["supplier"]),
                r["price"],
                r["domestic"],
                r["sme"],
                _optional(r["domestic_share"]),
                values,
            )
        )
    if not len(frame) and not len(faults):
        faults.add("empty_file", Text("没有报价", "there are no offers"), Text("请填入报价", "add the offers"))
    faults.check()
    return offers


def rates_in_range(purchase: Purchase, parameters: Snapshot) -> Faults:
    """Return a fault for each SME rate of the file outside the range in force."""
    faults = Faults(purchase.id)
    for name, value, code in (
        ("sme.rate", purchase.sme.rate, "sme_rate"),
        ("sme.joint_rate", purchase.sme.joint_rate, "sme_joint_rate"),
    ):
        if value is None or code not in parameters or purchase.sme.reserved:
            continue
        low, high = (float(v) for v in cast(Sequence[float], parameters[code].value))
        if not low <= value <= high:
            faults.add(
                "out_of_range",
                Text("扣除比例超出规定的幅度", "the rate lies outside the range of the rule"),
                Text(f"应在 {low:g} 与 {high:g} 之间", f"it must lie between {low:g} and {high:g}"),
                column=name,
                seen=value,
            )
    return faults


_SCORES = (
    Column("offer", "code", Text("报价", "offer")),
    Column("reviewer", "code", Text("评审人", "reviewer")),
    Column("criterion", "code", Text("标准", "criterion")),
    Column("score", "number", Text("分数", "score")),
)


def read_scores(
    call: Invocation, path: Path | None, purchase: Purchase, offers: Sequence[Offer]
) -> list[ReviewerScore]:
    """Read expert scores; each lies between 0 and the criterion's weight."""
    if path is None:
        return []
    faults = Faults(path.name)
    frame = call.table(path, _SCORES, key=("offer", "reviewer", "criterion"), faults=faults).frame
    weights = {c.code: c.weight for c in purchase.criteria if c.kind == "expert"}
    known = {o.offer for o in offers}
    found = []
    for r in frame.to_dict("records"):
        row, score = int(r["row"]), float(r["score"])
        for column, value, allowed in (("offer", r["offer"], known), ("criterion", r["criterion"], set(weights))):
            if value not in allowed:
                faults.add(
                    "unknown_value",
                    Text("没有这一项", "there is no such entry"),
                    Text(f"可用:{'、'.join(sorted(allowed))}", f"known: {', '.join(sorted(allowed))}"),
                    row=row,
                    column=column,
                    seen=value,
                )
        limit = weights.get(str(r["criterion"]))
        if limit is not None and score == score and not 0 <= score <= limit:
            faults.add(
                "out_of_range",
                Text(f"分数应在 0 与 {limit:g} 之间", f"a score lies between 0 and {limit:g}"),
                Text("请核对分数", "check the score"),
                row=row,
                column="score",
                seen=score,
            )
        found.append(ReviewerScore(str(r["offer"]), str(r["reviewer"]), str(r["criterion"]), score))
    faults.check()
    return found
