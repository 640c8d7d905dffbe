"""Who gets which slot: the greatest total score under slots, capacities and group caps, with the price of each rule.

Slots of scenes, capacities of firms and caps of groups (each firm in one group) form two nested families, so the linear
programme has whole-number corners and HiGHS solves it without branching.  A share of start-ups breaks that: then a
mixed-integer programme is solved and its gap is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, vstack

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Assignment:
    """An assignment of firms to scenes.

    Parameters
    ----------
    pairs : pandas.DataFrame
        The chosen rows of the pairs given.
    value, bound : float
        Total score reached, and what no assignment can exceed; equal when solved to the end.
    unfilled : dict
        Scene → slots left empty.
    startup_share : float
        Share of start-ups among the chosen; NaN when nobody is.
    prices : dict
        Rule → score lost by it, against the same problem without that rule.
    """

    pairs: pd.DataFrame
    value: float
    bound: float
    unfilled: dict[str, int]
    startup_share: float
    prices: dict[str, float]

    @property
    def gap(self) -> float:
        """Relative distance of the bound from the value."""
        return max(self.bound - self.value, 0.0) / max(abs(self.bound), 1e-12)


def assign_flow(
    pairs: pd.DataFrame,
    slots: Mapping[str, int],
    capacity: Mapping[str, int],
    *,
    group_share: float | None = None,
    startup_share: float | None = None,
    time_limit: float = 60.0,
    price: bool = True,
) -> Assignment:
    """Assign firms to scenes for the greatest total score.

    Parameters
    ----------
    pairs : pandas.DataFrame
        ``scene``, ``firm``, ``score`` (not negative), one row a pair; ``group`` and ``startup`` (0/1) where shares
        are asked for.
    slots, capacity : mapping
        Places of each scene; scenes a firm can take on (one when a firm is not named).
    group_share : float or None
        Largest share of all slots one group may hold.
    startup_share : float or None
        Least share of the chosen that must be start-ups.
    time_limit : float
        Seconds for the mixed-integer programme.
    price : bool
        Whether to solve again without each share to state what it costs.

    Returns
    -------
    Assignment

    Examples
    --------
    >>> pairs = pd.DataFrame({"scene": ["s", "s", "t"], "firm": ["a", "b", "a"], "score": [3.0, 2.0, 2.0]})
    >>> found = assign_flow(pairs, {"s": 1, "t": 1}, {"a": 1, "b": 1})
    >>> found.value, sorted(zip(found.pairs["scene"], found.pairs["firm"]))
    (4.0, [('s', 'b'), ('t', 'a')])
    """
    if pairs.duplicated(["scene", "firm"]).any():
        raise ValueError("every pair of scene and firm may stand once")
    scores = pairs["score"].to_numpy(dtype=float)
    if np.isnan(scores).any():
        raise ValueError("every pair needs a score")
    chosen, value, bound = _solved(pairs, scores, slots, capacity, group_share, startup_share, time_limit)
    prices: dict[str, float] = {}
    if price and group_share is not None:
        free = _solved(pairs, scores, slots, capacity, None, startup_share, time_limit)[1]
        prices["group_share"] = max(free - value, 0.0)
    if price and startup_share is not None:
        free = _solved(pairs, scores, slots, capacity, group_share, None, time_limit)[1]
        prices["startup_share"] = max(free - value, 0.0)
    taken = pairs[chosen]
    filled = taken["scene"].value_counts()
    unfilled = {s: int(n - filled.get(s, 0)) for s, n in slots.items() if n > filled.get(s, 0)}
    share = float(taken["startup"].mean()) if "startup" in taken and len(taken) else float("nan")
    return Assignment(taken.reset_index(drop=True), value, bound, unfilled, share, prices)


def _solved(
    pairs: pd.DataFrame,
    scores: Floats,
    slots: Mapping[str, int],
    capacity: Mapping[str, int],
    group_share: float | None,
    startup_share: float | None,
    time_limit: float,
) -> tuple[NDArray[np.bool_], float, float]:
    if not len(pairs):
        return np.zeros(0, dtype=bool), 0.0, 0.0
    blocks, limits = [], []
    for column, most in (("scene", slots), ("firm", capacity)):
        codes, names = pd.factorize(pairs[column])
        blocks.append(_incidence(codes, len(names)))
        limits.append(np.array([most.get(str(n), 1) for n in names], dtype=float))
    if group_share is not None:
        codes, names = pd.factorize(pairs["group"].where(pairs["group"] != "", pairs["firm"]))
        blocks.append(_incidence(codes, len(names)))
        limits.append(np.full(len(names), float(floor(group_share * sum(slots.values()) + 1e-9))))
    matrix, limit = csr_array(vstack(blocks)), np.concatenate(limits)
    if startup_share is None:
        return _linear(matrix, limit, scores)
    mix = startup_share - pairs["startup"].to_numpy(dtype=float)
    matrix = csr_array(vstack([matrix, csr_array(mix[None, :])]))
    found: Any = milp(
        -scores,
        constraints=LinearConstraint(matrix, -np.inf, np.append(limit, 0.0)),
        integrality=np.ones(scores.size, dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"time_limit": time_limit, "mip_rel_gap": 1e-9},
    )
    if found.x is None:
        return np.zeros(scores.size, dtype=bool), 0.0, float(scores.sum())
    chosen = found.x > 0.5
    return chosen, float(scores[chosen].sum()), float(-found.mip_dual_bound)


def _linear(matrix: csr_array, limit: Floats, scores: Floats) -> tuple[NDArray[np.bool_], float, float]:
    # The published stubs know no sparse constraint matrix.
    solve: Any = linprog
    found = solve(-scores, A_ub=matrix, b_ub=limit, bounds=(0, 1), method="highs-ds")
    chosen = np.asarray(found.x > 0.5, dtype=bool)
    return chosen, float(scores[chosen].sum()), float(-found.fun)


def _incidence(codes: NDArray[np.intp], rows: int) -> csr_array:
    return coo_array((np.ones(codes.size), (codes, np.arange(codes.size))), shape=(rows, codes.size)).tocsr()
