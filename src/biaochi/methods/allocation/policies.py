"""Policies by the names used on the command line."""

from __future__ import annotations

import numpy as np

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.methods.allocation.batch import Policy
from biaochi.methods.allocation.commit import Commit
from biaochi.methods.allocation.exact import LIMIT, optimal
from biaochi.methods.allocation.lookahead import Lookahead
from biaochi.methods.allocation.plain import PLAIN
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.rollout import Rollout

DEFAULTS = (
    "equal",
    "stop",
    "stop_refill",
    "winner",
    "halving",
    "commit:2:1",
    "commit:4:1",
    "commit:inf:1",
    "commit:inf:3",
)


def policy_named(name: str, programme: Programme, *, limit: int = LIMIT) -> Policy:
    """Return a policy.

    Parameters
    ----------
    name : str
        ``equal``, ``stop``, ``stop_refill``, ``winner``, ``halving``, ``commit:W:phi``, ``lookahead:phi``,
        ``rollout`` or ``exact``.
    programme : Programme
        What ``exact`` solves.

    Raises
    ------
    UsageError
        When there is no such policy.

    Examples
    --------
    >>> policy_named("commit:inf:1.5", None).name
    'commit:inf:1.5'
    """
    plain = {p.name: p for p in PLAIN}
    if name in plain:
        return plain[name]
    if name == "rollout":
        return Rollout()
    if name == "exact":
        return optimal(programme, limit=limit)
    kind, *rest = name.split(":")
    try:
        numbers = [float(x) for x in rest]
        if kind == "commit" and len(numbers) == 2 and numbers[0] >= 1 and numbers[1] > 0:
            return Commit(numbers[0], numbers[1])
        if kind == "lookahead" and len(numbers) == 1 and numbers[0] > 0 and np.isfinite(numbers[0]):
            return Lookahead(numbers[0])
    except ValueError:
        pass
    known = "equal, stop, stop_refill, winner, halving, commit:W:phi, lookahead:phi, rollout, exact"
    raise UsageError(Text(f"没有策略“{name}”；可用：{known}", f"no policy {name!r}; choose from {known}"))
