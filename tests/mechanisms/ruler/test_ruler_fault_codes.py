"""Each code of the composite engine's faults is raised by a file, with the row it stands on, and none is left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from biaochi.methods.composite import errors

Run = Callable[..., Any]
FRAMEWORK, OBSERVATIONS = "framework.yaml", "observations.csv"

# code: file, text to replace, replacement; the row is the line the replacement stands on.
CASES = {
    "bad_date": (OBSERVATIONS, "u2,a,2021,44,0.5,A,s,,", "u2,a,2021,44,0.5,A,s,,yesterday"),
    "bad_period": (OBSERVATIONS, "u2,a,2021,", "u2,a,2021-13,"),
    "bad_structure": (FRAMEWORK, "name: {zh: 二, en: b}", "name: [二, b]"),
    "band_invalid": (FRAMEWORK, "band: [2, 3]", "band: [2, two]"),
    "cycle": (FRAMEWORK, "en: P}, parent: T", "en: P}, parent: P"),
    "denominator_zero": (OBSERVATIONS, "u2,pop,2022,120", "u2,pop,2022,0"),
    "duplicate_code": (FRAMEWORK, "{code: b,", "{code: a,"),
    "group_missing": (FRAMEWORK, "by: zone", "by: nowhere"),
    "missing_field": (FRAMEWORK, "{code: b,", "{code: '',"),
    "negative_se": (OBSERVATIONS, "u2,a,2021,44,0.5", "u2,a,2021,44,-0.5"),
    "not_a_number": (OBSERVATIONS, "u2,a,2021,44", "u2,a,2021,4x4"),
    "orphan_node": (FRAMEWORK, "en: P}, parent: T", "en: P}, parent: Q"),
    "polarity_missing": (FRAMEWORK, "polarity: negative", "polarity: upwards"),
    "step_absent": (FRAMEWORK, "  - treat: {winmax: 1}\n", ""),
    "step_order": (FRAMEWORK, "  - screen: {min_available: 0.5}", "  - denominate"),
    "unknown_indicator": (OBSERVATIONS, "u2,a,2021,", "u2,q,2021,"),
    "unknown_key": (FRAMEWORK, "{zh: 二, en: b}", "{zh: 二, en: b, fr: deux}"),
    "unknown_path": (FRAMEWORK, "winmax: 1}", "winmex: 1}"),
    "unknown_unit": (OBSERVATIONS, "u2,a,2021,", "z2,a,2021,"),
    "unknown_value": (OBSERVATIONS, "u2,a,2021,44,0.5,A,", "u2,a,2021,44,0.5,D,"),
    "weight_invalid": (FRAMEWORK, "{code: b,", "{code: b, weight: heavy,"),
}
# Seen with their rows in other tests of this folder.
ELSEWHERE = {
    "duplicate_cell", "constant_indicator", "nonpositive", "design_invalid", "missing_column", "no_data",
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_a_fault_of_each_code_has_its_row(code: str, files: Path, run: Run) -> None:
    name, old, new = CASES[code]
    path = files / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    exit_code, document, stderr = run("check")
    assert exit_code == 1
    found = [(f["code"], f["file"], f["row"]) for f in document["faults"]]
    assert code in [c for c, _, _ in found], found
    if code not in ("group_missing", "step_absent"):
        assert (code, name, line) in found, (line, found)
    assert f"{code}" in stderr


def test_missing_columns_and_empty_tables_are_told(files: Path, run: Run) -> None:
    text = (files / OBSERVATIONS).read_text(encoding="utf-8")
    (files / "short.csv").write_text(text.replace("unit,indicator,period,value", "unit,indicator,when,value"))
    faults = run("check", obs="short.csv")[1]["faults"]
    assert [(f["code"], f["row"], f["column"]) for f in faults] == [("missing_column", 1, "period")]
    later = text.replace(",,\n", ",,2025-01-01\n").replace(",s,provisional,\n", ",s,provisional,2025-01-01\n")
    (files / "later.csv").write_text(later, encoding="utf-8")
    assert [f["code"] for f in run("check", obs="later.csv")[1]["faults"]] == ["no_data"]


def test_no_code_is_without_a_test() -> None:
    assert set(errors.CODES) == set(CASES) | ELSEWHERE
