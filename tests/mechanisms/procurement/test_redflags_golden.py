"""The eleven red flags against the golden files, and what must hold for any file."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from biaochi.mechanisms.procurement.cli import app
from biaochi.mechanisms.procurement.decisions.redflags import FlagSettings, red_flags

CODES = ("R003", "R018", "R024", "R025", "R028", "R030", "R035", "R036", "R038", "R048", "R058")


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def differences(seen: object, expected: object, where: str = "") -> list[str]:
    if isinstance(expected, dict):
        assert isinstance(seen, dict)
        keys = sorted(set(seen) | set(expected))
        missing = [f"{where}/{k}" for k in keys if k not in seen or k not in expected]
        both = [k for k in keys if k in seen and k in expected]
        return missing + [d for k in both for d in differences(seen[k], expected[k], f"{where}/{k}")]
    number = None if isinstance(seen, float) and math.isnan(seen) else seen
    same = number is expected or (
        isinstance(number, float | int) and isinstance(expected, float | int) and abs(number - expected) <= 1e-9
    )
    return [] if same else [f"{where}: {seen} != {expected}"]


@pytest.mark.reference
@pytest.mark.parametrize("code", CODES)
def test_each_flag_equals_its_golden_file(code: str, shared: Path) -> None:
    folder = shared / "reference" / "procurement" / "redflags"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))[code]
    found = red_flags(lines(folder / f"{code}.jsonl"), FlagSettings.from_mapping(expected["settings"]))
    assert differences(dict(found.results), expected["results"]) == []
    assert differences(dict(found.meta), expected["meta"]) == []


@pytest.mark.reference
@pytest.mark.parametrize("variant", ["default", "variant"])
def test_three_hundred_generated_processes(variant: str, shared: Path) -> None:
    folder = shared / "reference" / "procurement" / "redflags"
    expected = json.loads((folder / "generated_300.expected.json").read_text("utf-8"))[variant]
    found = red_flags(lines(folder / "generated_300.jsonl"), FlagSettings.from_mapping(expected["settings"]))
    assert differences(dict(found.results), expected["results"]) == []
    assert differences(dict(found.meta), expected["meta"]) == []


@pytest.mark.reference
def test_permuted_releases_give_the_same_flags(shared: Path) -> None:
    releases = lines(shared / "reference" / "procurement" / "redflags" / "generated_300.jsonl")
    settings = FlagSettings(currency="CNY")
    first = red_flags(releases, settings)
    random.Random(5).shuffle(releases)
    second = red_flags(releases, settings)
    assert differences(dict(second.results), dict(first.results)) == []
    assert second.coverage == first.coverage


@pytest.mark.reference
def test_files_without_bids_are_not_called_clean(shared: Path, tmp_path: Path) -> None:
    packed = shared / "data" / "e_procurement" / "ocds_uk_380_releases.json.gz"
    answer = CliRunner().invoke(app, ["redflags", str(packed), "--format", "json"])
    assert answer.exit_code == 0
    body = json.loads(answer.stdout)
    assert body["results"] == {}
    assert all(body["coverage"][c]["computed"] == 0 for c in CODES)
    assert body["coverage"]["R024"]["excluded"] == {"no_bids": body["inputs"][0]["rows"]}


def test_a_faulty_line_is_told_with_its_row(tmp_path: Path) -> None:
    place = tmp_path / "a.jsonl"
    place.write_text('{"ocid": "A"}\n\n{"ocid": \n{"ocid": "B"}\n', "utf-8")
    answer = CliRunner().invoke(app, ["redflags", str(place), "--format", "json"])
    assert answer.exit_code == 1
    faults = json.loads(answer.stdout)["faults"]
    assert [(f["code"], f["file"], f["row"]) for f in faults] == [("bad_json", "a.jsonl", 3)]


def test_unknown_settings_are_faults(tmp_path: Path) -> None:
    place = tmp_path / "a.jsonl"
    place.write_text('{"ocid": "A"}\n', "utf-8")
    chosen = tmp_path / "s.yaml"
    chosen.write_text("R003: {treshold: 3}\n", "utf-8")
    answer = CliRunner().invoke(app, ["redflags", str(place), "--settings", str(chosen), "--format", "json"])
    assert answer.exit_code == 1
    assert [f["code"] for f in json.loads(answer.stdout)["faults"]] == ["unknown_key"]


def test_the_chinese_profile_asks_for_twenty_days(tmp_path: Path) -> None:
    place = tmp_path / "a.jsonl"
    period = {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-03-19T00:00:00Z"}
    place.write_text(json.dumps({"ocid": "A", "tender": {"tenderPeriod": period}}), "utf-8")
    for profile, flagged in (("cardinal", {}), ("cn", {"OCID": {"A": {"R003": 1.0}}})):
        answer = CliRunner().invoke(app, ["redflags", str(place), "--profile", profile, "--format", "json"])
        assert json.loads(answer.stdout)["results"] == flagged


def test_dates_are_instants_and_prices_of_other_currencies_are_counted() -> None:
    bids = [
        {
            "status": "valid",
            "date": "2026-01-02T00:30:00+08:00",
            "tenderers": [{"id": "W"}],
            "value": {"amount": 1, "currency": "CNY"},
        },
        {"status": "valid", "tenderers": [{"id": "L"}], "value": {"amount": 2, "currency": "USD"}},
        {"status": "valid", "tenderers": [{"id": "Z"}], "value": {"amount": 0, "currency": "CNY"}},
    ]
    release = {
        "ocid": "A",
        "tender": {"tenderPeriod": {"endDate": "2026-01-01T17:00:00Z"}},
        "bids": {"details": bids},
        "awards": [{"status": "active", "suppliers": [{"id": "W"}]}],
    }
    found = red_flags([release])
    assert "R030" not in found.results.get("OCID", {}).get("A", {})
    excluded = found.coverage["R024"]["excluded"]
    assert excluded == {"no_two_prices": 1, "other_currency": 1, "zero_price": 1}


_ODD: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 10**40)
    | st.floats(allow_nan=True)
    | st.sampled_from(["", "valid", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "status", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
_KEYS = (
    ("ocid",), ("buyer",), ("awards",), ("tender",), ("bids",), ("tender", "procurementMethod"), ("tender", "status"),
    ("tender", "tenderPeriod"), ("tender", "procurementMethodDetails"), ("tender", "numberOfTenderers"),
    ("bids", "details"),
)  # fmt: skip


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(_KEYS), _ODD, max_size=4), _ODD, _ODD, _ODD)
def test_malformed_releases_never_stop_the_pass(places: dict[Any, Any], amount: Any, party: Any, status: Any) -> None:
    bid = {"status": "valid", "tenderers": [{"id": party}], "value": {"amount": amount, "currency": party}, "date": 3}
    release: dict[str, Any] = {
        "ocid": "A",
        "tender": {"procurementMethod": "open"},
        "bids": {"details": [bid, {**bid, "status": status}]},
        "awards": [{"status": "active", "suppliers": [{"id": party}]}, {"status": status}],
    }
    for place, value in places.items():
        inner = release
        for key in place[:-1]:
            inner = inner.get(key) if isinstance(inner.get(key), dict) else {}
        inner[place[-1]] = value
    found = red_flags([release, release], maps=True)
    assert found.releases == 2
