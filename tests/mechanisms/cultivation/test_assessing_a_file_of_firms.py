"""`biaochi cultivation assess` and `rules`: exact verdicts, counts, faults with rows, formats and exit codes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from biaochi.mechanisms.cultivation.cli import app

RUN = CliRunner()


def run(*arguments: object) -> tuple[int, Any, str]:
    """Return exit code, parsed JSON (if any) and stderr."""
    result = RUN.invoke(app, [str(a) for a in arguments])
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else None, result.stderr


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "at", "purpose"),
    [("a", "2026-11-23", "entry"), ("a", "2026-06-01", "recheck"), ("b", "2025-06-30", "entry")],
)
def test_verdicts_equal_the_reference_to_the_letter(
    shared: Path, tmp_path: Path, name: str, at: str, purpose: str
) -> None:
    folder = shared / "reference" / "adoption"
    code, answer, _ = run(
        "assess", folder / f"firms_{name}.csv", "--evidence", folder / f"evidence_{name}.csv",
        "--at", at, "--purpose", purpose, "--out", tmp_path, "--format", "json",
    )  # fmt: skip
    assert code == 0
    expected = list(csv.reader((folder / f"verdicts_{name}_{at}_{purpose}.csv").open(encoding="utf-8")))
    seen = list(csv.reader((tmp_path / "verdicts.csv").open(encoding="utf-8")))
    assert seen == expected
    assert list(answer) == [
        "schema", "at", "as_of", "seed", "inputs", "parameters", "code_version", "warnings", "sets",
    ]  # fmt: skip
    column = expected[0].index("little_giant")
    counts = next(s for s in answer["sets"] if s["set"] == "little_giant")["counts"]
    assert counts["met"] == sum(row[column] == "met" for row in expected)
    assert sum(counts.values()) == len(expected) - 1


@pytest.mark.reference
def test_the_list_of_rules_is_that_of_the_reference(shared: Path) -> None:
    code, answer, _ = run("rules", "--format", "json")
    assert code == 0
    listed = {(r["set"], r["version"], c["code"]): (r, c) for r in answer["rules"] for c in r["criteria"]}
    with (shared / "reference" / "adoption" / "rule_sets.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(listed) == len(rows)
    for row in rows:
        rules, criterion = listed[(row["set"], row["version"], row["code"])]
        assert criterion["test"] == row["test"]
        assert criterion["citation"] == row["citation"]
        assert criterion["status"] == ("unverified" if row["unverified"] else "confirmed")
        assert (rules["valid_from"], rules["valid_to"] or "") == (row["valid_from"], row["valid_to"])


def _firms(path: Path, *rows: str) -> Path:
    path.write_text(
        "firm,fiscal_year,revenue_1,main_revenue_1,market_share,institution,srdi_until\n" + "\n".join(rows) + "\n"
    )
    return path


def test_every_fault_of_a_file_is_named(tmp_path: Path) -> None:
    path = _firms(
        tmp_path / "firms.csv",
        "F1,2025,100,50,0.1,city,none",
        "F1,2025,abc,50,0.1,city,none",
        "F2,2025,-1,,0.1,city,2026-13-01",
        "F3,2025,100,100.01,3,ministry,",
    )
    code, answer, stderr = run("assess", path, "--at", "2026-05-01", "--format", "json", "--lang", "en")
    assert code == 1
    seen = {(f["code"], f["row"], f["column"]) for f in answer["faults"]}
    assert seen == {
        ("duplicate_firm", 3, "firm"),
        ("not_a_number", 3, "revenue_1"),
        ("negative", 4, "revenue_1"),
        ("bad_date", 4, "srdi_until"),
        ("part_exceeds_whole", 5, "main_revenue_1"),
        ("share_range", 5, "market_share"),
        ("bad_level", 5, "institution"),
    }
    assert "firms.csv:3:revenue_1 not_a_number" in stderr


def test_nothing_is_left_behind_by_a_faulty_file(tmp_path: Path) -> None:
    path = _firms(tmp_path / "firms.csv", "F1,2025,-5,50,0.1,city,none")
    out = tmp_path / "out"
    code, _, _ = run("assess", path, "--out", out, "--format", "json")
    assert code == 1
    assert not out.exists() or not list(out.iterdir())


def test_one_firm_is_explained_with_reasons_and_citations(tmp_path: Path) -> None:
    path = _firms(tmp_path / "firms.csv", "F1,2025,100000000,90000000,0.1,city,2027-01-01")
    code, answer, _ = run("assess", path, "--firm", "F1", "--at", "2026-05-01", "--format", "json", "--lang", "en")
    assert code == 0
    found = next(r for r in answer["results"] if r["set"] == "little_giant")
    assert (found["version"], found["verdict"], found["grade"]) == ("2026", "unknown", "C")
    main = next(c for c in found["criteria"] if c["code"] == "main")
    assert (main["verdict"], main["value"], main["threshold"], main["unit"]) == ("met", 0.9, 0.9, "ratio")
    assert main["citation"] == "工信部企业〔2026〕2号 附件2"
    title = next(c for c in found["criteria"] if c["code"] == "title")
    assert (title["verdict"], title["would_be"]) == ("manual_review", "met")
    assert "grade A" in title["reason"]


def test_money_in_wan_gives_the_same_verdicts(tmp_path: Path) -> None:
    yuan = _firms(tmp_path / "yuan.csv", "F1,2025,50000000,45000000,0.1,city,2027-01-01")
    wan = _firms(tmp_path / "wan.csv", "F1,2025,5000,4500,0.1,city,2027-01-01")
    first = run("assess", yuan, "--at", "2026-05-01", "--format", "json")[1]
    second = run("assess", wan, "--at", "2026-05-01", "--format", "json", "--money-unit", "wan")[1]
    assert first["sets"] == second["sets"]


def test_years_that_do_not_fit_and_odd_units_are_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text("firm,fiscal_year,revenue_1,employees\nF1,2023,5000,100\nF2,2025,5000,100\n")
    _, answer, _ = run("assess", path, "--at", "2026-05-01", "--format", "json")
    assert [(w["code"], w["row"]) for w in answer["warnings"]] == [("period_mismatch", 2), ("unit_suspect", 3)]


def test_a_set_that_is_not_in_force_does_not_apply(tmp_path: Path) -> None:
    path = _firms(tmp_path / "firms.csv", "F1,2027,1,1,0.1,city,none")
    _, answer, _ = run(
        "assess", path, "--at", "2028-01-01", "--sets", "key_little_giant", "--out", tmp_path, "--format", "json"
    )
    assert answer["sets"] == [
        {
            "set": "key_little_giant",
            "version": None,
            "counts": {"unmet": 0, "unknown": 0, "manual_review": 0, "met": 0, "not_applicable": 1},
            "criteria": [],
        }
    ]
    assert (tmp_path / "verdicts.csv").read_text().splitlines()[1] == "F1,not_applicable,"


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--sets", "nonsense"], 2), (["--firm", "F9"], 2), (["--rules", "none.yaml"], 1)]
)
def test_wrong_calls_say_so(tmp_path: Path, arguments: list[str], code: int) -> None:
    path = _firms(tmp_path / "firms.csv", "F1,2025,1,1,0.1,city,none")
    assert run("assess", path, *arguments)[0] == code


def test_versions_are_compared() -> None:
    _, answer, _ = run("rules", "--diff", "little_giant@2022", "little_giant@2026", "--format", "json")
    changed = {d["code"]: (d["old"], d["new"]) for d in answer["diff"]}
    assert changed["main"] == ("main_revenue_1/revenue_1 >= 0.7", "main_revenue_1/revenue_1 >= 0.9")
    assert changed["audit"] == ("", "audit_coded = 1")
    assert "segment" not in changed


def test_a_workbook_is_read_like_a_csv_and_an_answer_may_have_its_own_file(tmp_path: Path) -> None:
    path = _firms(tmp_path / "firms.csv", "F1,2025,100000000,90000000,0.1,city,2027-01-01")
    book = tmp_path / "firms.xlsx"
    pd.read_csv(path, dtype=str).to_excel(book, index=False)
    assert run("assess", path, "--at", "2026-05-01", "--format", "json", "--out", tmp_path / "a.json")[0] == 0
    first = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    second = run("assess", book, "--at", "2026-05-01", "--format", "json")[1]
    assert first["sets"] == second["sets"]
    assert [i["rows"] for i in second["inputs"]] == [1]
