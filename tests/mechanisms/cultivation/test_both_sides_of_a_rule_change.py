"""A firm before and after 2026-04-01: the right, different, explained verdicts; what is unverified waits for a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from biaochi.mechanisms.cultivation.cli import app

RUN = CliRunner()
GIANT = {
    "firm": "F1", "fiscal_year": 2025, "grade": "A", "registered_on": "2012-05-01", "employees": 200, "staff_rd": 60,
    "institution": "provincial", "revenue_1": 120e6, "revenue_2": 110e6, "revenue_3": 100e6, "main_revenue_1": 98.4e6,
    "main_revenue_2": 90e6, "main_revenue_3": 82e6, "rd_1": 4.8e6, "rd_2": 4.2e6, "assets_1": 150e6,
    "liabilities_1": 66e6, "ip1": 5, "ip1_linked": 3, "segment_years": 6, "market_share": 0.12, "platform_score": 66,
    "srdi_until": "2027-12-31", "little_giant_until": "2026-07-13", "champion_until": "none", "sme": 1,
    "prohibited": 0, "dishonest": 0, "incident_3y": 0, "data_fraud_3y": 0, "little_giant_sibling": 0,
    "audit_coded": 1, "review_chain": 1, "award_national_3y": 0, "maker_contest_3y": 0,
}  # fmt: skip


def assessed(folder: Path, at: str, purpose: str = "entry", code: str = "little_giant", **more: object) -> Any:
    """Return one firm's record of one set."""
    row = GIANT | more
    path = folder / "firms.csv"
    path.write_text(",".join(row) + "\n" + ",".join(str(v) for v in row.values()) + "\n", encoding="utf-8")
    done = RUN.invoke(
        app, ["assess", str(path), "--firm", "F1", "--at", at, "--purpose", purpose, "--format", "json", "--lang", "en"]
    )
    assert done.exit_code == 0, done.stderr
    return next(r for r in json.loads(done.stdout)["results"] if r["set"] == code)


def verdicts(record: Any) -> dict[str, str]:
    return {c["code"]: c["verdict"] for c in record["criteria"]}


def test_the_last_day_of_the_old_rules_and_the_first_of_the_new(tmp_path: Path) -> None:
    before, after = assessed(tmp_path, "2026-03-31"), assessed(tmp_path, "2026-04-01")
    assert (before["version"], before["verdict"]) == ("2022", "met")
    assert (after["version"], after["verdict"]) == ("2026", "unmet")
    missed = {code for code, verdict in verdicts(after).items() if verdict == "unmet"}
    assert missed == {"main", "rd", "ip"}
    main = next(c for c in after["criteria"] if c["code"] == "main")
    assert main["reason"] == "main-business revenue, last year ÷ revenue, last year is 0.82, required ≥ 0.9"
    assert main["citation"] == "工信部企业〔2026〕2号 附件2"
    assert "0.7" in next(c["reason"] for c in before["criteria"] if c["code"] == "main")


def test_a_recheck_of_the_transition_year_keeps_the_old_rules(tmp_path: Path) -> None:
    again = assessed(tmp_path, "2026-06-01", "recheck")
    assert (again["version"], again["verdict"]) == ("2022", "met")
    later = assessed(tmp_path, "2027-02-01", "recheck", fiscal_year=2026)
    assert (later["version"], later["verdict"]) == ("2026", "unmet")
    assert verdicts(later)["growth"] == "not_applicable"


def test_what_is_only_stated_or_only_recalled_waits_for_a_person(tmp_path: Path) -> None:
    stated = assessed(tmp_path, "2026-03-31", grade="C")
    assert stated["verdict"] == "manual_review"
    title = next(c for c in stated["criteria"] if c["code"] == "title")
    assert (title["verdict"], title["would_be"]) == ("manual_review", "met")
    recalled = assessed(tmp_path, "2026-05-01", code="gazelle", revenue_4=60e6, employees_4=100)
    assert recalled["verdict"] == "manual_review"
    assert {c["verdict"] for c in recalled["criteria"]} <= {"manual_review"}
    assert all("unverified" in c["reason"] for c in recalled["criteria"])


@pytest.mark.parametrize(("share", "old", "new"), [(0.9, "met", "met"), (0.6999999, "unmet", "unmet")])
def test_the_border_of_main_business(tmp_path: Path, share: float, old: str, new: str) -> None:
    more = {"main_revenue_1": share * 120e6}
    assert verdicts(assessed(tmp_path, "2026-03-31", **more))["main"] == old
    assert verdicts(assessed(tmp_path, "2026-04-01", **more))["main"] == new
