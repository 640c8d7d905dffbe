"""The layout's part of the yearly programme: shipped plans where the folder brings none, faults where it is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from biaochi.core.document import Grid
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.layout.decisions import part, run_part
from biaochi.mechanisms.layout.files import read_part
from biaochi.mechanisms.layout.model.study import StudyRules
from biaochi.mechanisms.layout.report import findings, results, sections

TURN = Turn(Text("例", "example"), "330000", "2024", date(2026, 3, 31), date(2026, 3, 31), 0, "zh")


def test_a_folder_without_plans_reads_the_shipped_ones(tmp_path: Path) -> None:
    faults = Faults()
    inputs = read_part(tmp_path, TURN, faults)
    assert not len(faults)
    assert inputs.shipped
    result = run_part(inputs, TURN, load_parameters("biaochi.mechanisms.layout").at(TURN.at))
    assert "13 个地区点名" in findings(result, "zh")[0]
    assert "no sign that regions copy" in findings(result, "en")[1]
    assert [s.heading for s in sections(result, "zh")] == ["规划有多拥挤，为什么相像"]
    record = jsonable(results(result))
    assert record["crowding"]["parts"]["observed"] == pytest.approx(0.3073326708, abs=1e-9)
    assert record["without_national"]["observed"] == pytest.approx(record["crowding"]["without_national"]["mean"])
    assert record["menus"] == []


def test_activity_adds_what_regions_really_do(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    lines = ["region,track,period,value"]
    lines += [
        f"{r},{t},{y},{rng.poisson(8)}" for y in (2022, 2023) for r in "甲乙丙丁" for t in ("quantum", "bci", "6g")
    ]
    (tmp_path / "activity.csv").write_text("\n".join(lines), encoding="utf-8")
    faults = Faults()
    inputs = read_part(tmp_path, TURN, faults)
    assert not len(faults), faults.all()
    result = run_part(inputs, TURN, load_parameters("biaochi.mechanisms.layout").at(TURN.at))
    assert [s.key for s in sections(result, "en")] == ["layout-crowding", "layout-real"]
    assert jsonable(results(result))["real"]


def test_enough_periods_add_a_backtest_and_menus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = StudyRules(k=2, min_events=10, cap_slack=1.25, max_loss=0.02, bootstrap=20, refits=2)
    monkeypatch.setattr(part, "study_rules", lambda parameters: rules)
    rng = np.random.default_rng(2)
    codes = ("quantum", "bci", "fusion", "embodied", "hydrogen", "deepsea")
    strength = rng.normal(size=(10, len(codes)))
    lines = ["region,track,period,value"]
    for year in range(2019, 2024):
        strength = strength + rng.normal(scale=0.5, size=strength.shape)
        counts = rng.poisson(np.exp(2 + strength).clip(max=300))
        lines += [f"地{i},{t},{year},{counts[i, j]}" for i in range(10) for j, t in enumerate(codes)]
    (tmp_path / "activity.csv").write_text("\n".join(lines), encoding="utf-8")
    faults = Faults()
    inputs = read_part(tmp_path, TURN, faults)
    result = run_part(inputs, TURN, load_parameters("biaochi.mechanisms.layout").at(TURN.at))
    for lang in ("zh", "en"):
        shown = sections(result, lang)  # type: ignore[arg-type]
        assert [s.key for s in shown] == ["layout-crowding", "layout-real", "layout-backtest", "layout-menus"]
    menus = next(b for b in shown[-1].blocks if isinstance(b, Grid))
    assert {"firm", "optional", "open"} >= {str(r["tier"]) for r in menus.rows}
    record = jsonable(results(result))
    assert record["differing"][-1]["kind"] == "plan"
    assert record["certificate"]["gap"] <= 1e-6
    assert record["menus"]


def test_every_fault_is_told(tmp_path: Path) -> None:
    (tmp_path / "plans.csv").write_text(
        "region,track,wording,source,date,coverage\n浙江,nothing,x,s,2024-01,complete\n某地,bci,x,s,2024-01,half\n",
        encoding="utf-8",
    )
    (tmp_path / "activity.csv").write_text("region,track,period,value\n浙江,bci,2023,-1\n", encoding="utf-8")
    faults = Faults()
    read_part(tmp_path, TURN, faults)
    assert {f.code for f in faults.all()} >= {"unknown_track", "bad_coverage", "unknown_region", "negative_value"}
