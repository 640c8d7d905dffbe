"""Single cells of procurement's tables: optional numbers, values of needs, needs that nobody declared."""

from __future__ import annotations

import math

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.procurement.model import Number


def optional(value: object) -> float | None:
    """Return a number, or None for an empty cell."""
    return None if value is None or value != value else float(str(value))


def value_of(cell: str, numeric: bool, faults: Faults, row: int, column: str) -> Number | str | None:
    """Return what an offer or a product says for a need; a numeric need needs a number."""
    if cell == "":
        return None
    if not numeric:
        return cell
    try:
        number = float(cell)
    except ValueError:
        number = float("nan")
    if not math.isfinite(number):
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


def unknown_need(faults: Faults, need: str, column: str, row: int, file: str | None = None) -> None:
    """Note a code that is no need of the purchase."""
    faults.add(
        "unknown_need",
        Text("采购文件里没有这项需求", "the purchase has no such need"),
        Text("请核对需求代码", "check the code of the need"),
        row=row,
        column=column,
        seen=need,
        file=file,
    )
