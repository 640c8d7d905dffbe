"""Reading a voucher scheme, its claims and who is affiliated with whom."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from biaochi.core.errors import InputError
from biaochi.core.period import date_or_end
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import build_model, read_data
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.sandbox.model import Claim, Scheme, read_instant

SCHEMA = "biaochi.sandbox.scheme/1"
ZONE = ZoneInfo("Asia/Shanghai")
CLAIM_COLUMNS = (
    Column("claim", "code", Text("申领编号", "claim")),
    Column("holder", "code", Text("持券单位", "holder")),
    Column("provider", "code", Text("算力服务方", "provider")),
    Column("contract", "text", Text("合同编号", "contract"), blank=True),
    Column("invoice", "text", Text("发票号码", "invoice"), blank=True),
    Column("kind", "code", Text("算力类别", "kind of compute")),
    Column("contract_amount", "money", Text("合同金额", "contract amount"), blank=True, unit="元", low=0),
    Column("paid_amount", "money", Text("已付金额", "amount paid"), blank=True, unit="元", low=0),
    Column("submitted_at", "text", Text("提交时刻", "submitted at")),
    Column("other_subsidy", "text", Text("是否享受其他补贴", "another subsidy taken"), required=False, blank=True),
)
AFFILIATION_COLUMNS = (
    Column("a", "code", Text("单位甲", "organisation a")),
    Column("b", "code", Text("单位乙", "organisation b")),
)
_NO = frozenset({"", "0", "no", "false", "否", "无", "n"})
_YES = frozenset({"1", "yes", "true", "是", "有", "y"})


class _Scheme(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    budget: Decimal = Field(ge=0, max_digits=20, decimal_places=2)
    start_on: str
    end_on: str
    holder_cap: Decimal = Field(ge=0, max_digits=20, decimal_places=2)
    cap_by: Literal["holder", "group"]
    rates: dict[str, Decimal]
    allocation: Literal["first_come", "pro_rata", "lottery"]
    seed: str | int | None = None
    local_only: bool = False


def read_scheme(path: Path) -> tuple[Scheme, Source]:
    """Read a scheme; rates are shares, the period has an order, a lottery has a seed."""
    data, source = read_data(path, written_dates=True)
    faults = Faults(source.name)
    shape = build_model(data, _Scheme, faults, schema=SCHEMA, text=source.text())
    if shape is None:
        faults.check()
        raise InputError(faults.all())

    def note(key: str, seen: object, message: Text, fix: Text, code: str = "out_of_range") -> None:
        faults.add(code, message, fix, column=key, seen=seen)

    for kind, rate in shape.rates.items():
        if not 0 <= rate <= 1:
            note(
                f"rates.{kind}", rate, Text("比例须在 0 与 1 之间", "a rate is a share between 0 and 1"),
                Text("30% 写作 0.30", "write 30 % as 0.30"), "share_range",
            )  # fmt: skip
    days = []
    for key, text in (("start_on", shape.start_on), ("end_on", shape.end_on)):
        try:
            days.append(date_or_end(text))
        except ValueError:
            note(
                key,
                text,
                Text("不是日期", "this is not a date"),
                Text("请写成 2026-03-31", "write it as 2026-03-31"),
                "bad_date",
            )
    if len(days) == 2 and days[1] < days[0]:
        note(
            "end_on", shape.end_on, Text("止期早于起期", "it ends before it starts"), Text("请核对", "check both dates")
        )
    if shape.allocation == "lottery" and shape.seed in (None, ""):
        note(
            "seed", "", Text("抽签须先公布种子", "a lottery needs a seed announced beforehand"),
            Text("请补上 seed", "add the seed"), "missing_field",
        )  # fmt: skip
    faults.check()
    scheme = Scheme(
        shape.id,
        shape.budget.quantize(Decimal("0.01")),
        days[0],
        days[1],
        shape.holder_cap.quantize(Decimal("0.01")),
        shape.cap_by,
        shape.rates,
        shape.allocation,
        "" if shape.seed is None else str(shape.seed),
        shape.local_only,
    )
    return scheme, source


def read_claims(path: Path) -> tuple[tuple[Claim, ...], Source]:
    """Read claims.csv; an empty amount counts as nothing paid."""
    faults = Faults(path.name)
    table = read_table(path, CLAIM_COLUMNS, key=("claim",), faults=faults)
    found = []
    for line in table.frame.to_dict("records"):
        row = int(line["row"])
        at = _submitted(str(line["submitted_at"]), row, faults)
        other = _subsidised(str(line["other_subsidy"]), row, faults)
        if at is None:
            continue
        found.append(
            Claim(
                line["claim"],
                line["holder"],
                line["provider"],
                line["contract"],
                line["invoice"],
                line["kind"],
                line["contract_amount"] or Decimal("0.00"),
                line["paid_amount"] or Decimal("0.00"),
                at,
                at.astimezone(ZONE).date(),
                other,
            )
        )
    faults.check()
    return tuple(found), table.source


def _submitted(text: str, row: int, faults: Faults) -> datetime | None:
    if not text:
        return None
    try:
        return read_instant(text, ZONE)
    except ValueError:
        faults.add(
            "bad_date", Text("不是时刻", "this is not an instant"),
            Text("请写成 2026-03-31T09:30", "write it as 2026-03-31T09:30"), row=row, column="submitted_at", seen=text,
        )  # fmt: skip
        return None


def _subsidised(text: str, row: int, faults: Faults) -> bool:
    answer = text.strip().lower()
    if answer in _NO or answer in _YES:
        return answer in _YES
    try:
        return Decimal(answer) > 0
    except ArithmeticError:
        faults.add(
            "bad_flag", Text("应为 1 或 0", "it must be 1 or 0"),
            Text("享受过写 1，没有写 0", "write 1 for yes, 0 for no"),
            row=row, column="other_subsidy", seen=text,
        )  # fmt: skip
        return False


def read_affiliations(path: Path) -> tuple[tuple[tuple[str, str], ...], Source]:
    """Read affiliations.csv: pairs of organisations under common control."""
    table = read_table(path, AFFILIATION_COLUMNS)
    return tuple(zip(table.frame["a"], table.frame["b"], strict=True)), table.source
