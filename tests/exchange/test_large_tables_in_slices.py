"""The sliced reader of large CSV files: the same values and the same faults as the careful reader of whole tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.columnar import Streamed
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_table

COLUMNS = (
    Column("firm", "code", Text("企业", "firm")),
    Column("money", "number", Text("金额", "money"), required=False, low=0),
    Column("count", "integer", Text("数", "count"), required=False, low=0),
    Column("flag", "flag", Text("是否", "flag"), required=False),
    Column("share", "share", Text("份额", "share"), required=False),
    Column("level", "choice", Text("级别", "level"), required=False, choices=("low", "high")),
    Column("note", "text", Text("备注", "note"), required=False),
)


def _streamed(path: Path, text: str, encoding: str = "utf-8", rows: int = 3) -> Streamed:
    path.write_bytes(text.encode(encoding))
    return Streamed(path, COLUMNS, key="firm", duplicate_code="duplicate_firm", rows=rows)


def test_values_equal_those_of_the_careful_reader(tmp_path: Path) -> None:
    lines = ["firm,money,count,flag,share,level,note"]
    lines += [f"F{i},{i}.{i % 100:02d},{i},{i % 2},0.{i},high,“{i}”" for i in range(1, 11)]
    text = "\n".join(lines) + "\n"
    slices = list(_streamed(tmp_path / "a.csv", text).slices())
    joined = pd.concat(slices, ignore_index=True)
    whole = read_table(Source("a.csv", text.encode()), COLUMNS).frame
    assert [len(s) for s in slices] == [3, 3, 3, 1]
    assert joined["row"].tolist() == whole["row"].tolist()
    for name in ("money", "count", "flag", "share"):
        np.testing.assert_array_equal(joined[name].to_numpy(), whole[name].to_numpy())
    assert joined["note"].astype(str).tolist() == whole["note"].tolist()


@given(st.lists(st.integers(0, 10**15 - 1), min_size=1, max_size=30), st.integers(0, 8))
def test_decimals_of_fifteen_digits_are_read_exactly(
    tmp_path_factory: pytest.TempPathFactory, ints: list[int], places: int
) -> None:
    texts = [f"{i // 10**places}.{i % 10**places:0{places}d}" if places else str(i) for i in ints]
    text = "firm,money\n" + "".join(f"F{n},{t}\n" for n, t in enumerate(texts))
    path = tmp_path_factory.mktemp("exact") / "a.csv"
    frames = list(_streamed(path, text, rows=1000).slices())
    assert frames[0]["money"].tolist() == [float(t) for t in texts]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("F9,abc,1,1,0.5,low,", "not_a_number", "money"),
        ("F9,nan,1,1,0.5,low,", "not_a_number", "money"),
        ("F9,inf,1,1,0.5,low,", "not_a_number", "money"),
        ("F9,-1,1,1,0.5,low,", "negative_value", "money"),
        ("F9,1,1.5,1,0.5,low,", "not_an_integer", "count"),
        ("F9,1,1,2,0.5,low,", "bad_flag", "flag"),
        ("F9,1,1,1,3,low,", "share_range", "share"),
        ("F9,1,1,1,0.5,middle,", "unknown_value", "level"),
        (",1,1,1,0.5,low,", "missing_field", "firm"),
        ("F1,1,1,1,0.5,low,", "duplicate_firm", "firm"),
        ("F9,1,1,1,0.5,low,x,y", "row_too_long", ""),
    ],
)
def test_every_fault_is_named_with_its_row(tmp_path: Path, row: str, code: str, column: str) -> None:
    good = "".join(f"F{i},1,1,1,0.5,low,\n" for i in range(8))
    text = f"firm,money,count,flag,share,level,note\n{good}{row}\n\nF10,-5,1,1,0.5,low,\n"
    with pytest.raises(InputError) as caught:
        list(_streamed(tmp_path / "a.csv", text).slices())
    found = [(f.code, f.row, f.column) for f in caught.value.faults]
    assert (code, 10, column) in found
    assert ("negative_value", 12, "money") in found


def test_harmless_oddities_are_read_carefully_and_nothing_is_given_twice(tmp_path: Path) -> None:
    text = "firm,money,count,flag,share,level,note\n" + "".join(f"F{i},1,1,1,0.5,low,\n" for i in range(4))
    text += "F4 ,2,1,1,0.5, low,x,,\n\nF5,3,1,0,0.5,high,y\n"
    frame = pd.concat(list(_streamed(tmp_path / "a.csv", text).slices()), ignore_index=True)
    assert frame["firm"].tolist() == ["F0", "F1", "F2", "F3", "F4", "F5"]
    assert frame["row"].tolist() == [2, 3, 4, 5, 6, 8]
    assert frame["money"].tolist() == [1, 1, 1, 1, 2, 3]


def test_gb18030_is_read(tmp_path: Path) -> None:
    streamed = _streamed(tmp_path / "a.csv", "firm,money,note\n企业甲,1,上海\n", "gb18030")
    assert next(streamed.slices())["firm"].tolist() == ["企业甲"]
    assert len(streamed.sha256) == 64


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_header(tmp_path: Path, encoding: str) -> None:
    streamed = _streamed(tmp_path / "a.csv", "firm,money,note\n企业甲,1.25,上海\n", encoding)
    frame = next(streamed.slices())
    assert (frame["firm"].tolist(), frame["money"].tolist()) == (["企业甲"], [1.25])


def test_a_broken_quote_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list(_streamed(tmp_path / "a.csv", 'firm,money\nF1,1\nF2,"2\n').slices())
    assert caught.value.faults[0].code == "bad_csv"


def test_unknown_and_missing_columns_are_faults_beside_those_of_cells(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list(_streamed(tmp_path / "a.csv", "money,colour\n-1,red\n").slices())
    assert {f.code for f in caught.value.faults} == {"missing_column", "unknown_column", "negative_value"}


def test_an_empty_or_missing_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    for name, code in (("empty.csv", "empty_file"), ("none.csv", "file_missing")):
        with pytest.raises(InputError) as caught:
            Streamed(tmp_path / name, COLUMNS)
        assert caught.value.faults[0].code == code


def test_a_check_of_rows_is_heard(tmp_path: Path) -> None:
    def check(frame: pd.DataFrame, faults: Faults) -> None:
        for row in frame.loc[frame["money"] > 5, "row"]:
            faults.add("too_rich", Text("过多", "too much"), Text("改正", "correct it"), row=int(row))

    path = tmp_path / "a.csv"
    path.write_text("firm,money\nF1,1\nF2,9\nF3,1\nF4,7\n")
    with pytest.raises(InputError) as caught:
        list(Streamed(path, COLUMNS, key="firm", check=check, rows=2).slices())
    assert [f.row for f in caught.value.faults] == [3, 5]
