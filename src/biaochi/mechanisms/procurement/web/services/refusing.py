"""How the services refuse: a code, and the sentence in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.registry.models import Governed
from biaochi.registry.transition import record


def refuse(code: str, zh: str, en: str) -> RefusedError:
    """Return a refusal in both languages."""
    return RefusedError(code, Text(zh, en))


def noted(obj: Governed, code: str, actor: Actor, now: datetime, reason: str = "", **facts: Any) -> None:
    """Write an act that moves nothing to the ledger."""
    record(obj, code, actor, reason, Decision(code, (), now, facts=facts), now=now)
