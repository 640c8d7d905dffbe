"""Decisions with their reasons; unverified thresholds decide nothing firmly."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from biaochi.core.parameters import Snapshot
from biaochi.core.verdict import Verdict
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.foresight.decisions import (
    decide_model,
    decide_resolution,
    decide_watch,
    decide_weights,
    run_survey,
)
from biaochi.mechanisms.foresight.model import ConsensusRule, ItemState, Outcome, StudyRules, SurveyResult

AT = date(2026, 6, 1)


@pytest.fixture(scope="module")
def office() -> Snapshot:
    return load_parameters("biaochi.mechanisms.foresight").at(AT)


RULES = StudyRules(ConsensusRule("top_share", 0.75), stability_threshold=0.15, round_limit=3, partial="counts")


def survey(rounds: dict[int, dict[str, list[float]]], rules: StudyRules, office: Snapshot) -> SurveyResult:
    rows: list[dict[str, Any]] = []
    for number, items in rounds.items():
        for item, values in items.items():
            rows += [
                {
                    "round": float(number),
                    "expert": f"e{i}",
                    "item": item,
                    "version": "1",
                    "type": "likert",
                    "value": v,
                    "answer": str(v),
                    "familiar": np.nan,
                }
                for i, v in enumerate(values)
            ]
    frame = pd.DataFrame(rows)
    return run_survey(frame, items=None, rules=rules, parameters=office, at=AT, rng=np.random.default_rng(0))


AGREED, SPLIT = [5.0] * 8 + [1.0, 4.0], [1.0] * 5 + [5.0] * 5
MOVING = [2.0, 3, 4, 5, 1, 2, 3, 4, 5, 1]


@pytest.mark.parametrize(
    ("rounds", "outcome", "state"),
    [
        ({1: {"q": AGREED}}, "next_round", ItemState.OPEN),
        ({1: {"q": AGREED}, 2: {"q": AGREED}}, "stop_consensus", ItemState.CONSENSUS),
        ({1: {"q": SPLIT}, 2: {"q": SPLIT}}, "stop_stable_dissent", ItemState.STABLE_DISSENT),
        ({1: {"q": SPLIT}, 2: {"q": MOVING}}, "next_round", ItemState.UNSTABLE),
        ({1: {"q": SPLIT}, 2: {"q": MOVING}, 3: {"q": AGREED}}, "stop_limit", ItemState.UNSTABLE),
        ({1: {"q": AGREED, "r": SPLIT}, 2: {"q": AGREED, "r": SPLIT}}, "stop_stable_dissent", ItemState.CONSENSUS),
    ],
)
def test_rounds(rounds: dict[int, dict[str, list[float]]], outcome: str, state: ItemState, office: Snapshot) -> None:
    result = survey(rounds, RULES, office)
    last = next(i for i in result.items if i.round == max(rounds) and i.item == "q")
    assert (result.decision.outcome, last.state) == (outcome, state)
    assert all(r.verdict is not Verdict.MANUAL_REVIEW for r in result.decision.reasons)


def test_without_rules_of_its_own_the_decision_needs_a_person(office: Snapshot) -> None:
    result = survey({1: {"q": AGREED}, 2: {"q": AGREED}}, StudyRules(), office)
    assert {r.verdict for r in result.decision.reasons} == {Verdict.MANUAL_REVIEW}
    assert StudyRules().missing == ("consensus", "stability", "round_limit", "partial")
    assert RULES.missing == ()


def test_weights(office: Snapshot) -> None:
    losses = {"equal": 0.05, "performance": 0.04}
    assert decide_weights(9, losses, at=AT, parameters=office).outcome == "equal"
    assert decide_weights(12, None, at=AT, parameters=office).outcome == "equal"
    assert decide_weights(12, losses, at=AT, parameters=office).outcome == "performance"
    assert decide_weights(12, {"equal": 0.04, "best": 0.04}, at=AT, parameters=office).outcome == "equal"


def test_model(office: Snapshot) -> None:
    crps, held = {"trend": 0.2, "moore": 0.27}, {"trend": 0.46, "moore": 0.9}
    decision = decide_model(crps, held, at=AT, parameters=office)
    assert decision.outcome == "moore"
    assert {r.verdict for r in decision.reasons} == {Verdict.MANUAL_REVIEW}
    assert decide_model({"trend": 0.2}, {"trend": 0.46}, at=AT, parameters=office).outcome == "none"


def test_resolution() -> None:
    def decide(**change: Any) -> str:
        facts: dict[str, Any] = {"proposer": "ann", "confirmer": "ben", "answered": frozenset({"eva"}), "at": AT}
        given = {**facts, **change}
        return decide_resolution(Outcome.REALISED, date(2026, 1, 1), date(2025, 5, 1), **given).outcome

    assert decide() == "confirm"
    assert decide(confirmer="ann") == "refuse"
    assert decide(confirmer="eva") == "refuse"
    assert decide(at=date(2025, 12, 31)) == "refuse"
    assert (
        decide_resolution(
            Outcome.REALISED, date(2026, 1, 1), None, proposer="a", confirmer="b", answered=frozenset(), at=AT
        ).outcome
        == "refuse"
    )


def test_watch(office: Snapshot) -> None:
    decision = decide_watch(0.99, True, 0.4, 0.48, at=AT, parameters=office)
    assert decision.outcome == "watch"
    assert [r.verdict for r in decision.reasons] == [Verdict.MANUAL_REVIEW, Verdict.UNMET]
    assert decide_watch(0.99, False, None, None, at=AT, parameters=office).outcome == "leave"
