"""Series of technologies: a user's own file, and the facts shipped with the product."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from biaochi.core.distribution import Distribution
from biaochi.core.errors import Warn
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_header, read_table
from biaochi.methods.forecasting.series import Series

MIN_POINTS = 6

SERIES = (
    Column("technology", "code", Text("技术", "technology"), example="pv_module"),
    Column("year", "integer", Text("年份", "year"), low=1000, high=3000, example="2024"),
    Column("value", "number", Text("数值", "value"), example="0.21"),
    Column("kind", "choice", Text("类别", "kind"), choices=("cost", "performance"), example="cost"),
    Column("experience", "number", Text("累计产量", "cumulative experience"), required=False, blank=True),
    Column("family", "code", Text("族", "family of near-duplicates"), required=False, blank=True),
    Column("unit", "text", Text("单位", "unit"), example="USD/W"),
    Column("source", "text", Text("来源", "source"), example="…"),
)
_SHIPPED = (
    Column("series", "code", Text("序列", "series")),
    Column("year", "integer", Text("年份", "year"), low=1000, high=3000),
    Column("date", "text", Text("日期", "date"), required=False, blank=True),
    Column("item", "text", Text("对象", "item"), required=False, blank=True),
    Column("value", "number", Text("数值", "value")),
    Column("kind", "choice", Text("类别", "kind"), choices=("cost", "performance")),
    Column("unit", "text", Text("单位", "unit")),
    Column("source_title", "text", Text("来源", "source"), required=False, blank=True),
    Column("experience", "number", Text("累计产量", "experience"), required=False, blank=True),
)
EXPERIENCE = (
    Column("technology", "code", Text("技术", "technology")),
    Column("year", "integer", Text("年份", "year"), low=1000, high=3000),
    Column("experience", "number", Text("累计产量", "cumulative experience"), required=False, blank=True),
    Column("p05", "number", Text("5% 分位", "5 % quantile"), required=False, blank=True),
    Column("p50", "number", Text("中位", "median"), required=False, blank=True),
    Column("p95", "number", Text("95% 分位", "95 % quantile"), required=False, blank=True),
)


@dataclass(frozen=True, eq=False)
class SeriesFile:
    """What a file of series holds: those that can be forecast, those that can only be shown, and warnings."""

    series: tuple[Series, ...]
    shown_only: tuple[str, ...] = ()
    warnings: tuple[Warn, ...] = ()
    rows: int = 0
    source: Source = field(default_factory=lambda: Source("", b""))


def read_series(path: Path | Source, faults: Faults) -> SeriesFile:
    """Read a table of series; every fault goes to ``faults``.

    A file with the column ``series`` is one of the shipped facts: of several values in a year the last dated counts
    and irregular or short series are set aside with a warning.  Any other file must be regular.
    """
    source = path if isinstance(path, Source) else Source.read(path)
    if "series" in read_header(source):
        return _shipped(source, faults)
    own = Faults(source.name)
    table = read_table(source, SERIES, faults=own)
    frame = table.frame
    _positive(frame, "value", own)
    _positive(frame, "experience", own)
    usable = frame[frame["year"].notna() & (frame["technology"] != "")]
    found = []
    for technology, group in usable.groupby("technology", sort=False):
        before = len(own)
        ordered = _checked(str(technology), group, own)
        sound = ordered["value"].gt(0).all() and not ordered["experience"].le(0).any()
        if len(own) == before and sound:
            found.append(_series(str(technology), ordered))
    if len(frame) == 0 and len(own) == 0:
        own.add("no_rows", Text("没有数据行", "there are no data rows"), Text("请填入数据", "add data"))
    faults.extend(own)
    return SeriesFile(tuple(found), rows=len(frame), source=source)


def _positive(frame: pd.DataFrame, column: str, faults: Faults) -> None:
    for row, value in zip(frame["row"], frame[column], strict=True):
        if value <= 0:
            faults.add(
                "not_positive",
                Text("数值须大于零", "the value must be above zero"),
                Text("请核对；取对数需要正数", "check it; logarithms need positive numbers"),
                row=int(row),
                column=column,
                seen=f"{value:g}",
            )


def _checked(technology: str, group: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    _one_of(group, "unit", "mixed_units", faults)
    _one_of(group, "kind", "mixed_kinds", faults)
    ordered = group.sort_values("year", kind="stable")
    rows, years = ordered["row"].to_numpy(), ordered["year"].to_numpy()
    for i in range(1, len(years)):
        if years[i] == years[i - 1]:
            faults.add(
                "duplicate_year",
                Text(f"{technology} 的 {years[i]:g} 年出现两次", f"{technology} has the year {years[i]:g} twice"),
                Text("请只留一个", "keep one of them"),
                row=int(max(rows[i], rows[i - 1])),
                column="year",
                seen=f"{years[i]:g}",
            )
        elif years[i] != years[i - 1] + 1:
            faults.add(
                "missing_year",
                Text(f"{technology} 缺 {years[i - 1] + 1:g} 年", f"{technology} lacks the year {years[i - 1] + 1:g}"),
                Text(
                    "须逐年连续；请补上，或从缺口之后开始", "years must be consecutive; add it or start after the gap"
                ),
                row=int(rows[i]),
                column="year",
                seen=f"{years[i]:g}",
            )
    _experience(technology, ordered, faults)
    n = len(np.unique(years))
    if n < MIN_POINTS:
        faults.add(
            "too_few_points",
            Text(
                f"{technology} 只有 {len(np.unique(years))} 个点",
                f"{technology} has only {len(np.unique(years))} points",
            ),
            Text(f"至少需要 {MIN_POINTS} 个", f"at least {MIN_POINTS} are needed"),
            row=int(rows[0]),
            column="technology",
            seen=technology,
        )
    return ordered


def _experience(technology: str, ordered: pd.DataFrame, faults: Faults) -> None:
    known = ordered["experience"].notna()
    if not known.any():
        return
    for row in ordered.loc[~known, "row"]:
        faults.add(
            "missing_experience",
            Text(f"{technology} 有的年份没有累计产量", f"{technology} lacks experience in some years"),
            Text("请全部填写或全部留空", "fill all years or none"),
            row=int(row),
            column="experience",
        )
    rows, values = ordered.loc[known, "row"].to_numpy(), ordered.loc[known, "experience"].to_numpy()
    for i in np.flatnonzero(np.diff(values) < 0) + 1:
        faults.add(
            "falling_experience",
            Text(f"{technology} 的累计产量下降", f"the cumulative experience of {technology} falls"),
            Text("累计值不会减少；请核对是否误填年产量", "a cumulative value cannot fall; was yearly output given?"),
            row=int(rows[i]),
            column="experience",
            seen=f"{values[i - 1]:g} → {values[i]:g}",
        )


def _one_of(group: pd.DataFrame, column: str, code: str, faults: Faults) -> None:
    first = group[column].iloc[0]
    for row, value in zip(group["row"], group[column], strict=True):
        if value != first:
            faults.add(
                code,
                Text(f"同一技术的{column}不一致", f"one technology has several values of {column}"),
                Text(
                    f"首行为“{first}”；请换算或拆成两条序列",
                    f"the first row has “{first}”; convert or split the series",
                ),
                row=int(row),
                column=column,
                seen=str(value),
            )


def _series(technology: str, ordered: pd.DataFrame) -> Series:
    grown = ordered["experience"]
    family = next((str(f) for f in ordered["family"] if f), None) if "family" in ordered else None
    return Series(
        technology,
        ordered["year"].to_numpy(),
        ordered["value"].to_numpy(),
        cast(Literal["cost", "performance"], ordered["kind"].iloc[0]),
        str(ordered["unit"].iloc[0]),
        str(ordered["source"].iloc[0]),
        grown.to_numpy() if grown.notna().all() else None,
        family,
    )


def _shipped(source: Source, faults: Faults) -> SeriesFile:
    own = Faults(source.name)
    frame = read_table(source, _SHIPPED, extra="keep", faults=own).frame
    _positive(frame, "value", own)
    faults.extend(own)
    if len(own):
        return SeriesFile((), rows=len(frame), source=source)
    frame = frame[[c.name for c in _SHIPPED] + ["row"]]
    frame = frame.rename(columns={"series": "technology", "source_title": "source"})
    found, aside, warnings = [], [], []
    for technology, group in frame.groupby("technology", sort=False):
        dated = group.assign(_when=[d or f"{y:04.0f}" for d, y in zip(group["date"], group["year"], strict=True)])
        last = dated.sort_values(["year", "_when"], kind="stable").drop_duplicates("year", keep="last")
        if len(last) < len(group):
            warnings.append(_warn("same_year", source, str(technology), group))
        years = last["year"].to_numpy()
        grown = last["experience"]
        if len(last) < MIN_POINTS:
            aside.append(str(technology))
            warnings.append(_warn("short", source, str(technology), group))
        elif np.any(np.diff(years) != 1):
            aside.append(str(technology))
            warnings.append(_warn("irregular", source, str(technology), group))
        else:
            regular = grown.notna().all() and bool(np.all(np.diff(grown) >= 0))
            found.append(_series(str(technology), last if regular else last.assign(experience=np.nan)))
    return SeriesFile(tuple(found), tuple(aside), tuple(warnings), len(frame), source)


_WARNINGS = {
    "same_year": Text("{t}：一年多个值，取最后一个", "{t}: several values in a year, the last dated counts"),
    "short": Text("{t}：不足六个点，只展示不预测", "{t}: fewer than six points, shown but not forecast"),
    "irregular": Text("{t}：年份有缺口，只展示不预测", "{t}: years are missing, shown but not forecast"),
}


def _warn(code: str, source: Source, technology: str, group: pd.DataFrame) -> Warn:
    return Warn(code, _WARNINGS[code].format(t=technology), source.name, int(group["row"].iloc[0]))


def read_experience(
    path: Path, faults: Faults
) -> tuple[dict[str, dict[int, float]] | dict[str, dict[int, Distribution]], Source, int]:
    """Read future experience: ``technology,year`` with ``experience``, or with ``p05,p50,p95``.

    Returns
    -------
    paths, source, rows
        Technology → year → cumulative experience, exact or as a distribution.
    """
    source = Source.read(path)
    own = Faults(source.name)
    frame = read_table(
        source, EXPERIENCE, key=("technology", "year"), faults=own, duplicate_code="duplicate_year"
    ).frame
    as_band = bool(frame[["p05", "p50", "p95"]].notna().any(axis=None))
    exact: dict[str, dict[int, float]] = {}
    bands: dict[str, dict[int, Distribution]] = {}
    for i in range(len(frame)):
        record: dict[Any, Any] = frame.iloc[i].to_dict()
        names = ("p05", "p50", "p95") if as_band else ("experience",)
        values = [float(record[n]) for n in names]
        if any(not v > 0 for v in values) or sorted(values) != values:
            own.add(
                "crossing_quantiles" if all(v > 0 for v in values) else "not_positive",
                Text("累计产量须为正，分位数须递增", "experience must be positive, quantiles must not cross"),
                Text("请核对这一行", "check this row"),
                row=int(record["row"]),
                column=",".join(names),
                seen=", ".join(f"{v:g}" for v in values),
            )
        elif as_band:
            law = Distribution.from_quantiles(dict(zip((0.05, 0.5, 0.95), values, strict=True)))
            bands.setdefault(str(record["technology"]), {})[int(record["year"])] = law
        else:
            exact.setdefault(str(record["technology"]), {})[int(record["year"])] = values[0]
    faults.extend(own)
    return (bands if as_band else exact), source, len(frame)
