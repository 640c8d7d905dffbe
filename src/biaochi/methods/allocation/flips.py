"""What would change the advice: the least change of a route's costs or prior that funds a team no more, or does.

The costs still to come of a whole route are multiplied, or its prior is tilted; like teams therefore flip together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from biaochi.methods.allocation.bands import reprior, tilted
from biaochi.methods.allocation.batch import BoolArray
from biaochi.methods.allocation.programme import Programme

Advice = Callable[[Programme], BoolArray]
STEPS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
COARSE = (0.25, 0.7, 1.6)


@dataclass(frozen=True)
class Flip:
    """Least cost factor and least tilt that change whether a team is funded; ``None`` when nothing tried does."""

    cost_factor: float | None
    tilt: float | None


def dearer(programme: Programme, r: int, factor: float) -> Programme:
    """Return the programme with the costs still to come of one route multiplied; what is left stays what it is."""
    routes = [replace(x, cost=x.cost * factor) if i == r else x for i, x in enumerate(programme.routes)]
    changed = programme.with_model(routes)
    return changed.with_budget(programme.left + changed.spent)


def flips(
    programme: Programme, advice: Advice, base: BoolArray, *, precision: int, steps: Iterable[float] = STEPS
) -> dict[tuple[int, int], Flip]:
    """Return the flip of every team.

    Parameters
    ----------
    programme : Programme
    advice : callable
        Programme → whom to fund, shape (R, M), of like teams the first.
    base : ndarray of bool, shape (R, M)
        The advice as it stands.
    precision : int
        Halvings after a flip was bracketed.
    steps : iterable of float
        Distances tried on both sides: of the tilt, and of the logarithm of the cost factor.
    """
    found: dict[tuple[int, int], Flip] = {}
    tried = tuple(steps)
    for r, route in enumerate(programme.routes):
        cost = _nearest(lambda x, r=r: advice(dearer(programme, r, float(np.exp(x))))[r], base[r], tried, precision)  # type: ignore[misc]
        tilt: dict[int, float] = {}
        if route.prior.size > 1:
            tilt = _nearest(
                lambda x, r=r: advice(reprior(programme, r, lambda p: tilted(p, x)))[r],  # type: ignore[misc]
                base[r],
                tried,
                precision,
            )
        for i in range(len(route.teams)):
            factor = cost.get(i)
            found[(r, i)] = Flip(None if factor is None else float(np.exp(factor)), tilt.get(i))
    return found


def _nearest(
    advice: Callable[[float], BoolArray], base: BoolArray, steps: tuple[float, ...], precision: int
) -> dict[int, float]:
    """Return for each team the least |x| at which its advice differs from the base."""
    found: dict[int, float] = {}
    for sign in (1.0, -1.0):
        answers = {0.0: base}
        for step in steps:
            answers[step] = advice(sign * step)
        grid = sorted(answers)
        for i in range(base.size):
            at = next((k for k, x in enumerate(grid) if answers[x][i] != base[i]), None)
            if at is None:
                continue
            low, high = grid[at - 1], grid[at]
            for _ in range(precision):
                middle = (low + high) / 2
                if middle not in answers:
                    answers[middle] = advice(sign * middle)
                if answers[middle][i] != base[i]:
                    high = middle
                else:
                    low = middle
            if i not in found or high < abs(found[i]):
                found[i] = sign * high
    return found
