"""Change told apart: performance, goalposts, revision and method, by Shapley values that add up.

The score is seen as a function of four switches, each at its left or right setting: whose values (unit and period),
the goalposts (the data that scales were learnt from, the base periods, and set worst and best values), which vintage of
the data, and which framework and method beside the goalposts.  Source: Shorrocks (2013), doi 10.1007/s10888-011-9214-z.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations

import pandas as pd

from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.errors import CompositeError
from biaochi.methods.composite.pipeline import Composite, fit
from biaochi.methods.composite.remove import conformed
from biaochi.methods.composite.steps import Steps
from biaochi.methods.composite.tree import Tree

Models = dict[tuple[bool, bool, bool], Composite | None]
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


def decompose(left: Side, right: Side, *, node: str = "", models: Models | None = None) -> Change:
    """Return what makes the score of ``left`` differ from that of ``right``: left − right.

    Where one dataset lacks a unit or period of the other side, or cannot judge it yet, that side's own data stand in.

    Parameters
    ----------
    models : dict or None
        Composites made on the way, to share among units of the same two datasets and methods.
    """
    cache: dict[tuple[bool, bool, bool, bool], float] = {}
    models = {} if models is None else models

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


def decompose_units(
    left: tuple[Dataset, Steps], right: tuple[Dataset, Steps], places: Sequence[tuple[str, str, str]], *, node: str = ""
) -> pd.DataFrame:
    """Return what makes scores differ between two states of an index, one row a unit.

    Parameters
    ----------
    left, right : tuple of Dataset and Steps
        The later and the earlier state.
    places : sequence of (unit, left period, right period)

    Returns
    -------
    DataFrame
        ``unit, left_period, right_period, performance, goalposts, revision, method, total``; the four add up.
    """
    models: Models = {}
    rows = []
    for unit, now, before in places:
        found = decompose(Side(*left, unit, now), Side(*right, unit, before), node=node, models=models)
        rows.append({"unit": unit, "left_period": now, "right_period": before, **asdict(found)})
    return pd.DataFrame(rows, columns=["unit", "left_period", "right_period", *PARTS, "total"])


def _score(left: Side, right: Side, state: tuple[bool, bool, bool, bool], node: str, models: Models) -> float:
    who, goalposts, vintage, method = state
    side = left if who else right
    # A mixture may have no score: the other vintage does not know the unit and period yet, or cannot judge them, or
    # values fall off the other scale where a mean needs positive ones.  The side's own data or goalposts stand in.
    for key in ((goalposts, vintage, method), (goalposts, who, method), (who, vintage, method), (who, who, method)):
        found = _at(left, right, key, side, node, models)
        if math.isfinite(found):
            return found
    return math.nan


def _at(left: Side, right: Side, key: tuple[bool, bool, bool], side: Side, node: str, models: Models) -> float:
    goalposts, vintage, method = key
    data, posts, rules = (left if chosen else right for chosen in (vintage, goalposts, method))
    if side.unit not in data.dataset.units or side.period not in data.dataset.periods:
        return math.nan
    if key not in models:
        models[key] = _composite(data, posts, rules)
    composite = models[key]
    if composite is None:
        return math.nan
    row = composite.dataset.periods.index(side.period) * len(composite.dataset.units)
    row += composite.dataset.units.index(side.unit)
    return float(composite.table[composite.frame.column[node or rules.dataset.framework.root], row])


def _composite(data: Side, posts: Side, rules: Side) -> Composite | None:
    """Return the data of one side on the scale of another by the rules of a third; ``None`` where that cannot be."""
    steps, tree = _with_goalposts(rules, posts)
    scored = data.dataset if data.dataset.framework is tree else conformed(data.dataset, tree)
    basis = posts.dataset if posts.dataset.framework is tree else conformed(posts.dataset, tree)
    try:
        return fit(steps, basis).transform(scored)
    except CompositeError:
        return None


def _with_goalposts(rules: Side, posts: Side) -> tuple[Steps, Tree]:
    """Return one side's method and tree with the base periods and the set worst and best values of the other."""
    tree, steps = rules.dataset.framework, rules.method
    if posts is rules:
        return steps, tree
    own, other = dict(steps.params("normalise")), posts.method.params("normalise")
    if own.get("base") != other.get("base"):
        own.pop("base", None)
        own |= {"base": other["base"]} if "base" in other else {}
        steps = type(steps).from_steps(
            [{s.name: own if s.name == "normalise" else dict(s.params)} for s in steps.steps]
        )
    known = posts.dataset.framework.by_code
    nodes = tuple(
        replace(n, worst=known[n.code].worst, best=known[n.code].best)
        if n.code in known and known[n.code].worst is not None and n.worst is not None
        else n
        for n in tree.nodes
    )
    return steps, tree if nodes == tree.nodes else replace(tree, nodes=nodes)
