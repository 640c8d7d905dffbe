"""How firm is a suggestion?  The same problem solved on many draws of the probabilities.

A suggestion that comes back in four draws of five is ``firm``, in half of them ``optional``, else ``open``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from biaochi.methods.specialisation.coordination.assignment import assign
from biaochi.methods.specialisation.coordination.problem import Problem


def stability(draws: Iterable[pd.DataFrame], problem: Problem, value: pd.Series | None = None) -> pd.DataFrame:
    """Return how often each cell is chosen.

    Parameters
    ----------
    draws : iterable of DataFrame, regions × tracks
        Probabilities of one draw each, with the same labels.
    problem : Problem
        Solved as P0 on every draw; draws without a solution are left out.
    value : Series by track, or None

    Returns
    -------
    DataFrame
        Frequencies 0..1; NaN when no draw had a solution.

    Examples
    --------
    >>> p = pd.DataFrame([[0.9, 0.1]], index=["a"], columns=["x", "y"])
    >>> stability([p, p], Problem(k=1)).loc["a"].tolist()
    [1.0, 0.0]
    """
    total: pd.DataFrame | None = None
    solved = 0
    for p in draws:
        found = assign(p, value, problem)
        counted = found.chosen.astype(float)
        total = counted * 0.0 if total is None else total
        if found.solved:
            total = total + counted
            solved += 1
    if total is None:
        raise ValueError("stability needs at least one draw")
    return total / solved if solved else total * np.nan


def tier(frequency: float, *, firm: float = 0.8, optional: float = 0.5) -> str:
    """Return the tier of a frequency.

    Examples
    --------
    >>> tier(0.8), tier(0.79), tier(0.2)
    ('firm', 'optional', 'open')
    """
    if frequency >= firm:
        return "firm"
    return "optional" if frequency >= optional else "open"
