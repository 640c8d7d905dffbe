"""The life of a purchase, its offers and its contracts: every guard is told with its article, nobody decides alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Transition, Workflow
from biaochi.mechanisms.procurement.lifecycle import CONTRACT, OFFER, PURCHASE, WORKFLOWS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOUSE = "O-1"
GOOD = {
    "standstill_ends_on": date(2026, 5, 1),
    "author": "a",
    "organisation": HOUSE,
    "buyer": HOUSE,
    "supplier": HOUSE,
    "deadline": NOW + timedelta(days=1),
}
LATE = {"open": {"deadline": NOW - timedelta(days=1)}}
BAD: dict[str, dict[str, Any]] = {
    "standstill_over": {"standstill_ends_on": date(2026, 6, 1)},
    "before_deadline": {"deadline": NOW - timedelta(seconds=1)},
    "after_deadline": {"deadline": NOW},
    "own_house": {"buyer": "O-2"},
}


@dataclass
class Subject:
    state: str
    facts: dict[str, Any] = field(default_factory=dict)
    entered_at: datetime = NOW

    def __getattr__(self, name: str) -> Any:
        return self.facts.get(name, True)


def actor_for(move: Transition, person: str = "b") -> Actor:
    """Return somebody whose move it is: of the own organisation, unless the move is closed to it."""
    house = "O-9" if {"organisation", "supplier"} & set(move.not_from) else HOUSE
    role = next((r for r in move.roles if r is not Role.BUYER), move.roles[0]) if house == "O-9" else move.roles[0]
    return Actor(person, role, house)


def facts_for(move: Transition) -> dict[str, Any]:
    return {**GOOD, **LATE.get(move.code, {})}


def guarded() -> list[tuple[Workflow, Transition]]:
    return [(w, t) for w in WORKFLOWS for t in w.transitions if t.guards]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_can_be_reached_and_left(workflow: Workflow) -> None:
    workflow.validate()
    assert "stateDiagram" in workflow.to_mermaid()


@pytest.mark.parametrize(("workflow", "move"), guarded(), ids=lambda x: x.code)
def test_each_guard_refuses_with_its_article(workflow: Workflow, move: Transition) -> None:
    actor = actor_for(move)
    for guard in move.guards:
        wrong = {**facts_for(move), **BAD.get(guard.code, {guard.code: False})}
        who = Actor("b", Role.BUYER, "O-9") if guard.code == "own_house" else actor
        wrong |= {"organisation": "O-3", "supplier": "O-3"} if guard.code == "own_house" else {}
        with pytest.raises(RefusedError) as refused:
            workflow.apply(Subject(move.sources[0], wrong), move.code, who, NOW, "理由")
        assert refused.value.code == guard.code
        assert "条" in refused.value.text.zh
        assert "Art" in refused.value.text.en or "article" in refused.value.text.en
    assert (
        workflow.apply(Subject(move.sources[0], facts_for(move)), move.code, actor, NOW, "理由").target == move.target
    )


@given(st.data())
def test_a_move_from_a_wrong_state_by_a_wrong_role_or_house_is_refused(data: st.DataObject) -> None:
    workflow = data.draw(st.sampled_from(WORKFLOWS))
    move = data.draw(st.sampled_from(workflow.transitions))
    state = data.draw(st.sampled_from([s.code for s in workflow.states]))
    role = data.draw(st.sampled_from(list(Role)))
    house = data.draw(st.sampled_from([HOUSE, "O-9"]))
    actor = Actor("b", role, house)
    own = not move.own or house == HOUSE
    barred = house == HOUSE and bool({"organisation", "supplier"} & set(move.not_from))
    outside = role is Role.BUYER and house != HOUSE and any(g.code == "own_house" for g in move.guards)
    may = state in move.sources and role in move.roles and own and not barred and not outside
    subject = Subject(state, facts_for(move))
    if may:
        assert workflow.apply(subject, move.code, actor, NOW, "理由").target == move.target
        return
    with pytest.raises(RefusedError):
        workflow.apply(subject, move.code, actor, NOW, "理由")


def test_the_author_does_not_approve_and_a_selection_needs_reasons() -> None:
    with pytest.raises(RefusedError) as refused:
        PURCHASE.apply(
            Subject("expert_argued", {**GOOD, "author": "b"}), "approve", Actor("b", Role.BUYER, HOUSE), NOW, "理由"
        )
    assert refused.value.code == "same_person"
    with pytest.raises(RefusedError) as refused:
        PURCHASE.apply(Subject("negotiation_rounds", GOOD), "select", Actor("b", Role.BUYER, HOUSE), NOW)
    assert refused.value.code == "reason_missing"


def test_a_fact_may_speak_of_the_instant() -> None:
    facts = {**GOOD, "office_day": lambda now: now.date() - timedelta(days=40)}
    with pytest.raises(RefusedError, match="standstill"):
        PURCHASE.apply(Subject("standstill", facts), "sign", Actor("b", Role.BUYER, HOUSE), NOW)
    facts = {**GOOD, "close_set": lambda now: now > NOW}
    with pytest.raises(RefusedError, match="20 working days"):
        PURCHASE.apply(Subject("approved", facts), "notice", Actor("b", Role.BUYER, HOUSE), NOW)


def test_two_suppliers_one_eliminated_then_first_purchase() -> None:
    one, two = Subject("signed", dict(GOOD)), Subject("signed", dict(GOOD))
    for subject in (one, two):
        for code in ("negotiate", "start", "report", "verify"):
            subject.state = CONTRACT.apply(subject, code, actor_for(CONTRACT.transition(code)), NOW, "理由").target
    buyer = Actor("p", Role.BUYER, HOUSE)
    two.state = CONTRACT.apply(two, "eliminate", buyer, NOW, "未达标").target
    one.state = CONTRACT.apply(one, "accept", buyer, NOW, "达标").target
    assert (one.state, two.state) == ("accepted", "eliminated")
    purchase = Subject("draft_plan", dict(GOOD))
    path = (
        "argue return_plan argue approve notice qualify exchange issue_file negotiate restart issue_file negotiate "
        "select publish_result challenge set_aside select publish_result challenge answer sign accept "
        "review_first_purchase publish_first_purchase challenge_first_purchase set_aside_first_purchase "
        "publish_first_purchase challenge_first_purchase answer_first_purchase contract_first_purchase iterate close"
    )
    for code in path.split(" "):
        purchase.state = PURCHASE.apply(purchase, code, actor_for(PURCHASE.transition(code)), NOW, "理由").target
    assert purchase.state == "closed"
    offer = Subject("draft", dict(GOOD))
    for code in ("seal", "replace", "seal"):
        offer.state = OFFER.apply(offer, code, actor_for(OFFER.transition(code)), NOW).target
    offer.facts["deadline"] = NOW - timedelta(days=1)
    for code in ("open", "select"):
        offer.state = OFFER.apply(offer, code, actor_for(OFFER.transition(code)), NOW).target
    assert offer.state == "selected"
