"""The sandbox's part of a programme folder, and its figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange import charts
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.sandbox import files, report
from biaochi.mechanisms.sandbox.decisions import run_part
from biaochi.mechanisms.sandbox.model import FeedStatus

TURN = Turn(Text("示例", "example"), "110000", "2026", date(2026, 1, 31), date(2026, 1, 31))
RULES = load_parameters("biaochi.mechanisms.sandbox").at(TURN.at)
ROWS = [["SB-01", "near_miss", f"2026-01-{d:02d}T23:00", 1 if d < 8 else 4, 50] for d in range(1, 32)]


def test_cases_and_vouchers_become_a_chapter(desk: Any, one_case: Any) -> None:
    desk.cases(one_case(), one_case(id="SB-02", state="screening"), portfolio={"method": "e_lond", "alpha": 0.05})
    desk.readings(ROWS)
    desk.text(
        "scheme.yaml",
        "schema: biaochi.sandbox.scheme/1\nid: V\nbudget: 100\nstart_on: 2026-01-01\nend_on: 2026-12-31\n"
        "holder_cap: 50\ncap_by: holder\nrates: {k: 0.3}\nallocation: first_come\nlocal_only: true\n",
    )
    desk.text(
        "claims.csv",
        "claim,holder,provider,contract,invoice,kind,contract_amount,paid_amount,submitted_at\n"
        "C1,A,P,N1,F1,k,100,100,2026-01-10\n",
    )
    desk.text("streams.csv", "stream,at,value\n" + "".join(f"old,2025-{m:02d},{int(m > 2)}\n" for m in range(1, 13)))
    desk.text("guardrails.yaml", "- {id: G1, method: beta, cap: 0.1, alpha: 0.05}\n")
    faults = Faults()
    inputs = files.read_part(desk.folder, TURN, faults)
    assert not len(faults)
    assert inputs is not None
    result = run_part(inputs, TURN, RULES)
    for lang in ("zh", "en"):
        assert len(report.findings(result, lang)) == 3  # type: ignore[arg-type]
        keys = [s.key for s in report.sections(result, lang)]  # type: ignore[arg-type]
        assert keys == [
            "sandbox-cases", "sandbox-screening", "sandbox-vouchers", "sandbox-replay", "sandbox-limits",
        ]  # fmt: skip
    records: Any = report.results(result)
    assert [c["case"] for c in records["cases"]] == ["SB-01"]
    assert records["screening"][0]["outcome"] == "admissible"
    assert [t["case"] for t in records["portfolio"]] == ["SB-01"]
    assert [(r["stream"], r["alarm_at"]) for r in records["replays"]] == [("old", "2025-06")]


def test_an_empty_folder_has_no_part_and_faults_are_all_told(desk: Any, one_case: Any) -> None:
    assert files.read_part(desk.folder, TURN, Faults()) is None
    desk.cases(one_case())
    desk.readings([["SB-07", "near_miss", "2026-01-01", 1, 50]])
    desk.text("incidents.csv", "case,incident,occurred_at,reported_at,severity\nSB-01,I,soon,soon,huge\n")
    faults = Faults()
    files.read_part(desk.folder, TURN, faults)
    assert {f.code for f in faults.all()} == {"unknown_case", "bad_date", "unknown_value"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_draw(lang: Any) -> None:
    times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=d) for d in range(6)]
    figure = report.statistic_figure(times, [0, 1, 2, 3.2, 3, 4], 3.0, 4, "G1", lang)
    assert "2026-01-04" in figure.alternative
    assert charts.print_svg(figure, lang).startswith("<svg")
    calm = report.statistic_figure(times, [0.0] * 6, 3.0, 0, "G1", lang)
    assert len(calm.rows) == 6
    feeds = [FeedStatus("a", None, 40.0, "amber"), FeedStatus("b", None, 1.0, "on_time")]
    silence = report.feed_figure(feeds, {"a": 72.0, "b": 72.0}, lang)
    assert "a" in silence.alternative
    assert charts.print_svg(silence, lang).startswith("<svg")
