"""Compare two places: one unit with another, or with itself in another period, vintage or framework."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from biaochi.methods.composite import Change, Composite, Link, Plan, Side, contributions, decompose, link, replicate
from biaochi.methods.composite.contributions import Split


@dataclass(frozen=True, slots=True)
class Place:
    """A unit in a period."""

    unit: str
    period: str

    @property
    def code(self) -> str:
        """``UNIT@PERIOD``."""
        return f"{self.unit}@{self.period}"


@dataclass(frozen=True)
class Comparison:
    """Left minus right, with its interval, what makes it, and how far it may be called a difference."""

    left: Place
    right: Place
    difference: float
    difference_lo: float
    difference_hi: float
    p_left_better: float
    verdict: str
    contributions: Split | None
    change: Change
    link: Link


def compare(
    left: Composite,
    right: Composite,
    a: Place,
    b: Place,
    plan: Plan,
    plan_right: Plan,
    *,
    n: int = 512,
    seed: int = 0,
    confidence: float = 0.9,
) -> Comparison:
    """Compare place ``a`` in composite ``left`` with place ``b`` in ``right`` (the same object for one framework).

    The verdict is ``ahead`` or ``behind`` when the whole interval lies on one side of zero, else
    ``not_distinguishable``.
    """
    root_left, root_right = left.dataset.framework.root, right.dataset.framework.root
    own = _score(left, root_left, a), _score(right, root_right, b)
    drawn = _differences(left, right, a, b, plan, plan_right, n, seed)
    tail = (1 - confidence) / 2
    low = high = p = math.nan
    if drawn.size:
        low, high = (float(q) for q in np.quantile(drawn, [tail, 1 - tail]))
        p = float((drawn > 0).mean() + 0.5 * (drawn == 0).mean())
    verdict = "ahead" if low > 0 else "behind" if high < 0 else "not_distinguishable"
    split = None
    if left is right:
        split = contributions(left, _leaves(left, a), _leaves(right, b))
    change = decompose(
        Side(left.dataset, left.method, a.unit, a.period), Side(right.dataset, right.method, b.unit, b.period)
    )
    return Comparison(a, b, own[0] - own[1], low, high, p, verdict, split, change, _link(left, right))


def _row(composite: Composite, place: Place) -> int:
    dataset = composite.dataset
    return dataset.periods.index(place.period) * len(dataset.units) + dataset.units.index(place.unit)


def _score(composite: Composite, node: str, place: Place) -> float:
    return float(composite.table[composite.frame.column[node], _row(composite, place)])


def _leaves(composite: Composite, place: Place) -> np.ndarray:
    return np.asarray(composite.stages["normalised"][0][:, _row(composite, place)])


def _differences(
    left: Composite, right: Composite, a: Place, b: Place, plan: Plan, plan_right: Plan, n: int, seed: int
) -> np.ndarray:
    """Replications of left − right, brought to the nominal mean and spread of all units of both periods together."""
    drawn, nominal, places = [], [], []
    start = 0
    for composite, place, own in ((left, a, plan), (right, b, plan_right)):
        tree, size = composite.dataset.framework, len(composite.dataset.units)
        design = own.sample(n, rng=np.random.default_rng(seed))
        scores, _ = replicate(composite.method, composite.dataset, own, design, nodes=(tree.root,), period=place.period)
        first = composite.dataset.periods.index(place.period) * size
        drawn.append(scores[:, 0])
        nominal.append(composite.table[composite.frame.column[tree.root], first : first + size])
        places.append(start + composite.dataset.units.index(place.unit))
        start += size
    together, own_scores = np.concatenate(drawn, axis=1), np.concatenate(nominal)
    held = np.isfinite(own_scores)
    m0, sd0 = own_scores[held].mean(), own_scores[held].std(ddof=1)
    mean, sd = np.nanmean(together[:, held], 1), np.nanstd(together[:, held], 1, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = m0 + sd0 * (together - mean[:, None]) / sd[:, None]
    difference = scaled[:, places[0]] - scaled[:, places[1]]
    return np.asarray(difference[np.isfinite(difference)])


def _link(left: Composite, right: Composite) -> Link:
    """How the two frameworks meet: right is the old one, left the new one, in the periods both score."""
    if left is right:
        return Link(1.0, 1.0, 0.0)
    shared = [p for p in left.dataset.periods if p in right.dataset.periods]
    units = [u for u in left.dataset.units if u in right.dataset.units]
    if not shared or len(units) < 3:
        return Link(math.nan, math.nan, math.nan)

    def scores(composite: Composite, period: str) -> np.ndarray:
        root = composite.dataset.framework.root
        return np.array([_score(composite, root, Place(u, period)) for u in units])

    first, last = shared[0], shared[-1]
    return link(scores(right, first), scores(left, first), scores(right, last), scores(left, last))
