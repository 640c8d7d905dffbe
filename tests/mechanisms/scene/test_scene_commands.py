"""`biaochi scene match|check|outcomes` end to end: funnels, assignment, records, outcomes, faults."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.scene import WORKFLOWS, judge_trial, select_firms
from biaochi.mechanisms.scene.cli import app
from biaochi.mechanisms.scene.model import Scene, Trial, TrialOutcome

RUN = CliRunner()
SCENE = (
    "scene,owner,kind,track,problem,offers,access,safety,data_terms,ip_terms,pay,slots,trl_min,trl_max,opens_on,"
    "closes_on,starts_on,ends_on,rule,rule_on,metrics,review_verdict,review_on,disclose_on,scale_up\n"
)
GOOD = (
    "{id},own1,niche,{track},{problem},现场与数据,{access},限速,不出域,归企业,paid,{slots},5,8,2026-03-01,2026-03-31,"
    "2026-05-01,2026-10-31,technology:0.6;price:0.4,{rule_on},误检率,{review},2026-02-01,2026-11-30,达标即首购\n"
)
OFFERS = (
    "firm,group,startup,tracks,region,capability,trl,capacity,available_from,available_to,licences\n"
    "L1,gA,0,embodied,310000,电力巡检机器人与缺陷识别,8,2,2026-01-01,2027-01-01,\n"
    "L2,gA,0,embodied,310000,巡检机器人整机,7,1,2026-01-01,2027-01-01,\n"
    "S1,,1,embodied,330100,变电站巡检机器人算法,6,1,2026-01-01,,\n"
    "Q1,,1,quantum,340100,量子计算云平台,6,1,,,\n"
    "N1,,0,embodied,110000,人形机器人,3,1,,,\n"
)


def line(name: str, **changes: str) -> str:
    values = {
        "id": name, "track": "embodied", "problem": "变电站巡检:在强电磁环境下发现表计与设备缺陷", "access": "安全培训",
        "slots": "2", "rule_on": "2026-02-15", "review": "clear",
    } | changes  # fmt: skip
    return GOOD.format(**values)


def run(*arguments: object) -> tuple[int, Any, str]:
    result = RUN.invoke(app, [str(a) for a in arguments])
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else None, result.stderr


def files(folder: Path, **texts: str) -> dict[str, Path]:
    found = {}
    for name, text in texts.items():
        found[name] = folder / f"{name}.csv"
        found[name].write_text(text, encoding="utf-8")
    return found


def test_matching_tells_funnel_flags_pairs_and_terms(tmp_path: Path) -> None:
    f = files(
        tmp_path,
        scenes=SCENE + line("S1") + line("S2", track="quantum", problem="量子计算试用", access="region=310000"),
        offers=OFFERS,
    )
    code, answer, _ = run("match", f["scenes"], f["offers"], "--out", tmp_path / "out", "--format", "json")
    assert code == 0
    first, second = answer["scenes"]
    assert [(s["filter"], s["left"], s["without"]) for s in first["funnel"]] == [
        ("track", 4, 4), ("trl", 3, 4), ("date", 3, 3), ("capacity", 3, 3),
    ]  # fmt: skip
    assert first["flags"] == []
    assert set(second["flags"]) == {"no_firm_left", "place_filter"}
    rows = list(csv.DictReader((tmp_path / "out" / "pairs.csv").open(encoding="utf-8")))
    assert [(r["scene"], r["rank"]) for r in rows] == [("S1", "1"), ("S1", "2"), ("S1", "3")]
    assert {r["firm"] for r in rows} == {"L1", "L2", "S1"}
    assert "巡检" in rows[0]["terms"].split()
    assert all(0 <= float(r["score"]) <= 1 and r["probability"] == "" for r in rows)
    assert list(rows[0]) == [
        "scene",
        "firm",
        "rank",
        "score",
        "probability",
        "text",
        "cosine",
        "track",
        "trl",
        "date",
        "capacity",
        "terms",
    ]
    assert answer["assignment"] is None
    assert answer["blocking_recall"] is None


@pytest.mark.parametrize("how", ["flow", "stable"])
def test_slots_are_given_and_a_reserve_has_its_price(tmp_path: Path, how: str) -> None:
    f = files(
        tmp_path,
        scenes=SCENE + line("A", slots="1"),
        offers=OFFERS,
        preferences="scene,firm,scene_rank,firm_rank\nA,L1,1,1\nA,L2,2,1\nA,S1,3,1\n",
    )
    plain = run(
        "match", f["scenes"], f["offers"], "--preferences", f["preferences"], "--assign", how, "--format", "json"
    )[1]
    half = run(
        "match",
        f["scenes"],
        f["offers"],
        "--preferences",
        f["preferences"],
        "--assign",
        how,
        "--startup-share",
        "1",
        "--format",
        "json",
    )[1]
    assert len(plain["assignment"]["pairs"]) == 1
    assert half["assignment"]["pairs"] == [{"scene": "A", "firm": "S1"}]
    assert half["assignment"]["startup_share"] == 1.0
    assert [p["constraint"] for p in half["assignment"]["price"]] == ["startup_share"]
    if how == "stable":
        assert plain["assignment"]["pairs"] == [{"scene": "A", "firm": "L1"}]
        assert plain["assignment"]["blocking_pairs"] == 0
        assert half["assignment"]["blocking_pairs"] == 0


def test_a_group_cap_leaves_room_for_others(tmp_path: Path) -> None:
    f = files(tmp_path, scenes=SCENE + line("A"), offers=OFFERS)
    free = run("match", f["scenes"], f["offers"], "--assign", "flow", "--format", "json")[1]["assignment"]
    bound = run("match", f["scenes"], f["offers"], "--assign", "flow", "--group-share", "0.5", "--format", "json")[1][
        "assignment"
    ]
    assert bound["value"] <= free["value"]
    assert sum(p["firm"] in ("L1", "L2") for p in bound["pairs"]) <= 1
    assert bound["gap"] == pytest.approx(0, abs=1e-9)


def test_labels_give_measures_and_probabilities(tmp_path: Path) -> None:
    scenes = SCENE + "".join(line(f"A{i}") for i in range(4))
    labels = "scene,firm,label\n" + "".join(f"A{i},S1,1\nA{i},L1,1\nA{i},L2,0\n" for i in range(4))
    f = files(tmp_path, scenes=scenes, offers=OFFERS, labels=labels)
    _, answer, _ = run(
        "match",
        f["scenes"],
        f["offers"],
        "--labels",
        f["labels"],
        "--out",
        tmp_path / "o",
        "--format",
        "json",
        "--block",
    )
    assert {"map", "p10", "ndcg10", "text_map", "brier"} <= set(answer["evaluation"])
    assert set(answer["evaluation"]["map"]) == {"estimate", "lo", "hi"}
    assert 0 <= answer["blocking_recall"] <= 1
    rows = list(csv.DictReader((tmp_path / "o" / "pairs.csv").open(encoding="utf-8")))
    assert all(0 < float(r["probability"]) < 1 for r in rows)


def test_too_few_labels_give_no_probability_and_say_so(tmp_path: Path) -> None:
    f = files(tmp_path, scenes=SCENE + line("A"), offers=OFFERS, labels="scene,firm,label\nA,S1,1\n")
    _, answer, _ = run("match", f["scenes"], f["offers"], "--labels", f["labels"], "--format", "json")
    assert [w["code"] for w in answer["warnings"]] == ["not_calibrated"]


def test_a_complete_record_is_met_and_each_lack_is_named(tmp_path: Path) -> None:
    scenes = (
        SCENE
        + line("OK")
        + line("LATE", rule_on="2026-03-01", problem="隧道渗漏识别与定位")
        + line("BLOCKED", review="blocked", problem="污水厂曝气优化、指定品牌设备")
    )
    applications = "scene,firm,applied_on,eligible,reason,selected,decided_on,informed_on\nOK,S1,2026-03-05,1,,1,2026-04-15,2026-04-20\nLATE,L1,2026-03-05,1,,0,2026-04-15,\n"
    kinds = {
        "alternatives": "2026-04-01",
        "conflict": "2026-04-01",
        "risk": "2026-04-10",
        "expert": "2026-04-12",
        "basis": "2026-04-14",
        "monitoring": "2026-06-01",
        "closing": "2026-11-01",
    }
    log = (
        "scene,kind,at\n"
        + "".join(f"OK,{k},{d}T09:00:00+08:00\n" for k, d in kinds.items())
        + "LATE,basis,2026-04-15T09:00:00+08:00\n"
    )
    f = files(tmp_path, scenes=scenes, applications=applications, log=log)
    code, answer, _ = run(
        "check",
        f["scenes"],
        "--applications",
        f["applications"],
        "--log",
        f["log"],
        "--at",
        "2026-12-31",
        "--format",
        "json",
    )
    assert code == 0
    by = {s["scene"]: {c["code"]: c["verdict"] for c in s["criteria"]} for s in answer["scenes"]}
    assert list(by["OK"]) == [
        "functional",
        "review",
        "rule",
        "terms",
        "slots",
        "metrics",
        "period",
        "duplicate",
        "informed",
        "log",
    ]
    assert set(by["OK"].values()) == {"met"}
    assert answer["scenes"][0]["verdict"] == "met"
    assert by["LATE"]["rule"] == "unmet"
    assert by["LATE"]["informed"] == "unmet"
    assert by["LATE"]["log"] == "unmet"
    assert by["BLOCKED"]["review"] == "unmet"
    assert by["BLOCKED"]["functional"] == "manual_review"
    basis = next(e for e in answer["log"] if e["scene"] == "LATE" and e["kind"] == "basis")
    assert (basis["present"], basis["in_time"]) == (True, False)


def test_scenes_that_repeat_each_other_need_a_person(tmp_path: Path) -> None:
    f = files(tmp_path, scenes=SCENE + line("A") + line("B"))
    _, answer, _ = run("check", f["scenes"], "--at", "2026-12-31", "--format", "json", "--lang", "en")
    criteria = {c["code"]: c for c in answer["scenes"][0]["criteria"]}
    assert criteria["duplicate"]["verdict"] == "manual_review"
    assert criteria["log"]["verdict"] == "unknown"
    assert criteria["informed"]["verdict"] == "not_applicable"


def test_outcomes_count_follow_and_hide_small_cells(tmp_path: Path) -> None:
    trials = "scene,firm,started_on,ended_on,value,target,outcome,amount\n"
    trials += "".join(
        f"A,F{i},2026-01-01,2026-02-{i + 1:02d},1,1,{'adopt' if i % 2 else 'failed'},\n" for i in range(12)
    )
    trials += "A,F0,2026-03-01,,,,,\n"
    applications = "scene,firm,eligible,selected,decided_on,informed_on\n" + "".join(
        f"A,F{i},1,{int(i < 12)},2025-12-01,2025-12-05\n" for i in range(20)
    )
    f = files(tmp_path, trials=trials, applications=applications)
    code, answer, _ = run(
        "outcomes", f["trials"], "--applications", f["applications"], "--at", "2026-12-31", "--format", "json"
    )
    assert code == 0
    stages = {r["stage"]: r for r in answer["funnel"]}
    assert (stages["applied"]["n"], stages["selected"]["n"], stages["trial"]["n"]) == (20, 12, 13)
    assert stages["selected"]["share"] == pytest.approx(0.6)
    assert stages["selected"]["lo"] < 0.6 < stages["selected"]["hi"]
    assert stages["ended"]["suppressed"] is True
    assert stages["ended"]["n"] is None
    assert answer["fairness"]["informed_days"] == 4
    assert answer["fairness"]["top_share"] == pytest.approx(2 / 13)
    assert answer["fairness"]["startup_share"] is None
    values = [r["value"] for r in answer["adoption"]]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("changes", "offers", "code"),
    [
        ({"rule_on": "2026-02-30"}, OFFERS, "bad_date"),
        ({"slots": "-1"}, OFFERS, "negative"),
        ({"slots": "many"}, OFFERS, "not_a_number"),
        ({}, OFFERS + "L1,,0,,,,,,,,\n", "duplicate_firm"),
        ({}, OFFERS + "X,,0,,,,5,1,2026-05-01,2026-04-01,\n", "reversed_interval"),
    ],
)
def test_faults_are_named(tmp_path: Path, changes: dict[str, str], offers: str, code: str) -> None:
    f = files(tmp_path, scenes=SCENE + line("A", **changes), offers=offers)
    exit_code, answer, _ = run("match", f["scenes"], f["offers"], "--format", "json")
    assert exit_code == 1
    assert code in {x["code"] for x in answer["faults"]}


def test_weights_that_do_not_sum_and_references_to_nothing_are_faults(tmp_path: Path) -> None:
    f = files(
        tmp_path,
        scenes=SCENE + line("A").replace("price:0.4", "price:0.5"),
        log="scene,kind,at\nZ,risk,2026-01-01\n",
        offers=OFFERS,
    )
    _, answer, _ = run("check", f["scenes"], "--log", f["log"], "--format", "json")
    assert {(x["code"], x["row"]) for x in answer["faults"]} == {("weights_sum", 2), ("unknown_reference", 2)}
    assert run("match", f["scenes"], f["offers"], "--weights", "text:0.5")[0] == 1
    assert run("match", f["scenes"], f["offers"], "--weights", "nonsense:1")[0] in (1, 2)


def test_selection_follows_the_rule_and_ties_need_a_person() -> None:
    scene = Scene("A", slots=1, rule=(("a", Decimal("0.6")), ("b", Decimal("0.4"))))
    at = date(2026, 4, 1)
    chosen = select_firms(scene, {"x": {"a": 1.0, "b": 0.0}, "y": {"a": 0.5, "b": 0.5}}, at=at)
    assert (chosen.outcome, chosen.facts["selected"]) == ("selected", "x")
    tie = select_firms(scene, {"x": {"a": 0.1, "b": 0.2}, "y": {"a": 0.1, "b": 0.2}}, at=at)
    assert tie.outcome == "manual_review"
    assert select_firms(scene, {"x": {"a": 1.0}}, at=at).outcome == "manual_review"


def test_a_failed_trial_is_no_fault_and_an_unearned_adoption_is_asked_about() -> None:
    at = date(2026, 11, 1)
    failed = judge_trial(Trial("A", "x", date(2026, 5, 1), value=1, target=2, outcome=TrialOutcome.FAILED), at=at)
    assert [r.verdict.value for r in failed.reasons] == ["unmet", "not_applicable"]
    odd = judge_trial(Trial("A", "x", date(2026, 5, 1), value=1, target=2, outcome=TrialOutcome.ADOPT), at=at)
    assert odd.reasons[-1].verdict.value == "manual_review"
    assert judge_trial(Trial("A", "x", date(2026, 5, 1)), at=at).outcome == "running"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_is_reached_and_left_and_only_deciders_move(workflow: Any) -> None:
    workflow.validate()
    administrator = Actor("p", Role.ADMINISTRATOR)
    assert all(administrator.role not in t.roles for t in workflow.transitions)


def test_a_scene_is_listed_only_with_a_clear_review_and_an_early_rule() -> None:
    @dataclass
    class Draft:
        state: str = "reviewed"
        entered_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
        review_clear: bool = True
        rule_before_opening: bool = False
        metrics_set: bool = True
        created_by: str = "u1"

    scene = WORKFLOWS[0]
    officer, now = Actor("u2", Role.OFFICER), datetime(2026, 1, 2, tzinfo=UTC)
    assert [o.code for o in scene.obstacles(Draft(), "list", officer, now)] == ["rule_before_opening"]
    assert scene.obstacles(Draft(rule_before_opening=True), "list", officer, now) == ()
    assert [
        o.code for o in scene.obstacles(Draft(rule_before_opening=True), "list", Actor("u1", Role.OFFICER), now)
    ] == ["same_person"]
