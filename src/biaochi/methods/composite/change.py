"""Change told apart: performance, goalposts, revision and method, by Shapley values that add up.

The score is seen as a function of four switches, each at its left or right setting: whose values (unit and period),
what the scales were learnt from, which vintage of the data, and which framework and method.  Source: Shorrocks (2013),
doi 10.1007/s10888-011-9214-z.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.pipeline import Composite, fit
from biaochi.methods.composite.remove import conformed
from biaochi.methods.composite.steps import Steps

PARTS = ("performance", "goalposts", "revision", "method")


@dataclass(frozen=True)
class Change:
    """Parts of a difference, in :data:`PARTS` order; they sum to ``total``."""

    performance: float
    goalposts: float
    revision: float
    method: float
    total: float


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a unit in a period, as one dataset and one method see it."""

    dataset: Dataset
    method: Steps
    unit: str
    period: str


def decompose(left: Side, right: Side, *, node: str = "") -> Change:
    """Return what makes the score of ``left`` differ from that of ``right``: left − right.

    Where one dataset lacks a unit or period of the other side, that side's own data stand in.
    """
    cache: dict[tuple[bool, bool, bool, bool], float] = {}
    models: dict[tuple[bool, bool, bool], Composite] = {}

    def score(state: tuple[bool, bool, bool, bool]) -> float:
        if state not in cache:
            cache[state] = _score(left, right, state, node, models)
        return cache[state]

    n = len(PARTS)
    parts = []
    for k in range(n):
        others = [j for j in range(n) if j != k]
        value = 0.0
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for chosen in combinations(others, size):
                without = tuple(j in chosen for j in range(n))
                with_ = tuple(j in chosen or j == k for j in range(n))
                value += weight * (score(with_) - score(without))  # type: ignore[arg-type]
        parts.append(value)
    total = score((True,) * 4) - score((False,) * 4)
    performance, goalposts, revision, method = parts
    return Change(performance, goalposts, revision, method, total)


def _score(
    left: Side,
    right: Side,
    state: tuple[bool, bool, bool, bool],
    node: str,
    models: dict[tuple[bool, bool, bool], Composite],
) -> float:
    who, goalposts, vintage, method = state
    side = left if who else right
    data, learnt = (left if vintage else right).dataset, (left if goalposts else right).dataset
    if side.unit not in data.units or side.period not in data.periods:
        data, vintage = side.dataset, who
    rules = left if method else right
    key = (goalposts, vintage, method)
    if key not in models:
        tree = rules.dataset.framework
        scored = data if data.framework is tree else conformed(data, tree)
        basis = learnt if learnt.framework is tree else conformed(learnt, tree)
        models[key] = fit(rules.method, basis).transform(scored)
    composite = models[key]
    row = composite.dataset.periods.index(side.period) * len(composite.dataset.units)
    row += composite.dataset.units.index(side.unit)
    return float(composite.table[composite.frame.column[node or rules.dataset.framework.root], row])
