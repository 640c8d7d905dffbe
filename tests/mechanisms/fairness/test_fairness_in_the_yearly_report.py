"""Fairness's part of a programme folder: read, concluded, told in both languages; every fault at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import to_json
from biaochi.mechanisms.fairness.decisions import run_part
from biaochi.mechanisms.fairness.files import read_part, rules_on
from biaochi.mechanisms.fairness.report import findings, results, sections

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "first_customer" / "fairness"
TURN = Turn(Text("示例", "example"), "330100", "2026", date(2026, 6, 15), date(2026, 6, 15))


def test_the_example_is_read_and_told() -> None:
    faults = Faults()
    inputs = read_part(EXAMPLE, TURN, faults)
    assert not len(faults)
    assert inputs is not None
    result = run_part(inputs, TURN, rules_on(TURN.at))
    concluded = {t.text.name: t.conclusion for t in result.texts}
    assert concluded == {"tender.txt": "must_revise", "voucher.txt": None, "scheme.txt": "compliant"}
    expected = result.expected_right
    assert expected is not None
    assert expected[1] <= expected[0] <= expected[2] <= result.violations
    for lang in ("zh", "en"):
        assert str(result.violations) in findings(result, lang)[0]
        (section,) = sections(result, lang)
        assert [b.key for b in section.blocks if hasattr(b, "key")] == [
            "fairness_texts",
            "fairness_rules",
            "fairness_findings",
        ]
    assert '"conclusion": "must_revise"' in to_json(results(result))


def test_every_fault_names_its_row(tmp_path: Path) -> None:
    assert read_part(tmp_path, TURN, Faults()) is None
    (tmp_path / "empty.txt").write_text(" \n", "utf-8")
    (tmp_path / "old.txt").write_text("甲。", "utf-8")
    (tmp_path / "texts.csv").write_text(
        "file,kind,date,facts,exception\n"
        "../secret.txt,tender,2026-01-01,,\n"
        "none.txt,tender,2026-01-01,,\n"
        "empty.txt,tender,2026-01-01,,\n"
        "old.txt,policy,2001-01-01,,\n"
        "b.txt,novel,2026-01-01,,\n",
        "utf-8",
    )
    faults = Faults()
    assert read_part(tmp_path, TURN, faults) is None
    assert sorted((f.code, f.row) for f in faults.all()) == [
        ("file_missing", 2),
        ("file_missing", 3),
        ("missing_text", 4),
        ("no_pack_in_force", 5),
        ("unknown_value", 6),
    ]
