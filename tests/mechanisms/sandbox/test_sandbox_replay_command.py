"""``biaochi sandbox replay``: goldens through the command line, traces, faults."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


def test_answer_and_trace(desk: Any) -> None:
    streams = desk.text("streams.csv", "stream,value,exposure,at\na,3,4,2026-01\na,,1,\na,3,4,2026-03\nb,0,4,\n")
    rails = desk.text("rails.yaml", "- {method: beta, cap: 0.1, alpha: 0.05}\n- {id: H, method: hard, cap: 2}\n")
    trace = desk.folder / "trace.csv"
    found = desk.answer("replay", streams, "--guardrails", rails, "--trace", trace)
    assert found["schema"] == "biaochi.sandbox.replay/1"
    assert list(found["results"][0]) == [
        "stream", "guardrail", "readings", "alarm_index", "alarm_at", "threshold", "statistic", "maximum",
    ]  # fmt: skip
    assert [(r["stream"], r["guardrail"], r["readings"], r["alarm_index"], r["alarm_at"]) for r in found["results"]] == [
        ("a", "1", 2, 1, "2026-01"), ("a", "H", 2, 1, "2026-01"), ("b", "1", 1, None, None), ("b", "H", 1, None, None),
    ]  # fmt: skip
    lines = trace.read_text().splitlines()
    assert lines[0] == "stream,guardrail,reading,statistic"
    assert len(lines) == 1 + 2 + 2 + 1 + 1


def test_faults_name_row_and_value(desk: Any) -> None:
    streams = desk.text("streams.csv", "stream,value,exposure\na,5,4\na,-1,4\na,1,0\n")
    rails = desk.text("rails.yaml", "- {method: beta, cap: 0.1, alpha: 0.05}\n")
    assert desk.codes("replay", streams, "--guardrails", rails) == [
        ("events_above_trials", 2, "value"), ("out_of_range", 3, "value"), ("exposure_not_positive", 4, "exposure"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{}\n", "bad_structure"),
        ("- 3\n", "bad_structure"),
        ("- {method: magic}\n", "unknown_method"),
        ("- {method: beta, cap: 2, alpha: 0.05}\n", "out_of_range"),
        ("- {id: a, method: hard, cap: 2}\n- {id: a, method: hard, cap: 3}\n", "duplicate_key"),
        ("- {method: maxsprt, cap: 1, alpha: 0.05, horizon: 1, min_events: 4}\n", "out_of_range"),
    ],
)
def test_bad_guardrails_are_told(desk: Any, text: str, code: str) -> None:
    streams = desk.text("streams.csv", "stream,value\na,1\n")
    assert code in {c for c, _, _ in desk.codes("replay", streams, "--guardrails", desk.text("rails.yaml", text))}


def test_no_reading_at_all(desk: Any) -> None:
    streams = desk.text("streams.csv", "stream,value\na,\n")
    rails = desk.text("rails.yaml", "- {method: betting, cap: 0.1, alpha: 0.05, range: [0, 1]}\n")
    (result,) = desk.answer("replay", streams, "--guardrails", rails)["results"]
    assert (result["readings"], result["alarm_index"], result["statistic"]) == (0, None, 0.0)


def test_correlated_readings_on_a_cusum_are_warned_of(desk: Any) -> None:
    values, level = [], 0.0
    for i in range(200):
        level = 0.99 * level + ((i * 0.618) % 1 - 0.5) * 0.1
        values.append(level)
    streams = desk.text("streams.csv", "stream,value\n" + "".join(f"a,{v}\n" for v in values))
    rails = desk.text("rails.yaml", "- {method: cusum, mu0: 0, sigma: 1, k: 0.5, h: 5}\n")
    found = desk.answer("replay", streams, "--guardrails", rails)
    assert [w["code"] for w in found["warnings"]] == ["autocorrelated"]


@pytest.mark.reference
def test_goldens_through_the_command_line(desk: Any, shared: Path) -> None:
    reference = json.loads((shared / "reference" / "surveillance" / "alarm_times.json").read_text())
    for number, case in enumerate(reference["cases"]):
        stream = reference["streams"].get(case["stream"])
        if stream is None:
            continue
        exposure = stream["exposure"] or [1] * len(stream["value"])
        rows = "".join(f"s,{v!r},{e!r}\n" for v, e in zip(stream["value"], exposure, strict=True))
        streams = desk.text("streams.csv", "stream,value,exposure\n" + rows)
        rails = desk.text(f"rails{number}.json", json.dumps([case["guardrail"]]))
        (found,) = desk.answer("replay", streams, "--guardrails", rails)["results"]
        assert found["alarm_index"] == case["alarm_index"]
        assert found["maximum"] == pytest.approx(case["max"], abs=1e-8)
        assert found["statistic"] == pytest.approx(case["final"], abs=1e-8)


def _nhtsa(shared: Path) -> tuple[list[str], dict[str, list[int]], dict[str, list[float]]]:
    """Return months, monthly counts and million miles (low, best, high), de-duplicated as the reference says."""
    months = {
        m: i
        for i, m in enumerate(
            ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
        )
    }

    def month(text: str) -> str:
        name, year = text.split("-")
        return f"{year}-{months[name]:02d}"

    folder = shared / "data" / "h_monitoring"
    with gzip.open(folder / "nhtsa_ads_incidents_2021_2026.csv.gz", "rt", newline="") as stream:
        rows = list(csv.DictReader(stream))
    last: dict[str, tuple[Any, dict[str, str]]] = {}
    for place, row in enumerate(rows):
        if row["Report Type"] == "No New or Updated Incident Reports":
            continue
        key = (month(row["Report Submission Date"]), int(row["Report Version"]), row["snapshot"], place)
        incident = row["Same Incident ID"]
        if incident not in last or key > last[incident][0]:
            last[incident] = (key, row)
    chosen = [r for _, r in last.values() if "Waymo" in r["Reporting Entity"]]
    grave = ("Minor", "Moderate", "Serious", "Fatality")
    every = Counter(month(r["Incident Date"]) for r in chosen)
    hurt = Counter(month(r["Incident Date"]) for r in chosen if r["Highest Injury Severity Alleged"].startswith(grave))
    span = [f"{y}-{m:02d}" for y in range(2023, 2027) for m in range(1, 13)]
    span = [m for m in span if "2023-02" <= m <= "2026-06"]
    miles = pd.read_csv(folder / "robotaxi_vmt_monthly.csv").query("helmer == 'waymo'").set_index("month")
    exposure = {name: [float(miles.loc[m, name]) / 1e6 for m in span] for name in ("vmt", "vmt_min", "vmt_max")}
    counts = {"incidents": [every[m] for m in span], "injury_incidents": [hurt[m] for m in span]}
    return span, counts, exposure


@pytest.mark.reference
def test_the_american_supervision_record(desk: Any, shared: Path) -> None:
    """From the raw reports to the month each guardrail alarms in."""
    reference = json.loads((shared / "reference" / "surveillance" / "nhtsa_supervision.json").read_text())
    span, counts, exposure = _nhtsa(shared)
    monthly = reference["totals"]["monthly"]
    assert span == monthly["month"]
    assert counts == {k: monthly[k] for k in counts}
    assert sum(exposure["vmt"]) == pytest.approx(reference["totals"]["million_miles"])
    rows = [
        f"{name},{m},{c},{e!r}\n"
        for name, values in counts.items()
        for m, c, e in zip(span, values, exposure["vmt"], strict=True)
    ]
    streams = desk.text("streams.csv", "stream,at,value,exposure\n" + "".join(rows))
    caps = sorted({r["cap_per_million_miles"] for r in reference["results"]})
    rails = [{"id": f"e{c}", "method": "gamma", "cap": c, "alpha": 0.05} for c in caps]
    rails += [
        {"id": f"sr{c}", "method": "e_detector", "base": "gamma", "kind": "sr", "cap": c, "arl": 120} for c in caps
    ]
    path = desk.text("rails.json", json.dumps(rails))
    found = {(r["stream"], r["guardrail"]): r for r in desk.answer("replay", streams, "--guardrails", path)["results"]}
    for case in reference["results"]:
        e = found[case["series"], f"e{case['cap_per_million_miles']}"]
        sr = found[case["series"], f"sr{case['cap_per_million_miles']}"]
        assert e["alarm_at"] == case["e_process_alarm_month"]
        assert e["statistic"] == pytest.approx(case["log_e_final"], abs=1e-8)
        assert e["maximum"] == pytest.approx(case["log_e_max"], abs=1e-8)
        assert sr["alarm_at"] == case["sr_arl120_alarm_month"]


@pytest.mark.reference
def test_mileage_decides_whether_a_cap_of_eight_alarms(desk: Any, shared: Path) -> None:
    span, counts, exposure = _nhtsa(shared)
    rows = [
        f"{name},{m},{c},{e!r}\n"
        for name in exposure
        for m, c, e in zip(span, counts["incidents"], exposure[name], strict=True)
    ]
    streams = desk.text("streams.csv", "stream,at,value,exposure\n" + "".join(rows))
    rails = desk.text("rails.json", json.dumps([{"method": "gamma", "cap": 8, "alpha": 0.05}]))
    found = {r["stream"]: r["alarm_at"] for r in desk.answer("replay", streams, "--guardrails", rails)["results"]}
    assert found == {"vmt_min": "2023-04", "vmt": "2023-08", "vmt_max": None}


def test_a_replay_is_drawn_with_its_sentences(desk: Any) -> None:
    rows = "".join(f"a,2026-01-{d:02d},{int(d > 4)},1\nb,2026-01-{d:02d},0,1\n" for d in range(1, 15))
    streams = desk.text("streams.csv", "stream,at,value,exposure\n" + rows)
    rails = desk.text("rails.json", json.dumps([{"id": "G1", "method": "beta", "cap": 0.1, "alpha": 0.05}]))
    for name, start in (("chart.svg", b"<svg"), ("chart.png", b"\x89PNG")):
        chart = streams.with_name(name)
        desk.answer("replay", streams, "--guardrails", rails, "--chart", chart, "--lang", "en")
        drawn = chart.read_bytes()
        assert start in drawn[:200]
    told = streams.with_name("chart.svg").read_text(encoding="utf-8")
    for words in ("crossed its threshold", "threshold 3 not crossed", "no proof of safety"):
        assert words in told.replace("&nbsp;", " ")


def test_a_chart_that_cannot_be_drawn_is_refused_first(desk: Any) -> None:
    streams = desk.text("streams.csv", "stream,value\n" + "".join(f"s{n},0\n" for n in range(7)))
    rails = desk.text("rails.json", json.dumps([{"method": "beta", "cap": 0.1, "alpha": 0.05}]))
    for name in ("chart.svg", "chart.pdf"):
        done = desk.run("replay", streams, "--guardrails", rails, "--chart", streams.with_name(name))
        assert done.exit_code == 2
