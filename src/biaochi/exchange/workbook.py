"""XLSX out: one sheet a table, header frozen, formulas neutralised."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.tables import neutral

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def to_workbook(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return the bytes of a workbook with one sheet for each table, named by its key (cut to 31 characters)."""
    book = Workbook(write_only=True)
    for name, frame in tables.items():
        page = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", name)[:31])
        page.freeze_panes = "A2"
        page.append([_bold(page, str(column)) for column in frame.columns])
        for record in frame.itertuples(index=False, name=None):
            page.append([_cell(value) for value in record])
    if not tables:
        book.create_sheet("empty")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _bold(page: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=neutral(text))
    cell.font = Font(bold=True)
    return cell


def _cell(value: object) -> object:
    plain = jsonable(value)
    if isinstance(plain, list | dict):
        plain = str(plain)
    return neutral(_ILLEGAL.sub("", plain)) if isinstance(plain, str) else plain
