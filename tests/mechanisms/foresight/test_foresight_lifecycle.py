"""The lives of studies, items, participations and questions: reachable, guarded, and open to the right people only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.workflow import Workflow
from biaochi.mechanisms.foresight.lifecycle import ITEM, PARTICIPATION, QUESTION, STUDY, WORKFLOWS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ANN, BEN = Actor("ann", Role.OFFICER), Actor("ben", Role.OFFICER)
EXPERT, OTHER = Actor("eva", Role.REVIEWER), Actor("fay", Role.REVIEWER)


@dataclass(frozen=True)
class Subject:
    state: str
    entered_at: datetime = NOW
    created_by: str = "ann"
    proposed_by: str = ""
    rules_complete: bool = True
    has_items: bool = True
    rounds_left: bool = True
    in_rounds: bool = True
    real_time: bool = False
    has_cut: bool = True
    cuts_left: bool = True
    due: bool = True
    has_outcome: bool = True
    outsider: bool = True
    all_resolved: bool = True
    two_agree: bool = True


def moved(workflow: Workflow, subject: Subject, code: str, actor: Actor) -> Subject:
    event = workflow.apply(subject, code, actor, NOW, "because")
    return replace(subject, state=event.target)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_is_reached_and_left(workflow: Workflow) -> None:
    workflow.validate()
    assert "stateDiagram" in workflow.to_mermaid("en")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.ANALYST, Role.PUBLIC, Role.FIRM, Role.BUYER])
def test_others_move_nothing(workflow: Workflow, role: Role) -> None:
    for state in workflow.states:
        assert workflow.allowed(Subject(state.code), Actor("x", role), NOW) == ()


def test_a_study_goes_through_rounds_to_its_score() -> None:
    study = Subject("draft")
    path = [
        ("submit", ANN),
        ("freeze", BEN),
        ("open_round", ANN),
        ("close_round", CLOCK),
        ("open_feedback", ANN),
        ("open_round", ANN),
        ("close_round", ANN),
        ("open_feedback", ANN),
        ("conclude", ANN),
        ("await_outcomes", ANN),
        ("resolve", ANN),
    ]
    for code, actor in path:
        study = moved(STUDY, study, code, actor)
    assert study.state == "resolved"


@pytest.mark.parametrize(
    ("change", "actor", "code"),
    [
        ({"rules_complete": False}, BEN, "rules_complete"),
        ({"has_items": False}, BEN, "has_items"),
        ({}, ANN, "same_person"),
    ],
)
def test_nothing_is_frozen_without_rules_or_by_its_author(change: dict[str, bool], actor: Actor, code: str) -> None:
    study = replace(Subject("under_review"), **change)
    with pytest.raises(RefusedError) as caught:
        STUDY.apply(study, "freeze", actor, NOW)
    assert caught.value.code == code


def test_no_round_beyond_the_limit_and_no_change_after_freezing() -> None:
    with pytest.raises(RefusedError):
        STUDY.apply(Subject("feedback_open", rounds_left=False), "open_round", ANN, NOW)
    assert {t.code for t in STUDY.leaving("frozen")} == {"open_round", "cancel"}
    with pytest.raises(RefusedError, match="reason"):
        STUDY.apply(Subject("frozen"), "cancel", ANN, NOW)


def test_a_real_time_round_is_cut_and_never_closed() -> None:
    live = Subject("frozen", real_time=True, in_rounds=False)
    with pytest.raises(RefusedError):
        moved(STUDY, replace(live, state="round_open", has_cut=False), "conclude_real_time", ANN)
    with pytest.raises(RefusedError):
        moved(STUDY, replace(live, state="round_open"), "close_round", CLOCK)
    for code, actor in [("open_round", ANN), ("cut", CLOCK), ("cut", ANN), ("conclude_real_time", ANN)]:
        live = moved(STUDY, live, code, actor)
    assert live.state == "concluded"
    with pytest.raises(RefusedError):
        moved(STUDY, Subject("round_open", real_time=True, cuts_left=False), "cut", ANN)


def test_rounds_are_never_cut() -> None:
    for code in ("cut", "conclude_real_time"):
        with pytest.raises(RefusedError):
            moved(STUDY, Subject("round_open"), code, ANN)


def test_an_item_is_activated_by_another_person_and_merged_by_two() -> None:
    with pytest.raises(RefusedError):
        ITEM.apply(Subject("proposed"), "activate", ANN, NOW)
    assert moved(ITEM, Subject("proposed"), "activate", BEN).state == "active"
    with pytest.raises(RefusedError, match="two people"):
        ITEM.apply(Subject("active", two_agree=False), "merge", BEN, NOW, "same thing")


def test_only_the_expert_takes_part_and_only_the_clock_lapses() -> None:
    part = moved(PARTICIPATION, Subject("invited"), "accept", EXPERT)
    part = moved(PARTICIPATION, part, "submit", EXPERT)
    part = moved(PARTICIPATION, part, "reopen", ANN)
    part = moved(PARTICIPATION, part, "lapse", CLOCK)
    assert moved(PARTICIPATION, part, "withdraw", EXPERT).state == "withdrawn"
    for code in ("accept", "decline"):
        with pytest.raises(RefusedError):
            PARTICIPATION.apply(Subject("invited"), code, ANN, NOW)
    with pytest.raises(RefusedError):
        PARTICIPATION.apply(Subject("accepted"), "lapse", ANN, NOW)
    assert PARTICIPATION.overdue(Subject("invited", NOW - timedelta(days=15)), NOW)


def test_a_question_is_confirmed_by_an_outsider_who_did_not_propose_it() -> None:
    question = moved(QUESTION, Subject("open"), "fall_due", CLOCK)
    question = replace(moved(QUESTION, question, "propose", EXPERT), proposed_by="eva")
    with pytest.raises(RefusedError):
        QUESTION.apply(question, "confirm", EXPERT, NOW)
    with pytest.raises(RefusedError):
        QUESTION.apply(replace(question, outsider=False), "confirm", OTHER, NOW)
    assert moved(QUESTION, question, "confirm", OTHER).state == "confirmed"
    assert moved(QUESTION, question, "dispute", BEN).state == "disputed"
    with pytest.raises(RefusedError):
        QUESTION.apply(Subject("open", due=False), "fall_due", CLOCK, NOW)
