"""The min-cost flow below every coordination: picks flow from regions through tracks to places of rising cost.

The constraint matrix of such a flow is totally unimodular, so the linear programme has an integral solution, and its
duals are prices.

Source
------
Ahuja, Magnanti, Orlin (1993), Network Flows, Prentice Hall; solved by HiGHS (Huangfu, Hall 2018,
doi 10.1007/s12532-017-0130-5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
# The stubs of scipy know no sparse constraint matrix, which HiGHS takes.
_solve_lp: Any = linprog


@dataclass(frozen=True)
class Flow:
    """A flow problem.

    Attributes
    ----------
    gain : array, shape (regions, tracks)
    allowed, fixed : array of bool, same shape
    k : array of int, shape (regions,)
        Exact number of picks.
    steps : array, shape (tracks, places)
        Cost of each further place, not decreasing along a row; infinite beyond the last place.
    least : array of int, shape (tracks,)
        Fewest new places.
    """

    gain: Array
    allowed: Flags
    fixed: Flags
    k: NDArray[np.int_]
    steps: Array
    least: NDArray[np.int_]


@dataclass(frozen=True)
class FlowSolution:
    """Picks, their net value, the greatest distance of any pick from a whole number, and the tracks' prices."""

    chosen: Flags
    value: float
    fraction: float
    price: Array


def solve(flow: Flow) -> FlowSolution | None:
    """Return the best flow, or None when there is none."""
    at_row, at_column = np.nonzero(flow.allowed)
    n, (r, t) = len(at_row), flow.gain.shape
    owner, cost, room = _segments(flow.steps)
    rows = np.concatenate([at_row, r + at_column, r + owner])
    columns = np.concatenate([np.arange(n), np.arange(n), n + np.arange(len(owner))])
    signs = np.concatenate([np.ones(2 * n), -np.ones(len(owner))])
    matrix = csr_array((signs, (rows, columns)), shape=(r + t, n + len(owner)))
    bounds = np.zeros((n + len(owner), 2))
    bounds[:n, 0] = flow.fixed[at_row, at_column]
    bounds[:n, 1] = 1.0
    bounds[n:, 1] = room
    needs = np.flatnonzero(flow.least > 0)
    lower, limit = None, None
    if needs.size:
        held = np.isin(owner, needs)
        position = np.searchsorted(needs, owner[held])
        lower = csr_array(
            (-np.ones(int(held.sum())), (position, n + np.flatnonzero(held))), shape=(len(needs), n + len(owner))
        )
        limit = -flow.least[needs].astype(float)
    if n == 0:
        empty = np.zeros(flow.gain.shape, dtype=bool)
        return None if flow.k.any() or needs.size else FlowSolution(empty, 0.0, 0.0, np.zeros(t))
    objective = np.concatenate([-flow.gain[at_row, at_column], cost])
    right = np.concatenate([flow.k.astype(float), np.zeros(t)])
    found = _solve_lp(objective, lower, limit, matrix, right, bounds=bounds, method="highs")
    if found.status != 0:
        return None
    x = found.x[:n]
    chosen = np.zeros(flow.gain.shape, dtype=bool)
    chosen[at_row, at_column] = x > 0.5
    fraction = float(np.abs(x - np.round(x)).max(initial=0.0))
    return FlowSolution(chosen, -float(found.fun), fraction, -np.asarray(found.eqlin.marginals[r:], dtype=float))


def shortfalls(flow: Flow) -> tuple[Array, Array]:
    """Return by how much each region's picks and each track's least number must fall short, least in total."""
    at_row, at_column = np.nonzero(flow.allowed)
    n, (r, t) = len(at_row), flow.gain.shape
    places = np.isfinite(flow.steps).sum(axis=1).astype(float)
    rows = np.concatenate([at_row, np.arange(r)])
    columns = np.concatenate([np.arange(n), n + np.arange(r)])
    exact = csr_array((np.ones(n + r), (rows, columns)), shape=(r, n + r + t))
    upper_rows = np.concatenate([at_column, t + at_column, t + np.arange(t)])
    upper_columns = np.concatenate([np.arange(n), np.arange(n), n + r + np.arange(t)])
    signs = np.concatenate([np.ones(n), -np.ones(n), -np.ones(t)])
    upper = csr_array((signs, (upper_rows, upper_columns)), shape=(2 * t, n + r + t))
    limit = np.concatenate([places, -flow.least.astype(float)])
    bounds = np.zeros((n + r + t, 2))
    bounds[:, 1] = np.inf
    bounds[:n, 1] = 1.0
    objective = np.concatenate([np.zeros(n), np.ones(r + t)])
    found = _solve_lp(objective, upper, limit, exact, flow.k.astype(float), bounds=bounds, method="highs")
    slack = np.round(found.x[n:], 9)
    return slack[:r], slack[r:]


def _segments(steps: Array) -> tuple[NDArray[np.intp], Array, Array]:
    """Join equal neighbouring steps: the track, the cost and the number of places of each run."""
    owner: list[NDArray[np.intp]] = []
    cost: list[Array] = []
    room: list[Array] = []
    for j, row in enumerate(steps):
        finite = row[np.isfinite(row)]
        if not finite.size:
            continue
        starts = np.flatnonzero(np.r_[True, np.diff(finite) > 1e-15])
        owner.append(np.full(len(starts), j))
        cost.append(finite[starts])
        room.append(np.diff(np.r_[starts, len(finite)]).astype(float))
    if not owner:
        return np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0)
    return np.concatenate(owner), np.concatenate(cost), np.concatenate(room)
