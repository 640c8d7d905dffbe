"""Writing whole or not at all; results in four formats; exit codes; faults in both places."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from biaochi.core.errors import BiaochiError, InputError, MissingExtraError, RefusedError, UsageError
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.exchange import atomic
from biaochi.exchange.command import (
    AtOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    as_text,
    invocation,
    tables_of,
)
from biaochi.exchange.faults import unreadable
from biaochi.exchange.jsonfile import jsonable, to_json
from biaochi.exchange.workbook import to_workbook

runner = CliRunner()


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    atomic.write_text(target, "一")
    assert target.read_text(encoding="utf-8") == "一"
    with pytest.raises(RuntimeError), atomic.replacing(target) as part:
        part.write_text("half")
        raise RuntimeError
    assert target.read_text(encoding="utf-8") == "一"
    assert [p.name for p in target.parent.iterdir()] == ["a.txt"]
    with atomic.replacing(target) as part:
        part.write_text("whole")
    assert target.read_text(encoding="utf-8") == "whole"


def test_a_folder_cannot_be_written_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(UsageError):
        atomic.write_folder(tmp_path / "x", {"a": "b"})
    with pytest.raises(UsageError):
        atomic.write_text(tmp_path / "x" / "a", "b")


def test_json_has_no_nan_and_money_has_two_decimals() -> None:
    value = {
        "a": np.float64("nan"),
        "b": np.int64(3),
        "c": Decimal("2"),
        "d": date(2026, 1, 2),
        "e": Verdict.MET,
        "f": {2, 1},
        "g": datetime(2026, 1, 1, tzinfo=UTC),
        "h": np.array([1.5, np.inf]),
        "i": pd.DataFrame({"x": [1]}),
        "j": pd.NaT,
        "k": Text("中", "en"),
        "l": np.bool_(True),
    }
    assert jsonable(value) == {
        "a": None,
        "b": 3,
        "c": "2.00",
        "d": "2026-01-02",
        "e": "met",
        "f": [1, 2],
        "g": "2026-01-01T00:00:00Z",
        "h": [1.5, None],
        "i": [{"x": 1}],
        "j": None,
        "k": {"zh": "中", "en": "en"},
        "l": True,
    }
    assert "中" in to_json({"a": "中"})
    with pytest.raises(TypeError, match="no JSON form"):
        jsonable(object())


def test_a_workbook_neutralises_formulas() -> None:
    data = to_workbook({"a/b": pd.DataFrame({"x": ["=1+1", "ok\x00"], "y": [1.5, None]}), "c": pd.DataFrame()})
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["a_b", "c"]
    assert [[c.value for c in row] for row in book["a_b"].iter_rows()] == [["x", "y"], ["'=1+1", 1.5], ["ok", None]]
    assert openpyxl.load_workbook(io.BytesIO(to_workbook({}))).sheetnames == ["empty"]


BODY = {
    "ok": True,
    "counts": {"rows": 2, "inner": [{"a": 1}]},
    "rows": [
        {"name": "北京", "value": 1.25, "parts": [{"k": 1}], "ci": {"low": 1, "high": 2}},
        {"name": "上海", "value": None, "parts": [], "ci": {"low": 0, "high": 1}},
    ],
}


def test_results_become_tables() -> None:
    tables = tables_of(BODY)
    assert list(tables) == ["facts", "counts.inner", "rows", "rows.parts"]
    assert tables["rows.parts"].to_dict("records") == [{"name": "北京", "k": 1}]
    text = as_text(BODY, "zh", Text("两行", "two rows"))
    assert text.startswith("两行\n")
    assert "北京" in text
    assert "1 more rows" in as_text({"x": [{"a": i} for i in range(3)]}, "en", limit=2)


app = typer.Typer()


@app.command()
def show(
    fail: str = "",
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.EN,
    seed: SeedOption = 0,
    at: AtOption = None,
    files: bool = False,
) -> None:
    with invocation("biaochi.test.show/1", Options(out, format, lang, seed, at)) as call:
        if fail == "input":
            raise unreadable("a.csv", Text("坏", "bad"), Text("改", "mend"), "bad_csv")
        if fail == "refused":
            raise RefusedError("wrong_role", Text("不行", "no"))
        if fail == "usage":
            raise UsageError(Text("用法", "usage"))
        if fail == "extra":
            raise MissingExtraError("web", Text("平台", "the platform"))
        if fail == "other":
            raise BiaochiError("other")
        call.warn("small", Text("样本小", "small sample"), file="a.csv", row=3)
        call.finish(BODY, files={"a.csv": "x\n"} if files else None)


def test_json_is_one_document_with_its_head() -> None:
    done = runner.invoke(app, ["--format", "json", "--at", "2026-03", "--seed", "7"])
    found = json.loads(done.stdout)
    assert list(found)[:8] == ["schema", "at", "as_of", "seed", "inputs", "parameters", "code_version", "warnings"]
    assert (found["at"], found["as_of"], found["seed"]) == ("2026-03-31", "2026-03-31", 7)
    assert found["warnings"] == [{"code": "small", "message": "small sample", "file": "a.csv", "row": 3}]
    assert found["rows"][1]["value"] is None
    assert "small sample" in done.stderr


@pytest.mark.parametrize(("fail", "code"), [("input", 1), ("refused", 1), ("other", 1), ("usage", 2), ("extra", 2)])
def test_exit_codes(fail: str, code: int) -> None:
    done = runner.invoke(app, ["--fail", fail])
    assert done.exit_code == code
    assert done.stderr
    assert done.stdout == ""


def test_faults_go_to_both_streams_in_json() -> None:
    done = runner.invoke(app, ["--fail", "input", "--format", "json", "--lang", "zh"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["faults"][0]["message"] == "坏"
    assert "共 1 处错误" in done.stderr


def test_the_other_formats(tmp_path: Path) -> None:
    assert runner.invoke(app, ["--format", "csv"]).exit_code == 2
    assert runner.invoke(app, ["--format", "csv", "--out", str(tmp_path / "d"), "--files"]).exit_code == 0
    assert {p.name for p in (tmp_path / "d").iterdir()} == {
        "facts.csv",
        "counts.inner.csv",
        "rows.csv",
        "rows.parts.csv",
        "a.csv",
    }
    assert runner.invoke(app, ["--format", "xlsx", "--out", str(tmp_path / "a.xlsx")]).exit_code == 0
    assert "rows" in openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert runner.invoke(app, ["--format", "xlsx", "--out", str(tmp_path / "e"), "--files"]).exit_code == 0
    assert {p.name for p in (tmp_path / "e").iterdir()} == {"tables.xlsx", "a.csv"}
    assert runner.invoke(app, ["--format", "json", "--out", str(tmp_path / "a.json")]).exit_code == 0
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["ok"] is True
    assert runner.invoke(app, ["--format", "json", "--out", str(tmp_path)]).exit_code == 2
    assert runner.invoke(app, ["--format", "json", "--out", str(tmp_path / "f"), "--files"]).exit_code == 0
    assert runner.invoke(app, ["--out", str(tmp_path / "t.txt")]).exit_code == 0
    assert "北京" in (tmp_path / "t.txt").read_text(encoding="utf-8")
    assert runner.invoke(app, ["--out", str(tmp_path / "g"), "--files"]).exit_code == 0


def test_a_bad_date_is_wrong_usage() -> None:
    assert runner.invoke(app, ["--at", "tomorrow"]).exit_code == 2


def test_an_input_error_is_never_empty() -> None:
    with pytest.raises(ValueError, match="at least one"):
        InputError([])
