"""P1: picks with budgets, clusters that should differ, tracks that go together, and floors.

Adds to P0: Σ_j c_ij x_ij ≤ B_i (a region with a budget may then pick fewer than its number); −μ for every track
that two regions of one cluster share; a gain for holding both of two joint tracks; least numbers of places for a
direction; a least expected value for a region.  No longer a flow: a mixed-integer programme, solved to a stated gap.
"""

from __future__ import annotations

from itertools import combinations
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array

from biaochi.methods.specialisation.coordination.assignment import beyond, pair_cost, place_costs
from biaochi.methods.specialisation.coordination.problem import (
    Assignment,
    Cells,
    Certificate,
    Problem,
    Shortfall,
    cells,
)

Array = NDArray[np.float64]
ELASTIC = 1e6


class Programme:
    """A mixed-integer programme built row by row; variables are x of allowed cells, then everything added."""

    def __init__(self, objective: Array) -> None:
        self.cost = list(objective)
        self.whole = [1] * len(objective)
        self.low = [0.0] * len(objective)
        self.high = [1.0] * len(objective)
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._values: list[float] = []
        self.lower: list[float] = []
        self.upper: list[float] = []

    def variable(self, cost: float, high: float, *, whole: bool) -> int:
        """Add a variable from 0 to ``high`` and return its position."""
        self.cost.append(cost)
        self.whole.append(int(whole))
        self.low.append(0.0)
        self.high.append(high)
        return len(self.cost) - 1

    def row(self, terms: dict[int, float], low: float, high: float) -> None:
        """Add ``low ≤ Σ terms ≤ high``."""
        number = len(self.lower)
        for column, weight in terms.items():
            self._rows.append(number)
            self._columns.append(column)
            self._values.append(weight)
        self.lower.append(low)
        self.upper.append(high)

    def solve(self, *, gap: float, seconds: float) -> OptimizeResult:
        """Minimise; HiGHS stops at the relative gap or the time."""
        shape = (len(self.lower), len(self.cost))
        matrix = coo_array((self._values, (self._rows, self._columns)), shape=shape).tocsr()
        rows = LinearConstraint(matrix, np.array(self.lower), np.array(self.upper))
        return milp(
            np.array(self.cost),
            integrality=np.array(self.whole),
            bounds=Bounds(np.array(self.low), np.array(self.high)),
            constraints=rows,
            options={"mip_rel_gap": gap, "time_limit": seconds},
        )


def complement(
    p: pd.DataFrame, value: pd.Series | None, problem: Problem, *, gap: float = 1e-6, seconds: float = 60.0
) -> Assignment:
    """Solve P1.

    Parameters
    ----------
    p, value, problem
        As for :func:`~biaochi.methods.specialisation.coordination.assignment.assign`, with everything the problem
        holds.
    gap : float
        Relative distance from the bound at which the search may stop.
    seconds : float
        Longest search.

    Returns
    -------
    Assignment
        Prices are the range λ(n−1) to λn, since a mixed-integer programme has no duals.

    Examples
    --------
    >>> p = pd.DataFrame([[0.9, 0.8], [0.9, 0.7]], index=["a", "b"], columns=["x", "y"])
    >>> problem = Problem(k=1, clusters={"delta": ("a", "b")}, pair_penalty=0.3)
    >>> complement(p, None, problem).chosen.sum(axis=0).tolist()
    [1, 1]
    """
    started = perf_counter()
    table = cells(p, value, problem)
    impossible = beyond(table, problem)
    if not impossible:
        position, programme = _programme(table, problem)
        found = programme.solve(gap=gap, seconds=seconds)
        if found.x is not None:
            return _solution(p, table, problem, position, found, perf_counter() - started)
        impossible = _diagnosis(table, problem, seconds)
    nothing = pd.DataFrame(False, index=p.index, columns=p.columns)
    return Assignment(
        nothing,
        place_prices(table, nothing.to_numpy(), problem.price),
        Certificate(False, np.nan, np.nan, np.nan, perf_counter() - started),
        impossible,
    )


def place_prices(table: Cells, chosen: NDArray[np.bool_], price: float) -> pd.DataFrame:
    """Return the range of prices that the pair costs alone imply, their upper end as the price."""
    n = chosen.sum(axis=0) + table.existing
    used = chosen.any(axis=0)
    low = np.where(used, price * np.maximum(n - 1, 0), 0.0)
    high = np.where(used, price * n, price * table.existing)
    return pd.DataFrame({"track": table.tracks, "n": n, "price": high, "low": low, "high": high})


def base_programme(table: Cells, problem: Problem, gains: Array) -> tuple[dict[tuple[int, int], int], Programme]:
    """Return a programme with picks, numbers of picks, caps, least numbers and pair costs."""
    at_row, at_column = np.nonzero(table.allowed)
    position = {(int(i), int(j)): n for n, (i, j) in enumerate(zip(at_row, at_column, strict=True))}
    programme = Programme(-gains[at_row, at_column])
    for (i, j), n in position.items():
        if table.fixed[i, j]:
            programme.low[n] = 1.0
    for i in range(len(table.regions)):
        own = {n: 1.0 for (a, _), n in position.items() if a == i}
        limited = table.regions[i] in problem.budget
        programme.row(own, 0.0 if limited else float(table.k[i]), float(table.k[i]))
    steps = place_costs(table, problem.price)
    for j in range(len(table.tracks)):
        own = {n: 1.0 for (_, b), n in position.items() if b == j}
        places = steps[j][np.isfinite(steps[j])]
        least = float(max(table.least[j] - table.existing[j], 0))
        programme.row(own, least, float(len(places)))
        if problem.price > 0 and len(places) and places[-1] > 0:
            # Costs rise, so the relaxation fills cheap places first and the place variables need not be whole.
            balance = dict(own)
            for cost in places:
                balance[programme.variable(float(cost), 1.0, whole=False)] = -1.0
            programme.row(balance, 0.0, 0.0)
    return position, programme


def _programme(
    table: Cells, problem: Problem, elastic: dict[str, int] | None = None
) -> tuple[dict[tuple[int, int], int], Programme]:
    position, programme = base_programme(table, problem, table.gain)
    at_row = {name: i for i, name in enumerate(table.regions)}
    at_column = {name: j for j, name in enumerate(table.tracks)}
    for region, budget in problem.budget.items():
        i = at_row[region]
        costs = {
            position[i, at_column[t]]: c
            for (r, t), c in problem.cost.items()
            if r == region and (i, at_column[t]) in position
        }
        if costs:
            programme.row(costs, -np.inf, budget)
    if problem.pair_penalty > 0:
        for members in problem.clusters.values():
            _differ(position, programme, [at_row[m] for m in members], problem.pair_penalty, len(table.tracks))
    for a, b, gain in problem.joint:
        _join(position, programme, at_column[a], at_column[b], gain, len(table.regions))
    for direction, least in problem.direction_min.items():
        terms = {n: 1.0 for (_, j), n in position.items() if problem.directions.get(table.tracks[j]) == direction}
        _at_least(programme, terms, float(least), f"direction_min:{direction}", elastic)
    for region, floor in problem.floor.items():
        i = at_row[region]
        terms = {n: float(table.gain[i, j]) for (a, j), n in position.items() if a == i}
        _at_least(programme, terms, floor, f"floor:{region}", elastic)
    return position, programme


def _at_least(
    programme: Programme, terms: dict[int, float], least: float, name: str, elastic: dict[str, int] | None
) -> None:
    if elastic is not None:
        elastic[name] = programme.variable(ELASTIC, np.inf, whole=False)
        terms = {**terms, elastic[name]: 1.0}
    programme.row(terms, least, np.inf)


def _differ(
    position: dict[tuple[int, int], int], programme: Programme, members: list[int], penalty: float, tracks: int
) -> None:
    for a, b in combinations(sorted(set(members)), 2):
        for j in range(tracks):
            if (a, j) in position and (b, j) in position:
                both = programme.variable(penalty, 1.0, whole=False)
                programme.row({position[a, j]: 1.0, position[b, j]: 1.0, both: -1.0}, -np.inf, 1.0)


def _join(
    position: dict[tuple[int, int], int], programme: Programme, a: int, b: int, gain: float, regions: int
) -> None:
    for i in range(regions):
        if (i, a) in position and (i, b) in position:
            both = programme.variable(-gain, 1.0, whole=False)
            for j in (a, b):
                programme.row({both: 1.0, position[i, j]: -1.0}, -np.inf, 0.0)


def _diagnosis(table: Cells, problem: Problem, seconds: float) -> tuple[Shortfall, ...]:
    """Let the floors give way as little as possible and report what they lack."""
    slack: dict[str, int] = {}
    _, programme = _programme(table, problem, slack)
    found = programme.solve(gap=1e-6, seconds=seconds)
    if found.x is None:
        return (Shortfall("k", float(table.k.sum()), float("nan")),)
    needs = {f"direction_min:{d}": float(n) for d, n in problem.direction_min.items()}
    needs |= {f"floor:{r}": f for r, f in problem.floor.items()}
    lacking = {name: float(found.x[n]) for name, n in slack.items() if found.x[n] > 1e-7}
    return tuple(Shortfall(name, needs[name], needs[name] - by) for name, by in lacking.items())


def _solution(
    p: pd.DataFrame,
    table: Cells,
    problem: Problem,
    position: dict[tuple[int, int], int],
    found: OptimizeResult,
    seconds: float,
) -> Assignment:
    chosen = np.zeros(table.gain.shape, dtype=bool)
    for cell, n in position.items():
        chosen[cell] = found.x[n] > 0.5
    own = objective(table, problem, chosen)
    bound = -float(found.mip_dual_bound) if found.mip_dual_bound is not None else own
    gap = max(0.0, bound - own) / max(abs(bound), 1e-12)
    return Assignment(
        pd.DataFrame(chosen, index=p.index, columns=p.columns),
        place_prices(table, chosen, problem.price),
        Certificate(False, own, bound, gap, seconds),
    )


def objective(table: Cells, problem: Problem, chosen: NDArray[np.bool_]) -> float:
    """Return P1's value of given picks."""
    at_row = {name: i for i, name in enumerate(table.regions)}
    at_column = {name: j for j, name in enumerate(table.tracks)}
    total = float((table.gain * chosen).sum()) - pair_cost(table, chosen, problem.price)
    for members in problem.clusters.values():
        rows = chosen[sorted({at_row[m] for m in members})].sum(axis=0)
        total -= problem.pair_penalty * float((rows * (rows - 1) / 2).sum())
    for a, b, gain in problem.joint:
        total += gain * float((chosen[:, at_column[a]] & chosen[:, at_column[b]]).sum())
    return total
