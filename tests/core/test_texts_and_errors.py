"""Texts, faults and the exceptions that carry them."""

from __future__ import annotations

import pytest

from biaochi.core.errors import (
    BiaochiError,
    DefinitionError,
    Fault,
    InputError,
    MissingExtraError,
    RefusedError,
    StaleError,
    UsageError,
    Warn,
)
from biaochi.core.text import Text

NUMBER = Text("不是数", "not a number")
FIX = Text("改为数", "write a number")


def test_a_text_needs_both_languages() -> None:
    with pytest.raises(ValueError, match="both languages"):
        Text("标尺", "")


def test_a_text_reads_one_language_for_both() -> None:
    assert Text.from_mapping({"zh": "标尺"}) == Text("标尺", "标尺")
    assert Text.from_mapping({"en": "ruler"}).zh == "ruler"
    assert Text.same("EV-1").to_dict() == {"zh": "EV-1", "en": "EV-1"}


def test_a_text_fills_both_languages() -> None:
    assert Text("{n} 处", "{n} places").format(n=3) == Text("3 处", "3 places")
    assert Text("一", "one").within("zh") == "一"


def test_a_fault_names_file_row_column_value_and_remedy() -> None:
    fault = Fault("not_a_number", NUMBER, FIX, "a.csv", 7, "value", "x")
    assert fault.line("zh") == "a.csv:7:value not_a_number: 不是数 [x] — 改为数"
    assert fault.to_dict("en") == {
        "code": "not_a_number",
        "file": "a.csv",
        "row": 7,
        "column": "value",
        "seen": "x",
        "message": "not a number",
        "fix": "write a number",
    }


def test_a_fault_of_a_whole_file_has_no_row_in_its_line() -> None:
    assert Fault("empty_file", NUMBER, FIX, "a.csv").line("en") == "a.csv empty_file: not a number — write a number"


def test_a_fault_cuts_a_huge_value() -> None:
    assert len(Fault("x", NUMBER, FIX, seen="9" * 10_000_000).seen) == 200


def test_an_input_error_carries_every_fault() -> None:
    faults = [Fault("x", NUMBER, FIX, row=n) for n in (2, 3)]
    error = InputError(faults)
    assert error.faults == tuple(faults)
    assert len(str(error).splitlines()) == 2


def test_an_input_error_without_faults_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        InputError([])


def test_the_other_errors_speak() -> None:
    assert DefinitionError("ruler", ["a", "b"]).problems == ("a", "b")
    assert str(RefusedError("wrong_role", Text("不行", "no"))) == "wrong_role: no"
    assert isinstance(StaleError("stale", Text("已变", "changed")), RefusedError)
    assert "biaochi[web]" in str(MissingExtraError("web", Text("平台", "the platform")))
    assert UsageError(Text("用法", "usage")).text.zh == "用法"
    assert all(issubclass(e, BiaochiError) for e in (DefinitionError, RefusedError, MissingExtraError, UsageError))


def test_a_warning_is_a_record() -> None:
    assert Warn("same_year", Text("同年", "same year"), "a.csv", 3).to_dict("zh") == {
        "code": "same_year",
        "message": "同年",
        "file": "a.csv",
        "row": 3,
    }
