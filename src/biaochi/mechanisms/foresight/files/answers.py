"""Answers of a survey."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.foresight.model.study import Item
from biaochi.methods.elicitation.consensus import ItemType

TYPES: tuple[str, ...] = get_args(ItemType)
QUANTILES = {f"p{k:02d}": k / 100 for k in (1, 5, 10, 25, 50, 75, 90, 95, 99)}
YEARS = ("year_p10", "year_p50", "year_p90")
_FAMILIAR = {"3": 3, "2": 2, "1": 1, "high": 3, "medium": 2, "low": 1, "很熟悉": 3, "熟悉": 2, "一般": 1, "不熟悉": 1}


def _optional(name: str, kind: Any, title: Text, **more: Any) -> Column:
    return Column(name, kind, title, required=False, blank=True, **more)


ANSWERS = (
    Column("round", "integer", Text("轮次", "round"), low=1, example="1"),
    Column("expert", "code", Text("专家代号", "expert's pseudonym"), blank=True, example="E01"),
    Column("item", "code", Text("题目", "item"), example="Q1"),
    Column("type", "choice", Text("题型", "type"), choices=TYPES, example="likert"),
    _optional("version", "code", Text("版本", "version of the wording")),
    _optional("answer", "text", Text("回答", "answer")),
    _optional("low", "number", Text("下限", "low")),
    _optional("high", "number", Text("上限", "high")),
    _optional("best", "number", Text("最佳估计", "best")),
    _optional("confidence", "share", Text("信心", "confidence")),
    *(_optional(name, "number", Text(f"{name[1:]}% 分位", f"{name[1:]} % quantile")) for name in QUANTILES),
    _optional("year_p10", "number", Text("10% 年份", "year of 10 %"), low=1000, high=9999),
    _optional("year_p50", "number", Text("50% 年份", "year of 50 %"), low=1000, high=9999),
    _optional("year_p90", "number", Text("90% 年份", "year of 90 %"), low=1000, high=9999),
    _optional("p_never", "share", Text("永不实现的概率", "probability of never")),
    _optional("familiarity", "code", Text("熟悉程度", "familiarity (3, 2, 1)")),
    _optional("group", "code", Text("组别", "group")),
    _optional("rationale", "text", Text("理由", "rationale")),
)


@dataclass(frozen=True, eq=False)
class AnswersFile:
    """Answers as read; ``frame`` has the file's columns and ``value``, the single number of an answer."""

    frame: pd.DataFrame
    source: Source


def read_answers(
    path: Path | Source, faults: Faults, *, items: dict[tuple[str, str], Item] | None = None, group: str | None = None
) -> AnswersFile:
    """Read answers; every fault goes to ``faults``.

    Parameters
    ----------
    path : path or Source
        CSV or XLSX.
    faults : Faults
        Where to collect.
    items : mapping or None
        Known items by code and version; without it every version is taken as known.
    group : str or None
        A further column that names groups.
    """
    source = path if isinstance(path, Source) else Source.read(path)
    known = {c.name for c in ANSWERS}
    extra = (Column(group, "code", Text(group, group), blank=True),) if group and group not in known else ()
    own = Faults(source.name)
    frame = read_table(source, (*ANSWERS, *extra), faults=own).frame
    frame["version"] = frame["version"].replace("", "1")
    _experts(frame, own)
    frame["value"] = _values(frame, own)
    frame["familiar"] = _familiarities(frame, own)
    named = frame[frame["expert"] != ""]
    _repeated(named, own)
    _ranks(named, own)
    if items is not None:
        _versions(frame, items, own)
    if len(frame) == 0 and len(own) == 0:
        own.add("no_rows", Text("没有数据行", "there are no data rows"), Text("请填入回答", "add answers"))
    faults.extend(own)
    return AnswersFile(frame, source)


def _experts(frame: pd.DataFrame, faults: Faults) -> None:
    for round_, group in frame.groupby("round", sort=True):
        empty = group[group["expert"] == ""]
        if len(empty) == len(group) and len(group):
            faults.add(
                "round_without_codes",
                Text(f"第 {round_:g} 轮没有专家代号", f"round {round_:g} has no personal codes"),
                Text("无法与其他轮对应；不能作为专家组的一轮", "it cannot be linked: do not use it as a panel round"),
                row=int(group["row"].iloc[0]),
                column="expert",
                seen=f"{len(group)} rows",
            )
            continue
        for row in empty["row"]:
            faults.add(
                "missing_field",
                Text("没有专家代号", "the expert's code is missing"),
                Text("请填写代号", "fill it in"),
                row=int(row),
                column="expert",
            )


def _values(frame: pd.DataFrame, faults: Faults) -> np.ndarray:
    """Return the single number of each answer; only rows that need a closer look are looked at one by one."""
    found = np.full(len(frame), np.nan)
    single = frame["type"].isin(["likert", "rank", "probability"]).to_numpy()
    numbers = pd.to_numeric(frame["answer"].where(single, ""), errors="coerce").to_numpy(dtype=np.float64)
    plain = single & np.isfinite(numbers)
    plain &= (frame["type"] != "probability").to_numpy() | ((numbers >= 0) & (numbers <= 1))
    found[plain] = numbers[plain]
    rest = ~plain & ~(single & (frame["answer"] == "").to_numpy())
    for position, record in zip(np.flatnonzero(rest), frame[rest].to_dict("records"), strict=True):
        found[position] = _value(record, faults)
    return found


def _familiarities(frame: pd.DataFrame, faults: Faults) -> pd.Series:
    known = frame["familiarity"].str.casefold().map(_FAMILIAR)
    for record in frame.loc[known.isna() & (frame["familiarity"] != ""), ["row", "familiarity"]].to_dict("records"):
        faults.add(
            "unknown_value",
            Text("没有这个熟悉程度", "there is no such familiarity"),
            Text("可用：3、2、1", "choose from 3, 2, 1"),
            row=int(record["row"]),
            column="familiarity",
            seen=str(record["familiarity"]),
        )
    return known.astype("float64")


def _value(record: dict[Any, Any], faults: Faults) -> float:
    kind, row = record["type"], int(record["row"])
    if kind in ("likert", "rank", "probability"):
        return _single(record, faults)
    if kind == "choice":
        return np.nan
    if kind == "quantiles":
        names = [n for n in QUANTILES if not np.isnan(record[n])]
        _ordered(record, names, row, faults)
        return float(record["p50"])
    if kind == "interval":
        _ordered(record, [n for n in ("low", "best", "high") if not np.isnan(record[n])], row, faults)
        if not np.isnan(record["low"]) and np.isnan(record["confidence"]):
            _missing("confidence", row, faults)
        if record["confidence"] == 0:
            faults.add(
                "share_range",
                Text("把握须大于 0", "a confidence lies above 0"),
                Text("请写区间包含真值的把握", "give the confidence that the interval holds the truth"),
                row=row,
                column="confidence",
                seen="0",
            )
        return float(record["best"])
    if kind == "year":
        return _year(record, row, faults)
    return np.nan


def _single(record: dict[Any, Any], faults: Faults) -> float:
    text, row = str(record["answer"]), int(record["row"])
    if text == "":
        return np.nan
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        faults.add(
            "not_a_number",
            Text("回答不是数", "the answer is not a number"),
            Text("请写数，跳过则留空", "write a number; leave it empty to skip"),
            row=row,
            column="answer",
            seen=text,
        )
        return np.nan
    if record["type"] == "probability" and not 0 <= value <= 1:
        faults.add(
            "share_range",
            Text("概率须在 0 与 1 之间", "a probability lies between 0 and 1"),
            Text("请核对", "check it"),
            row=row,
            column="answer",
            seen=text,
        )
        return np.nan
    return value


def _year(record: dict[Any, Any], row: int, faults: Faults) -> float:
    given = [n for n in YEARS if not np.isnan(record[n])]
    certain_never = record["p_never"] == 1
    if given and len(given) < 3:
        _missing(next(n for n in YEARS if n not in given), row, faults)
        return np.nan
    _ordered(record, given, row, faults)
    if given and np.isnan(record["p_never"]):
        _missing("p_never", row, faults)
    return np.inf if certain_never else float(record["year_p50"])


def _ordered(record: dict[Any, Any], names: list[str], row: int, faults: Faults) -> None:
    values = [float(record[n]) for n in names]
    if any(a > b for a, b in pairwise(values)):
        faults.add(
            "crossing_quantiles",
            Text("分位数交叉", "quantiles cross"),
            Text("须从小到大", "they must not decrease"),
            row=row,
            column=",".join(names),
            seen=", ".join(f"{v:g}" for v in values),
        )


def _missing(column: str, row: int, faults: Faults) -> None:
    faults.add(
        "missing_field",
        Text("这一格不能为空", "this cell must not be empty"),
        Text("请填写", "fill it in"),
        row=row,
        column=column,
    )


def _repeated(frame: pd.DataFrame, faults: Faults) -> None:
    key = ["round", "expert", "item"]
    for row in frame.loc[frame.duplicated(key, keep="first"), "row"]:
        faults.add(
            "duplicate_answer",
            Text("同一专家在同一轮对同一题答了两次", "one expert answered an item twice in a round"),
            Text("请只留一行", "keep one row"),
            row=int(row),
            column=",".join(key),
        )


def _ranks(frame: pd.DataFrame, faults: Faults) -> None:
    ranks = frame[frame["type"] == "rank"]
    for round_, group in ranks.groupby("round"):
        table = group.drop_duplicates(["expert", "item"]).pivot(index="expert", columns="item", values="value")
        for expert, line in table.iterrows():
            absent = [str(c) for c in table.columns[line.isna()]]
            if absent and len(absent) < len(table.columns):
                first = int(group.loc[group["expert"] == expert, "row"].iloc[0])
                faults.add(
                    "incomplete_ranks",
                    Text(f"{expert} 第 {round_:g} 轮排序不全", f"{expert} did not rank every item of round {round_:g}"),
                    Text("须全部排序或全部留空", "rank all of them or none"),
                    row=first,
                    column="answer",
                    seen=", ".join(absent),
                )


def _versions(frame: pd.DataFrame, items: dict[tuple[str, str], Item], faults: Faults) -> None:
    codes = {code for code, _ in items}
    for record in frame[["row", "item", "version"]].itertuples(index=False):
        if (record.item, record.version) in items:
            continue
        known = record.item in codes
        faults.add(
            "unknown_version" if known else "unknown_item",
            Text("没有这个版本", "there is no such version") if known else Text("没有这道题", "there is no such item"),
            Text("请与题目清单核对", "compare it with the list of items"),
            row=int(str(record.row)),
            column="version" if known else "item",
            seen=f"{record.item} {record.version}",
        )
