"""`biaochi transfer check|survival` end to end: gates, platforms, curves, comparison, faults."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.transfer import WORKFLOWS, Passage, Stage, pass_gate
from biaochi.mechanisms.transfer.cli import app

RUN = CliRunner()
HEAD = (
    "project,track,stage,entered_on,left_on,outcome,trl,mrl,cost,yield,safety_file,grade,next_money,platform,standard\n"
)
PLATFORMS = "platform,kind,level,track,region,services,capacity\nP1,pilot,key,bci,330000,工艺验证,2\nP2,pilot,reserve,bci,330000,工艺验证,1\n"


def run(*arguments: object) -> tuple[int, Any, str]:
    result = RUN.invoke(app, [str(a) for a in arguments])
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else None, result.stderr


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("stage", "trl", "mrl", "verdicts"),
    [
        ("lab", "1", "", {"trl": "met", "mrl": "not_applicable"}),
        ("poc", "2", "", {"trl": "unmet"}),
        ("poc", "3", "", {"trl": "met"}),
        ("pilot", "5", "3", {"trl": "met", "mrl": "unmet"}),
        ("pilot", "4", "4", {"trl": "unmet", "mrl": "met"}),
        ("small_batch", "8", "8", {"trl": "met", "mrl": "met"}),
        ("small_batch", "8", "7", {"mrl": "unmet"}),
        ("small_batch", "", "8", {"trl": "unknown"}),
    ],
)
def test_each_gate_has_its_border(tmp_path: Path, stage: str, trl: str, mrl: str, verdicts: dict[str, str]) -> None:
    path = file(tmp_path, "p", HEAD + f"A,bci,{stage},2026-01-01,2026-02-01,passed,{trl},{mrl},5,0.8,1,B,基金,,\n")
    code, answer, _ = run("check", path, "--at", "2026-06-01", "--format", "json")
    assert code == 0
    seen = {c["code"]: c["verdict"] for c in answer["passages"][0]["criteria"]}
    assert list(seen) == ["trl", "mrl", "evidence", "cost", "yield", "safety", "money"]
    assert verdicts.items() <= seen.items()


def test_evidence_of_the_party_itself_is_not_enough() -> None:
    parameters = load_parameters("biaochi.mechanisms.transfer").at(date(2026, 6, 1))
    found = pass_gate(
        Passage("A", "", Stage.PILOT, date(2026, 1, 1), trl=6, mrl=6), at=date(2026, 6, 1), parameters=parameters
    )
    assert {r.rule: r.verdict.value for r in found.reasons} == {
        "trl": "met", "mrl": "met", "evidence": "unknown", "cost": "unknown", "yield": "unknown", "safety": "unknown",
        "money": "unknown",
    }  # fmt: skip
    assert found.outcome == "unknown"


def test_platforms_are_rated_with_their_hours(tmp_path: Path) -> None:
    projects = file(tmp_path, "p", HEAD + "A,bci,pilot,2026-01-01,,open,5,4,5,0.8,1,B,基金,P1,\n")
    platforms = file(tmp_path, "pl", PLATFORMS)
    bookings = file(
        tmp_path, "b",
        "booking,resource,from,to,units,status,used_units\nb1,P1,2026-01-01T00:00,2026-01-03T00:00,1,used,1\nb2,P1,2026-01-09T00:00,2026-01-11T00:00,2,cancelled,\n",
    )  # fmt: skip
    _, answer, _ = run(
        "check", projects, "--platforms", platforms, "--bookings", bookings, "--at", "2026-06-01", "--format", "json"
    )
    first, second = answer["platforms"]
    assert (first["open"], first["used"], first["utilisation"]) == (480.0, 48.0, 0.1)
    assert set(first["flags"]) == {"idle", "repeated"}
    assert "no_projects" in second["flags"]


def test_faults_are_named_with_their_rows(tmp_path: Path) -> None:
    text = HEAD + (
        "A,bci,pilot,2026-01-01,,open,5,4,5,0.8,1,B,x,P9,\n"
        "A,bci,poc,2026-02-01,2026-01-15,passed,3,,5,0.8,1,B,x,,\n"
        "B,bci,nowhere,2026-02-01,,open,3,,5,3,1,B,x,,\n"
        "C,bci,lab,2026-02-01,,open,abc,,-5,0.8,1,B,x,,\n"
    )
    path, platforms = file(tmp_path, "p", text), file(tmp_path, "pl", PLATFORMS)
    code, answer, _ = run("check", path, "--platforms", platforms, "--format", "json")
    assert code == 1
    assert {(f["code"], f["row"]) for f in answer["faults"]} == {
        ("stage_order", 2), ("unknown_reference", 2), ("reversed_interval", 3), ("bad_level", 4), ("share_range", 4),
        ("not_a_number", 5), ("negative", 5),
    }  # fmt: skip


def _journeys() -> str:
    rows = []
    for i in range(200):
        pilot = i < 100
        good = (i % 10 < 8) if pilot else (i % 10 < 3)
        rows.append(f"J{i},bci,poc,2020-01-01,2020-06-01,passed,3,,1,1,1,B,x,,\n")
        if pilot:
            rows.append(f"J{i},bci,pilot,2020-06-01,2021-01-01,passed,6,5,1,1,1,B,x,P1,\n")
        if good:
            rows.append(f"J{i},bci,production,202{1 + i % 3}-02-01,,open,9,9,1,1,1,B,x,,\n")
        else:
            rows.append(f"J{i},bci,small_batch,2021-01-15,2022-01-01,failed,8,8,1,1,1,B,x,,\n")
    return HEAD + "".join(rows)


def test_with_and_without_a_pilot_the_published_shares_come_back(tmp_path: Path) -> None:
    path = file(tmp_path, "p", _journeys())
    code, answer, _ = run(
        "survival", path, "--by", "pilot", "--strata", "track", "--at", "2026-01-01", "--format", "json"
    )
    assert code == 0
    found = answer["comparison"]
    assert (found["with"]["estimate"], found["without"]["estimate"]) == (0.8, 0.3)
    assert found["e_value"] == pytest.approx(4.774852, abs=1e-6)
    assert found["difference"]["lo"] == pytest.approx(0.369319, abs=1e-6)
    assert found["stratified"]["estimate"] == pytest.approx(0.5)
    assert {c["group"] for c in answer["curves"]} == {"with", "without"}
    assert {i["cause"] for i in answer["incidence"]} == {"reached", "failed"}
    assert answer["test"]["df"] == 1
    assert {m["group"] for m in answer["medians"]} == {"with", "without"}


def test_a_landmark_after_all_pilots_changes_nothing_and_one_before_all_leaves_no_users(tmp_path: Path) -> None:
    path = file(tmp_path, "p", _journeys())
    late = run("survival", path, "--landmark", "200", "--at", "2026-01-01", "--format", "json")[1]
    early = run("survival", path, "--landmark", "10", "--at", "2026-01-01", "--format", "json")[1]
    assert late["comparison"]["with"]["n"] == 100
    assert early["comparison"] is None
    assert late["test"] is None


def test_wrong_calls_say_so(tmp_path: Path) -> None:
    path = file(tmp_path, "p", _journeys())
    assert run("survival", path, "--from", "pilot", "--to", "poc")[0] == 2
    assert run("survival", path, "--from", "lab")[0] == 2


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_the_way_can_be_gone_and_ended(workflow: Any) -> None:
    workflow.validate()
