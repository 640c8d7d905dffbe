"""Random walks through the life cycle against the real service and database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction as database
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from biaochi.core.errors import RefusedError, StaleError
from biaochi.core.roles import CLOCK, Role
from biaochi.registry import ledger
from biaochi.registry.models import Decision, LedgerEntry
from biaochi.registry.transition import create, run_overdue, transition

MOVES = ("check", "issue", "review", "lapse", "withdraw", "burn")
WHO = ("officer", "colleague", "elsewhere", "reviewer", "same_house_reviewer", "firm", "auditor", "administrator")


class Walk(RuleBasedStateMachine):
    """One object, any actor, any move, any version; what the service stored must always add up."""

    people: ClassVar[Any]
    kind: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        self.point = database.savepoint()
        self.now = timezone.now()
        self.moves = 0
        self.state, self.version = "draft", 1

    def teardown(self) -> None:
        database.savepoint_rollback(self.point)

    @initialize(text=st.sampled_from(["短", "正文在此"]), firm=st.booleans())
    def begin(self, text: str, firm: bool) -> None:
        self.before = LedgerEntry.objects.count()
        actor = self.people.firm if firm else self.people.officer
        self.notice = create(self.kind(title_zh="甲", title_en="A", text=text), actor, now=self.now)

    @rule(
        move=st.sampled_from(MOVES),
        who=st.sampled_from(WHO),
        reason=st.sampled_from(["", " ", "可以"]),
        stale=st.sampled_from([0, 0, 0, 1]),
        hours=st.integers(0, 400),
    )
    def try_to_move(self, move: str, who: str, reason: str, stale: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        actor = CLOCK if move == "lapse" and who == "officer" else getattr(self.people, who)
        seen = self.kind.objects.get(pk=self.notice.pk)
        seen.version -= stale
        try:
            moved = transition(seen, move, actor, reason, now=self.now)
        except StaleError:
            assert stale
            return
        except RefusedError:
            return
        assert not stale
        flow = self.kind.workflow
        taken = flow.transition(move)
        assert self.state in taken.sources
        assert actor.role in taken.roles
        assert actor.role not in (Role.AUDITOR, Role.ADMINISTRATOR)
        assert reason.strip() or not taken.needs_reason
        assert not (taken.not_by and actor.person == self.notice.creator.public_id)
        self.state, self.version, self.moves = taken.target, self.version + 1, self.moves + 1
        assert moved.event.target == self.state

    @rule(days=st.integers(0, 20))
    def let_time_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        made = run_overdue([self.kind], self.now)
        if made:
            assert self.state == "issued"
            self.state, self.version, self.moves = "lapsed", self.version + 1, self.moves + 1
        assert run_overdue([self.kind], self.now) == 0

    @invariant()
    def what_is_stored_adds_up(self) -> None:
        if not hasattr(self, "notice"):
            return
        stored = self.kind.objects.get(pk=self.notice.pk)
        assert (stored.state, stored.version) == (self.state, self.version)
        assert LedgerEntry.objects.count() == self.before + 1 + self.moves
        assert Decision.objects.filter(subject=stored.public_id).count() == 1 + self.moves
        assert ledger.verify_database().intact


@pytest.fixture
def walk(cast: Any, notice_model: Any) -> type[Walk]:
    Walk.people, Walk.kind = cast, notice_model
    return Walk


@pytest.mark.django_db
def test_any_walk_leaves_a_true_record(walk: type[Walk]) -> None:
    run_state_machine_as_test(walk, settings=settings(max_examples=25, stateful_step_count=12, deadline=None))
