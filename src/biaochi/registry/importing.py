"""Uploads of tables: described once, checked whole, stored only when clean or when the clean rows are accepted."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import openpyxl
import pandas as pd
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from biaochi.core.errors import Fault, InputError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, neutral, read_table

_WRONG = PatternFill("solid", fgColor="FAE9E4")
_BOLD = Font(bold=True)


@dataclass(frozen=True)
class Importer:
    """A table that can be uploaded.

    Parameters
    ----------
    code : str
        Part of its address.
    title, purpose : Text
        What the table is, and what happens with it.
    columns : tuple of Column
        From the mechanism's own description; gives checks, template and schema.
    roles : tuple of Role
        Who may upload it.
    store : callable
        ``(frame, source, actor) -> url``: stores clean rows inside one transaction and returns the page to go to.
    key : tuple of str
        Columns that together may not repeat.
    check : callable or None
        ``(frame, faults, actor) -> None``: adds what a single cell cannot show, with ``row`` from ``frame["row"]``.
    extra : bool
        Whether further columns are kept.
    partial : bool
        Whether the clean rows of a faulty file may be accepted.
    """

    code: str
    title: Text
    purpose: Text
    columns: tuple[Column, ...]
    roles: tuple[Role, ...]
    store: Callable[[pd.DataFrame, Source, Actor], str]
    key: tuple[str, ...] = ()
    check: Callable[[pd.DataFrame, Faults, Actor], None] | None = None
    extra: bool = False
    partial: bool = True


@dataclass(frozen=True)
class Checked:
    """An upload as checked: its rows, every fault, and the rows without one."""

    frame: pd.DataFrame
    faults: tuple[Fault, ...]

    @property
    def clean(self) -> pd.DataFrame:
        """The rows that carry no fault; none when the file as a whole is at fault."""
        if any(f.row <= 1 for f in self.faults):
            return self.frame.iloc[0:0]
        wrong = {f.row for f in self.faults}
        return self.frame[~self.frame["row"].isin(wrong)]


def check(importer: Importer, source: Source, actor: Actor) -> Checked:
    """Read and check an upload whole; never raises for what the file holds."""
    faults = Faults(source.name)
    try:
        table = read_table(
            source, importer.columns, key=importer.key, extra="keep" if importer.extra else "forbid", faults=faults
        )
    except InputError as error:
        return Checked(pd.DataFrame({"row": []}), error.faults)
    if importer.check is not None and not any(f.row <= 1 for f in faults.all()):
        importer.check(table.frame, faults, actor)
    return Checked(table.frame, faults.all())


def template(columns: Sequence[Column], lang: Lang) -> bytes:
    """Return the XLSX template of a table: headers, titles and units in both languages, choices, one example row."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "data"
    guide = book.create_sheet("说明 guide")
    guide.append(["列 column", "中文", "English", "单位 unit", "必填 required", "可选值 choices"])
    for cell in guide[1]:
        cell.font = _BOLD
    for number, column in enumerate(columns, start=1):
        head = page.cell(1, number, column.name)
        head.font = _BOLD
        unit = f" [{column.unit}]" if column.unit else ""
        head.comment = Comment(f"{column.title.zh}{unit}\n{column.title.en}{unit}", "Biaochi", width=260, height=90)
        page.cell(2, number, str(neutral(column.example)) if column.example else None)
        page.column_dimensions[get_column_letter(number)].width = max(14, len(column.name) + 4)
        choices = column.choices or (("1", "0") if column.kind == "flag" else ())
        if choices and len(",".join(choices)) < 250:
            rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            page.add_data_validation(rule)
            rule.add(f"{get_column_letter(number)}2:{get_column_letter(number)}5000")
        guide.append(
            [
                column.name,
                column.title.zh,
                column.title.en,
                column.unit,
                "是 yes" if column.required and not column.blank else "否 no",
                "、".join(choices) or KIND_TEXT[column.kind].within(lang),
            ]
        )
    page.freeze_panes = "A2"
    return _bytes(book)


KIND_TEXT = {
    "text": Text("文字", "text"),
    "code": Text("代码", "code"),
    "number": Text("数", "number"),
    "integer": Text("整数", "whole number"),
    "share": Text("0 到 1 之间的数", "number from 0 to 1"),
    "flag": Text("1 或 0", "1 or 0"),
    "date": Text("日期 2026-03-31", "date 2026-03-31"),
    "instant": Text("时刻 2026-03-31T09:30:00+08:00", "instant 2026-03-31T09:30:00+08:00"),
    "period": Text("时期 2024、2024-Q3、2024-07", "period 2024, 2024-Q3, 2024-07"),
    "money": Text("金额（元，两位小数）", "amount in yuan, two decimals"),
    "choice": Text("选项", "choice"),
}


def corrected_copy(rows: Sequence[Sequence[str]], faults: Sequence[Fault], lang: Lang) -> bytes:
    """Return the upload as XLSX: each faulty cell coloured, what to do as its note, and a sheet of all faults."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "data"
    for row in rows:
        page.append([neutral(c[:32_000]) for c in row])
    header = [c.strip() for c in rows[0]] if rows else []
    for fault in faults:
        if not 0 < fault.row <= len(rows):
            continue
        names = [n for n in fault.column.split(",") if n in header] or header[:1]
        for name in names:
            cell = page.cell(fault.row, header.index(name) + 1)
            cell.fill = _WRONG
            note = f"{fault.message.within(lang)}\n{fault.fix.within(lang)}"
            cell.comment = Comment(f"{cell.comment.text}\n{note}" if cell.comment else note, "Biaochi")
    listed = book.create_sheet("错误 faults")
    listed.append(["row", "column", "seen", "code", "message", "fix"])
    for fault in faults:
        listed.append(
            [
                fault.row,
                neutral(fault.column),
                neutral(fault.seen),
                fault.code,
                fault.message.within(lang),
                fault.fix.within(lang),
            ]
        )
    page.freeze_panes = "A2"
    return _bytes(book)


def _bytes(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
