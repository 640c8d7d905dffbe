"""What a page gathered from all mechanisms, kept until the next line of the ledger, and for a minute at the most.

Every decision is a line, so nothing that was decided is ever shown late; what moves without a decision (a reading that
arrives, a day that passes) is at most a minute old.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.core.cache import cache

from biaochi.core.canonical import sha256
from biaochi.core.roles import Actor
from biaochi.registry import ledger

KeptT = TypeVar("KeptT")
SECONDS = 60


def kept(name: str, actor: Actor, now: datetime, gather: Callable[[], KeptT], *more: str) -> KeptT:
    """Return what ``gather`` gives for this actor, from the cache while the ledger stands still.

    Parameters
    ----------
    name : str
        What is gathered.
    actor : Actor
        For whom; nobody else is ever given it.
    now : datetime
        The instant; the minute is part of the key.
    gather : callable
        Does the work; what it returns is copied, so that a caller may change it.
    more : str
        What else the result depends on, such as the language.
    """
    head = ledger.head()
    minute = int(now.timestamp() // SECONDS)
    parts = (name, actor.person, actor.role.value, actor.organisation, actor.scope, *more)
    key = sha256("|".join([*parts, head.digest if head else "", str(minute)]))
    found = cache.get(key)
    if found is None:
        fresh = gather()
        cache.set(key, pickle.dumps(fresh), SECONDS)
        return fresh
    result: KeptT = pickle.loads(found)  # our own process wrote it
    return result
