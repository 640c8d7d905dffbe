"""What came: realisations of seed items, outcomes of questions, EXCALIBUR files, counts of terms, stage evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.foresight.files.answers import QUANTILES
from biaochi.methods.elicitation.answers import QuantileAnswers, Scale, Seeds
from biaochi.methods.elicitation.excalibur import FormatError, parse_dtt, parse_rls

SEEDS = (
    Column("item", "code", Text("题目", "item")),
    Column("realisation", "number", Text("实现值", "realisation")),
    Column("scale", "choice", Text("尺度", "scale"), required=False, blank=True, choices=("uniform", "log")),
)
OUTCOMES = (
    Column("item", "code", Text("题目", "item")),
    Column("outcome", "choice", Text("结果", "outcome"), choices=("realised", "partial", "not_yet", "void")),
    Column("realised_on", "date", Text("实现日期", "realised on"), required=False, blank=True),
    Column("due_on", "date", Text("到期日", "due on")),
)
COUNTS = (
    Column("term", "text", Text("词", "term")),
    Column("period", "integer", Text("时期", "period"), low=0, high=9999),
    Column("count", "integer", Text("条数", "records with the term"), low=0),
    Column("total", "integer", Text("总条数", "all records"), low=0),
)
EVIDENCE = (
    Column("node", "code", Text("节点", "node")),
    Column("from", "integer", Text("起始等级", "from level"), low=0, high=9),
    Column("to", "integer", Text("到达等级", "to level"), low=1, high=9),
    Column("entered_on", "date", Text("进入日", "entered on")),
    Column("left_on", "date", Text("通过日", "left on"), required=False, blank=True),
)


@dataclass(frozen=True, eq=False)
class SeedsFile:
    """Seeds with their scales."""

    seeds: Seeds
    scales: dict[str, Scale]
    source: Source
    rows: int


def fixed_width_text(source: Source) -> str:
    """Return EXCALIBUR text: UTF-8, else one byte a character, since the format counts columns."""
    try:
        return source.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return source.data.decode("latin-1")


def _format_fault(error: Exception, faults: Faults) -> None:
    line = error.line if isinstance(error, FormatError) else 0
    crossing = "cross" in str(error)
    faults.add(
        "crossing_quantiles" if crossing else "bad_line",
        Text("不是规范的 EXCALIBUR 行", "this is not a well-formed EXCALIBUR line")
        if not crossing
        else Text("分位数交叉", "quantiles cross"),
        Text("请与格式说明核对", "compare it with the format"),
        row=line,
        seen=str(error),
    )


def read_dtt(path: Path | Source, faults: Faults) -> tuple[QuantileAnswers | None, Source]:
    """Read an EXCALIBUR ``.dtt`` file."""
    source = path if isinstance(path, Source) else Source.read(path)
    own = Faults(source.name)
    try:
        return parse_dtt(fixed_width_text(source)), source
    except ValueError as error:
        _format_fault(error, own)
    faults.extend(own)
    return None, source


def read_seeds(path: Path | Source, faults: Faults) -> SeedsFile:
    """Read realisations: ``item,realisation,scale`` or an EXCALIBUR ``.rls`` file."""
    source = path if isinstance(path, Source) else Source.read(path)
    own = Faults(source.name)
    if source.name.lower().endswith(".rls"):
        try:
            found = parse_rls(fixed_width_text(source))
            return SeedsFile(found.seeds, found.scales, source, len(found.seeds.realisations))
        except ValueError as error:
            _format_fault(error, own)
            faults.extend(own)
            return SeedsFile(Seeds({}), {}, source, 0)
    frame = read_table(source, SEEDS, key=("item",), faults=own).frame
    scales: dict[str, Scale] = {}
    for row, item, value, scale in zip(frame["row"], frame["item"], frame["realisation"], frame["scale"], strict=True):
        scales[item] = "log" if scale == "log" else "uniform"
        if scale == "log" and value <= 0:
            own.add(
                "not_positive",
                Text("对数尺度的实现值须大于零", "the realisation of a log item must be above zero"),
                Text("请核对数值或尺度", "check the value or the scale"),
                row=int(row),
                column="realisation",
                seen=f"{value:g}",
            )
    faults.extend(own)
    realised = dict(zip(frame["item"], frame["realisation"].astype(float), strict=True))
    return SeedsFile(Seeds(realised), scales, source, len(frame))


def quantile_answers(
    frame: pd.DataFrame, scales: dict[str, Scale], faults: Faults, file: str
) -> QuantileAnswers | None:
    """Return the last round's quantile answers; faults where quantiles are few or not the same for all."""
    rows = frame[frame["type"] == "quantiles"]
    if len(rows):
        rows = rows[rows["round"] == rows["round"].max()]
    levels = {n: p for n, p in QUANTILES.items() if n in rows and rows[n].notna().any()}
    if len(rows) == 0 or len(levels) < 2:
        faults.add(
            "no_quantiles",
            Text("没有分位数回答", "there are no quantile answers"),
            Text("题型应为 quantiles，并填至少两个分位数", "use the type quantiles and fill at least two quantiles"),
            file=file,
        )
        return None
    try:
        return QuantileAnswers.from_frame(rows, levels, scales)
    except ValueError as error:
        faults.add(
            "crossing_quantiles" if "cross" in str(error) else "bad_value",
            Text("分位数回答有误", "a quantile answer is not usable"),
            Text("请核对", "check it"),
            file=file,
            seen=str(error),
        )
        return None


def read_outcomes(path: Path | Source, faults: Faults) -> tuple[pd.DataFrame, Source]:
    """Read outcomes of questions."""
    source = path if isinstance(path, Source) else Source.read(path)
    own = Faults(source.name)
    frame = read_table(source, OUTCOMES, key=("item",), faults=own).frame
    for record in frame.to_dict("records"):
        if record["outcome"] == "realised" and record["realised_on"] is None:
            own.add(
                "missing_field",
                Text("已实现者须有日期", "what was realised needs a date"),
                Text("请填 realised_on", "fill in realised_on"),
                row=int(record["row"]),
                column="realised_on",
            )
    faults.extend(own)
    return frame, source


def outcomes_after_survey(frame: pd.DataFrame, survey_year: int, faults: Faults, file: str) -> None:
    """Add a fault for each outcome or due day before the survey."""
    for record in frame.to_dict("records"):
        for column in ("realised_on", "due_on"):
            day = record[column]
            if isinstance(day, date) and day.year < survey_year:
                faults.add(
                    "outcome_before_survey",
                    Text("早于调查", "this lies before the survey"),
                    Text(f"调查在 {survey_year} 年；请核对日期", f"the survey was in {survey_year}; check the date"),
                    row=int(record["row"]),
                    column=column,
                    seen=day.isoformat(),
                    file=file,
                )


def read_counts(path: Path | Source, faults: Faults) -> tuple[pd.DataFrame, pd.Series, Source, int]:
    """Read counts of terms: returns terms × periods, totals by period, the source and its rows."""
    source = path if isinstance(path, Source) else Source.read(path)
    own = Faults(source.name)
    frame = read_table(source, COUNTS, key=("term", "period"), faults=own).frame
    for record in frame[frame["count"] > frame["total"]].to_dict("records"):
        own.add(
            "count_above_total",
            Text("条数多于总条数", "there are more records than the total"),
            Text("请核对", "check it"),
            row=int(record["row"]),
            column="count",
            seen=f"{record['count']:g} > {record['total']:g}",
        )
    first = frame.groupby("period")["total"].transform("first")
    for record in frame[(frame["total"] != first) & frame["total"].notna()].to_dict("records"):
        own.add(
            "mixed_totals",
            Text("同一时期的总条数不一致", "one period has several totals"),
            Text("请统一", "make them equal"),
            row=int(record["row"]),
            column="total",
            seen=f"{record['total']:g}",
        )
    faults.extend(own)
    if len(own) or len(frame) == 0:
        return pd.DataFrame(), pd.Series(dtype=float), source, len(frame)
    table = frame.pivot(index="term", columns="period", values="count").fillna(0.0)
    periods = range(int(frame["period"].min()), int(frame["period"].max()) + 1)
    totals = frame.groupby("period")["total"].first().reindex(periods, fill_value=0.0)
    table = table.reindex(columns=periods, fill_value=0.0)
    table.columns = pd.Index([int(p) for p in periods])
    totals.index = pd.Index([int(p) for p in periods])
    return table, totals, source, len(frame)


def read_evidence(path: Path | Source, faults: Faults) -> tuple[pd.DataFrame, Source]:
    """Read passages between readiness levels."""
    source = path if isinstance(path, Source) else Source.read(path)
    own = Faults(source.name)
    frame = read_table(source, EVIDENCE, faults=own).frame
    for record in frame.to_dict("records"):
        if record["to"] != record["from"] + 1:
            own.add(
                "bad_level",
                Text("须逐级跃迁", "a passage goes up one level"),
                Text("请分成逐级的行", "split it into rows of one level"),
                row=int(record["row"]),
                column="to",
                seen=f"{record['from']:g} → {record['to']:g}",
            )
        if (
            record["left_on"] is not None
            and record["entered_on"] is not None
            and record["left_on"] < record["entered_on"]
        ):
            own.add(
                "bad_date",
                Text("通过早于进入", "it left before it entered"),
                Text("请核对日期", "check the dates"),
                row=int(record["row"]),
                column="left_on",
                seen=record["left_on"].isoformat(),
            )
    faults.extend(own)
    return frame, source
