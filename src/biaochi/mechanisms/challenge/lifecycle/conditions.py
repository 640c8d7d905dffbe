"""Conditions read from attributes of the subject; an attribute that is absent does not hold."""

from __future__ import annotations

from datetime import datetime

from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.core.workflow import Guard


def holds(attribute: str, zh: str, en: str) -> Guard:
    """Return a guard that an attribute of the subject is true; its code is the attribute's name."""

    def test(subject: object, actor: Actor, now: datetime) -> bool:
        return getattr(subject, attribute, False) is True

    return Guard(attribute, Text(zh, en), test)


def _after_deadline(subject: object, actor: Actor, now: datetime) -> bool:
    deadline = getattr(subject, "deadline", None)
    return deadline is not None and now > deadline


def _before_deadline(subject: object, actor: Actor, now: datetime) -> bool:
    deadline = getattr(subject, "deadline", None)
    return deadline is not None and now <= deadline


AFTER_DEADLINE = Guard("deadline_passed", Text("须在截止时间之后", "the deadline must have passed"), _after_deadline)
BEFORE_DEADLINE = Guard(
    "before_deadline", Text("须在截止时间之前", "the deadline must not have passed"), _before_deadline
)
