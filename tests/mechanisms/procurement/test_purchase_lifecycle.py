"""The life of a purchase and of its contracts: every guard is told with its article, nobody decides alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Transition, Workflow
from biaochi.mechanisms.procurement.lifecycle import CONTRACT, PURCHASE, WORKFLOWS

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass
class Subject:
    state: str
    facts: dict[str, Any] = field(default_factory=dict)
    entered_at: datetime = NOW

    def __getattr__(self, name: str) -> Any:
        return self.facts.get(name, True)


def guarded() -> list[tuple[Workflow, Transition]]:
    return [(w, t) for w in WORKFLOWS for t in w.transitions if t.guards]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_can_be_reached_and_left(workflow: Workflow) -> None:
    workflow.validate()
    assert "stateDiagram" in workflow.to_mermaid()


@pytest.mark.parametrize(("workflow", "move"), guarded(), ids=lambda x: x.code)
def test_each_guard_refuses_with_its_article(workflow: Workflow, move: Transition) -> None:
    actor = Actor("b", move.roles[0])
    good = {"standstill_ends_on": date(2026, 5, 1), "author": "a"}
    for guard in move.guards:
        bad = {**good, guard.code: False}
        if guard.code == "standstill_over":
            bad = {**good, "standstill_ends_on": date(2026, 6, 1)}
        with pytest.raises(RefusedError) as refused:
            workflow.apply(Subject(move.sources[0], bad), move.code, actor, NOW, "理由")
        assert refused.value.code == guard.code
        assert "条" in refused.value.text.zh
    assert workflow.apply(Subject(move.sources[0], good), move.code, actor, NOW, "理由").target == move.target


def test_who_may_move_what() -> None:
    facts = {"standstill_ends_on": date(2026, 5, 1)}
    for workflow in WORKFLOWS:
        for move in workflow.transitions:
            for role in Role:
                if role in move.roles:
                    continue
                with pytest.raises(RefusedError):
                    workflow.apply(Subject(move.sources[0], facts), move.code, Actor("x", role), NOW, "理由")


def test_the_author_does_not_approve_and_a_selection_needs_reasons() -> None:
    with pytest.raises(RefusedError) as refused:
        PURCHASE.apply(Subject("expert_argued", {"author": "b"}), "approve", Actor("b", Role.BUYER), NOW, "理由")
    assert refused.value.code == "same_person"
    with pytest.raises(RefusedError) as refused:
        PURCHASE.apply(Subject("negotiation_rounds"), "select", Actor("b", Role.BUYER), NOW)
    assert refused.value.code == "reason_missing"


def test_two_suppliers_one_eliminated_then_first_purchase() -> None:
    one, two = Subject("signed"), Subject("signed")
    for subject in (one, two):
        for move, role in (
            ("negotiate", Role.BUYER),
            ("start", Role.BUYER),
            ("report", Role.FIRM),
            ("verify", Role.BUYER),
        ):
            subject.state = CONTRACT.apply(subject, move, Actor("p", role), NOW, "理由").target
    two.state = CONTRACT.apply(two, "eliminate", Actor("p", Role.BUYER), NOW, "未达标").target
    one.state = CONTRACT.apply(one, "accept", Actor("p", Role.BUYER), NOW, "达标").target
    assert (one.state, two.state) == ("accepted", "eliminated")
    purchase = Subject("draft_plan", {"standstill_ends_on": date(2026, 5, 1), "author": "a"})
    path = (
        "argue approve notice qualify exchange issue_file negotiate select publish_result challenge answer sign accept "
        "review_first_purchase publish_first_purchase contract_first_purchase iterate close"
    )
    for move in path.split(" "):
        purchase.state = PURCHASE.apply(purchase, move, Actor("b", Role.BUYER), NOW, "理由").target
    assert purchase.state == "closed"
