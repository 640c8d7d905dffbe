"""Every verb end to end: keys, numbers, faults with rows, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Answer = Callable[..., dict[str, Any]]
Write = Callable[[str, str], Path]
Run = Callable[..., Any]
HEAD = ("schema", "at", "as_of", "seed", "inputs", "parameters", "code_version", "warnings")


@pytest.fixture(scope="session")
def simulated_csv() -> str:
    """A simulated activity table: 16 regions, 10 tracks, six years."""
    rng = np.random.default_rng(4)
    log = rng.normal(0, 1, (16, 10))
    rows = ["region,track,period,value"]
    for year in range(2015, 2021):
        log = 0.9 * log + rng.normal(0, 0.6, log.shape)
        counts = rng.poisson(np.exp(2.5 + log))
        rows += [f"r{i:02d},t{j},{year},{counts[i, j]}" for i in range(16) for j in range(10)]
    return "\n".join(rows) + "\n"


@pytest.fixture
def activity(write: Write, simulated_csv: str) -> Path:
    return write("activity.csv", simulated_csv)


@pytest.fixture
def germany(shared: Path, write: Write) -> Path:
    wide = pd.read_csv(shared / "reference" / "layout" / "matrix.csv", index_col=0).rename_axis(None)
    long = wide.stack().rename_axis(["region", "track"]).rename("value").reset_index().assign(period="2015")
    return write("germany.csv", long.to_csv(index=False))


def keys(answer: dict[str, Any]) -> set[str]:
    return set(answer) - set(HEAD) - {"conventions"}


def test_check_tells_the_kinds_and_passes(answer: Answer, activity: Path) -> None:
    found = answer("check", activity)
    assert found["ok"] is True
    assert found["files"] == [{"path": "activity.csv", "kind": "activity", "rows": 960}]
    assert found["faults"] == []


def test_check_lists_every_fault_of_every_file(run: Run, write: Write) -> None:
    bad = write(
        "a.csv",
        "region,track,period,value,unit\na,x,2020,-1,yuan\na,x,2020,2,yuan\na,y,2020,many,yuan\n,y,2020,1,yuan\n"
        "b,y,never,1,yuan\nb,z,2020,1,count\n",
    )
    gains = write("g.csv", "region,track,p\na,x,1.5\n")
    plans = write("p.csv", "region,track,wording,source,date,coverage\n浙江,nothing,w,s,2024-13,all\n")
    result = run("check", bad, gains, plans, "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["ok"] is False
    seen = [(f["file"], f["row"], f["code"]) for f in found["faults"]]
    for expected in (
        ("a.csv", 2, "negative_value"),
        ("a.csv", 3, "duplicate_cell"),
        ("a.csv", 4, "not_a_number"),
        ("a.csv", 5, "missing_field"),
        ("a.csv", 6, "bad_period"),
        ("a.csv", 7, "mixed_units"),
        ("g.csv", 2, "probability_range"),
        ("p.csv", 2, "unknown_track"),
        ("p.csv", 2, "bad_date"),
        ("p.csv", 2, "bad_coverage"),
    ):
        assert expected in seen
    assert set(found["faults"][0]) == {"code", "file", "row", "column", "seen", "message", "fix"}
    assert "a.csv:2" in result.stderr


@pytest.mark.reference
def test_indicators_of_germany(answer: Answer, germany: Path) -> None:
    found = answer("indicators", germany, "--anchor", "WZ08-J")
    assert keys(found) == {"cells", "regions", "tracks", "direction", "proximity", "shrinkage", "excluded"}
    cell = next(c for c in found["cells"] if c["region"] == "BB" and c["track"] == "WZ08-B")
    assert cell["rca"] == pytest.approx(2.53143634949, abs=1e-11)
    assert cell["density"] == pytest.approx(0.77195255656, abs=1e-11)
    assert cell["low"] < cell["shrunk"] < cell["high"]
    assert sum(c["active"] for c in found["cells"]) == 133
    bw = next(r for r in found["regions"] if r["region"] == "BW")
    assert bw["eci"] == pytest.approx(2.31642592917, abs=1e-10)
    assert (bw["state"], found["direction"]["determined"], found["direction"]["anchor"]) == ("known", True, "WZ08-J")


@pytest.mark.reference
def test_without_an_anchor_germany_has_no_direction(answer: Answer, germany: Path) -> None:
    found = answer("indicators", germany, "--diagonal", "one")
    assert found["direction"]["determined"] is False
    assert {r["state"] for r in found["regions"]} == {"undetermined"}
    assert [w["code"] for w in found["warnings"]] == ["direction_undetermined"]
    cell = next(c for c in found["cells"] if c["region"] == "BB" and c["track"] == "WZ08-B")
    assert cell["density"] == pytest.approx(0.80742361754, abs=1e-11)


def test_a_region_with_a_gap_is_excluded_and_named(answer: Answer, write: Write, simulated_csv: str) -> None:
    lines = simulated_csv.splitlines()
    kept = [line for line in lines if not line.startswith("r00,t0,2020")]
    found = answer("indicators", write("a.csv", "\n".join(kept)))
    assert found["excluded"] == [{"unit": "r00", "period": "2020", "reason": "missing_cell"}]
    assert answer("indicators", write("a.csv", "\n".join(kept)), "--absent", "zero")["excluded"] == []


def test_codes_stay_text(answer: Answer, write: Write) -> None:
    place = write("a.csv", "region,track,period,value\nNA,0011,2020,3\nNA,0012,2020,1\nb,0011,2020,1\nb,0012,2020,3\n")
    found = answer("indicators", place)
    assert {c["track"] for c in found["cells"]} == {"0011", "0012"}
    assert {c["region"] for c in found["cells"]} == {"NA", "b"}


def test_standard_errors_give_intervals(answer: Answer, write: Write) -> None:
    place = write(
        "a.csv",
        "region,track,period,value,unit,se\na,x,2020,3.5,M,0.5\na,y,2020,1,M,0.2\nb,x,2020,1,M,0.1\nb,y,2020,2,M,0.4\n",
    )
    cell = answer("indicators", place)["cells"][0]
    assert cell["shrunk"] is None
    assert cell["low"] < cell["rca"] < cell["high"]


def test_concordance_imputes_future_tracks(answer: Answer, activity: Path, write: Write) -> None:
    parents = write("c.csv", "track,class,weight\nbci,t0,1\nbci,t1,1\n")
    found = answer("indicators", activity, "--concordance", parents)
    pci = {t["track"]: t["pci"] for t in found["tracks"]}
    imputed = [t for t in found["tracks"] if t["imputed"]]
    assert [t["track"] for t in imputed] == ["bci"]
    if pci["t0"] is not None and pci["t1"] is not None:
        assert imputed[0]["pci"] == pytest.approx((pci["t0"] + pci["t1"]) / 2)


@pytest.mark.parametrize("measure", ["unido", "krugman", "overlap", "bahar", "jaccard"])
def test_similarity_of_activity(answer: Answer, activity: Path, measure: str) -> None:
    found = answer("similarity", activity, "--measure", measure, "--draws", "10")
    assert keys(found) == {"measure", "granularity", "mean", "pairs", "regions", "trend", "tracks", "excluded"}
    assert set(found["mean"]) == {"estimate", "low", "high"}
    assert len(found["pairs"]) == 16 * 15 / 2
    assert len(found["trend"]) == 6
    if measure != "bahar":
        assert sum(t["share"] for t in found["tracks"]) == pytest.approx(1.0)


def test_similarity_of_the_shipped_plans(answer: Answer, tmp_path: Path) -> None:
    plans = tmp_path / "plans.csv"
    plans.write_bytes(files("biaochi").joinpath("data", "plans", "region_tracks.csv").read_bytes())
    found = answer("similarity", plans, "--documents", "union", "--draws", "10")
    assert found["mean"]["estimate"] == pytest.approx(0.3111617129, abs=1e-10)
    assert all(p["low"] <= p["value"] <= p["high"] for p in found["pairs"])
    upper = answer("similarity", plans, "--documents", "union", "--by", "direction", "--draws", "10")
    assert upper["mean"]["estimate"] == pytest.approx(0.7827272727, abs=1e-10)


def test_similarity_by_direction_needs_directions(run: Run, activity: Path) -> None:
    result = run("similarity", activity, "--by", "direction", "--format", "json")
    assert result.exit_code == 1
    assert {f["code"] for f in json.loads(result.stdout)["faults"]} == {"unknown_track"}


def test_backtest_keys_and_honesty(answer: Answer, activity: Path) -> None:
    found = answer("backtest", activity, "--bootstrap", "10", "--layouts")
    assert keys(found) == {
        "event",
        "gate",
        "chosen",
        "origins",
        "scores",
        "skill",
        "reliability",
        "layouts",
        "layout_skill",
    }
    assert found["gate"]["verdict"] == "met"
    assert {row["name"] for row in found["layouts"]} == {"uncoordinated", "coordinated", "density", "hot"}
    assert {"model", "baseline", "metric", "estimate", "low", "high"} == set(found["skill"][0])
    strict = answer("backtest", activity, "--event", "absolute:500", "--bootstrap", "10")
    assert strict["gate"]["verdict"] == "unmet"
    assert strict["scores"] == []
    assert strict["chosen"] == {"model": None, "reason": "too_few_events"}


def test_an_origin_that_is_cut_short_is_flagged(answer: Answer, activity: Path) -> None:
    found = answer("backtest", activity, "--window", "2", "--origins", "2017", "--bootstrap", "5", "--models", "rca")
    assert found["origins"][0]["truncated"] is False
    late = answer("backtest", activity, "--window", "2", "--origins", "2018", "--bootstrap", "5", "--models", "rca")
    assert late["origins"][0]["truncated"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--window", "3"), "too_few_periods"),
        (("--origins", "1999"), "too_few_periods"),
        (("--anchor", "nothing"), "anchor_unknown"),
    ],
)
def test_faults_of_backtests(run: Run, activity: Path, arguments: tuple[str, ...], code: str) -> None:
    result = run("backtest", activity, *arguments, "--format", "json")
    assert result.exit_code == 1
    assert code in {f["code"] for f in json.loads(result.stdout)["faults"]}


@pytest.mark.parametrize("option", [("--event", "soon"), ("--models", "oracle")])
def test_wrong_options_exit_2(run: Run, activity: Path, option: tuple[str, str]) -> None:
    assert run("backtest", activity, *option).exit_code == 2


def test_plan_gives_menus_with_reasons_and_obliges_nobody(answer: Answer, activity: Path) -> None:
    found = answer("plan", activity, "--refits", "5")
    assert keys(found) == {"problem", "menus", "prices", "frontier", "similarity", "certificate", "infeasible"}
    assert found["certificate"]["integral"] is True
    item = next(i for m in found["menus"] for i in m["items"])
    assert set(item) == {
        "track",
        "tier",
        "frequency",
        "p",
        "low",
        "high",
        "base_rate",
        "density",
        "neighbours",
        "drivers",
        "named",
        "possible",
        "demand",
        "price",
        "opportunity_cost",
        "verdict",
        "reasons",
    }
    for menu in found["menus"]:
        ranks = [("firm", "optional", "open").index(i["tier"]) for i in menu["items"]]
        assert ranks == sorted(ranks)
        for i in menu["items"]:
            assert i["reasons"][-1]["code"] == "region_decides"
    text = json.dumps(found, ensure_ascii=False)
    for word in ("必须", "应当承担", "must take", "is assigned"):
        assert word not in text


def test_plan_with_given_chances_limits_and_plans(answer: Answer, activity: Path, write: Write) -> None:
    rng = np.random.default_rng(0)
    rows = [f"r{i:02d},t{j},{rng.random():.3f}" for i in range(16) for j in range(10)]
    gains = write("gains.csv", "region,track,p\n" + "\n".join(rows))
    tracks = write(
        "tracks.csv",
        "track,name_zh,name_en,direction,value,demand_lo,demand,demand_hi,capacity\n"
        + "".join(f"t{j},轨{j},T{j},energy,1,1,2,3,1\n" for j in range(10)),
    )
    limits = write(
        "constraints.yaml",
        "k: 2\nfixed:\n  - {region: r00, track: t9, reason: a laboratory is there}\n"
        "exclude:\n  - {region: r01, track: t0}\n",
    )
    plans = write(
        "plans.csv",
        "region,track,wording,source,date,coverage\n"
        + "".join(f"r{i:02d},t0,w,d{i},2024,complete\n" for i in range(5)),
    )
    arguments = ("--gains", gains, "--tracks", tracks, "--constraints", limits, "--plans", plans)
    found = answer("plan", activity, *arguments)
    first = {i["track"]: i for i in found["menus"][0]["items"]}
    assert "t9" in first
    assert first["t9"]["tier"] == "open", "nothing was resampled, so nothing is firm"
    assert all(
        i["track"] != "t0" or m["region"] != "r01" for m in found["menus"] for i in m["items"] if i["tier"] == "firm"
    )
    named = {i["track"]: (i["named"], i["verdict"]) for m in found["menus"] for i in m["items"]}
    if "t0" in named:
        assert named["t0"] == (5, "crowded")
    p2 = answer("plan", activity, *arguments, "--problem", "p2")
    assert p2["certificate"]["gap"] <= 1e-3
    p1 = answer("plan", activity, *arguments, "--problem", "p1", "--price", "0.05")
    assert p1["problem"] == "p1"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("constraints.yaml", "fixed: [{region: nowhere, track: t0}]\n", "unknown_region"),
        ("constraints.yaml", "exclude: [{region: r00, track: nothing}]\n", "unknown_track"),
        ("constraints.yaml", "cup: 3\n", "unknown_key"),
        ("constraints.yaml", "cap: -1\n", "out_of_range"),
    ],
)
def test_faults_of_constraints(run: Run, activity: Path, write: Write, name: str, text: str, code: str) -> None:
    result = run("plan", activity, "--constraints", write(name, text), "--format", "json")
    assert result.exit_code == 1
    assert code in {f["code"] for f in json.loads(result.stdout)["faults"]}


def test_a_cap_without_room_is_a_fault(run: Run, activity: Path) -> None:
    result = run("plan", activity, "--cap", "1", "--format", "json", "--refits", "0")
    assert result.exit_code == 1
    assert [f["code"] for f in json.loads(result.stdout)["faults"]] == ["infeasible_cap"]


def test_too_few_entries_give_empty_menus_and_say_so(answer: Answer, activity: Path) -> None:
    found = answer("plan", activity, "--event", "absolute:500")
    assert all(m["items"] == [] for m in found["menus"])
    assert [w["code"] for w in found["warnings"]] == ["gate_unmet"]


TRACKS = (
    "track,name_zh,name_en,direction,demand,demand_lo,demand_hi,capacity,kappa\n"
    "x,甲,X,energy,2,1,3,1,0.5\ny,乙,Y,energy,2,1,3,1,0.5\n"
)


def test_simulation_compares_three_games(answer: Answer, write: Write) -> None:
    gains = write("g.csv", "region,track,p\n" + "".join(f"r{i},x,0.{9 - i}\nr{i},y,0.{8 - i}\n" for i in range(6)))
    found = answer("simulate", write("t.csv", TRACKS), gains, "--k", "1", "--draws", "20")
    assert keys(found) == {"outcomes", "disclosure", "coordination", "advisory", "deviations"}
    assert [o["game"] for o in found["outcomes"]] == ["herd", "nash", "planner"]
    assert found["outcomes"][0]["n"] == [{"track": "x", "n": 6}, {"track": "y", "n": 0}]
    assert found["coordination"]["low"] >= -1e-9
    assert found["deviations"] == 0
    welfare = [o["welfare"]["estimate"] for o in found["outcomes"]]
    assert welfare[2] >= max(welfare[:2]) - 1e-9


def test_simulation_refuses_to_invent_demand(run: Run, write: Write) -> None:
    tracks = write("t.csv", "track,name_zh,name_en,direction\nx,甲,X,energy\n")
    result = run("simulate", tracks, write("g.csv", "region,track,p\na,x,0.5\n"), "--format", "json")
    assert result.exit_code == 1
    assert [f["code"] for f in json.loads(result.stdout)["faults"]] == ["demand_missing"]


def test_report_of_a_folder(run: Run, answer: Answer, tmp_path: Path, simulated_csv: str) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "activity.csv").write_text(simulated_csv)
    result = run("report", folder, "--out", out, "--refits", "2")
    assert result.exit_code == 0, result.stderr
    assert sorted(p.name for p in out.iterdir()) == ["index.html", "report.json", "report.xlsx"]
    page = (out / "index.html").read_text()
    assert "<svg" in page
    assert "菜单不是任务" in page
    assert "a menu is not an order" in page
    parts = json.loads((out / "report.json").read_text())["parts"]
    assert {k: v["state"] for k, v in parts.items()} == {
        "crowding": "done",
        "similarity": "done",
        "indicators": "done",
        "backtest": "done",
        "plan": "done",
        "simulate": "absent",
    }


def test_report_needs_somewhere_to_go(run: Run, tmp_path: Path) -> None:
    assert run("report", tmp_path).exit_code == 2


def test_same_seed_same_answer(answer: Answer, activity: Path) -> None:
    one, other = (answer("plan", activity, "--refits", "3", "--seed", "5") for _ in range(2))
    for found in (one, other):
        found["certificate"].pop("seconds")
    assert one == other


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "区域,赛道\n".encode("gbk"), b"region,track,period,value\n"])
def test_hostile_files_are_faults_not_tracebacks(run: Run, tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "a.csv"
    place.write_bytes(content)
    for verb in ("indicators", "backtest", "plan", "check"):
        result = run(verb, place, "--format", "json")
        assert result.exit_code == 1, (verb, result.output)
        assert result.exception is None or isinstance(result.exception, SystemExit)
