"""Reading tables: every fault at once with its row; the worst files anybody uploads."""

from __future__ import annotations

import io
import math
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, neutral, read_header, read_table, to_csv

COLUMNS = (
    Column("unit", "code", Text("单位", "unit")),
    Column("value", "number", Text("值", "value"), blank=True, low=0),
    Column("share", "share", Text("份额", "share"), required=False),
    Column("on", "date", Text("日期", "date"), required=False),
    Column("period", "period", Text("时期", "period"), required=False),
    Column("money", "money", Text("金额", "money"), required=False),
    Column("flag", "flag", Text("是否", "flag"), required=False),
    Column("n", "integer", Text("数目", "count"), required=False),
    Column("at", "instant", Text("时刻", "instant"), required=False),
    Column("kind", "choice", Text("类别", "kind"), required=False, choices=("a", "b")),
)


def read(content: bytes | str, name: str = "a.csv", **more: object) -> object:
    data = content.encode() if isinstance(content, str) else content
    return read_table(Source(name, data), COLUMNS, **more)  # type: ignore[arg-type]


def codes(content: bytes | str, name: str = "a.csv", **more: object) -> list[tuple[str, int]]:
    with pytest.raises(InputError) as error:
        read(content, name, **more)
    return [(f.code, f.row) for f in error.value.faults]


def test_a_clean_table() -> None:
    table = read_table(
        Source(
            "a.csv",
            b"unit,value,share,on,period,money,flag,n,at,kind\n0011,1.5,.3,2026-01,2024-Q2,12.5,1,3,2026-01-01T00:00Z,a\nNA,,,,,,,,,\n",
        ),
        COLUMNS,
    )
    first, second = table.frame.to_dict("records")
    assert (first["unit"], second["unit"]) == ("0011", "NA")
    assert (first["row"], second["row"]) == (2, 3)
    assert (first["value"], first["on"], first["period"], first["money"]) == (
        1.5,
        date(2026, 1, 31),
        "2024-Q2",
        Decimal("12.50"),
    )
    assert math.isnan(second["value"])
    assert second["on"] is None
    assert len(table) == 2


def test_all_faults_of_a_file_are_listed_with_their_rows() -> None:
    text = (
        "unit,value,share,on,period,money,flag,n,at,kind\n"
        ",abc,2,31/12/2024,24Q1,1.005,yes,1.5,noon,c\n"
        "\n"
        "x,-1,,,,,,,,\n"
        "x,1e999,,,,,,,,,extra\n"
    )
    assert codes(text, key=("unit",)) == [
        ("missing_field", 2),
        ("not_a_number", 2),
        ("share_range", 2),
        ("bad_date", 2),
        ("bad_period", 2),
        ("not_a_number", 2),
        ("bad_flag", 2),
        ("not_an_integer", 2),
        ("bad_date", 2),
        ("unknown_value", 2),
        ("negative_value", 4),
        ("row_too_long", 5),
        ("not_a_number", 5),
        ("duplicate_key", 5),
    ]


def test_header_faults() -> None:
    assert codes("unit,unit,colour\nx,y,z\n") == [
        ("duplicate_column", 1),
        ("missing_column", 1),
        ("unknown_column", 1),
    ]


def test_unknown_columns_may_be_kept() -> None:
    table = read_table(Source("a.csv", b"unit,value,note\nx,1,hello\n"), COLUMNS, extra="keep")
    assert table.frame["note"].tolist() == ["hello"]


def test_faults_may_be_collected_across_files() -> None:
    faults = Faults()
    read("unit,value\nx,abc\n", "a.csv", faults=faults)
    read("unit,value\nx,abc\n", "b.csv", faults=faults)
    assert [f.file for f in faults.all()] == ["a.csv", "b.csv"]
    with pytest.raises(InputError):
        faults.check()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings_are_detected(encoding: str) -> None:
    table = read_table(Source("a.csv", "unit,value\n北京,1\n".encode(encoding)), COLUMNS)
    assert table.frame["unit"].tolist() == ["北京"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_detected(delimiter: str) -> None:
    table = read_table(Source("a.csv", f"unit{delimiter}value\r\nx{delimiter}1\r\n".encode()), COLUMNS)
    assert table.frame["value"].tolist() == [1.0]


def test_a_folder_a_missing_file_an_empty_file(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b" \n")
    for path, code in ((tmp_path, "is_a_directory"), (tmp_path / "none.csv", "file_missing"), (empty, "empty_file")):
        with pytest.raises(InputError) as error:
            read_table(path, COLUMNS)
        assert [f.code for f in error.value.faults] == [code]


def test_a_header_alone_is_an_empty_table() -> None:
    assert len(read_table(Source("a.csv", b"unit,value\n"), COLUMNS)) == 0


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 100)
    with pytest.raises(InputError, match="file_too_large"):
        Source.read(path, max_bytes=10)


def test_a_ten_megabyte_cell_is_one_short_fault() -> None:
    with pytest.raises(InputError) as error:
        read(b"unit,value\n" + b"x" * 10_000_000 + b",1\n")
    (fault,) = error.value.faults
    assert fault.code == "cell_too_long"
    assert len(str(error.value)) < 1000


def test_binary_and_broken_quotes() -> None:
    assert codes(bytes(range(256)) * 4) == [("not_utf8", 0)]
    assert codes(b"\xff\xfe\x00") == [("not_utf8", 0)]
    assert codes('unit,value\n"x,1\n') == [("bad_csv", 0)]


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_reads_like_a_csv() -> None:
    data = workbook(
        [["unit", "value", "on", "flag"], ["x", 3, date(2026, 1, 2), True], [None, None, None, None], ["y", 2.5, "", 0]]
    )
    table = read_table(Source("a.xlsx", data), COLUMNS)
    assert table.frame["row"].tolist() == [2, 4]
    assert table.frame["on"].tolist() == [date(2026, 1, 2), None]
    assert read_header(Source("a.xlsx", data)) == ["unit", "value", "on", "flag"]


def test_no_workbook_at_all() -> None:
    assert codes(b"PK\x03\x04 not a zip", "a.xlsx") == [("bad_xlsx", 0)]
    assert codes(b"plain", "a.xlsx") == [("bad_xlsx", 0)]


def test_macros_are_refused() -> None:
    import zipfile  # noqa: PLC0415 - only this test builds an archive by hand

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert codes(stream.getvalue(), "a.xlsm") == [("macro_refused", 0)]


@given(st.text(max_size=30))
def test_no_written_cell_is_a_formula(text: str) -> None:
    safe = neutral(text)
    assert isinstance(safe, str)
    assert not safe.startswith(("=", "@", "\t", "\r"))
    if safe.startswith(("+", "-")):
        float(safe)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_survive_a_round_trip(numbers: list[float]) -> None:
    import pandas as pd  # noqa: PLC0415

    text = to_csv(pd.DataFrame({"unit": [f"u{i}" for i in range(len(numbers))], "value": numbers}))
    columns = (COLUMNS[0], Column("value", "number", Text("值", "value")))
    assert read_table(Source("a.csv", text.encode()), columns).frame["value"].tolist() == numbers


@given(st.binary(max_size=300))
def test_any_bytes_give_a_table_or_a_clear_error(data: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        try:
            read_table(Source(name, data), COLUMNS)
        except InputError as error:
            assert all(f.message.zh and f.fix.en for f in error.faults)
