"""``challenge rank`` and ``challenge diligence`` end to end."""

from __future__ import annotations

import copy
import hashlib
import json

import pytest
from typer.testing import CliRunner

from biaochi.mechanisms.challenge.cli import app

SCORES = "bid,reviewer,score\nA,x,8\nA,y,7\nB,x,6\nB,y,6\nC,x,5\nC,y,3\n"


def run(*words):
    return CliRunner().invoke(app, [str(w) for w in words])


@pytest.fixture
def scores(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text(SCORES, encoding="utf-8")
    return path


def test_rank_with_given_deviations(scores):
    data = json.loads(run("rank", scores, "--slots", 1, "--scale", "1,9", "--sd", "1,.5,1", "--format", "json").stdout)
    assert [round(b["expected_rank"], 5) for b in data["bids"]] == [1.11247, 1.9409, 2.94663]
    assert set(data["bids"][0]) == {"bid", "n", "mean", "effect", "expected_rank", "rank_interval", "zone"}
    assert data["sd"] == {"bid": 1.0, "reviewer": 0.5, "noise": 1.0}
    assert {r["reviewer"]: r["severity"] > 0 for r in data["reviewers"]} == {"x": False, "y": True}
    assert data["drawn"] == []


def test_the_lottery_can_be_checked_by_anyone(tmp_path):
    path = tmp_path / "even.csv"
    rows = [f"b{i},r{j},{5 + (i + j) % 2}" for i in range(6) for j in range(4)]
    path.write_text("bid,reviewer,score\n" + "\n".join(rows) + "\n", encoding="utf-8")
    words = ("rank", path, "--slots", 2, "--scale", "1,9", "--format", "json")
    silent = json.loads(run(*words).stdout)
    assert {w["code"] for w in silent["warnings"]} == {"lottery_not_drawn"}
    data = json.loads(run(*words, "--nonces", "X,Y").stdout)
    zone = [b["bid"] for b in data["bids"] if b["zone"] == "lottery"]
    places = 2 - sum(b["zone"] == "above" for b in data["bids"])
    seed = hashlib.sha256(b"X|Y").hexdigest()
    lots = sorted(zone, key=lambda code: hashlib.sha256(f"{seed}|{code}".encode()).hexdigest())
    assert [d["bid"] for d in data["drawn"]] == lots[:places]


def test_rank_lists_every_fault_with_its_row(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(SCORES + "A,x,5\nC,z,12\nB,z,x\n", encoding="utf-8")
    conflicts = tmp_path / "c.csv"
    conflicts.write_text("reviewer,bid,kind\ny,B,own_organisation\n", encoding="utf-8")
    result = run("rank", path, "--slots", 1, "--scale", "1,9", "--conflicts", conflicts, "--format", "json")
    assert result.exit_code == 1
    found = {(f["code"], f["row"]) for f in json.loads(result.stdout)["faults"]}
    assert found == {("duplicate_score", 8), ("off_scale", 9), ("not_a_number", 10), ("conflicted", 5)}


@pytest.mark.parametrize(
    "words",
    [
        ("--scale", "9,1"),
        ("--scale", "1"),
        ("--scale", "1,9", "--sd", "1,0,1"),
        ("--scale", "1,9", "--nonces", "X"),
        ("--scale", "1,9", "--nonces", "X,X"),
    ],
)
def test_rank_wrong_usage(words, scores):
    assert run("rank", scores, "--slots", 1, *words).exit_code == 2


def test_an_empty_table_of_scores_is_a_fault(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("bid,reviewer,score\n", encoding="utf-8")
    assert run("rank", path, "--slots", 1, "--scale", "1,9").exit_code == 1


CASE = {
    "schema": "biaochi.challenge.case/1",
    "award": {"id": "A1", "team_org": "T", "owner_org": "O", "routes": ["a", "b"]},
    "declarations": [
        {"person": p, "subject": "A1", "at": "2026-01-01", "conflict": False} for p in ("creator", "approver")
    ],
    "evidence": [{"id": "e1", "grade": "A", "at": "2026-02-01", "sha256": "a" * 64}],
    "milestones": [
        {
            "id": "m1",
            "indicators": [{"name": "life", "unit": "h", "threshold": 100, "test_method": "T1"}],
            "registered_at": "2026-01-02",
            "started_at": "2026-01-03",
            "due_on": "2026-03-01",
            "reviewed_at": "2026-02-20",
            "delay_reason": None,
            "verifier_org": "V",
            "measured": {"life": 120},
        }
    ],
    "decisions": [
        {
            "id": "d1",
            "at": "2026-03-01",
            "creator": "creator",
            "approver": "approver",
            "outcome": "stop",
            "reason": "r",
            "alternatives": ["adjust"],
            "forecast": 0.4,
            "evidence": ["e1"],
            "cause": "technical_infeasible",
        }
    ],
    "payments": [{"at": "2026-02-21", "amount": 1000, "milestone": "m1"}],
    "gain_declared": False,
}


def diligence(tmp_path, change=None, at="2026-04-01"):
    data = copy.deepcopy(CASE)
    if change:
        change(data)
    path = tmp_path / "case.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    result = run("diligence", path, "--at", at, "--format", "json")
    return result, json.loads(result.stdout)


def test_a_complete_file(tmp_path):
    _, data = diligence(tmp_path)
    assert data["outcome"] == "complete"
    assert data["stop_cause"] == "technical_infeasible"
    assert len(data["duties"]) == 12
    verdicts = {d["duty"]: d["verdict"] for d in data["duties"]}
    assert verdicts.pop("no_illicit_gain") == "manual_review"
    assert set(verdicts.values()) == {"met"}
    assert {"rule", "seen", "threshold", "citation"} <= set(data["duties"][0]["reasons"][0])
    assert "68" in str(next(d for d in data["duties"] if d["duty"] == "records_intact")["reasons"])


def put(*path_and_value):
    *path, value = path_and_value

    def change(data):
        here = data
        for part in path[:-1]:
            here = here[part]
        here[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("duty", "change", "verdict"),
    [
        ("interests_declared", put("declarations", []), "unknown"),
        ("interests_declared", put("declarations", 0, "at", "2026-03-05"), "unmet"),
        ("interests_declared", put("declarations", 0, "conflict", True), "unmet"),
        ("alternatives_recorded", put("decisions", 0, "alternatives", []), "unknown"),
        ("forecast_recorded", put("decisions", 0, "forecast", None), "unknown"),
        ("evidence_before_decision", put("evidence", 0, "at", "2026-03-02"), "unmet"),
        ("evidence_before_decision", put("decisions", 0, "evidence", ["zz"]), "unknown"),
        ("tests_preregistered", put("milestones", 0, "registered_at", "2026-01-04"), "unmet"),
        ("tests_preregistered", put("milestones", 0, "registered_at", None), "unknown"),
        ("verifier_independent", put("milestones", 0, "verifier_org", "T"), "unmet"),
        ("verifier_independent", put("milestones", 0, "verifier_org", None), "unknown"),
        ("supervised_on_time", put("milestones", 0, "reviewed_at", "2026-03-02"), "unmet"),
        ("paid_on_pass", put("milestones", 0, "measured", {"life": 80}), "unmet"),
        ("paid_on_pass", put("milestones", 0, "measured", {}), "unknown"),
        ("paid_on_pass", put("payments", 0, "at", "2026-02-01"), "unmet"),
        ("paid_on_pass", put("payments", []), "not_applicable"),
        ("approver_differs", put("decisions", 0, "approver", "creator"), "unmet"),
        ("cause_stated", put("decisions", 0, "cause", None), "unknown"),
        ("cause_stated", put("decisions", 0, "outcome", "continue"), "not_applicable"),
        ("records_intact", put("evidence", 0, "sha256", None), "unknown"),
        ("records_intact", put("evidence", 0, "sha256", "xyz"), "unmet"),
    ],
)
def test_each_duty_alone(duty, change, verdict, tmp_path):
    _, data = diligence(tmp_path, change)
    assert next(d for d in data["duties"] if d["duty"] == duty)["verdict"] == verdict
    verdicts = {d["verdict"] for d in data["duties"]}
    wanted = "contradicted" if "unmet" in verdicts else "incomplete" if "unknown" in verdicts else "complete"
    assert data["outcome"] == wanted


def test_a_late_review_with_its_reason_is_in_order(tmp_path):
    def late(data):
        data["milestones"][0] |= {"reviewed_at": "2026-03-02", "delay_reason": "laboratory closed"}
        data["payments"] = []

    assert diligence(tmp_path, late)[1]["outcome"] == "complete"


@pytest.mark.parametrize(
    "change",
    [
        put("surprise", 1),
        put("decisions", 0, "cause", "bad luck"),
        put("decisions", 0, "at", "soon"),
        put("award", None),
    ],
)
def test_a_faulty_case_is_refused(change, tmp_path):
    result, data = diligence(tmp_path, change)
    assert result.exit_code == 1
    assert data["faults"]
