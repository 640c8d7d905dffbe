"""Each verb end to end: the keys of the specification, the same answer from the same seed, all four formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from biaochi.mechanisms.foresight.cli import app

Write = Callable[[str, str], Path]
Run = Callable[..., tuple[Any, dict[str, Any]]]
HEAD = {"schema", "at", "as_of", "seed", "inputs", "parameters", "code_version", "warnings"}
DIST = {"median", "quantiles"}


def body(document: dict[str, Any]) -> set[str]:
    assert set(document) >= HEAD
    return set(document) - HEAD


def test_check(run: Run, example: Path) -> None:
    result, document = run("check", *sorted(p for p in example.iterdir() if p.suffix in (".csv", ".yaml")))
    assert result.exit_code == 0
    assert body(document) == {"ok", "files"}
    kinds = {f["path"]: f["kind"] for f in document["files"]}
    assert kinds == {
        "evidence.csv": "evidence",
        "graph.yaml": "readiness",
        "items.yaml": "items",
        "outcomes.csv": "outcomes",
        "routes.yaml": "routes",
        "rules.yaml": "rules",
        "seeds.csv": "seeds",
        "series.csv": "series",
        "survey.csv": "answers",
        "terms.csv": "counts",
    }
    assert all(set(f) == {"path", "kind", "rows", "faults"} for f in document["files"])


def test_forecast(run: Run, example: Path, write: Write) -> None:
    series = example / "series.csv"
    result, document = run("forecast", series, "--horizon", 3, "--compare", "route_b,route_a", "--seed", 4)
    assert result.exit_code == 0
    assert body(document) == {"forecasts", "compare"}
    one = document["forecasts"][0]
    assert set(one) == {"technology", "model", "reason", "origin", "n_points", "fit", "path", "backtest"}
    assert set(one["path"][0]) == {"year", "horizon", *DIST}
    assert set(one["path"][0]["quantiles"]) == {"0.05", "0.25", "0.75", "0.95"}
    assert set(one["backtest"]) == {"n", "crps", "coverage90", "baseline_crps"}
    assert one["model"] == "pooled_wright"
    assert [c["year"] for c in document["compare"]] == [2026, 2027, 2028]
    assert all(0 <= c["p_a_cheaper"] <= 1 for c in document["compare"])
    assert run("forecast", series, "--horizon", 3, "--compare", "route_b,route_a", "--seed", 4)[1] == document
    path = write(
        "e.csv", "technology,year,experience\n" + "".join(f"route_a,{2026 + i},{70000 * 1.3**i}\n" for i in range(3))
    )
    given = run("forecast", series, "--technology", "route_a", "--horizon", 3, "--experience", path)[1]
    assert given["forecasts"][0]["path"] != one["path"]
    band = write(
        "b.csv",
        "technology,year,p05,p50,p95\n"
        + "".join(f"route_a,{2026 + i},{60000 * 1.2**i},{70000 * 1.3**i},{90000 * 1.5**i}\n" for i in range(3)),
    )
    assert run("forecast", series, "--technology", "route_a", "--horizon", 3, "--experience", band)[0].exit_code == 0
    short = run("forecast", series, "--technology", "route_a", "--horizon", 9, "--experience", band)[0]
    assert short.exit_code == 2


@pytest.mark.parametrize("model", ["random_walk", "trend", "moore", "pooled_moore", "wright", "pooled_wright", "pool"])
def test_every_model_forecasts(run: Run, example: Path, model: str) -> None:
    result, document = run("forecast", example / "series.csv", "--model", model, "--horizon", 2)
    assert result.exit_code == 0
    assert {f["model"] for f in document["forecasts"]} == {model}
    for one in document["forecasts"]:
        q = one["path"][1]["quantiles"]
        assert q["0.05"] < q["0.25"] < one["path"][1]["median"] < q["0.75"] < q["0.95"]
        assert one["backtest"]["n"] > 0


def test_hindcast(run: Run, example: Path) -> None:
    result, document = run("hindcast", example / "series.csv", "--models", "pooled_wright,trend", "--bootstrap", 200)
    assert result.exit_code == 0
    assert body(document) == {"n_series", "n_selected", "n_forecasts", "leak", "models", "horizons", "skill"}
    assert document["leak"] is False
    model = document["models"][0]
    assert set(model) == {"model", "n", "crps", "log_score", "mae", "mean_pit", "ks", "coverage"}
    assert set(model["coverage"]) == {"0.5", "0.8", "0.9", "0.95"}
    assert set(document["horizons"][0]) == {"model", "horizon", "n", "xi", "rmse", "mae", "crps", "coverage"}
    skill = document["skill"][0]
    assert set(skill) == {"model", "baseline", "pooled", "balanced", "share_better", "worst"}
    assert set(skill["pooled"]) == {"estimate", "low", "high"}
    leaky = run("hindcast", example / "series.csv", "--scheme", "in_sample", "--select", "improving", "--window", 6)[1]
    assert leaky["leak"] is True
    assert {w["code"] for w in leaky["warnings"]} == {"leak", "selected_in_hindsight"}
    assert run("hindcast", example / "series.csv", "--window", "two")[0].exit_code == 2


def test_survey(run: Run, example: Path) -> None:
    result, document = run(
        "survey",
        example / "survey.csv",
        "--items",
        example / "items.yaml",
        "--rules",
        example / "rules.yaml",
        "--group",
        "group",
        "--by",
        "2025,2030",
        "--at",
        "2021-06-30",
    )
    assert result.exit_code == 0
    assert body(document) == {"rounds", "items", "kendall", "attrition", "decision"}
    assert document["rounds"] == [
        {"round": 1, "invited": 12, "answered": 12, "complete": 12},
        {"round": 2, "invited": 12, "answered": 11, "complete": 11},
    ]
    item = next(i for i in document["items"] if i["item"] == "pilot_line" and i["round"] == 2)
    assert set(item) == {
        "item",
        "version",
        "round",
        "type",
        "n",
        "skipped",
        "median",
        "iqr",
        "top_share",
        "cdf",
        "p_never",
        "consensus",
        "stability",
        "state",
        "polarised",
        "familiarity",
        "groups",
    }
    assert set(item["consensus"]) == {"verdict", "value", "threshold"}
    assert set(item["stability"]) == {"verdict", "changed", "kappa"}
    assert set(item["familiarity"]) == {"with", "without"}
    assert 0 <= item["cdf"]["2025"] <= item["cdf"]["2030"] <= 1 - item["p_never"] + 1e-9
    assert document["decision"]["outcome"] in {"next_round", "stop_consensus", "stop_stable_dissent", "stop_limit"}
    assert document["attrition"][0]["leavers"] == 1


def test_office_thresholds_that_are_unverified_decide_nothing(run: Run, example: Path) -> None:
    document = run("survey", example / "survey.csv", "--items", example / "items.yaml")[1]
    likert = next(i for i in document["items"] if i["type"] == "likert" and i["round"] == 2)
    assert likert["consensus"]["verdict"] in ("met", "unmet")  # Diamond 2014 was seen
    assert likert["stability"]["verdict"] == "manual_review"  # the share that changed is only recalled
    assert any(w["code"] == "rules_not_set" for w in document["warnings"])


def test_small_groups_cannot_be_told_by_subtraction(run: Run, write: Write) -> None:
    sizes = {"a": 9, "b": 6, "c": 3}
    rows = [f"1,{g}{i},q,likert,3,{g}" for g, n in sizes.items() for i in range(n)]
    path = write("s.csv", "round,expert,item,type,answer,group\n" + "\n".join(rows) + "\n")
    groups = {g["group"]: g["n"] for g in run("survey", path, "--group", "group")[1]["items"][0]["groups"]}
    assert groups == {"a": 9, "b": None, "c": None}


def test_calibrate_on_seeds(run: Run, example: Path) -> None:
    result, document = run("calibrate", example / "survey.csv", example / "seeds.csv", "--splits", 5)
    assert result.exit_code == 0
    assert body(document) == {"experts", "combinations", "out_of_sample", "recommended", "items"}
    assert set(document["experts"][0]) == {"expert", "n_seeds", "calibration", "information", "weight"}
    assert {c["name"] for c in document["combinations"]} == {"equal", "performance", "unthresholded", "half", "best"}
    assert set(document["combinations"][0]) == {"name", "calibration", "information", "alpha", "n_used"}
    assert set(document["out_of_sample"][0]) == {"name", "coverage90", "pinball", "width"}
    assert document["recommended"]["name"] == "equal"  # four seeds are too few
    assert set(document["items"][0]) == {"item", *DIST}
    forced = run("calibrate", example / "survey.csv", example / "seeds.csv", "--weights", "best", "--splits", 0)[1]
    assert {w["code"] for w in forced["warnings"]} == {"no_out_of_sample", "unequal_weights"}
    assert sum(e["weight"] for e in forced["experts"]) == pytest.approx(1)


@pytest.mark.reference
def test_calibrate_on_excalibur_files(run: Run, shared: Path) -> None:
    folder = shared / "data/f_experts/cooke_cases"
    result, document = run("calibrate", folder / "TdC.DTT", folder / "TdC.RLS", "--excalibur", "--splits", 2)
    assert result.exit_code == 0
    assert len(document["experts"]) > 3
    foreign = run("calibrate", folder / "puig-oil.dtt", folder / "puig-oil.rls", "--splits", 0)
    assert foreign[0].exit_code == 0
    checked = run("check", *sorted(folder.glob("*.[dDrR][tTlL][tTsS]")))
    assert checked[0].exit_code == 0, [f for f in checked[1]["files"] if f["faults"]][:3]


def test_calibrate_on_outcomes(run: Run, write: Write) -> None:
    answers = write(
        "s.csv",
        "round,expert,item,type,year_p10,year_p50,year_p90,p_never\n"
        + "".join(
            f"1,e{e},{item},year,{2028 + e},{2030 + e},{2036 + e},0.{e}\n" for e in (1, 2, 3) for item in "abcdef"
        ),
    )
    outcomes = write(
        "o.csv",
        "item,outcome,realised_on,due_on\na,realised,2031-05-01,2032-12-31\n"
        "b,not_yet,,2032-12-31\nc,realised,2029-01-01,2040-12-31\nd,void,,2032-12-31\n"
        "e,partial,2031-01-01,2032-12-31\nz,not_yet,,2032-12-31\n",
    )
    result, document = run("calibrate", answers, outcomes, "--at", "2033-06-01", "--asked", 2026)
    assert result.exit_code == 0
    assert body(document) == {"questions", "reliability", "experts", "partial", "excluded"}
    assert [q["item"] for q in document["questions"]] == ["a", "b", "e"]
    assert set(document["questions"][0]) == {"item", "due_on", "outcome", "score", "baseline", "skill"}
    assert {(x["item"], x["reason"]) for x in document["excluded"]} == {
        ("c", "not_due"),
        ("d", "void"),
        ("z", "not_asked"),
        ("f", "no_outcome"),
    }
    assert document["partial"] == {"counted": pytest.approx(2 / 3), "not_counted": pytest.approx(1 / 3)}
    assert set(document["reliability"][0]) == {"low", "high", "n", "forecast", "frequency"}
    assert set(document["experts"][0]) == {"expert", "n", "score", "shrunk"}
    assert document["experts"][0]["n"] == 3


def test_routes(run: Run, example: Path) -> None:
    result, document = run(
        "routes",
        example / "routes.yaml",
        "--series",
        example / "series.csv",
        "--by",
        "2030,2035",
        "--draws",
        2000,
        "--at",
        "2026-06-30",
    )
    assert result.exit_code == 0
    assert body(document) == {"functions"}
    outlook = document["functions"][0]
    assert set(outlook) == {
        "function",
        "track",
        "unit",
        "dependence",
        "routes",
        "p_none_ready",
        "joint",
        "crossover",
        "keep",
        "value",
        "diversity",
        "sensitivity",
    }
    assert set(outlook["dependence"]) == {"rho", "source"}
    assert outlook["dependence"]["source"] == "estimated"
    route = outlook["routes"][0]
    assert set(route) == {
        "route",
        "p_ready",
        "cost",
        "p_cheapest",
        "expected_rank",
        "p_regret",
        "dominated_by",
        "payoff",
    }
    assert set(route["cost"]["2030"]) == DIST
    for year in ("2030", "2035"):
        total = sum(r["p_cheapest"][year] for r in outlook["routes"]) + outlook["p_none_ready"][year]
        assert total == pytest.approx(1)
        assert sum(j["p"] for j in outlook["joint"] if str(j["year"]) == year) == pytest.approx(1)
    assert set(outlook["joint"][0]) == {"year", "ready", "p"}
    assert set(outlook["crossover"][0]) == {"a", "b", "p_never", *DIST}
    assert set(outlook["keep"][0]) == {"k", "set", "value", "marginal"}
    assert set(outlook["keep"][0]["value"]) == {"estimate", "low", "high"}
    assert [s["rho"] for s in outlook["sensitivity"]] == [0, 0.3, 0.6]
    assert set(outlook["sensitivity"][0]) == {"rho", "p_cheapest", "keep"}
    assumed = run(
        "routes",
        example / "routes.yaml",
        "--series",
        example / "series.csv",
        "--rho",
        0.5,
        "--draws",
        500,
        "--at",
        "2026-06-30",
    )[1]
    assert assumed["functions"][0]["dependence"] == {"rho": 0.5, "source": "given"}
    assert run("routes", example / "routes.yaml", "--at", "2026-06-30")[0].exit_code == 2  # the series are missing
    assert run("routes", example / "routes.yaml", "--rho", "much")[0].exit_code == 2


def test_readiness(run: Run, example: Path) -> None:
    result, document = run(
        "readiness",
        example / "graph.yaml",
        "--evidence",
        example / "evidence.csv",
        "--by",
        "2030,2040",
        "--draws",
        3000,
        "--at",
        "2026-06-30",
    )
    assert result.exit_code == 0
    assert body(document) == {"nodes"}
    nodes = {n["node"]: n for n in document["nodes"]}
    assert set(nodes["plant"]) == {"node", "p_ready", "p_never", "criticality", "leverage", *DIST}
    assert nodes["target"]["p_ready"]["2040"] >= nodes["target_a"]["p_ready"]["2040"]  # or
    assert nodes["plant"]["p_ready"]["2040"] <= nodes["laser"]["p_ready"]["2040"]  # and
    assert nodes["target_b"]["p_never"] == pytest.approx(0.2, abs=0.03)
    assert all(n["leverage"] >= 0 for n in document["nodes"])


def test_emergence(run: Run, example: Path) -> None:
    result, document = run("emergence", example / "terms.csv", "--top", 5, "--null", 50)
    assert result.exit_code == 0
    assert body(document) == {"signals", "backtest"}
    assert len(document["signals"]) <= 5
    assert set(document["signals"][0]) == {"term", "count", "escore", "burst", "percentile", "candidate"}
    row = document["backtest"][0]
    assert set(row) == {"origin", "n", "p_grows", "null_grows", "p_stays", "null_stays"}
    assert set(row["null_grows"]) == {"low", "median", "high"}
    early = run("emergence", example / "terms.csv", "--until", 2010)
    assert early[0].exit_code == 1
    assert early[1]["faults"][0]["code"] == "too_few_periods"


def test_report(example: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(example), "--out", str(tmp_path / "r"), "--at", "2026-06-30"])
    assert result.exit_code == 0, result.stderr
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == ["index.html", "report.json", "report.xlsx"]
    page = (tmp_path / "r" / "index.html").read_text()
    assert page.count("<svg") >= 20
    assert "Hindcasts first" in page
    assert "回测在先" in page
    document = json.loads((tmp_path / "r" / "report.json").read_text())
    assert {"forecast", "hindcast", "survey", "seeds", "questions", "routes", "readiness", "emergence"} <= set(document)
    assert CliRunner().invoke(app, ["report", str(example)]).exit_code == 2
    assert CliRunner().invoke(app, ["report", str(tmp_path), "--out", str(tmp_path / "n")]).exit_code == 2
    assert not (tmp_path / "n").exists()


def test_other_formats(example: Path, tmp_path: Path) -> None:
    base = ["hindcast", str(example / "series.csv"), "--bootstrap", "50"]
    plain = CliRunner().invoke(app, [*base, "--lang", "en"])
    assert plain.exit_code == 0
    assert "[models]" in plain.stdout
    assert CliRunner().invoke(app, [*base, "--format", "csv", "--out", str(tmp_path / "c")]).exit_code == 0
    assert (tmp_path / "c" / "models.csv").read_text().startswith("model,n,crps")
    assert CliRunner().invoke(app, [*base, "--format", "xlsx", "--out", str(tmp_path / "x.xlsx")]).exit_code == 0
    assert CliRunner().invoke(app, [*base, "--format", "csv"]).exit_code == 2


def test_shipped_facts_can_be_forecast(run: Run) -> None:
    path = Path(__file__).resolve().parents[3] / "src/biaochi/data/foresight/technology_series.csv"
    result, document = run("forecast", path, "--horizon", 5)
    assert result.exit_code == 0
    assert {f["technology"] for f in document["forecasts"]} == {
        "genome_cost",
        "liion_pack_bnef2018",
        "liion_pack_first",
    }
    found = {w["code"] for w in document["warnings"]}
    assert found == {"same_year", "irregular", "short"}
