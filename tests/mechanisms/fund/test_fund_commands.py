"""Every verb of ``biaochi fund`` end to end: keys, numbers, faults and exit codes."""

from __future__ import annotations

import json
import zipfile

import pytest

HEAD = {"schema", "at", "as_of", "seed", "inputs", "parameters", "code_version", "warnings"}


def body(result):
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert set(data) >= HEAD
    return data


def test_check_says_what_is_spent_and_left(fund, write, worked):
    data = body(fund("check", write(worked), "--format", "json"))
    assert set(data) - HEAD == {"ok", "spent", "left", "states", "faults"}
    assert (data["ok"], data["spent"], data["left"], data["states"], data["faults"]) == (True, 1, 20, 4, [])
    worked["budget"] = None
    assert body(fund("check", write(worked), "--format", "json"))["left"] is None


def test_check_lists_every_fault_with_its_place_in_both_languages(fund, write, worked):
    worked["routes"][0]["class_prior"] = [0.5, 0.6]
    worked["observations"][0]["team"] = "zz"
    worked["extra"] = 1
    result = fund("check", write(worked), "--format", "json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert data["ok"] is False
    codes = {f["code"]: f for f in data["faults"]}
    assert set(codes) == {"sum_not_one", "unknown_key"}
    assert codes["sum_not_one"]["where"] == "routes[0].class_prior"
    assert all({"where", "code", "seen", "zh", "en"} <= set(f) for f in data["faults"])
    assert "sum_not_one" in result.stderr


def test_posterior(fund, write, worked):
    data = body(fund("posterior", write(worked), "--format", "json"))
    route, team = data["routes"][0], data["teams"][0]
    assert set(route) == {"route", "prior", "posterior", "band"}
    assert route["posterior"] == pytest.approx([0.2, 0.8])
    assert set(team) == {"team", "route", "stage", "misses", "class", "pass_next", "pass_all", "band"}
    assert (team["stage"], team["misses"]) == ("pilot", [0, 0])
    assert team["pass_next"] == pytest.approx(0.4)
    assert set(team["band"]) == {"pass_next", "pass_all"}
    assert data["factors"] == [{"p": 1.0}]


@pytest.mark.parametrize(("outcome", "value"), [("pass", 32.0), ("miss", 2.2)])
def test_solve(outcome, value, fund, write, worked):
    worked["observations"][0]["outcome"] = outcome
    data = body(
        fund("solve", write(worked), "--evaluate", "stop,commit:2:1,exact,rollout,lookahead:1", "--format", "json")
    )
    assert data["value"] == pytest.approx(value, abs=1e-9)
    assert set(data["actions"][0]) == {"fund", "count_by_route", "cost", "value", "tie"}
    values = [a["value"] for a in data["actions"]]
    assert values == sorted(values, reverse=True)
    ratios = {e["policy"]: e["ratio"] for e in data["evaluated"]}
    assert ratios["exact"] == pytest.approx(1)
    assert ratios["rollout"] == pytest.approx(1)
    assert all(r <= 1 + 1e-9 for r in ratios.values())


def test_solve_refuses_what_is_too_large(fund, write, worked):
    worked["routes"][0]["teams"] = 6
    worked["observations"] = []
    result = fund("solve", write(worked), "--exact-limit", "3")
    assert result.exit_code == 2
    assert "--exact-limit" in result.stderr


@pytest.mark.parametrize("limit", [0, 250_000])
def test_recommend(limit, fund, write, worked):
    data = body(fund("recommend", write(worked), "--exact-limit", limit, "--format", "json"))
    assert set(data) - HEAD == {"method", "recommended", "clear", "tied", "candidates", "teams", "band"}
    assert data["method"] == ("exact" if limit else "rollout")
    assert data["recommended"]["fund"] == ["a1"]
    assert data["recommended"]["value"]["mean"] == pytest.approx(32)
    assert set(data["recommended"]["value"]) == {"mean", "se", "low", "high"}
    assert data["clear"] is True
    assert set(data["candidates"][0]) == {"fund", "cost", "value", "p_no_success", "spend"}
    team = data["teams"][0]
    assert set(team) == {
        "team",
        "verdict",
        "marginal",
        "cost_to_completion",
        "p_success_if_funded",
        "p_success_if_not",
        "reasons",
        "flip",
    }
    assert (team["verdict"], team["cost_to_completion"]) == ("continue", 10)
    assert {"rule", "seen", "threshold"} <= set(team["reasons"][0])
    assert set(team["flip"]) == {"cost_factor", "tilt"}
    assert data["band"]["low"] < 32 < data["band"]["high"]


def test_verdicts_follow_history_and_funding(fund, write, worked):
    worked["routes"][0]["teams"] = ["a1", "a2"]
    worked["routes"][0]["pass"] = [[[0.6], [0.9]], [[0], [0.5]]]
    worked["budget"] = 40
    worked["observations"] = [{"round": 1, "team": "a1", "outcome": "miss"}]
    data = body(fund("recommend", write(worked), "--format", "json"))
    verdicts = {t["team"]: t["verdict"] for t in data["teams"]}
    assert verdicts["a1"] in ("adjust", "pause", "stop")
    assert verdicts["a2"] in ("start", "reserve")


def test_whatif_always_lets_the_plain_rules_compete(fund, write, worked):
    words = (
        "whatif",
        write(worked),
        "--policies",
        "commit:2:1",
        "--worlds",
        "base,noisy",
        "--budget",
        "11,21",
        "--n",
        "400",
    )
    data = body(fund(*words, "--format", "json"))
    assert set(data) - HEAD == {"results", "minimax_regret", "calls"}
    assert {r["policy"] for r in data["results"]} == {"commit:2:1", "equal", "stop", "stop_refill", "winner", "halving"}
    assert len(data["results"]) == 6 * 2 * 2
    assert set(data["results"][0]) == {
        "policy",
        "world",
        "budget",
        "value",
        "p_no_success",
        "p10",
        "spend",
        "stopped",
        "spent_on_stopped",
        "regret",
    }
    assert {m["budget"] for m in data["minimax_regret"]} == {11, 21}
    assert {c["round"] for c in data["calls"]} == {2, 3}
    again = body(fund(*words, "--format", "json"))
    assert again["results"] == data["results"]


@pytest.mark.parametrize(
    "words",
    [
        ("--worlds", "nowhere"),
        ("--policies", "magic"),
        ("--budget", "x"),
        ("--budget", "0.5"),
        ("--policies", "stop,stop"),
    ],
)
def test_whatif_wrong_usage(words, fund, write, worked):
    assert fund("whatif", write(worked), "--n", "10", *words).exit_code == 2


DECISIONS = (
    "at,team,forecast,recommended,decided,reason,outcome\n"
    "2026-01-01,a1,0.8,continue,continue,,pass\n"
    "2026-02-01,a1,0.6,stop,continue,user asked,miss\n"
    "2026-03-01,a1,,continue,continue,,\n"
)


@pytest.mark.parametrize("ending", ["html", "docx", "xlsx", "json"])
def test_report_in_four_forms(ending, fund, write, worked, tmp_path):
    past = tmp_path / "decisions.csv"
    past.write_text(DECISIONS, encoding="utf-8")
    out = tmp_path / f"packet.{ending}"
    data = body(fund("report", write(worked), "--decisions", past, "--paths", 100, "--out", out, "--format", "json"))
    found = data["calibration"]
    assert found["n"] == 2
    assert found["brier"] == pytest.approx((0.2**2 + 0.6**2) / 2)
    assert [set(b) for b in found["bins"]] == [{"low", "high", "n", "forecast", "frequency"}] * 2
    if ending == "html":
        text = out.read_text(encoding="utf-8")
        assert "<svg" in text
        assert "本轮建议" in text
        assert "This round" in text
    elif ending == "json":
        assert json.loads(out.read_text(encoding="utf-8"))["calibration"] == found
    else:
        assert zipfile.is_zipfile(out)


def test_report_faults_and_usage(fund, write, worked, tmp_path):
    past = tmp_path / "decisions.csv"
    past.write_text(
        "at,team,forecast,recommended,decided,reason,outcome\n"
        "2026-01-01,zz,0.8,continue,continue,,pass\n"
        "2026-02-01,a1,1.8,stop,continue,,miss\n",
        encoding="utf-8",
    )
    result = fund("report", write(worked), "--decisions", past, "--out", tmp_path / "packet.json")
    assert result.exit_code == 1
    assert not (tmp_path / "packet.json").exists()
    for code, row in (("unknown_team", 2), ("share_range", 3), ("reason_missing", 3)):
        assert any(code in line and f":{row}:" in line for line in result.stderr.splitlines()), result.stderr
    assert fund("report", write(worked)).exit_code == 2
    assert fund("report", write(worked), "--out", tmp_path / "p.pdf").exit_code == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": "biaochi.fund.programme/1"}'])
def test_hostile_files_never_crash(text, fund, tmp_path):
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    for verb in ("check", "posterior", "solve", "recommend"):
        result = fund(verb, path, "--format", "json")
        assert result.exit_code == 1, result.output
