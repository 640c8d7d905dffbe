"""Every verb from files to answer: keys, files, and that a replay is the audit."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.mechanisms.ruler.decisions import run_part
from biaochi.mechanisms.ruler.files import Bundle, read_part, rebuild
from biaochi.mechanisms.ruler.report import findings, results, sections

Run = Callable[..., Any]
HEAD = {
    "schema", "at", "as_of", "seed", "inputs", "parameters", "code_version", "warnings", "framework", "method", "node",
    "periods",
}  # fmt: skip


def columns(document: Any, key: str) -> list[str]:
    return list(document[key][0])


def test_check_of_sound_files(run: Run) -> None:
    code, document, _ = run("check")
    assert code == 0
    assert set(document) == HEAD | {"ok", "faults", "counts", "availability"}
    assert document["ok"]
    assert document["counts"] == {
        "units": 6, "periods": 3, "indicators": 3, "rows": 72, "missing": 1, "too_early": 0
    }  # fmt: skip
    assert columns(document, "availability") == ["unit", "period", "node", "share"]
    assert {i["name"]: i["rows"] for i in document["inputs"]} == {
        "framework.yaml": 0, "observations.csv": 72, "units.csv": 6
    }  # fmt: skip


def test_build_and_its_files(files: Path, run: Run) -> None:
    code, document, _ = run("build", "--out", str(files / "out"))
    assert code == 0
    assert set(document) == HEAD | {"scores", "screening", "treatment", "weights"}
    assert columns(document, "scores") == ["unit", "period", "node", "level", "score", "share", "state"]
    assert columns(document, "screening") == ["unit", "period", "available", "included"]
    assert columns(document, "treatment") == [
        "indicator", "skew", "kurtosis", "passed", "nwin", "method", "passed_after"
    ]  # fmt: skip
    assert columns(document, "weights") == ["node", "parent", "within", "effective"]
    names = {p.name for p in (files / "out").iterdir()}
    stages = ["raw", "denominated", "imputed", "screened", "treated", "normalised", "aggregated", "status"]
    assert names == {f"{s}.csv" for s in stages} | {"card.json"}
    wide = pd.read_csv(files / "out" / "aggregated.csv", float_precision="round_trip").set_index(["unit", "period"])
    assert list(wide.columns) == ["a", "b", "c", "P", "T"]
    for line in document["scores"]:
        assert wide.loc[(line["unit"], int(line["period"])), line["node"]] == line["score"]
    card = json.loads((files / "out" / "card.json").read_text(encoding="utf-8"))
    assert card["framework"]["digest"] == document["framework"]["digest"]


def test_ranks_only_when_asked_for(run: Run) -> None:
    assert "rank" not in run("build")[1]["scores"][0]
    ranked = run("build", "--ranks", "--period", "2023", "--node", "T")[1]["scores"]
    assert sorted(r["rank"] for r in ranked) == [1, 2, 3, 4, 5, 6]
    assert "rank_lo" not in run("audit", "--n", "8")[1]["intervals"][0]


def test_audit_and_its_replay(files: Path, run: Run) -> None:
    code, audit, _ = run("audit", "--n", "16", "--ranks", "--out", str(files / "audit"))
    assert code == 0
    parts = {
        "period", "coherence", "correlations", "importance", "intervals", "tiers", "p_better", "sensitivity", "remove",
        "claims", "gaming", "gate", "rate",
    }  # fmt: skip
    assert set(audit) == HEAD | parts
    assert columns(audit, "intervals") == [
        "unit", "nominal", "median", "median_lo", "median_hi", "rank_lo", "rank_hi"
    ]  # fmt: skip
    assert set(audit["tiers"]) == {"level", "critical", "decided_share", "units"}
    assert list(audit["tiers"]["units"][0]) == ["unit", "top", "bottom", "undetermined", "indistinguishable"]
    assert {p["code"] for p in audit["parameters"]} == {"correlation_high", "correlation_low", "tier_level"}
    design = files / "audit" / "design.csv"
    assert len(pd.read_csv(design)) == 16 * 5
    code, replayed, stderr = run("replay", str(design), "--out", str(files / "replay"))
    assert code == 0, stderr
    assert replayed["replications"] == 80
    stats = pd.read_csv(files / "replay" / "rankstats.csv")
    assert list(stats.columns) == ["unit", "nominal", "mean", "median", "q05", "q95"]
    intervals = pd.DataFrame(audit["intervals"])
    assert (stats["q05"] == intervals["rank_lo"]).all()
    assert (stats["q95"] == intervals["rank_hi"]).all()
    shift = pd.read_csv(files / "replay" / "sensitivity.csv")
    assert np.allclose(
        shift.sort_values(["target", "factor"])["total"],
        pd.DataFrame(audit["sensitivity"]).sort_values(["target", "factor"])["total"].astype(float),
        equal_nan=True, atol=1e-12,
    )  # fmt: skip
    scores = pd.read_csv(files / "replay" / "scores.csv")
    assert list(scores.columns[:3]) == ["unit", "nominal", "r_1"]
    target = pd.read_csv(files / "replay" / "target.csv")
    assert list(target.columns) == ["replication", "mean_abs_rank_shift"]
    ranks = pd.read_csv(files / "replay" / "ranks.csv")
    assert ranks["r_1"].dtype.kind == "i"


@pytest.mark.parametrize("against", ["peers", "past", "target", "frontier", "u2"])
def test_profile(against: str, run: Run) -> None:
    code, document, stderr = run("profile", "u3", "--against", against, "--n", "16")
    assert code == 0, stderr
    assert columns(document, "nodes") == [
        "node", "score", "score_lo", "score_hi", "reference", "gap", "distance", "years_own", "years_peer", "state"
    ]  # fmt: skip
    assert columns(document, "levers") == ["indicator", "slope", "step", "gain", "gain_lo", "gain_hi", "flags"]
    assert columns(document, "trajectory") == ["period", "index", "link"]
    root = next(n for n in document["nodes"] if n["node"] == "T")
    assert sum(c["contribution"] for c in document["contributions"]) == pytest.approx(root["gap"], abs=1e-10)
    assert sum(o["share"] for o in document["obstacles"]) == pytest.approx(1)
    assert set(document["bod"]) == {"score", "shares"}
    assert set(document["tier"]) == {"top", "bottom"}
    assert len(document["peers"]) == 5


def test_compare_in_time_and_across_methods(files: Path, run: Run) -> None:
    code, same, _ = run("compare", "u3@2023", "u3@2022", "--n", "16")
    assert code == 0
    assert same["change"]["performance"] == pytest.approx(same["change"]["total"])
    assert same["verdict"] in ("ahead", "behind", "not_distinguishable")
    assert sum(c["contribution"] for c in same["contributions"]) == pytest.approx(same["difference"])
    text = (
        (files / "framework.yaml")
        .read_text(encoding="utf-8")
        .replace("- aggregate: arithmetic", "- aggregate: geometric")
    )
    (files / "other.yaml").write_text(text, encoding="utf-8")
    revised = (files / "observations.csv").read_text(encoding="utf-8").replace("u4,a,2021,", "u4,a,2021,1")
    (files / "revised.csv").write_text(revised, encoding="utf-8")
    code, other, stderr = run(
        "compare", "u3@2023", "u3@2022", "--framework-right", str(files / "other.yaml"), "--n", "16",
        "--observations-right", str(files / "revised.csv"),
    )  # fmt: skip
    assert code == 0, stderr
    parts = other["change"]
    assert parts["performance"] + parts["goalposts"] + parts["revision"] + parts["method"] == pytest.approx(
        parts["total"]
    )
    assert parts["total"] == pytest.approx(other["difference"])
    assert abs(parts["method"]) > 0
    assert set(other["link"]) == {"factor", "overlap_correlation", "drift"}


def test_what_does_not_exist_is_said(run: Run) -> None:
    for arguments in (("profile", "nobody"), ("compare", "u1", "u9"), ("profile", "u1", "--period", "1999"),
                      ("profile", "u1", "--against", "u77"), ("audit", "--node", "Z")):  # fmt: skip
        code, document, stderr = run(*arguments)
        assert code == 1
        assert document["faults"]
        assert "Traceback" not in stderr


def test_report(files: Path, run: Run) -> None:
    pytest.importorskip("vl_convert")
    pytest.importorskip("docx")
    code, _, stderr = run("report", "--unit", "u3", "--n", "16", "--out", str(files / "report"))
    assert code == 0, stderr
    assert {p.name for p in (files / "report").iterdir()} == {"index.html", "report.docx", "report.xlsx", "report.json"}
    page = (files / "report" / "index.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 10
    assert "Unit 3" in page
    assert "单位3" in page
    record = json.loads((files / "report" / "report.json").read_text(encoding="utf-8"))
    assert record["schema"] == "biaochi.ruler.report/1"
    assert record["profile"]["unit"] == "u3"


def test_a_report_needs_a_folder(run: Run) -> None:
    assert run("report")[0] == 2


def test_wide_files_and_workbooks_give_the_same_scores(files: Path, run: Run) -> None:
    long = pd.read_csv(files / "observations.csv")
    wide = long.pivot(index=["unit", "period"], columns="indicator", values="value").reset_index()
    wide.to_csv(files / "wide.csv", index=False)
    wide.to_excel(files / "wide.xlsx", index=False)
    one = {(s["unit"], s["period"], s["node"]): s["score"] for s in run("build")[1]["scores"]}
    for name in ("wide.csv", "wide.xlsx"):
        two = {(s["unit"], s["period"], s["node"]): s["score"] for s in run("build", obs=name)[1]["scores"]}
        assert one.keys() == two.keys()
        assert all(one[k] == pytest.approx(two[k], nan_ok=True) for k in one if one[k] is not None)


def test_vintages_are_taken_as_known_on_the_day(files: Path, run: Run) -> None:
    path = files / "observations.csv"
    path.write_text(path.read_text(encoding="utf-8") + "u1,a,2023,9999,,A,s,,2024-06-01\n", encoding="utf-8")
    after = run("build", "--out", str(files / "after"))
    before = run("build", "--as-of", "2024-05-31", "--out", str(files / "before"))
    assert after[0] == before[0] == 0
    read = [pd.read_csv(files / d / "raw.csv").set_index(["unit", "period"])["a"] for d in ("before", "after")]
    assert read[0]["u1", 2023] != 9999
    assert read[1]["u1", 2023] == 9999


def test_what_has_not_matured_is_too_early_and_never_zero(files: Path, run: Run) -> None:
    path = files / "framework.yaml"
    text = path.read_text(encoding="utf-8").replace("polarity: negative, owner: o, source: s, lag_years: 0",
                                                    "polarity: negative, owner: o, source: s, lag_years: 1")  # fmt: skip
    path.write_text(text.replace("band: [2, 3], owner", "band: [2, 3], window_years: 2, owner"), encoding="utf-8")
    code, document, _ = run("build")
    assert code == 0
    state = {(s["node"], s["period"]): s for s in document["scores"] if s["unit"] == "u1"}
    assert state["b", "2023"]["state"] == "too_early"
    assert state["b", "2023"]["score"] is None
    assert state["c", "2021"]["state"] == "too_early"
    assert state["c", "2022"]["state"] == "provisional"
    assert state["T", "2023"]["score"] is not None
    assert run("check")[1]["counts"]["too_early"] == 12


def test_a_band_nobody_set_is_shown_and_not_scored(files: Path, run: Run) -> None:
    path = files / "framework.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("band: [2, 3], ", ""), encoding="utf-8")
    code, document, _ = run("build")
    assert code == 0
    assert "band_not_set" in {w["code"] for w in document["warnings"]}
    assert {s["state"] for s in document["scores"] if s["node"] == "c"} == {"not_applicable"}


BANDS = """schema: biaochi.parameters/1
parameters:
  - code: c
    name: {zh: 三, en: c}
    values:
      - {effective_on: 2024-01-01, value: [2, 3], status: confirmed, citation: {title: office}}
      - {effective_on: 2025-01-01, value: [1, 3], status: confirmed, citation: {title: office}}
"""


def test_a_band_counts_from_the_day_an_office_sets_it(files: Path, run: Run) -> None:
    path, bands = files / "framework.yaml", files / "bands.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("band: [2, 3], ", ""), encoding="utf-8")
    bands.write_text(BANDS, encoding="utf-8")
    for verb, more in [("check", ()), ("build", ()), ("audit", ("--n", "8")), ("profile", ("u1", "--n", "8"))]:
        code, document, _ = run(verb, *more, "--bands", str(bands))
        assert code == 0
        assert "band_not_set" not in {w["code"] for w in document["warnings"]}
        assert {p["code"]: p["value"] for p in document["parameters"]}["band:c"] == [2, 3]
        assert "bands.yaml" in {i["name"] for i in document["inputs"]}
    assert {s["state"] for s in run("build", "--bands", str(bands))[1]["scores"] if s["node"] == "c"} == {"provisional"}
    bands.write_text(BANDS.replace("2024-01-01", "2024-12-01"), encoding="utf-8")
    assert "band_not_set" in {w["code"] for w in run("build", "--bands", str(bands))[1]["warnings"]}
    for old, new, code, row in [
        ("value: [2, 3]", "value: [3, 2]", "band_invalid", 6),
        ("code: c", "code: a", "band_invalid", 3),
        ("code: c", "code: zz", "unknown_indicator", 3),
    ]:
        bands.write_text(BANDS.replace(old, new), encoding="utf-8")
        exit_code, document, _ = run("check", "--bands", str(bands))
        assert exit_code == 1
        assert [(f["code"], f["file"], f["row"]) for f in document["faults"]] == [(code, "bands.yaml", row)]


def test_three_lines_rebuild_every_published_number(files: Path, run: Run) -> None:
    document = run("build")[1]
    source = {n: Source.read(files / n) for n in ("framework.yaml", "observations.csv", "units.csv")}
    packed = Bundle(*source.values(), as_of=date(2024, 6, 30))
    (files / "ruler.zip").write_bytes(packed.to_zip(packed.composite()))
    index = rebuild(files / "ruler.zip")
    assert index.card()["framework"]["digest"] == document["framework"]["digest"]
    assert index.card()["method"]["digest"] == document["method"]["digest"]
    assert index.scores["score"].round(12).tolist() == [round(s["score"], 12) for s in document["scores"]]


def test_a_bundle_that_was_changed_is_refused(files: Path) -> None:
    source = {n: Source.read(files / n) for n in ("framework.yaml", "observations.csv", "units.csv")}
    packed = Bundle(*source.values(), as_of=date(2024, 6, 30))
    whole = packed.to_zip(packed.composite())

    def repacked(name: str, old: bytes, new: bytes) -> Source:
        stream = BytesIO()
        with zipfile.ZipFile(BytesIO(whole)) as before, zipfile.ZipFile(stream, "w") as after:
            for member in before.namelist():
                data = before.read(member)
                after.writestr(member, data.replace(old, new, 1) if member == name else data)
        return Source("b.zip", stream.getvalue())

    for name, old, new, code in [
        ("observations.csv", b"u1,a,2021,88", b"u1,a,2021,89", "digest_differs"),
        ("framework.yaml", b"winmax: 1", b"winmax: 2", "digest_differs"),
        ("scores.csv", b"u1,2021,a,1,", b"u1,2021,a,1,9", "number_differs"),
        ("card.json", b"{", b"", "not_a_bundle"),
    ]:
        with pytest.raises(InputError) as caught:
            rebuild(repacked(name, old, new))
        assert {f.code for f in caught.value.faults} == {code}, name
    for data in (b"", b"PK\x03\x04", whole[:200], b"not a zip"):
        with pytest.raises(InputError, match="not_a_bundle"):
            rebuild(Source("b.zip", data))


def test_a_part_of_the_yearly_programme(files: Path) -> None:
    turn = Turn(Text("例", "example"), "u3", "2023", date(2024, 6, 30), date(2024, 6, 30), seed=1)
    faults = Faults()
    inputs = read_part(files, turn, faults)
    assert inputs is not None
    assert not len(faults)
    parameters = load_parameters("biaochi.mechanisms.ruler").at(turn.at)
    result = run_part(inputs, turn, parameters)
    assert result.profile is not None
    for lang in ("zh", "en"):
        assert len(findings(result, lang)) >= 3  # type: ignore[arg-type]
        assert len(sections(result, lang)) == 4  # type: ignore[arg-type]
    assert results(result)["framework"]
    (files / "observations.csv").write_text("unit,indicator,period,value\nu1,zz,2020,1\n", encoding="utf-8")
    assert read_part(files, turn, faults) is None
    assert len(faults) >= 1
    assert read_part(files / "nowhere", turn, Faults()) is None


@pytest.mark.reference
def test_asem_by_its_own_tables(shared: Path, tmp_path: Path, run: Run) -> None:
    steps = """
- denominate
- impute: {method: group_mean, by: EurAsia_group}
- screen: {min_available: 0.9}
- treat: {winmax: 5}
- normalise: {method: minmax, to: [0, 100]}
- aggregate: arithmetic
"""
    (tmp_path / "method.yaml").write_text(steps, encoding="utf-8")
    from typer.testing import CliRunner  # noqa: PLC0415

    from biaochi.mechanisms.ruler.cli import app  # noqa: PLC0415

    folder = shared / "reference" / "composite"
    result = CliRunner().invoke(
        app,
        ["build", str(folder / "00_iMeta.csv"), str(folder / "00_iData.csv"), "--method", str(tmp_path / "method.yaml"),
         "--format", "json", "--node", "Index", "--ranks"],
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    scores = pd.DataFrame(json.loads(result.stdout)["scores"]).set_index("unit")
    theirs = pd.read_csv(StringIO((folder / "07_agg_example_amean.csv").read_text()), keep_default_na=False)
    theirs = theirs.set_index("uCode")["Index"].astype(float)
    assert np.abs(scores.loc[theirs.index, "score"] - theirs).max() <= 1e-10


@pytest.mark.reference
def test_duplicates_in_the_chinese_panel_are_found(shared: Path, files: Path, run: Run) -> None:
    panel = pd.read_csv(shared / "data" / "a_indicators" / "cn_province_st_panel_long.csv.gz")
    code = next(c for c in panel.columns if c in ("variables", "variable", "indicator"))
    counted = panel.duplicated(["province", "year", code]).sum()
    frame = panel.rename(columns={"province": "unit", "year": "period", code: "indicator"})
    frame[["unit", "indicator", "period", "value"]].to_csv(files / "panel.csv", index=False)
    leaves = "".join(
        f"  - {{code: {c}, name: {{zh: {c}, en: {c}}}, parent: T, polarity: positive}}\n"
        for c in sorted(frame["indicator"].unique())
    )
    (files / "panel.yaml").write_text(
        "code: T\nversion: '1'\nname: T\nnodes:\n  - {code: T, name: T}\n" + leaves
        + "method: [{normalise: prank}, {aggregate: arithmetic}]\n", encoding="utf-8")  # fmt: skip
    (files / "all.csv").write_text(
        "unit\n" + "\n".join(sorted(frame["unit"].astype(str).unique())) + "\n", encoding="utf-8")  # fmt: skip
    exit_code, document, _ = run("check", "--units", str(files / "all.csv"), framework="panel.yaml", obs="panel.csv")
    assert exit_code == 1
    assert counted > 0
    assert sum(f["code"] == "duplicate_cell" for f in document["faults"]) == counted


def test_weight_sets_lie_beside_the_plan_and_the_framework(files: Path, run: Run) -> None:
    (files / "weights.csv").write_text("code,w1,w2\na,1,3\nb,1,1\n", encoding="utf-8")
    (files / "plan.yaml").write_text(
        "schema: biaochi.ruler.plan/1\nnode: P\nfactors:\n  weights: {sets: weights.csv}\n", encoding="utf-8"
    )
    (files / "design.csv").write_text("replication,weights\n5,1\n9,2\n", encoding="utf-8")
    code, document, stderr = run(
        "replay", str(files / "design.csv"), "--plan", str(files / "plan.yaml"), "--out", str(files / "r")
    )
    assert code == 0, stderr
    assert document["node"] == "P"
    found = pd.read_csv(files / "r" / "scores.csv").set_index("unit")
    assert list(found.columns) == ["nominal", "r_5", "r_9"]
    assert np.allclose(found["nominal"], found["r_5"], atol=1e-12)
    assert not np.allclose(found["nominal"], found["r_9"])
    text = (files / "framework.yaml").read_text(encoding="utf-8")
    head, _, _ = text.partition("uncertainty:")
    (files / "own.yaml").write_text(
        head + "uncertainty:\n  factors:\n    weights: {sets: weights.csv}\n", encoding="utf-8"
    )
    assert run("audit", "--n", "4", framework="own.yaml")[0] == 0
    (files / "weights.csv").write_text("code,w1\na,-1\nzz,1\n", encoding="utf-8")
    code, document, _ = run("audit", "--n", "4", framework="own.yaml")
    assert code == 1
    assert {f["code"] for f in document["faults"]} == {"weight_invalid", "unknown_indicator"}
