"""Every life cycle: reachable, leavable, guarded; who may move what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.mechanisms.sandbox.lifecycle import CASE, ETHICS, GRANT, VOUCHER, WAIVER, WORKFLOWS

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Thing:
    """Something with a state and whatever attributes a guard reads."""

    state: str
    entered_at: datetime = NOW
    created_by: str = "firm-person"
    applicant_organisation: str = "firm"
    holder_organisation: str = "firm"
    more: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["more"][name]
        except KeyError:
            raise AttributeError(name) from None


REGULATOR = Actor("reg", Role.REGULATOR, "office")
ETHICIST = Actor("eth", Role.ETHICS_MEMBER, "university")
FIRM = Actor("firm-person", Role.FIRM, "firm")
READY = {
    "floor_kept": True, "has_feed": True, "ethics_cleared": True, "plan_registered": True, "waiver_in_force": True,
}  # fmt: skip


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_is_reached_and_left(workflow: Any) -> None:
    workflow.validate()
    assert workflow.to_mermaid("en").startswith("stateDiagram-v2")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_who_never_decides_moves_nothing(workflow: Any) -> None:
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.ANALYST, Role.PUBLIC):
        for state in workflow.states:
            assert workflow.allowed(Thing(state.code, more=dict(READY)), Actor("x", role, "y"), NOW) == ()


def test_the_states_of_the_specification() -> None:
    assert [s.code for s in CASE.states] == [
        "draft",
        "submitted",
        "screening",
        "more_info",
        "ethics_review",
        "plan_agreed",
        "admitted",
        "running",
        "suspended",
        "exit_review",
        "extended",
        "graduated",
        "adjusted",
        "stopped",
        "wound_down",
        "aftercare",
        "closed",
        "rejected",
        "withdrawn",
    ]
    assert {s.code for s in WAIVER.states} == {"proposed", "granted", "active", "suspended", "expired", "revoked"}
    assert [s.code for s in VOUCHER.states] == (
        ["issued", "reserved", "consumed", "claim_submitted", "verified", "redeemed", "expired", "clawed_back"]
    )
    assert {s.code for s in ETHICS.states} == (
        {"requested", "assigned", "deliberating", "more_info", "approved", "approved_with_conditions", "rejected"}
    )
    assert {s.code for s in GRANT.states} == {"requested", "approved", "active", "expired", "revoked"}


def test_the_way_of_a_good_case() -> None:
    state = "draft"
    path = [
        ("submit", FIRM), ("screen", REGULATOR), ("ask", REGULATOR), ("answer", FIRM), ("to_ethics", REGULATOR),
        ("agree_plan", REGULATOR), ("admit", REGULATOR), ("start", CLOCK), ("suspend", CLOCK), ("resume", REGULATOR),
        ("to_exit", REGULATOR), ("graduate", REGULATOR), ("follow_up", REGULATOR), ("close", REGULATOR),
    ]  # fmt: skip
    more = READY | {"rule_change_proposal": True, "public_summary": True}
    for code, actor in path:
        state = CASE.apply(Thing(state, more=more), code, actor, NOW, "因为").target
    assert state == "closed"


@pytest.mark.parametrize("missing", sorted(READY))
def test_no_run_without(missing: str) -> None:
    thing = Thing("admitted", more=READY | {missing: False})
    if missing == "floor_kept":
        thing.state = "plan_agreed"
        with pytest.raises(RefusedError):
            CASE.apply(thing, "admit", REGULATOR, NOW, "因为")
        return
    with pytest.raises(RefusedError):
        CASE.apply(thing, "start", CLOCK, NOW)


def test_a_case_is_extended_once() -> None:
    assert CASE.apply(Thing("exit_review"), "extend", REGULATOR, NOW, "因为").target == "extended"
    with pytest.raises(RefusedError, match="extended once"):
        CASE.apply(Thing("exit_review", more={"extensions": 1}), "extend", REGULATOR, NOW, "因为")


def test_closing_needs_proposal_and_summary() -> None:
    for more in ({}, {"rule_change_proposal": True}, {"public_summary": True}):
        with pytest.raises(RefusedError):
            CASE.apply(Thing("aftercare", more=dict(more)), "close", REGULATOR, NOW, "因为")


def test_nobody_decides_their_own_case() -> None:
    own = Actor("reg", Role.REGULATOR, "firm")
    assert CASE.obstacles(Thing("plan_agreed", more=dict(READY)), "admit", own, NOW)[0].code == "same_organisation"
    same = Actor("firm-person", Role.REGULATOR, "office")
    assert CASE.obstacles(Thing("plan_agreed", more=dict(READY)), "admit", same, NOW)[0].code == "same_person"


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.sampled_from(["granted", "active", "suspended"]))
def test_expired_is_never_active(today: date, state: str) -> None:
    """Past its last day a waiver can only expire or be revoked; before it, never expire."""
    thing = Thing(
        state,
        more={"start_on": date(2026, 1, 1), "end_on": date(2026, 12, 31), "today": today, "touches_floor": False},
    )
    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    moves = {t.code for a in (REGULATOR, CLOCK) for t in WAIVER.allowed(thing, a, now)}
    if today > date(2026, 12, 31):
        assert "expire" in moves
        assert not moves & {"activate", "resume"}
    else:
        assert "expire" not in moves


def test_a_waiver_that_touches_the_floor_is_not_granted() -> None:
    for more in ({}, {"touches_floor": True}):
        with pytest.raises(RefusedError, match="safety floor"):
            WAIVER.apply(Thing("proposed", more=dict(more)), "grant", REGULATOR, NOW, "因为")


def test_ethics_conditions_and_dates() -> None:
    dated = {"next_review_on": date(2027, 1, 1)}
    assert ETHICS.apply(Thing("deliberating", more=dated), "approve", ETHICIST, NOW, "因为").target == "approved"
    with pytest.raises(RefusedError, match="conditions"):
        ETHICS.apply(Thing("deliberating", more=dated), "approve_with_conditions", ETHICIST, NOW, "因为")
    inside = Actor("eth", Role.ETHICS_MEMBER, "firm")
    assert ETHICS.obstacles(Thing("deliberating", more=dated), "approve", inside, NOW)[0].code == "same_organisation"
