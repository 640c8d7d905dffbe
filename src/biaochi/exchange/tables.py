"""Tables in and out: CSV and XLSX become a DataFrame of checked columns; every fault is found before any is raised.

A table is described once, by :class:`Column` entries; from that description come the reader's checks, the bilingual
XLSX template and the Frictionless schema.  Row numbers are the spreadsheet's: the header is row 1.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import openpyxl
import pandas as pd

from biaochi.core.errors import InputError
from biaochi.core.period import Period, date_or_end
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults, unreadable
from biaochi.exchange.source import Source, decode

Kind = Literal["text", "code", "number", "integer", "share", "flag", "date", "instant", "period", "money", "choice"]
MAX_CELL = 32_767
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Column:
    """What one column of a table holds.

    Parameters
    ----------
    name : str
        Header, exactly.
    kind : str
        ``text`` any text; ``code`` an identifier, kept as text (``0011`` and ``NA`` stay what they are);
        ``number``, ``integer`` finite; ``share`` 0..1; ``flag`` 1 or 0; ``date`` ISO, or a period meaning its end;
        ``instant`` ISO 8601; ``period`` YYYY, YYYY-Qn, YYYY-MM; ``money`` yuan with at most two decimals;
        ``choice`` one of ``choices``.
    title : Text
        What a person calls it.
    required : bool
        Whether the column must be there.
    blank : bool
        Whether a cell may be empty.
    unit : str
        Unit, shown in the header of templates.
    choices : tuple of str
        Allowed values of a ``choice``.
    low, high : float or None
        Inclusive bounds of numbers.
    example : str
        A filled cell for the template.
    """

    name: str
    kind: Kind
    title: Text
    required: bool = True
    blank: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    example: str = ""


@dataclass(frozen=True)
class Table:
    """A table as read: typed columns, one row a record, and the spreadsheet row of each in ``row``.

    Numbers are float64 with NaN for empty, dates ``datetime.date`` or None, text and codes ``str`` (empty for
    empty), money ``Decimal`` or None, flags float 1.0/0.0/NaN.
    """

    frame: pd.DataFrame
    source: Source

    def __len__(self) -> int:
        return len(self.frame)


def read_table(
    path: str | Path | Source,
    columns: Sequence[Column],
    *,
    key: Sequence[str] = (),
    extra: Literal["forbid", "keep"] = "forbid",
    faults: Faults | None = None,
    sheet: str | None = None,
    duplicate_code: str = "duplicate_key",
) -> Table:
    """Read a CSV or XLSX table.

    Parameters
    ----------
    path : path or Source
        The file; ``.xlsx`` is read as a workbook, everything else as delimited text (``,``, ``;`` or tab).
    columns : sequence of Column
        What the table holds.
    key : sequence of str
        Columns that together may not repeat.
    extra : {"forbid", "keep"}
        Whether unknown columns are a fault or are kept as text.
    faults : Faults or None
        Where to collect; when given, nothing is raised here and the caller calls ``faults.check()``.
    sheet : str or None
        Sheet of a workbook; the first by default.
    duplicate_code : str
        Fault code of a repeated key.

    Returns
    -------
    Table
        Columns in declared order; absent optional columns are filled with empty values.

    Raises
    ------
    InputError
        With every fault found, if ``faults`` was not given.
    """
    source = path if isinstance(path, Source) else Source.read(path)
    own = Faults(source.name)
    header, rows = _cells(source, sheet)
    index = header_index(header, columns, extra, own)
    frame = typed_rows(rows, columns, index, own)
    if extra == "keep":
        known = {c.name for c in columns}
        for name, position in index.items():
            if name not in known:
                frame[name] = [r[position] if position < len(r) else "" for _, r in rows]
    frame.insert(0, "row", np.array([n for n, _ in rows], dtype=np.int64))
    if key and all(k in frame for k in key):
        _duplicates(frame, key, own, duplicate_code)
    if faults is None:
        own.check()
    else:
        faults.extend(own)
    return Table(frame, source)


class TableReader(Protocol):
    """Whatever reads tables: a command's invocation, which remembers its inputs, or :class:`PlainReader`."""

    def table(
        self,
        path: Path,
        columns: Sequence[Column],
        *,
        key: Sequence[str] = (),
        faults: Faults | None = None,
        duplicate_code: str = "duplicate_key",
    ) -> Table:
        """Read a table; see :func:`read_table`."""
        ...


class PlainReader:
    """Reads tables and remembers nothing."""

    def table(
        self,
        path: Path,
        columns: Sequence[Column],
        *,
        key: Sequence[str] = (),
        faults: Faults | None = None,
        duplicate_code: str = "duplicate_key",
    ) -> Table:
        """Read a table; see :func:`read_table`."""
        return read_table(path, columns, key=key, faults=faults, duplicate_code=duplicate_code)


def read_header(path: str | Path | Source, *, sheet: str | None = None) -> list[str]:
    """Return the header of a table only, to tell one kind of file from another."""
    source = path if isinstance(path, Source) else Source.read(path)
    return _cells(source, sheet, first_only=True)[0]


def read_rows(path: str | Path | Source, *, sheet: str | None = None) -> list[list[str]]:
    """Return every row of a table as text, header and empty rows included: row *n* of the file is item *n* − 1."""
    source = path if isinstance(path, Source) else Source.read(path)
    is_workbook = source.data[:4] == b"PK\x03\x04" or source.name.lower().endswith(".xlsx")
    return [row for _, row in (_workbook(source, sheet) if is_workbook else _delimited(source))]


def _cells(
    source: Source, sheet: str | None, *, first_only: bool = False
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    is_workbook = source.data[:4] == b"PK\x03\x04" or source.name.lower().endswith(".xlsx")
    if not source.data.strip():
        raise unreadable(
            source.name,
            Text("文件是空的", "the file is empty"),
            Text("请填入表头和数据", "add a header and data"),
            "empty_file",
        )
    lines = _workbook(source, sheet) if is_workbook else _delimited(source)
    header = [c.strip() for c in lines[0][1]]
    while header and not header[-1]:
        header.pop()
    rows = [] if first_only else [(n, r) for n, r in lines[1:] if any(c.strip() for c in r)]
    return header, rows


def _delimited(source: Source) -> list[tuple[int, list[str]]]:
    text = decode(source.data, source.name)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count) if any(d in first for d in ",;\t") else ","
    previous = csv.field_size_limit(16 * 1024 * 1024)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [(number, row) for number, row in enumerate(reader, start=1)] or [(1, [])]
    except csv.Error as error:
        raise unreadable(
            source.name,
            Text("不是规范的 CSV（引号或分隔符有误）", "this is not a well-formed CSV (quotes or separators)"),
            Text("请核对该行的引号", "check the quotes of that line"),
            "bad_csv",
            str(error),
        ) from error
    finally:
        csv.field_size_limit(previous)


def _workbook(source: Source, sheet: str | None) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            names = archive.namelist()
            if any(n.lower().endswith("vbaproject.bin") for n in names):
                raise unreadable(
                    source.name,
                    Text("带宏的工作簿不予接收", "workbooks with macros are not accepted"),
                    Text("请另存为不带宏的 .xlsx", "save it as .xlsx without macros"),
                    "macro_refused",
                )
            if sum(i.file_size for i in archive.infolist()) > 1 << 30:
                raise unreadable(
                    source.name,
                    Text("工作簿解压后过大", "the workbook is too large when unpacked"),
                    Text("请拆分", "split it"),
                    "file_too_large",
                )
        book = openpyxl.load_workbook(io.BytesIO(source.data), read_only=True, data_only=True)
        page = book[sheet] if sheet is not None else book.worksheets[0]
        return [
            (n, [_cell_text(v) for v in row]) for n, row in enumerate(page.iter_rows(values_only=True), start=1)
        ] or [(1, [])]
    except InputError:
        raise
    except Exception as error:
        raise unreadable(
            source.name,
            Text("不是可读的 XLSX 工作簿", "this is not a readable XLSX workbook"),
            Text("请用表格软件另存为 .xlsx", "save it as .xlsx with a spreadsheet program"),
            "bad_xlsx",
            type(error).__name__,
        ) from error


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if hasattr(value, "isoformat"):
        text = str(value.isoformat())
        return text[:10] if text.endswith("T00:00:00") else text
    return str(value)


def header_index(header: list[str], columns: Sequence[Column], extra: str, faults: Faults) -> dict[str, int]:
    """Return the position of each header; repeated, missing and (when forbidden) unknown columns are faults."""
    index: dict[str, int] = {}
    for position, name in enumerate(header):
        if not name:
            continue
        if name in index:
            faults.add(
                "duplicate_column",
                Text("表头重复", "the header repeats"),
                Text("请删去一列", "remove one of the columns"),
                row=1,
                column=name,
                seen=name,
            )
        index.setdefault(name, position)
    known = {c.name for c in columns}
    for column in columns:
        if column.required and column.name not in index:
            faults.add(
                "missing_column",
                Text(f"缺少“{column.name}”列（{column.title.zh}）", f"column {column.name} is missing"),
                Text("请补上该列", "add the column"),
                row=1,
                column=column.name,
            )
    if extra == "forbid":
        for name in index:
            if name not in known:
                faults.add(
                    "unknown_column",
                    Text("没有这样的列", "there is no such column"),
                    Text(
                        f"可用的列：{'、'.join(c.name for c in columns)}",
                        f"known columns: {', '.join(c.name for c in columns)}",
                    ),
                    row=1,
                    column=name,
                    seen=name,
                )
    return index


def typed_rows(
    rows: list[tuple[int, list[str]]], columns: Sequence[Column], index: dict[str, int], faults: Faults
) -> pd.DataFrame:
    """Return cells as typed columns; ``rows`` holds each record with its spreadsheet row."""
    width = max(index.values(), default=-1) + 1
    for number, row in rows:
        if len(row) > width and any(c.strip() for c in row[width:]):
            faults.add(
                "row_too_long",
                Text("这一行的格数多于表头", "this row has more cells than the header"),
                Text("请核对分隔符与引号", "check separators and quotes"),
                row=number,
                seen=row[-1],
            )
    data: dict[str, object] = {}
    for column in columns:
        position = index.get(column.name)
        if position is None:
            data[column.name] = pd.Series([_EMPTY[column.kind]] * len(rows), dtype=_dtype(column))
            continue
        cells = [r[position].strip() if position < len(r) else "" for _, r in rows]
        data[column.name] = _column(cells, rows, column, faults)
    return pd.DataFrame(data, columns=[c.name for c in columns])


def _column(cells: list[str], rows: list[tuple[int, list[str]]], column: Column, faults: Faults) -> pd.Series:
    """Read each distinct cell once, then look the cells up; rows are gone through only where something is wrong."""
    values: dict[str, object] = {}
    wrong: dict[str, _CellError] = {}
    for cell in dict.fromkeys(cells):
        try:
            values[cell] = _value(cell, column)
        except _CellError as error:
            values[cell], wrong[cell] = _EMPTY[column.kind], error
    if wrong:
        for (number, _), cell in zip(rows, cells, strict=True):
            error_of = wrong.get(cell)
            if error_of is not None:
                faults.add(error_of.code, error_of.text, error_of.fix, row=number, column=column.name, seen=cell)
    return pd.Series([values[c] for c in cells], dtype=_dtype(column))


def _dtype(column: Column) -> Any:
    return "float64" if column.kind in _FLOATS else object


def _value(cell: str, column: Column) -> object:
    if cell == "":
        if column.required and not column.blank:
            raise _CellError(
                "missing_field", Text("这一格不能为空", "this cell must not be empty"), Text("请填写", "fill it in")
            )
        return _EMPTY[column.kind]
    if len(cell) > MAX_CELL:
        raise _CellError(
            "cell_too_long",
            Text(f"这一格有 {len(cell)} 个字符", f"this cell holds {len(cell)} characters"),
            Text(f"最多 {MAX_CELL} 个", f"at most {MAX_CELL} are allowed"),
        )
    return _READERS[column.kind](cell, column)


class _CellError(Exception):
    def __init__(self, code: str, text: Text, fix: Text) -> None:
        self.code, self.text, self.fix = code, text, fix
        super().__init__(code)


def _number(cell: str, column: Column) -> float:
    if not _NUMBER.fullmatch(cell):
        raise _CellError(
            "not_a_number",
            Text("不是数", "this is not a number"),
            Text(
                "请写成 1234.5 这样的数，不带千分位和单位",
                "write a plain number such as 1234.5, without separators or units",
            ),
        )
    value = float(cell)
    if not np.isfinite(value):
        raise _CellError("not_a_number", Text("数过大", "the number is too large"), Text("请核对", "check it"))
    _bounds(value, column)
    return value


def _bounds(value: float, column: Column) -> None:
    low, high = column.low, column.high
    if column.kind == "share":
        low, high = 0.0, 1.0
    if (low is not None and value < low) or (high is not None and value > high):
        code = (
            "share_range" if column.kind == "share" else "negative_value" if low == 0 and value < 0 else "out_of_range"
        )
        raise _CellError(
            code,
            Text("超出允许的范围", "the value is out of range"),
            Text(
                f"应在 {low if low is not None else '−∞'} 与 {high if high is not None else '∞'} 之间",
                f"it must lie between {low if low is not None else '−∞'} and {high if high is not None else '∞'}",
            ),
        )


def _integer(cell: str, column: Column) -> float:
    value = _number(cell, column)
    if not value.is_integer():
        raise _CellError(
            "not_an_integer",
            Text("不是整数", "this is not a whole number"),
            Text("请写整数", "write a whole number"),
        )
    return value


def _flag(cell: str, column: Column) -> float:
    if cell not in ("0", "1"):
        raise _CellError(
            "bad_flag",
            Text("只能是 1 或 0", "only 1 or 0 is allowed"),
            Text("是写 1，否写 0", "write 1 for yes, 0 for no"),
        )
    return float(cell)


def _date(cell: str, column: Column) -> date:
    try:
        return date_or_end(cell)
    except ValueError:
        raise _CellError(
            "bad_date",
            Text("不是日期", "this is not a date"),
            Text("请写成 2026-03-31", "write it as 2026-03-31"),
        ) from None


def _instant(cell: str, column: Column) -> pd.Timestamp:
    try:
        return pd.Timestamp(cell)
    except (ValueError, OverflowError):
        raise _CellError(
            "bad_date",
            Text("不是时刻", "this is not an instant"),
            Text("请写成 2026-03-31T09:30:00+08:00", "write it as 2026-03-31T09:30:00+08:00"),
        ) from None


def _period(cell: str, column: Column) -> str:
    try:
        return Period.parse(cell).code
    except ValueError:
        raise _CellError(
            "bad_period",
            Text("不是时期", "this is not a period"),
            Text("请写成 2024、2024-Q3 或 2024-07", "write it as 2024, 2024-Q3 or 2024-07"),
        ) from None


def _money(cell: str, column: Column) -> Decimal:
    try:
        amount = Decimal(cell)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
        raise _CellError(
            "not_a_number",
            Text("不是以元计、至多两位小数的金额", "this is not an amount in yuan with at most two decimals"),
            Text("请写成 1234.50", "write it as 1234.50"),
        )
    _bounds(float(amount), column)
    return amount.quantize(Decimal("0.01"))


def _choice(cell: str, column: Column) -> str:
    if cell not in column.choices:
        raise _CellError(
            "unknown_value",
            Text("没有这个选项", "there is no such choice"),
            Text(f"可选：{'、'.join(column.choices)}", f"choose from {', '.join(column.choices)}"),
        )
    return cell


def _text(cell: str, column: Column) -> str:
    return cell


_READERS: dict[str, Callable[[str, Column], object]] = {
    "text": _text,
    "code": _text,
    "number": _number,
    "integer": _integer,
    "share": _number,
    "flag": _flag,
    "date": _date,
    "instant": _instant,
    "period": _period,
    "money": _money,
    "choice": _choice,
}
_FLOATS = frozenset({"number", "integer", "share", "flag"})
_EMPTY: dict[str, object] = {
    "text": "",
    "code": "",
    "choice": "",
    "period": "",
    "number": np.nan,
    "integer": np.nan,
    "share": np.nan,
    "flag": np.nan,
    "date": None,
    "instant": None,
    "money": None,
}


def _duplicates(frame: pd.DataFrame, key: Sequence[str], faults: Faults, code: str) -> None:
    repeated = frame.duplicated(list(key), keep="first")
    if not repeated.any():
        return
    first = frame.groupby(list(key), sort=False, dropna=False)["row"].transform("min")
    for position in np.flatnonzero(repeated.to_numpy()):
        line = frame.iloc[position]
        seen = ", ".join(str(line[k]) for k in key)
        faults.add(
            code,
            Text(f"与第 {first.iloc[position]} 行重复", f"this repeats row {first.iloc[position]}"),
            Text("请只留一行", "keep one of the rows"),
            row=int(line["row"]),
            column=",".join(key),
            seen=seen,
        )


def neutral(value: object) -> object:
    """Return a cell safe for spreadsheets: text that would be taken for a formula gets a leading apostrophe.

    Examples
    --------
    >>> neutral("=HYPERLINK(1)"), neutral("-5"), neutral(-5)
    ("'=HYPERLINK(1)", '-5', -5)
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def to_csv(frame: pd.DataFrame) -> str:
    """Return a DataFrame as CSV text: UTF-8, LF, round-trip floats, formulas neutralised, empty for missing."""
    safe = frame.copy()
    for name in safe.columns:
        if safe[name].dtype == object or pd.api.types.is_string_dtype(safe[name].dtype):
            safe[name] = safe[name].map(neutral)
    return str(safe.to_csv(index=False, lineterminator="\n"))
