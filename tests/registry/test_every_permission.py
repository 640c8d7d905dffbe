"""Permissions, cell by cell: every role × every workflow × every state × every move, against the stored object.

The expectation is written out anew from the workflow's data, so that the service, the object's rule of sight and the
workflow engine are held against an independent reading of the same table.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction as database

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Transition, Workflow
from biaochi.registry.models import Governed, Membership, Visibility
from biaochi.registry.transition import transition

pytestmark = pytest.mark.django_db
ACTING = [r for r in Role if r not in (Role.PUBLIC, Role.CLOCK)]


def sees(rule: Visibility, role: Role, state: str, *, own: bool) -> bool:
    if state in rule.public_states:
        return True
    if role is Role.AUDITOR:
        return rule.auditor
    return role in rule.roles or (own and rule.own and role.decides)


def may(flow: Workflow, move: Transition, role: Role, state: str, *, own: bool, creator: bool) -> bool:
    if role not in move.roles or state not in move.sources or not role.decides:
        return False
    if creator and "creator" in move.not_by:
        return False
    if own and "organisation" in move.not_from:
        return False
    return own or move.own != "organisation"


@pytest.fixture
def stage(cast: Any, notice_model: type[Governed], member: Callable[..., Membership]) -> Any:
    """Return a stored notice and, for each role, an actor of its own house and one of another."""
    notice = notice_model.objects.create(title_zh="甲", title_en="A", text="正文在此", region_id="330000")  # type: ignore[misc]
    home = Membership.objects.get(person__public_id=cast.officer.person).organisation
    away = Membership.objects.get(person__public_id=cast.other_firm.person).organisation
    notice.organisation = home
    notice.save()
    actors = {
        (role, own): member(role, organisation=home if own else away).actor for role in ACTING for own in (True, False)
    }
    return notice, actors


def test_every_cell_of_the_matrix(stage: Any) -> None:
    notice, actors = stage
    flow, rule = notice.workflow, notice.visibility
    cells = 0
    for state, move in itertools.product(flow.states, flow.transitions):
        for (role, own), actor in actors.items():
            for creator in (False, True) if role.decides else (False,):
                cells += 1
                expected = sees(rule, role, state.code, own=own or creator) and may(
                    flow, move, role, state.code, own=own, creator=creator
                )
                assert moved(notice, state.code, move.code, actor, creator=creator) is expected, (
                    state.code,
                    move.code,
                    role,
                    own,
                    creator,
                )
    assert cells > 400


def moved(notice: Any, state: str, move: str, actor: Actor, *, creator: bool) -> bool:
    """Whether the service lets the actor make the move; everything is rolled back."""
    made = False
    kind = type(notice)
    point = database.savepoint()
    person = Membership.objects.filter(person__public_id=actor.person).values_list("person_id", flat=True)[0]
    kind.objects.filter(pk=notice.pk).update(state=state, creator_id=person if creator else None)
    current = kind.objects.get(pk=notice.pk)
    try:
        transition(current, move, actor, "理由")
        made = True
    except RefusedError:
        pass
    database.savepoint_rollback(point)
    return made


def test_administrators_auditors_analysts_and_the_public_never_decide(stage: Any) -> None:
    notice, _ = stage
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.ANALYST, Role.PUBLIC):
        for state, move in itertools.product(notice.workflow.states, notice.workflow.transitions):
            actor = Actor(notice.public_id, role, notice.organisation.public_id)
            type(notice).objects.filter(pk=notice.pk).update(state=state.code)
            with pytest.raises(RefusedError):
                transition(type(notice).objects.get(pk=notice.pk), move.code, actor, "理由")
