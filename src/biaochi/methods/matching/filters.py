"""Hard conditions before any score, with the funnel: how many are left after each, and how many without each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One condition: firms left once it is applied after those before it, and left if it alone were dropped."""

    filter: str
    left: int
    without: int


def funnel(masks: Sequence[tuple[str, Bools]]) -> tuple[Bools, list[FunnelStep]]:
    """Apply conditions in order.

    Parameters
    ----------
    masks : sequence of (name, array of bool of shape (n,))
        Who passes each condition.

    Returns
    -------
    passed : array of bool, shape (n,)
        Who passes all.
    steps : list of FunnelStep
        One a condition, in order.

    Examples
    --------
    >>> passed, steps = funnel([("track", np.array([1, 1, 0], bool)), ("trl", np.array([1, 0, 1], bool))])
    >>> [(s.filter, s.left, s.without) for s in steps]
    [('track', 2, 2), ('trl', 1, 2)]
    """
    if not masks:
        return np.ones(0, dtype=bool), []
    forward = [masks[0][1]]
    for _, mask in masks[1:]:
        forward.append(forward[-1] & mask)
    everyone = np.ones(masks[0][1].size, dtype=bool)
    behind, without = everyone, [0] * len(masks)
    for i in range(len(masks) - 1, -1, -1):
        before = forward[i - 1] if i else everyone
        without[i] = int(np.count_nonzero(before & behind))
        behind = behind & masks[i][1]
    steps = [FunnelStep(name, int(np.count_nonzero(forward[i])), without[i]) for i, (name, _) in enumerate(masks)]
    return forward[-1], steps
