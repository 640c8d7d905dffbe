"""Every fault code, with its row, all at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def codes(document: Any) -> list[tuple[str, int]]:
    return [(f["code"], f["row"]) for f in document["faults"]]


def edit(path: Path, old: str, new: str) -> int:
    """Replace a text in a file and return the line it now stands on."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_five_faults_of_observations_are_listed_with_their_rows(files: Path, run: Run) -> None:
    path = files / "observations.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace("u1,a,2021,", "u1,a,2021,x")
    lines[3] = lines[3].replace(",0.1,", ",-0.1,")
    lines[4] = lines[4].replace(",c,", ",zz,")
    lines[5] = lines[5].replace("u2,", "nowhere,")
    lines[6] = lines[6].replace(",2021,", ",2021-Q1,")
    lines.append(lines[9])
    lines.append("u1,a,1999-13,4,,,,,")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, document, stderr = run("check")
    assert code == 1
    assert not document["ok"]
    assert codes(document) == [
        ("not_a_number", 3),
        ("negative_se", 4),
        ("unknown_indicator", 5),
        ("unknown_unit", 6),
        ("bad_period", 7),
        ("duplicate_cell", len(lines) - 1),
        ("bad_period", len(lines)),
    ]
    assert "observations.csv:5:indicator unknown_indicator" in stderr
    assert stderr.strip().endswith("7 faults")


FRAMEWORK_FAULTS = [
    ("parent: P, polarity: negative", "parent: ZZ, polarity: negative", "orphan_node"),
    ("{code: P, name: {zh: 甲, en: P}, parent: T}", "{code: P, name: {zh: 甲, en: P}, parent: P}", "cycle"),
    ("{code: b,", "{code: a,", "duplicate_code"),
    ("{code: c, ", "{code: c, weight: -1, ", "weight_invalid"),
    ("polarity: negative, ", "", "polarity_missing"),
    ("band: [2, 3]", "band: [3, 2]", "band_invalid"),
    ("denominator: pop", "denominator: nope", "unknown_indicator"),
    ("  - weights: declared", "  - weights: dellared", "unknown_path"),
    ("  - denominate", "  - denominator", "unknown_path"),
    ("  - aggregate: arithmetic", "  - aggregate: {Z: min}", "unknown_path"),
    ("  - normalise: {method: minmax, to: [1, 100]}\n", "", "step_absent"),
    ("  - treat: {winmax: 1}\n", "", "step_absent"),
    ("    treat.winmax: {choice", "    treat.winmix: {choice", "unknown_path"),
    ("draws: 64", "draws: 0", "design_invalid"),
]


@pytest.mark.parametrize(("old", "new", "expected"), FRAMEWORK_FAULTS)
def test_faults_of_a_framework(old: str, new: str, expected: str, files: Path, run: Run) -> None:
    line = edit(files / "framework.yaml", old, new)
    code, document, _ = run("check")
    assert code == 1
    found = codes(document)
    assert expected in [c for c, _ in found]
    if new:
        assert any(c == expected and abs(row - line) <= 1 for c, row in found), found


def test_step_order(files: Path, run: Run) -> None:
    edit(files / "framework.yaml", "  - denominate\n", "")
    line = edit(files / "framework.yaml", "  - weights: declared\n", "  - denominate\n  - weights: declared\n")
    assert ("step_order", line) in codes(run("check")[1])


def test_screen_and_impute_may_swap(files: Path, run: Run) -> None:
    edit(files / "framework.yaml", "  - impute: {method: group_mean, by: zone}\n  - screen: {min_available: 0.5}\n",
         "  - screen: {min_available: 0.5}\n  - impute: {method: group_mean, by: zone}\n")  # fmt: skip
    assert run("check")[0] == 0


def test_zero_denominator_has_its_row(files: Path, run: Run) -> None:
    line = edit(files / "observations.csv", "u1,pop,2022,110", "u1,pop,2022,0")
    assert codes(run("check")[1]) == [("denominator_zero", line)]


def test_constant_indicator_has_its_row(files: Path, run: Run) -> None:
    path = files / "observations.csv"
    lines = [
        ",".join([*line.split(",")[:3], "7", *line.split(",")[4:]]) if ",b," in line else line
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert codes(run("check")[1]) == [("constant_indicator", 4)]


def test_missing_group(files: Path, run: Run) -> None:
    edit(files / "framework.yaml", "by: zone", "by: province")
    assert codes(run("check")[1])[0][0] == "group_missing"
    edit(files / "framework.yaml", "by: province", "by: zone")
    edit(files / "units.csv", "Unit 3,东", "Unit 3,")
    assert codes(run("check")[1])[0][0] == "group_missing"


def test_nonpositive_scores_under_a_geometric_mean(files: Path, run: Run) -> None:
    edit(files / "framework.yaml", "to: [1, 100]", "to: [0, 100]")
    edit(files / "framework.yaml", "  - aggregate: arithmetic", "  - aggregate: geometric")
    code, document, _ = run("check")
    assert code == 1
    assert {f["code"] for f in document["faults"]} == {"nonpositive"}
    assert "u" in document["faults"][0]["seen"]


def test_faults_of_framework_and_observations_come_together(files: Path, run: Run) -> None:
    edit(
        files / "framework.yaml",
        "    aggregate: {choice: [arithmetic, geometric]}",
        "    aggregate: {choice: [mystery]}",
    )
    edit(files / "observations.csv", "u1,a,2021,", "u1,a,2021,?")
    found = {f["code"]: f["file"] for f in run("check")[1]["faults"]}
    assert found["not_a_number"] == "observations.csv"
    assert found["unknown_path"] == "framework.yaml"


DESIGN_FAULTS = [
    ("replication", "1.5"),
    ("replication", "2"),
    ("treat.winmax", "3"),
    ("treat.winmax", ""),
    ("weights", "0"),
]


@pytest.mark.parametrize(("column", "cell"), DESIGN_FAULTS)
def test_faults_of_a_design(column: str, cell: str, files: Path, run: Run) -> None:
    rows = [["replication", "treat.winmax", "weights", "aggregate", "u_note"], ["1", "1", "5", "2", "?"],
            ["2", "2", "64", "1", "?"]]  # fmt: skip
    rows[1][rows[0].index(column)] = cell
    path = files / "design.csv"
    path.write_text("\n".join(",".join(r) for r in rows) + "\n", encoding="utf-8")
    code, document, _ = run("replay", str(path))
    assert code == 1
    assert ("design_invalid", 2 if (column, cell) != ("replication", "2") else 3) in codes(document)


def test_unknown_column_of_a_design(files: Path, run: Run) -> None:
    path = files / "design.csv"
    path.write_text("replication,treat.winmax,weights,aggregate,extra\n1,1,1,1,1\n", encoding="utf-8")
    assert ("design_invalid", 1) in codes(run("replay", str(path))[1])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("folder", None),
        ("none.csv", "absent"),
        ("binary.csv", b"\x00\x01\x02" * 50),
        ("header.csv", b"unit,indicator,period,value\n"),
        ("odd.csv", b"a,b\n1,2\n"),
        ("quotes.csv", b'unit,indicator,period,value\nu1,a,2021,"1\n'),
    ],
)
def test_bad_files_are_told_not_thrown(name: str, data: bytes | str | None, files: Path, run: Run) -> None:
    if data is None:
        (files / name).mkdir()
    elif isinstance(data, bytes):
        (files / name).write_bytes(data)
    for verb, more in [("check", ()), ("build", ()), ("audit", ()), ("profile", ("u1",))]:
        code, document, stderr = run(verb, *more, obs=name)
        assert code == 1, (verb, stderr)
        assert document is None or document["faults"]
        assert "Traceback" not in stderr


def test_gbk_bom_and_huge_cells(files: Path, run: Run) -> None:
    text = (files / "observations.csv").read_text(encoding="utf-8").replace(",A,s,", ",A,统计年鉴,")
    (files / "gbk.csv").write_bytes(text.encode("gbk"))
    (files / "bom.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert run("check", obs="gbk.csv")[0] == 0
    assert run("check", obs="bom.csv")[0] == 0
    (files / "huge.csv").write_text(text + "u1,a,2021," + "9" * 100_000 + ",,,,,\n", encoding="utf-8")
    assert run("check", obs="huge.csv")[0] == 1


def test_framework_that_is_no_framework(files: Path, run: Run) -> None:
    for content in ("[]", "a: 1", "nodes: 7\nmethod: 8\ncode: 1\nversion: 1\nname: x", "nodes: [1, 2]\nmethod: [1]"):
        (files / "odd.yaml").write_text(content, encoding="utf-8")
        code, document, stderr = run("check", framework="odd.yaml")
        assert code == 1, content
        assert document["faults"], stderr
