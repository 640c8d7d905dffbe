"""Cultivation's part of a programme folder, its register, its gap verb, its reports."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.cultivation import WORKFLOWS, Grant, assess_firm, check_registry
from biaochi.mechanisms.cultivation.cli import app
from biaochi.mechanisms.cultivation.decisions import run_part
from biaochi.mechanisms.cultivation.files import read_part
from biaochi.mechanisms.cultivation.model import EndCause
from biaochi.mechanisms.cultivation.report import findings, ladder, results, sections

RUN = CliRunner()
AT = date(2026, 5, 1)
TURN = Turn(Text("示例", "example"), "330000", "2026", AT, AT)
REGISTRY = "firm,grade,batch,granted_on,valid_to,ended_on,end_cause,successor,listed_from\n"


def run(*arguments: object) -> tuple[int, Any, str]:
    result = RUN.invoke(app, [str(a) for a in arguments])
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else None, result.stderr


def _folder(path: Path) -> Path:
    (path / "firms.csv").write_text(
        "firm,fiscal_year,grade,revenue_1,main_revenue_1,segment_years,srdi_until\n"
        "F1,2025,A,60000000,55000000,4,2027-01-01\nF2,2025,C,10000000,5000000,1,none\n",
        encoding="utf-8",
    )
    (path / "registry.csv").write_text(
        REGISTRY + "F1,srdi,2024,2024-01-02,2027-01-01,,,,\nF9,srdi,2021,2021-01-02,2024-01-01,2023-05-01,renamed,,\n",
        encoding="utf-8",
    )
    return path


def test_the_part_is_read_run_and_told_in_both_languages(tmp_path: Path) -> None:
    faults = Faults()
    inputs = read_part(_folder(tmp_path), TURN, faults)
    assert inputs is not None
    result = run_part(inputs, TURN, load_parameters("biaochi.mechanisms.cultivation").at(AT))
    assert results(result)["unlinked"] == ["F9"]
    for lang in ("zh", "en"):
        assert len(findings(result, lang)) == 2  # type: ignore[arg-type]
        assert [s.key for s in sections(result, lang)] == [
            "cultivation-verdicts",
            "cultivation-duties",
            "cultivation-limits",
        ]  # type: ignore[arg-type]
    grid = ladder(result.assessment.explain("F1", "en"), "en")
    assert any(r["set"] == "little_giant" and r["criterion"] == "rd" for r in grid.rows)
    assert not any(r["criterion"] == "revenue" and r["set"] == "little_giant" for r in grid.rows)


def test_a_folder_without_firms_has_no_part_and_faults_are_collected(tmp_path: Path) -> None:
    assert read_part(tmp_path, TURN, Faults()) is None
    (tmp_path / "firms.csv").write_text("firm,revenue_1\nF1,-1\n")
    faults = Faults()
    assert read_part(tmp_path, TURN, faults) is None
    assert [f.code for f in faults.all()] == ["negative"]


def test_a_decision_carries_reasons_with_citations(tmp_path: Path) -> None:
    inputs = read_part(_folder(tmp_path), TURN, Faults())
    assert inputs is not None
    result = run_part(inputs, TURN, load_parameters("biaochi.mechanisms.cultivation").at(AT))
    decision = assess_firm(result.assessment, "F1", "little_giant")
    assert decision.outcome == "unknown"
    assert {r.rule for r in decision.reasons} >= {"revenue", "main", "rd", "champion"}
    assert all(r.citation is not None for r in decision.reasons)
    assert decision.facts["version"] == "2026"


def test_gaps_and_plans_of_one_firm(tmp_path: Path) -> None:
    firms = _folder(tmp_path) / "firms.csv"
    costs = tmp_path / "costs.csv"
    costs.write_text("column,unit_cost,max_change\nmain_revenue_1,1,\nrevenue_1,1,\n")
    rules = tmp_path / "mine.yaml"
    rules.write_text(
        "schema: biaochi.ruleset/1\nset: mine\nversion: '1'\nname: {zh: 本地, en: local}\nvalid_from: 2026-01-01\ncitation: office\n"
        "criteria:\n  - {code: main, test: main_revenue_1/revenue_1 >= 0.95}\n  - {code: years, test: 'segment_years >= 6'}\n",
        encoding="utf-8",
    )
    code, answer, _ = run(
        "gap", firms, "--firm", "F1", "--set", "mine", "--rules", rules, "--costs", costs, "--horizon", "2",
        "--at", "2026-05-01", "--format", "json",
    )  # fmt: skip
    assert code == 0
    assert [(g["code"], g["needed"], g["earliest_on"]) for g in answer["gaps"]] == [
        ("main", 2_000_000.0, None), ("years", 2.0, "2028-01-01"),
    ]  # fmt: skip
    best = answer["plans"][0]
    assert (best["set"], best["at"], best["cost"], best["verdict"]) == ("mine", "2028-05-01", 2_000_000.0, "met")
    assert best["steps"] == [{"column": "main_revenue_1", "from": 55_000_000, "to": 57_000_000}]
    without = run(
        "gap", firms, "--firm", "F1", "--set", "mine", "--rules", rules, "--at", "2026-05-01", "--format", "json"
    )[1]
    assert without["plans"] == []
    assert [w["code"] for w in without["warnings"]] == ["costs_missing"]


def test_cohorts_follow_promotion_lapse_and_change_of_name(tmp_path: Path) -> None:
    rows = "".join(
        f"P{i},srdi,2020,2020-01-01,2023-01-01,,,,\nP{i},little_giant,2022,202{1 + i % 3}-06-01,,,,,\n"
        for i in range(6)
    )
    rows += "".join(f"L{i},srdi,2020,2020-01-01,2023-01-01,2023-01-01,lapsed,,\n" for i in range(6))
    rows += "OLD,srdi,2020,2020-01-01,2023-01-01,2021-01-01,renamed,NEW,\nNEW,srdi,2020,2020-01-01,2023-01-01,2023-01-01,lapsed,,2021-01-01\n"
    path = tmp_path / "r.csv"
    path.write_text(REGISTRY + rows, encoding="utf-8")
    code, answer, _ = run(
        "cohort",
        path,
        "--grade",
        "srdi",
        "--to",
        "little_giant",
        "--by",
        "batch",
        "--at",
        "2026-05-01",
        "--format",
        "json",
    )
    assert code == 0
    assert answer["survival"][0]["at_risk"] == 13
    last = {i["cause"]: i["value"] for i in answer["incidence"]}
    assert last["promoted"] == pytest.approx(4 / 13 + (9 / 13) * 0, abs=0.2)
    assert last["promoted"] + last["lapsed"] == pytest.approx(1.0)
    assert answer["unlinked"] == []
    assert {d["duty"] for d in answer["duties"]} == {"renew"}
    assert run("cohort", path, "--grade", "none")[0] == 2


def test_a_register_out_of_order_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(REGISTRY + "F,srdi,1,2024-01-01,2023-01-01,,,,\n")
    code, answer, _ = run("cohort", path, "--grade", "srdi", "--format", "json")
    assert code == 1
    assert [(f["code"], f["row"]) for f in answer["faults"]] == [("reversed_interval", 2)]


def test_duties_come_from_dated_parameters() -> None:
    snapshot = load_parameters("biaochi.mechanisms.cultivation").at(AT)
    grants = [
        Grant("C", "champion", "8", date(2024, 3, 1)),
        Grant("R", "champion", "6", date(2020, 1, 1), ended_on=date(2025, 1, 1), end_cause=EndCause.REMOVED),
        Grant(
            "M", "champion", "6", date(2020, 1, 1), ended_on=date(2026, 4, 1), end_cause=EndCause.RENAMED, successor="C"
        ),
    ]
    found = {(d.firm, d.duty): (d.due_on, d.state) for d in check_registry(grants, at=AT, parameters=snapshot).duties}
    assert found == {
        ("C", "yearly_update"): (date(2026, 5, 31), "due"),
        ("C", "renew"): (date(2027, 3, 1), "due"),
        ("R", "barred_until"): (date(2028, 1, 1), "running"),
        ("M", "report_change"): (date(2026, 7, 1), "due"),
    }


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_a_title_can_be_won_kept_and_lost(workflow: Any) -> None:
    workflow.validate()
