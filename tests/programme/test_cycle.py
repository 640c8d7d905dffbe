"""One turn of the loop: from a folder to four files, absent parts named, faults all at once, the same bytes again."""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from importlib.resources import as_file, files
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from biaochi.core.errors import InputError
from biaochi.core.ledger import GENESIS, chain_body, next_line
from biaochi.exchange.faults import Faults
from biaochi.mechanisms import MECHANISMS
from biaochi.programme.command import app
from biaochi.programme.folder import read_programme
from biaochi.programme.names import name_of

runner = CliRunner()
HEAD = "schema: biaochi.programme/1\nname: {zh: 示例, en: example}\nregion: '330000'\nperiod: 2024\nat: 2026-03-31\n"


@pytest.fixture(scope="module")
def provinces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the shipped programme with its ruler part only."""
    folder = tmp_path_factory.mktemp("programme") / "provinces"
    with as_file(files("biaochi.data") / "provinces") as source:
        shutil.copytree(source / "ruler", folder / "ruler")
        shutil.copy(source / "programme.yaml", folder)
    return folder


@pytest.fixture(scope="module")
def report(provinces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of that programme."""
    out = tmp_path_factory.mktemp("report")
    done = runner.invoke(app, [str(provinces), "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    return out


def test_four_files_and_nothing_else(report: Path) -> None:
    assert {p.name for p in report.iterdir()} == {"index.html", "report.docx", "report.xlsx", "report.json"}


def test_the_page_is_whole_in_both_languages(report: Path) -> None:
    page = (report / "index.html").read_text(encoding="utf-8")
    assert page.count('<main class="report"') == 2
    assert "<svg" in page
    assert "<script" not in page
    assert "未参与" in page
    assert "Absent" in page


def test_the_records_name_inputs_parts_and_head(report: Path) -> None:
    found = json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert found["schema"] == "biaochi.cycle/1"
    assert set(found["parts"]) == set(MECHANISMS)
    assert found["parts"]["ruler"]["state"] == "done"
    assert found["parts"]["ruler"]["results"]
    assert found["parts"]["capital"] == {"state": "absent", "results": None, "faults": []}
    assert found["ledger_head"] == GENESIS
    assert {i["name"] for i in found["inputs"]} >= {"programme.yaml", "ruler/framework.yaml", "ruler/observations.csv"}


def test_the_example_city_has_a_part_of_every_mechanism_without_a_fault() -> None:
    folder = read_programme(Path(__file__).resolve().parents[2] / "examples" / "city", MECHANISMS)
    for mechanism in MECHANISMS:
        faults = Faults()
        files_room = import_module(f"biaochi.mechanisms.{mechanism}.files")
        assert files_room.read_part(folder.part(mechanism), folder.turn, faults) is not None, mechanism
        assert not len(faults), [f.line("en") for f in faults.all()]
        assert name_of(mechanism).zh != mechanism, "the report names it in words"
    assert [m for m in MECHANISMS if not folder.part(m).is_dir()] == []


def test_what_an_office_signs(report: Path) -> None:
    page = (report / "index.html").read_text(encoding="utf-8")
    for words in ("测度 · 创新标尺", "编制与签发", "签发", "Drawn up and issued", "Measure · innovation ruler"):
        assert words in page
    findings = page.split('class="findings"')[1].split("</ol>")[0]
    assert findings.count("<li>") == 1, "one item a mechanism"


def test_the_workbook_opens(report: Path) -> None:
    assert "findings" in openpyxl.load_workbook(report / "report.xlsx").sheetnames


def test_the_same_folder_gives_the_same_numbers(provinces: Path, report: Path, tmp_path: Path) -> None:
    runner.invoke(app, [str(provinces), "--out", str(tmp_path)])
    assert (tmp_path / "report.json").read_bytes() == (report / "report.json").read_bytes()


def programme(tmp_path: Path, text: str) -> Path:
    (tmp_path / "programme.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_an_empty_programme_still_reports_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    folder = programme(tmp_path / "p", HEAD)
    done = runner.invoke(app, [str(folder), "--out", str(tmp_path / "out"), "--lang", "en", "--format", "json"])
    assert done.exit_code == 0, done.stderr
    assert all(p["state"] == "absent" for p in json.loads(done.stdout)["parts"].values())


def test_a_faulty_part_is_told_and_does_not_stop_the_report(provinces: Path, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    shutil.copytree(provinces, folder)
    observations = folder / "ruler" / "observations.csv"
    observations.write_text(observations.read_text(encoding="utf-8").replace(",1870.8,", ",lots,", 1), encoding="utf-8")
    done = runner.invoke(app, [str(folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "not_a_number" in done.stderr
    found = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert found["parts"]["ruler"]["state"] == "faulty"
    assert found["parts"]["ruler"]["faults"][0]["row"] == 2


def test_a_ledger_beside_the_programme_gives_its_head(tmp_path: Path) -> None:
    line = next_line(
        None,
        chain_body(
            actor="p",
            at="2026-01-01T00:00:00.000000Z",
            decision=None,
            reason="",
            role="officer",
            subject="s",
            transition="t",
        ),
    )
    folder = tmp_path / "p"
    folder.mkdir()
    programme(folder, HEAD)
    (folder / "ledger.jsonl").write_text(line.to_json() + "\n", encoding="utf-8")
    runner.invoke(app, [str(folder), "--out", str(tmp_path / "out")])
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["ledger_head"] == line.digest


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (HEAD.replace("330000", "33"), {"unknown_region"}),
        (HEAD.replace("biaochi.programme/1", "other/1") + "colour: red\n", {"wrong_schema", "unknown_key"}),
        (HEAD.replace("2026-03-31", "soon"), {"bad_date"}),
    ],
)
def test_faults_of_the_programme_file(tmp_path: Path, text: str, codes: set[str]) -> None:
    with pytest.raises(InputError) as error:
        read_programme(programme(tmp_path, text), MECHANISMS)
    assert {f.code for f in error.value.faults} == codes


def test_an_unknown_folder_and_no_folder_at_all(tmp_path: Path) -> None:
    programme(tmp_path, HEAD)
    (tmp_path / "alchemy").mkdir()
    with pytest.raises(InputError, match="unknown_part"):
        read_programme(tmp_path, MECHANISMS)
    with pytest.raises(InputError, match="not_a_folder"):
        read_programme(tmp_path / "programme.yaml", MECHANISMS)
    assert runner.invoke(app, [str(tmp_path)]).exit_code == 2
