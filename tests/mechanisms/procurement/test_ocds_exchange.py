"""Open data: out, in and out again the same; compiled as the reference implementation does."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from biaochi.mechanisms.procurement.report.ocds import compile_releases

Run = Callable[..., tuple[int, Any, str]]
Write = Callable[[dict[str, Any]], Path]
OFFERS = "offer,supplier,price,domestic,sme,R1,R2\nO1,S1,100,yes,small,210,48\nO2,S2,95,no,none,220,45\n"


def exported(run: Run, place: Path, out: Path, *more: object) -> dict[str, Any]:
    code, _, errors = run("ocds", "export", place, "--out", out, *more)
    assert code == 0, errors
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


@pytest.fixture
def package(run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "o.csv").write_text(OFFERS, "utf-8")
    return exported(run, written(purchase), tmp_path / "a.json", "--offers", tmp_path / "o.csv")


def test_each_event_is_a_release(package: dict[str, Any]) -> None:
    tags = [t for r in package["releases"] for t in r["tag"]]
    assert tags == [
        "planning", "tender", "tenderUpdate", "award", "contract", "contract", "implementation", "implementation",
        "contractTermination",
    ]  # fmt: skip
    assert package["extensions"]
    assert package["releases"][1]["tender"]["criteria"][0]["requirementGroups"][0]["requirements"][0]["minValue"] == 200


def test_out_in_and_out_again(run: Run, package: dict[str, Any], tmp_path: Path) -> None:
    assert run("ocds", "import", tmp_path / "a.json", "--out", tmp_path / "t")[0] == 0
    names = {p.name for p in (tmp_path / "t").iterdir()}
    assert {"purchases.csv", "offers.csv", "awards.csv", "contracts.csv"} <= names
    assert exported(run, tmp_path / "t", tmp_path / "b.json") == package
    assert exported(run, tmp_path / "t" / "purchases.csv", tmp_path / "c.json") == package


@pytest.mark.reference
def test_the_reference_purchase_goes_round(run: Run, shared: Path, tmp_path: Path) -> None:
    folder = shared / "reference" / "procurement"
    first = exported(run, folder / "purchase.yaml", tmp_path / "a.json", "--offers", folder / "offers.csv")
    assert run("ocds", "import", tmp_path / "a.json", "--out", tmp_path / "t")[0] == 0
    assert exported(run, tmp_path / "t", tmp_path / "b.json") == first


@pytest.mark.reference
def test_compiled_as_ocdsmerge_does(run: Run, package: dict[str, Any], shared: Path, tmp_path: Path) -> None:
    merge = pytest.importorskip("ocdsmerge")
    with zipfile.ZipFile(shared / "reference" / "procurement" / "ocds-1.1.5-schema.zip") as archive:
        schema = json.loads(archive.read("standard-1__1__5/schema/release-schema.json"))
    expected = merge.Merger(schema).create_compiled_release(package["releases"])
    assert compile_releases(package["releases"]) == expected
    assert run("ocds", "compile", tmp_path / "a.json", "--out", tmp_path / "r.json")[0] == 0
    records = json.loads((tmp_path / "r.json").read_text("utf-8"))["records"]
    assert records[0]["compiledRelease"] == expected
    code, body, _ = run("redflags", tmp_path / "r.json", "--format", "json")
    assert code == 0
    assert body["coverage"]["R003"]["computed"] == 1
    tricky = [
        {"ocid": "o", "id": "1", "date": "2", "a": {"b": 1, "l": [{"id": 1, "x": 1}, {"y": 2}]}, "s": [1, 2], "n": 5},
        {"ocid": "o", "id": "2", "date": "3", "a": {"b": None, "l": [{"id": 1, "z": 3}]}, "s": [3], "n": None, "e": {}},
    ]
    assert compile_releases(tricky) == merge.Merger(schema).create_compiled_release(tricky)


@pytest.mark.reference
def test_the_package_validates_offline(package: dict[str, Any], shared: Path, tmp_path: Path) -> None:
    del package
    api = pytest.importorskip("libcoveocds.api")
    config = pytest.importorskip("libcoveocds.config").LibCoveOCDSConfig()
    config.config["context"] = "api"
    config.config["standard_zip"] = f"file://{shared}/reference/procurement/ocds-1.1.5-schema.zip"
    with tempfile.TemporaryDirectory() as folder:
        found = api.ocds_json_output(folder, str(tmp_path / "a.json"), lib_cove_ocds_config=config)
    assert found["validation_errors"] == []
    roots = {
        path
        for entry in found["all_additional_fields"]
        for path in [f"{entry['path']}/{entry['field_name']}"]
        if entry["root_additional_field"]
    }
    assert roots <= {"/releases/tender/criteria", "/releases/bids"}


def test_flags_of_a_release_package_are_those_of_its_compiled_releases(
    run: Run, package: dict[str, Any], tmp_path: Path
) -> None:
    del package
    code, body, _ = run("redflags", tmp_path / "a.json", "--format", "json", "--map")
    assert code == 0
    assert body["inputs"][0]["rows"] == 1
    assert body["maps"] == {
        "ocds-biaoch-T-01": {"Buyer": "buyer-T-01", "ProcuringEntity": "buyer-T-01", "Tenderer": ["S1", "S2"]}
    }


def test_foreign_releases_become_tables(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "x.jsonl"
    place.write_text(
        '{"ocid": "ocds-1", "id": "1", "date": "2020-01-01", "tag": ["tender"], "tender": {"id": "t"}}\n', "utf-8"
    )
    code, body, _ = run("ocds", "import", place, "--out", tmp_path / "t", "--format", "json")
    assert code == 0
    assert body["files"] == ["awards.csv", "contracts.csv", "offers.csv", "purchases.csv"]
    place.write_text("", "utf-8")
    assert run("ocds", "import", place, "--out", tmp_path / "u")[0] == 1
