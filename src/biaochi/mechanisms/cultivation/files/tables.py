"""The files cultivation reads, described once."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import Column
from biaochi.mechanisms.cultivation.model import PARTS, EndCause
from biaochi.methods.rules.columns import BY_NAME, COLUMNS, LEVELS, ColumnKind, ColumnSpec

_Kind = Literal["text", "code", "number", "integer", "share", "flag", "choice"]
_KIND: dict[ColumnKind, _Kind] = {
    "text": "text",
    "integer": "integer",
    "money": "number",
    "number": "number",
    "share": "share",
    "rank": "integer",
    "flag": "flag",
    "review": "flag",
    "level": "choice",
    "date": "code",
    "until": "code",
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "institution": tuple(LEVELS),
    "grade": ("A", "B", "C"),
    "rd_basis": ("sales", "cost"),
    "field": ("chain_gap", "six_basics", "other"),
}
_MAY_BE_NEGATIVE = frozenset({"net_profit_1"})
DATED = tuple(c.name for c in COLUMNS if c.kind in ("date", "until"))
RECODED = {"negative_value": "negative"}
BY_COLUMN = {"institution": "bad_level"}


def _firm_column(spec: ColumnSpec) -> Column:
    kind: _Kind = "choice" if spec.name in _CHOICES else _KIND[spec.kind]
    low = 0.0 if kind in ("number", "integer") and spec.name not in _MAY_BE_NEGATIVE else None
    return Column(
        spec.name,
        "code" if spec.name == "firm" else kind,
        spec.title,
        required=spec.name == "firm",
        unit=spec.unit,
        choices=_CHOICES.get(spec.name, ()),
        low=low,
    )


FIRM_COLUMNS: tuple[Column, ...] = tuple(_firm_column(c) for c in COLUMNS)

EVIDENCE_COLUMNS: tuple[Column, ...] = (
    Column("firm", "code", Text("企业", "firm"), example="F001"),
    Column("column", "choice", Text("列", "column"), choices=tuple(BY_NAME), example="srdi_until"),
    Column("grade", "choice", Text("证据等级", "grade"), choices=("A", "B", "C"), example="A"),
    Column("source", "text", Text("来源", "source"), required=False),
    Column("observed_on", "date", Text("观察日", "observed on"), required=False),
)
COST_COLUMNS: tuple[Column, ...] = (
    Column("column", "choice", Text("列", "column"), choices=tuple(BY_NAME), example="rd_1"),
    Column("unit_cost", "number", Text("每单位改变的代价", "cost of one unit of change"), low=0, example="1"),
    Column("max_change", "number", Text("最多可改变", "largest change"), required=False, low=0, example="5000000"),
)
REGISTRY_COLUMNS: tuple[Column, ...] = (
    Column("firm", "code", Text("企业", "firm"), example="F001"),
    Column("grade", "code", Text("称号", "grade"), example="little_giant"),
    Column("batch", "code", Text("批次", "batch"), required=False, example="2023"),
    Column("granted_on", "date", Text("认定日", "granted on"), example="2023-07-14"),
    Column("valid_to", "date", Text("有效期至", "valid to"), required=False, example="2026-07-13"),
    Column("ended_on", "date", Text("终止日", "ended on"), required=False),
    Column("end_cause", "choice", Text("终止原因", "cause"), required=False, choices=tuple(c.value for c in EndCause)),
    Column("successor", "code", Text("承继企业", "successor"), required=False),
    Column("listed_from", "date", Text("名单起始日", "listed from"), required=False),
)


def check_firms(frame: pd.DataFrame, faults: Faults) -> None:
    """Find days that are none and parts that exceed their whole, row by row."""
    for name in DATED:
        if name in frame:
            _check_days(frame, name, faults)
    for part, whole in PARTS:
        if part in frame and whole in frame:
            wrong = (frame[part] > frame[whole]).to_numpy()
            for position in np.flatnonzero(wrong):
                faults.add(
                    "part_exceeds_whole",
                    Text(f"{part} 大于 {whole}", f"{part} exceeds {whole}"),
                    Text("部分不能大于整体，请核对", "a part cannot exceed its whole; check both"),
                    row=int(frame["row"].iloc[position]),
                    column=part,
                    seen=f"{frame[part].iloc[position]:.15g} > {frame[whole].iloc[position]:.15g}",
                )


def _check_days(frame: pd.DataFrame, name: str, faults: Faults) -> None:
    values = frame[name]
    distinct = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else values.unique()
    never = name.endswith("_until")
    bad = {v for v in distinct if not _is_day(v, never)}
    if not bad:
        return
    for position in np.flatnonzero(values.isin(bad).to_numpy()):
        faults.add(
            "bad_date",
            Text("不是日期", "this is not a date"),
            Text(
                "请写成 2026-03-31" + ("，从未持有写 none" if never else ""),
                "write it as 2026-03-31" + (", or none if never held" if never else ""),
            ),
            row=int(frame["row"].iloc[position]),
            column=name,
            seen=str(values.iloc[position]),
        )


def _is_day(value: object, never: bool) -> bool:
    if value is None or value != value or value == "" or (never and value == "none"):
        return True
    try:
        return bool(date.fromisoformat(str(value)).isoformat() == str(value))
    except ValueError:
        return False


def in_yuan(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose money in 万元 is turned into yuan, to the fen."""
    wan = [c.name for c in COLUMNS if c.unit == "yuan" and c.name in frame]
    return frame.assign(**{name: np.rint(frame[name].to_numpy() * 1e6) / 100 for name in wan})
