"""The simulated example programme runs through the yearly report, complete and with faults said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from biaochi.cli import app

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "explore"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(EXAMPLE, tmp_path / "programme"))


def cycle(folder, out):
    result = CliRunner().invoke(app, ["cycle", str(folder), "--out", str(out)])
    return result, json.loads((out / "report.json").read_text(encoding="utf-8"))


def test_three_mechanisms_take_part(folder, tmp_path):
    result, data = cycle(folder, tmp_path / "report")
    assert result.exit_code == 0, result.output
    parts = data["parts"]
    assert [parts[m]["state"] for m in ("challenge", "fund", "capital")] == ["done"] * 3
    assert parts["challenge"]["results"]["files"][0]["outcome"] == "complete"
    assert parts["fund"]["results"]["calibration"]["n"] == 5
    assert parts["capital"]["results"]["funds"][0]["phase"] == "assessable"
    text = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "抽签区" in text
    assert "Fund terms" in text


def test_faults_of_one_part_do_not_stop_the_others(folder, tmp_path):
    (folder / "fund" / "programme.json").write_text("{", encoding="utf-8")
    (folder / "challenge" / "scores.csv").write_text("bid,reviewer,score\nB1,R1,50\n", encoding="utf-8")
    _, data = cycle(folder, tmp_path / "report")
    assert data["parts"]["fund"]["state"] == "faulty"
    assert data["parts"]["capital"]["state"] == "done"
    assert "ranking" not in data["parts"]["challenge"]["results"]
