"""Adoption, publication, claims, tier moves, maturity; the two life cycles; observations from the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from biaochi.core.errors import RefusedError
from biaochi.core.period import Period
from biaochi.core.roles import Actor, Role
from biaochi.core.verdict import Verdict
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.ruler import FRAMEWORK, SUBMISSION, WORKFLOWS
from biaochi.mechanisms.ruler.decisions import (
    Event,
    decide_adoption,
    decide_claim,
    decide_maturity,
    decide_publication,
    decide_tier_move,
    observe,
)
from biaochi.mechanisms.ruler.model import FrameworkRecord, SubmissionRecord
from biaochi.methods.composite import Claim

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = date(2026, 3, 1)
RULES = load_parameters("biaochi.mechanisms.ruler").at(DAY)
READY = FrameworkRecord("consulted", NOW, "author", 0, "digest", Verdict.MET, 0, 0)


def test_workflows_are_sound() -> None:
    for workflow in WORKFLOWS:
        workflow.validate()


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, "review"),
        ({"faults": 2}, "refuse"),
        ({"faults": -1}, "refuse"),
        ({"audit_digest": ""}, "refuse"),
        ({"incomplete_leaves": 1}, "refuse"),
        ({"comments_open": 3}, "refuse"),
        ({"gate": Verdict.UNMET}, "refuse"),
        ({"gate": Verdict.UNMET, "gate_override": "panel accepts"}, "review"),
        ({"gate": Verdict.UNKNOWN}, "review"),
    ],
)
def test_adoption(change: dict[str, object], outcome: str) -> None:
    record = replace(READY, **change)  # type: ignore[arg-type]
    found = decide_adoption(record, consulted_on=date(2026, 1, 1), at=DAY, parameters=RULES)
    assert found.outcome == outcome
    assert "consultation_days" in found.parameters


def test_an_unverified_bound_never_adopts_by_itself() -> None:
    found = decide_adoption(READY, consulted_on=date(2026, 1, 1), at=DAY, parameters=RULES)
    assert {r.rule: r.verdict for r in found.reasons}["gate"] is Verdict.MANUAL_REVIEW


def test_a_short_consultation_refuses() -> None:
    found = decide_adoption(READY, consulted_on=date(2026, 2, 20), at=DAY, parameters=RULES)
    assert found.outcome == "refuse"
    assert decide_adoption(READY, consulted_on=None, at=DAY, parameters=RULES).outcome == "refuse"


def test_the_author_may_not_adopt() -> None:
    author, other = Actor("author", Role.OFFICER, "o"), Actor("other", Role.OFFICER, "o")
    with pytest.raises(RefusedError, match="same_person"):
        FRAMEWORK.apply(READY, "adopt", author, NOW)
    assert FRAMEWORK.apply(READY, "adopt", other, NOW).target == "adopted"
    with pytest.raises(RefusedError, match="gate_passed"):
        FRAMEWORK.apply(replace(READY, gate=Verdict.UNMET), "adopt", other, NOW)


def test_retirement_needs_an_overlap_or_a_reason() -> None:
    adopted, officer = replace(READY, state="adopted"), Actor("other", Role.OFFICER, "o")
    with pytest.raises(RefusedError, match="successor_overlaps"):
        FRAMEWORK.apply(adopted, "retire", officer, NOW)
    with pytest.raises(RefusedError, match="reason_missing"):
        FRAMEWORK.apply(adopted, "retire_without_successor", officer, NOW)
    assert (
        FRAMEWORK.apply(replace(adopted, successor="N", overlap_periods=1), "retire", officer, NOW).target == "retired"
    )


def test_validation_comes_from_another_organisation() -> None:
    record = SubmissionRecord("submitted", NOW, "p", "bureau", 0)
    with pytest.raises(RefusedError, match="same_organisation"):
        SUBMISSION.apply(record, "validate", Actor("q", Role.OFFICER, "bureau"), NOW)
    assert SUBMISSION.apply(record, "validate", Actor("q", Role.OFFICER, "office"), NOW).target == "validated"


@pytest.mark.parametrize(
    ("reason", "vintage", "organisation", "outcome"),
    [
        ("source_revised", DAY, "office", "publish"),
        ("because", DAY, "office", "refuse"),
        ("late_data", None, "office", "refuse"),
        ("late_data", date(2027, 1, 1), "office", "refuse"),
        ("late_data", DAY, "bureau", "refuse"),
    ],
)
def test_published_cells_are_revised_by_a_vintage_only(
    reason: str, vintage: date | None, organisation: str, outcome: str
) -> None:
    record = SubmissionRecord("validated", NOW, "p", "bureau", 0, reason, vintage)
    found = decide_publication(record, validator="q", validator_organisation=organisation, published_cells=3, at=DAY)
    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("verdict", "outcome"), [(Verdict.MET, "may_say"), (Verdict.UNMET, "may_not_say"), (Verdict.UNKNOWN, "undecided")]
)
def test_claims(verdict: Verdict, outcome: str) -> None:
    assert decide_claim(Claim("a", "b", 0.99, 0.97, verdict), at=DAY, parameters=RULES).outcome == outcome


@pytest.mark.parametrize(
    ("seen", "outcome"), [([0.95, 0.93], "move"), ([0.95, 0.5, 0.99], "stay"), ([], "stay"), ([0.2, 0.9, 0.9], "move")]
)
def test_a_tier_move_must_show_twice_running(seen: list[float], outcome: str) -> None:
    assert decide_tier_move(seen, at=DAY, parameters=RULES).outcome == outcome


def test_maturity() -> None:
    period = Period.parse("2024")
    early = decide_maturity(period, lag_years=2, window_years=3, matured_years=3, at=DAY)
    assert early.outcome == "too_early"
    assert early.facts["matures_on"] == date(2026, 12, 31)
    assert decide_maturity(period, lag_years=1, window_years=3, matured_years=3, at=DAY).outcome == "judge"
    assert decide_maturity(period, lag_years=1, window_years=3, matured_years=2, at=DAY).outcome == "too_early"


def event(seq: int, kind: str, day: str = "2024-05-01", unit: str = "110000", **facts: object) -> Event:
    return Event(seq, date.fromisoformat(day), unit, kind, facts)  # type: ignore[arg-type]


def one(events: list[Event], code: str, as_of: date = DAY) -> dict[str, object]:
    table = observe(events, as_of=as_of, indicators=[code])
    assert len(table) == 1
    return {str(k): v for k, v in table.iloc[0].items()}


def test_a_share_has_its_jeffreys_interval_and_its_ledger_numbers() -> None:
    found = one([event(i, "milestone_due", hit=i % 4 != 0) for i in range(1, 9)], "B5")
    assert found["value"] == 75.0
    assert found["value_lo"] == pytest.approx(46.3, abs=0.1)
    assert found["value_hi"] == pytest.approx(92.37, abs=0.1)
    assert found["grade"] == "B"
    assert str(found["source"]).endswith("#1, #2, #3, #4, #5, #6, #7, #8")


def test_stopping_costs_nothing() -> None:
    kept = [event(1, "milestone_due", hit=True), event(2, "milestone_due", hit=False)]
    stopped = [*kept, event(3, "milestone_due", hit=False, stopped=True)]
    assert one(stopped, "B5")["value"] == one(kept, "B5")["value"] == 50.0


def test_a_cohort_is_too_early_until_it_was_followed() -> None:
    cases = [event(i, "firm_tier", hit=i == 1) for i in (1, 2)]
    early = one(cases, "C2")
    assert early["status"] == "too_early"
    assert np.isnan(early["value"])  # type: ignore[call-overload]
    assert one(cases, "C2", date(2027, 6, 1))["value"] == 50.0


def test_running_cases_count_as_far_as_they_have_come() -> None:
    seen = [event(i, "lab_to_batch", value=v, observed=True) for i, v in enumerate((10.0, 20.0, 30.0))]
    running = [event(9, "lab_to_batch", value=25.0, observed=False)]
    assert one(seen, "D6")["value"] == 20.0
    assert one([*seen, *running, *running], "D6")["value"] == 30.0


def test_routes_concentration_and_effective_number() -> None:
    money = [event(i, "route_money", group="track", key=k, amount=a) for i, (k, a) in enumerate([("x", 1), ("y", 1)])]
    assert one(money, "B3")["value"] == pytest.approx(2.0)
    assert one(money, "B4")["value"] == pytest.approx(0.5)


def test_portfolios_alike_by_chance_are_not_called_alike() -> None:
    rows = [event(1, "track_declared", key="a"), event(2, "track_declared", key="b"),
            event(3, "track_declared", key="a", unit="310000"), event(4, "track_declared", key="c", unit="310000"),
            event(5, "track_declared", key="n", national=True)]  # fmt: skip
    table = observe(rows, as_of=DAY, indicators=["H1"])
    shared = 2 * 2 / 3
    chance = shared / (4 - shared)
    assert table["value"].tolist() == pytest.approx([1 - (1 / 3 - chance) / (1 - chance)] * 2)


def test_other_statistics() -> None:
    money = [event(1, "investment", hit=True, amount=30.0), event(2, "investment", hit=False, amount=70.0)]
    assert one(money, "F2")["value"] == pytest.approx(30.0)
    assert one([event(1, "fund_money", value=30.0, amount=10.0)], "F3")["value"] == 3.0
    assert one([event(1, "fund_term", value=4.0, amount=1.0), event(2, "fund_term", value=8.0, amount=3.0)], "F4")[
        "value"
    ] == pytest.approx(7.0)
    assert one([event(1, "trial_incidents", value=1.0, exposure=50.0)], "G7")["value"] == pytest.approx(2.0)
    assert one([event(1, "ethics_missed", hit=False)], "G6")["value"] == 0.0
    assert one([event(1, "forecast_scored", value=0.2), event(2, "forecast_scored", value=0.4)], "B2")[
        "value"
    ] == pytest.approx(0.3)
