"""Procurement's part of a programme folder: purchases with their tables, flags with coverage, both languages."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import to_json
from biaochi.mechanisms.procurement.decisions import run_part
from biaochi.mechanisms.procurement.files import read_part, rules_on
from biaochi.mechanisms.procurement.report import findings, results, sections

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "first_customer" / "procurement"
TURN = Turn(Text("示例", "example"), "330100", "2026", date(2026, 6, 15), date(2026, 6, 15), seed=7)


def test_the_example_is_read_and_told() -> None:
    faults = Faults()
    inputs = read_part(EXAMPLE, TURN, faults)
    assert not len(faults)
    assert inputs is not None
    result = run_part(inputs, TURN, rules_on(TURN.at))
    (purchase,) = result.purchases
    assert purchase.market is not None
    assert purchase.market.possible < 3
    assert purchase.evaluation is not None
    assert result.flags is not None
    flags = result.flags.results["OCID"]["ocds-sim-1"]
    assert flags["R003"] == flags["R036"] == 1.0
    for lang in ("zh", "en"):
        assert len(findings(result, lang)) == 2
        (section,) = sections(result, lang)
        keys = [b.key for b in section.blocks if hasattr(b, "key")]
        assert keys == ["procurement_purchases", "procurement_checks", "procurement_offers", "procurement_flags"]
    assert "stage_" not in str(sections(result, "zh"))
    assert '"redflags"' in to_json(results(result))


def test_a_folder_without_purchases_is_absent_and_faults_come_together(tmp_path: Path) -> None:
    assert read_part(tmp_path, TURN, Faults()) is None
    shutil.copytree(EXAMPLE, tmp_path / "p")
    place = tmp_path / "p" / "purchases"
    shutil.copy(place / "tunnel.yaml", place / "again.yaml")
    (place / "tunnel.products.csv").write_text("product,supplier,need,value\nA,S,R9,1\n", "utf-8")
    (tmp_path / "p" / "releases.jsonl").write_text("{\n", "utf-8")
    faults = Faults()
    assert read_part(tmp_path / "p", TURN, faults) is None
    assert {f.code for f in faults.all()} == {"duplicate_id", "unknown_need", "bad_json"}
