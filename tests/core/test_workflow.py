"""The workflow engine: who may move what, what forbids it, and what is no life cycle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.errors import DefinitionError, RefusedError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow

T0 = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    state: str = "draft"
    entered_at: datetime = T0
    creator: str = "p-1"
    organisation: str = "o-1"
    complete: bool = True


def name(text: str) -> Text:
    return Text.same(text)


def state(code: str, *, final: bool = False) -> State:
    return State(code, name(code), name(code), final)


complete = Guard(
    "complete", Text("材料齐全", "the file is complete"), lambda s, a, t: bool(getattr(s, "complete", False))
)
submit = Transition(
    "submit", name("submit"), name("…"), ("draft",), "submitted", (Role.FIRM,), (complete,), own="organisation"
)
approve = Transition(
    "approve",
    name("approve"),
    name("…"),
    ("submitted",),
    "approved",
    (Role.OFFICER,),
    needs_reason=True,
    deadline=timedelta(days=10),
    not_by=("creator",),
    not_from=("organisation",),
)
lapse = Transition(
    "lapse",
    name("lapse"),
    name("…"),
    ("submitted",),
    "lapsed",
    (Role.CLOCK,),
    deadline=timedelta(days=30),
    own="organisation",
)
FLOW = Workflow(
    "case",
    name("case"),
    "draft",
    (state("draft"), state("submitted"), state("approved", final=True), state("lapsed", final=True)),
    (submit, approve, lapse),
)
FIRM = Actor("p-1", Role.FIRM, "o-1")
OFFICER = Actor("p-2", Role.OFFICER, "o-2")


def test_the_straight_way() -> None:
    event = FLOW.apply(Case(), "submit", FIRM, T0)
    assert (event.source, event.target, event.workflow) == ("draft", "submitted", "case")
    assert FLOW.apply(Case("submitted"), "approve", OFFICER, T0, " 合格 ").reason == "合格"


@pytest.mark.parametrize(
    ("case", "move", "actor", "reason", "code"),
    [
        (Case(), "submit", OFFICER, "", "wrong_role"),
        (Case("approved"), "submit", FIRM, "", "wrong_state"),
        (Case(complete=False), "submit", FIRM, "", "complete"),
        (Case(), "submit", Actor("p-9", Role.FIRM, "o-9"), "", "other_organisation"),
        (Case("submitted"), "approve", OFFICER, "  ", "reason_missing"),
        (Case("submitted", creator="p-2"), "approve", OFFICER, "x", "same_person"),
        (Case("submitted", organisation="o-2"), "approve", OFFICER, "x", "same_organisation"),
        (Case(), "fly", FIRM, "", "unknown_transition"),
    ],
)
def test_what_is_refused_and_why(case: Case, move: str, actor: Actor, reason: str, code: str) -> None:
    with pytest.raises(RefusedError) as error:
        FLOW.apply(case, move, actor, T0, reason)
    assert error.value.code == code
    assert error.value.text.zh


def test_buttons_show_only_what_may_be_done() -> None:
    assert [t.code for t in FLOW.allowed(Case(), FIRM, T0)] == ["submit"]
    assert FLOW.allowed(Case(complete=False), FIRM, T0) == ()
    assert [t.code for t in FLOW.open_to(Case(complete=False), FIRM)] == ["submit"]
    assert FLOW.allowed(Case("submitted"), replace(OFFICER, role=Role.ADMINISTRATOR), T0) == ()
    assert [t.code for t in FLOW.allowed(Case("submitted"), CLOCK, T0)] == ["lapse"]


def test_deadlines() -> None:
    case = Case("submitted")
    assert FLOW.due_at(case) == T0 + timedelta(days=10)
    assert FLOW.due_at(Case()) is None
    assert FLOW.overdue(case, T0 + timedelta(days=10)) == ()
    assert [t.code for t in FLOW.overdue(case, T0 + timedelta(days=31))] == ["approve", "lapse"]


def test_unknown_codes() -> None:
    with pytest.raises(KeyError, match="no state"):
        FLOW.state("x")
    with pytest.raises(KeyError, match="no transition"):
        FLOW.transition("x")


def test_a_good_life_cycle_is_valid_and_drawn() -> None:
    FLOW.validate()
    assert "draft --> submitted: submit" in FLOW.to_mermaid("en")
    assert FLOW.to_mermaid().endswith("lapsed --> [*]")


def test_every_contradiction_is_listed() -> None:
    bad = Workflow(
        "bad",
        name("bad"),
        "draft",
        (state("draft"), state("draft"), state("island"), state("trap")),
        (
            Transition("go", name("go"), name("…"), ("draft",), "nowhere", (Role.OFFICER,)),
            Transition("go", name("go"), name("…"), (), "trap", ()),
            Transition("rule", name("rule"), name("…"), ("draft",), "trap", (Role.ADMINISTRATOR,)),
        ),
    )
    with pytest.raises(DefinitionError) as error:
        bad.validate()
    text = str(error.value)
    for part in (
        "draft is declared twice",
        "go is declared twice",
        "unknown state nowhere",
        "starts nowhere",
        "belongs to nobody",
        "never decides",
        "island cannot be reached",
        "trap cannot be left",
    ):
        assert part in text


def test_an_undeclared_start_is_refused() -> None:
    with pytest.raises(DefinitionError, match="initial state x"):
        Workflow("w", name("w"), "x", (state("a", final=True),), ()).validate()


@given(
    st.lists(st.sampled_from(["submit", "approve", "lapse"]), max_size=8),
    st.lists(st.sampled_from(list(Role)), min_size=8, max_size=8),
)
def test_no_walk_leaves_the_declared_states(moves: list[str], roles: list[Role]) -> None:
    case = Case()
    for move, role in zip(moves, roles, strict=False):
        actor = Actor("p-3", role, "o-1" if role is Role.FIRM else "o-3")
        permitted = move in {t.code for t in FLOW.allowed(case, actor, T0)}
        try:
            event = FLOW.apply(case, move, actor, T0, "reason")
        except RefusedError:
            assert not permitted
            continue
        assert permitted
        assert case.state in FLOW.transition(move).sources
        case = replace(case, state=event.target)


def test_roles_speak_and_some_never_decide() -> None:
    assert all(r.text.zh and r.text.en for r in Role)
    assert {r for r in Role if not r.decides} == {Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR, Role.PUBLIC}
