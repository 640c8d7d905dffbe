"""P0: who takes what, so that the expected value is greatest and duplication is priced.

Maximise Σ v_j p_ij x_ij − λ Σ_j Σ_m (m−1) y_jm, where each region takes exactly its number of picks and the m-th
place of a track costs λ(m−1): λ is what each pair of regions on the same track costs.  The programme is a min-cost
flow, so its solution is integral, and the price of each track, the dual of its balance, makes every region's set its
own best.

Use it to see what could be gained by differing, and show the frontier beside it; it is never an allocation order.

Source
------
Own formulation on Ahuja, Magnanti, Orlin (1993), Network Flows; prices that support an assignment: Koopmans,
Beckmann (1957), doi 10.2307/1907742.
"""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.coordination.flow import Flow, FlowSolution, shortfalls, solve
from biaochi.methods.specialisation.coordination.problem import (
    Assignment,
    Cells,
    Certificate,
    Problem,
    Shortfall,
    cells,
)

Array = NDArray[np.float64]


def assign(p: pd.DataFrame, value: pd.Series | None, problem: Problem) -> Assignment:
    """Solve P0.

    Parameters
    ----------
    p : DataFrame, regions × tracks
        Probability of entry, 0..1; NaN where the region is no candidate.
    value : Series by track, or None
        v ≥ 0; 1 by default.
    problem : Problem
        k, price, cap, limits, existing places, fixed and excluded cells; budgets, clusters and the like are P1's.

    Returns
    -------
    Assignment

    Examples
    --------
    >>> p = pd.DataFrame([[0.9, 0.8], [0.9, 0.1]], index=["a", "b"], columns=["x", "y"])
    >>> assign(p, None, Problem(k=1, cap=1)).chosen.loc["a"].tolist()
    [False, True]
    """
    started = perf_counter()
    table = cells(p, value, problem)
    flow = Flow(
        table.gain,
        table.allowed,
        table.fixed,
        table.k,
        place_costs(table, problem.price),
        np.maximum(table.least - table.existing, 0),
    )
    impossible = beyond(table, problem)
    found = None if impossible else solve(flow)
    if found is None:
        return _infeasible(p, table, impossible or _short(flow, table), perf_counter() - started)
    chosen = pd.DataFrame(found.chosen, index=p.index, columns=p.columns)
    own = float((table.gain * found.chosen).sum()) - pair_cost(table, found.chosen, problem.price)
    gap = max(0.0, found.value - own) / max(abs(found.value), 1e-12)
    certificate = Certificate(found.fraction < 1e-6, own, found.value, gap, perf_counter() - started)
    return Assignment(chosen, prices(table, found, problem.price), certificate)


def automatic_cap(k: int, regions: int, tracks: int, slack: float = 1.25) -> int:
    """Return ⌈slack·ΣK/T⌉, the cap that leaves a quarter of room.

    Examples
    --------
    >>> automatic_cap(3, 38, 35)
    5
    """
    return math.ceil(slack * k * regions / tracks - 1e-9) if tracks else 0


def place_costs(table: Cells, price: float) -> Array:
    """Return λ(m−1) for each new place of each track, infinite beyond its limit."""
    new = np.minimum(table.most - table.existing, table.allowed.sum(axis=0))
    width = int(max(new.max(initial=0), 0))
    place = np.arange(width)[None, :]
    return np.where(place < new[:, None], price * (table.existing[:, None] + place), np.inf)


def pair_cost(table: Cells, chosen: NDArray[np.bool_], price: float) -> float:
    """Return λ times the pairs the new places make with one another and with the existing ones."""
    after = chosen.sum(axis=0) + table.existing
    return float(price * (after * (after - 1) - table.existing * (table.existing - 1)).sum() / 2)


def prices(table: Cells, found: FlowSolution, price: float) -> pd.DataFrame:
    """Return the prices of tracks with their theoretical bounds.

    A used track costs λ(n−1) to λn, without upper end at its cap; one nobody takes costs what its first place would.
    """
    n = found.chosen.sum(axis=0) + table.existing
    used = found.chosen.any(axis=0)
    capped = n >= table.most
    low = np.where(used, price * (n - 1), 0.0)
    high = np.where(capped & used, np.nan, np.where(used, price * n, price * table.existing))
    raw = np.where(used, found.price, price * table.existing)
    slack = (table.least <= table.existing) | (n > table.least)
    bounded = np.clip(raw, low, np.where(np.isnan(high), np.inf, high))
    # A track held at its least number of places may have a price below its costs: a subsidy.
    final = np.where(slack, bounded, np.minimum(raw, np.where(np.isnan(high), np.inf, high)))
    return pd.DataFrame({"track": table.tracks, "n": n, "price": final + 0.0, "low": low, "high": high})


def beyond(table: Cells, problem: Problem) -> tuple[Shortfall, ...]:
    """Return what cannot be met whatever is picked: places under the caps, and what is fixed against them."""
    found = []
    room = int(np.maximum(table.most - table.existing, 0).sum())
    if table.k.sum() > room:
        found.append(Shortfall("cap", float(table.k.sum()), float(room)))
    fixed = table.fixed.sum(axis=1)
    for i in np.flatnonzero(fixed > table.k):
        found.append(Shortfall(f"fixed:{table.regions[i]}", float(fixed[i]), float(table.k[i])))
    possible = {(table.regions[i], table.tracks[j]) for i, j in zip(*np.nonzero(table.fixed), strict=True)}
    for region, track in dict.fromkeys(problem.fixed):
        if (region, track) not in possible:
            found.append(Shortfall(f"fixed:{region}:{track}", 1.0, 0.0))
    taken = table.fixed.sum(axis=0) + table.existing
    for j in np.flatnonzero((taken > table.most) & (table.fixed.any(axis=0))):
        found.append(Shortfall(f"max_regions:{table.tracks[j]}", float(taken[j]), float(table.most[j])))
    for j in np.flatnonzero(table.least > table.most):
        found.append(Shortfall(f"min_regions:{table.tracks[j]}", float(table.least[j]), float(table.most[j])))
    return tuple(found)


def _short(flow: Flow, table: Cells) -> tuple[Shortfall, ...]:
    regions, tracks = shortfalls(flow)
    found = [
        Shortfall(f"k:{table.regions[i]}", float(flow.k[i]), float(flow.k[i] - regions[i]))
        for i in np.flatnonzero(regions > 1e-9)
    ]
    found += [
        Shortfall(f"min_regions:{table.tracks[j]}", float(table.least[j]), float(table.least[j] - tracks[j]))
        for j in np.flatnonzero(tracks > 1e-9)
    ]
    return tuple(found) or (Shortfall("fixed", float(flow.fixed.sum()), float("nan")),)


def _infeasible(p: pd.DataFrame, table: Cells, why: tuple[Shortfall, ...], seconds: float) -> Assignment:
    nothing = pd.DataFrame(False, index=p.index, columns=p.columns)
    unknown = np.full(len(table.tracks), np.nan)
    empty = pd.DataFrame(
        {"track": table.tracks, "n": table.existing, "price": unknown, "low": unknown, "high": unknown}
    )
    return Assignment(nothing, empty, Certificate(False, np.nan, np.nan, np.nan, seconds), why)
