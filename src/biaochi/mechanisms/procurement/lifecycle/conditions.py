"""The words the life cycles of procurement share: states, moves, and guards that name their article."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition

BUYER = (Role.BUYER,)
FIRM = (Role.FIRM,)


def holds(attribute: str, zh: str, en: str) -> Guard:
    """Return a guard on a fact of the subject, or on what the fact says of the instant; a missing one does not hold."""
    return Guard(attribute, Text(zh, en), _true(attribute))


def _true(attribute: str) -> Callable[[object, Actor, datetime], bool]:
    def test(subject: object, actor: Actor, now: datetime) -> bool:
        del actor
        found = getattr(subject, attribute, False)
        return bool(found(now) if callable(found) else found)

    return test


def _after_standstill(subject: object, actor: Actor, now: datetime) -> bool:
    del actor
    end = getattr(subject, "standstill_ends_on", None)
    office = getattr(subject, "office_day", None)
    today = office(now) if callable(office) else now.date()
    return end is not None and today > end


def _before_deadline(subject: object, actor: Actor, now: datetime) -> bool:
    del actor
    deadline = getattr(subject, "deadline", None)
    return deadline is not None and now <= deadline


def _after_deadline(subject: object, actor: Actor, now: datetime) -> bool:
    del actor
    deadline = getattr(subject, "deadline", None)
    return deadline is not None and now > deadline


def _own_house(subject: object, actor: Actor, now: datetime) -> bool:
    del now
    return actor.role is not Role.BUYER or actor.organisation == getattr(subject, "buyer", None)


STANDSTILL_OVER = Guard(
    "standstill_over",
    Text("静候期未满（政府采购法第五十二条）", "the standstill is not over (政府采购法 Art 52)"),
    _after_standstill,
)
BEFORE_DEADLINE = Guard(
    "before_deadline",
    Text("首次响应已截止（第十九条）", "the time for the first response is over (Art 19)"),
    _before_deadline,
)
AFTER_DEADLINE = Guard(
    "after_deadline",
    Text("首次响应尚未截止，任何人不得开启（第十九条）", "before the deadline nobody opens an offer (Art 19)"),
    _after_deadline,
)
OWN_HOUSE = Guard(
    "own_house",
    Text("只有本项目的采购人可以办理（第二条）", "only the buyer of this purchase may do this (Art 2)"),
    _own_house,
)


def state(code: str, zh: str, en: str, public_zh: str = "", public_en: str = "", *, final: bool = False) -> State:
    """Return a state; the public name is the internal one unless given."""
    return State(code, Text(zh, en), Text(public_zh or zh, public_en or en), final)


def move(
    code: str,
    sources: tuple[str, ...],
    target: str,
    zh: str,
    en: str,
    then: tuple[str, str],
    *guards: Guard,
    roles: tuple[Role, ...] = BUYER,
    reason: bool = False,
    not_by: tuple[str, ...] = (),
    not_from: tuple[str, ...] = (),
    own: str = "",
) -> Transition:
    """Return a move; ``then`` says in both languages what it does."""
    return Transition(
        code,
        Text(zh, en),
        Text(*then),
        sources,
        target,
        roles,
        guards,
        needs_reason=reason,
        not_by=not_by,
        not_from=not_from,
        own=own,
    )
