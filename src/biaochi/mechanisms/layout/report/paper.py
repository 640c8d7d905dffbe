"""The whole layout as a bilingual document: findings first, then the evidence, then what it does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from biaochi.core.canonical import Json
from biaochi.core.document import Document, Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text

LIMITS = (
    Text(
        "本报告不要求任何地区做任何事：菜单不是任务，由地区自己选择",
        "no part of this report obliges a region: a menu is not an order, and regions choose",
    ),
    Text("p 不预示成功：历史只说明可行，不说明成效", "p forecasts no success: history shows feasibility, not effect"),
    Text(
        "随附的规划表由一人编码，多为第三方转述，覆盖 31 省中的 18 个；其相似来自少数热门赛道，而非相互照抄",
        "the shipped table of plans has one coder, many third-party "
        "copies and 18 of 31 provinces; its homogeneity is the "
        "popularity of few tracks, not copying",
    ),
    Text("不随附任何中国各地的实际活动数据", "no table of real activity of Chinese regions ships"),
)


@dataclass(frozen=True)
class Part:
    """One part of the report: its key and headings, one finding, figures and tables by language."""

    key: str
    heading: Text
    finding: Text
    figures: Mapping[Lang, Sequence[Figure]]
    tables: Mapping[str, pd.DataFrame]


def document(
    parts: Sequence[Part], absent: Sequence[Text], lang: Lang, colophon: Sequence[tuple[str, str]]
) -> Document:
    """Return the report in one language."""
    sections = []
    for part in parts:
        blocks: list[Paragraph | Grid | Figure] = [Paragraph(part.finding.within(lang)), *part.figures.get(lang, ())]
        blocks += [grid(f"{part.key}-{name}", frame) for name, frame in part.tables.items()]
        sections.append(Section(part.key, part.heading.within(lang), tuple(blocks)))
    notices = [t.within(lang) for t in (*absent, *LIMITS)]
    title = Text("错位布局报告", "Layout: place-based, differentiated development")
    subtitle = Text("看清拥挤，再谈投入", "see crowding before the money is spent")
    return Document(
        title.within(lang),
        subtitle.within(lang),
        lang,
        tuple(p.finding.within(lang) for p in parts),
        tuple(sections),
        tuple(notices),
        tuple(colophon),
    )


def grid(key: str, frame: pd.DataFrame) -> Grid:
    """Return a table as a grid; column names are the keys of the data."""
    rows = tuple({str(k): _plain(v) for k, v in record.items()} for record in frame.to_dict("records"))
    return Grid(key, key, {str(c): str(c) for c in frame.columns}, rows)


def _plain(value: object) -> Json:
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "item"):
        return _plain(value.item())
    return str(value)
