"""P2: pick so that as many valuable tracks as possible succeed somewhere.

Maximise Σ_j V_j (1 − e^{−s_j}), s_j = −Σ_i ln(1 − p_ij) x_ij: the chance that at least one region succeeds, **if
regions succeed or fail independently**, which they do not quite; read it as a preference for spreading.  Concave in
s, so it is cut by tangents (and by the sum of the chances): at first at nine points, then at every solution found,
until the bound is met.  Large problems are solved by greedy picks and exchange, with the bound of the relaxation.

Sources
-------
Kelley (1960), doi 10.1137/0108053; greedy picks of submodular values: Nemhauser, Wolsey, Fisher (1978),
doi 10.1007/BF01588971.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult

from biaochi.methods.specialisation.coordination.assignment import beyond
from biaochi.methods.specialisation.coordination.complements import Programme, base_programme, place_prices
from biaochi.methods.specialisation.coordination.problem import (
    Assignment,
    Cells,
    Certificate,
    Problem,
    Shortfall,
    cells,
)

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
TANGENTS = (0.0, 0.1, 0.25, 0.5, 0.8, 1.2, 1.8, 2.5, 4.0)
CEILING = 0.95
EXACT_CELLS = 20_000


def cover(
    p: pd.DataFrame, value: pd.Series | None, problem: Problem, *, gap: float = 1e-3, seconds: float = 30.0
) -> Assignment:
    """Solve P2.

    Parameters
    ----------
    p, value, problem
        As for :func:`~biaochi.methods.specialisation.coordination.assignment.assign`; p above 0.95 counts as 0.95;
        the price of pairs is not used.
    gap : float
        Relative gap at which to stop.
    seconds : float
        Longest search; the gap reached is in the certificate.

    Examples
    --------
    >>> p = pd.DataFrame([[0.5, 0.4], [0.5, 0.4]], index=["a", "b"], columns=["x", "y"])
    >>> cover(p, None, Problem(k=1)).chosen.sum(axis=0).tolist()
    [1, 1]
    """
    started = perf_counter()
    table = cells(p, value, problem)
    worth = np.ones(len(table.tracks)) if value is None else value.reindex(table.tracks).to_numpy(dtype=float)
    chances = np.minimum(np.nan_to_num(p.to_numpy(dtype=float)), CEILING)
    strength = np.where(table.allowed, -np.log1p(-chances), 0.0)
    impossible = beyond(table, problem)
    chosen, bound = None, np.nan
    if not impossible:
        search = _kelley if table.allowed.sum() <= EXACT_CELLS else _greedy
        chosen, bound = search(table, problem, strength, worth, gap, started + seconds)
        if chosen is None:
            impossible = (Shortfall("k", float(table.k.sum()), float("nan")),)
    picks = np.zeros(table.gain.shape, dtype=bool) if chosen is None else chosen
    own = covered(picks, strength, worth)
    relative = max(0.0, bound - own) / max(abs(bound), 1e-12)
    certificate = Certificate(False, own, bound, relative, perf_counter() - started)
    if impossible:
        certificate = Certificate(False, np.nan, np.nan, np.nan, perf_counter() - started)
    return Assignment(
        pd.DataFrame(picks, index=p.index, columns=p.columns),
        place_prices(table, picks, 0.0),
        certificate,
        impossible,
    )


def covered(chosen: Flags, strength: Array, worth: Array) -> float:
    """Return Σ V_j (1 − e^{−s_j})."""
    return float((worth * -np.expm1(-(strength * chosen).sum(axis=0))).sum())


def _with_tangents(
    table: Cells, problem: Problem, strength: Array, worth: Array
) -> tuple[dict[tuple[int, int], int], Programme, list[int], list[dict[int, float]]]:
    flat = Problem(**{**problem.__dict__, "price": 0.0, "budget": {}})
    position, programme = base_programme(table, flat, np.zeros_like(table.gain))
    height = [programme.variable(-float(w), 1.0, whole=False) for w in worth]
    terms: list[dict[int, float]] = [{} for _ in worth]
    for (i, j), n in position.items():
        terms[j][n] = float(strength[i, j])
    for j in range(len(worth)):
        # For whole picks the chance of any success is at most the sum of chances, which tangents in s do not know.
        sums = {n: float(-np.expm1(-w)) for n, w in terms[j].items()}
        programme.row({height[j]: 1.0, **{n: -q for n, q in sums.items()}}, -np.inf, 0.0)
        for s in TANGENTS:
            _cut(programme, height[j], terms[j], s)
    return position, programme, height, terms


def _cut(programme: Programme, height: int, terms: dict[int, float], s: float) -> None:
    """Add t ≤ 1 − e^{−s₀} + e^{−s₀}(s − s₀)."""
    slope = float(np.exp(-s))
    programme.row({height: 1.0, **{n: -slope * w for n, w in terms.items()}}, -np.inf, 1.0 - slope - slope * s)


def _kelley(
    table: Cells, problem: Problem, strength: Array, worth: Array, gap: float, until: float
) -> tuple[Flags | None, float]:
    position, programme, height, terms = _with_tangents(table, problem, strength, worth)
    best, value, bound = _greedy_picks(table, strength, worth), -np.inf, np.inf
    if best is not None:
        value = covered(best, strength, worth)
    seen: set[bytes] = set()
    while True:
        left = until - perf_counter()
        if left <= 0:
            return best, bound
        found = programme.solve(gap=gap / 4, seconds=left)
        if found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
            bound = min(bound, -float(found.mip_dual_bound))
        if found.x is None:
            return best, bound
        chosen = _picked(table, position, found)
        own = covered(chosen, strength, worth)
        if own > value:
            best, value = chosen, own
        # A solution that comes back is exact at its own cuts: what is left of the gap is the solver's tolerance.
        if bound - value <= gap * max(abs(bound), 1e-12) or chosen.tobytes() in seen:
            return best, bound
        seen.add(chosen.tobytes())
        total = (strength * chosen).sum(axis=0)
        for j in range(len(worth)):
            _cut(programme, height[j], terms[j], float(total[j]))


def _greedy(
    table: Cells, problem: Problem, strength: Array, worth: Array, gap: float, until: float
) -> tuple[Flags | None, float]:
    """Greedy picks, then exchanges while they pay and time lasts; the bound is that of the relaxation."""
    best = _greedy_picks(table, strength, worth)
    if best is None:
        return None, np.nan
    _, programme, _, _ = _with_tangents(table, problem, strength, worth)
    programme.whole = [0] * len(programme.whole)
    relaxed = programme.solve(gap=gap, seconds=max(until - perf_counter(), 1.0))
    bound = -float(relaxed.fun) if relaxed.x is not None else float(worth.sum())
    return _exchange(table, best, strength, worth, until), bound


def _greedy_picks(table: Cells, strength: Array, worth: Array) -> Flags | None:
    """Return greedy picks that meet every number, or None when greed runs into a wall."""
    chosen = table.fixed.copy()
    total = (strength * chosen).sum(axis=0)
    room = table.most - table.existing - chosen.sum(axis=0)
    need = np.maximum(table.least - table.existing - chosen.sum(axis=0), 0)
    left = table.k - chosen.sum(axis=1)
    open_cells = table.allowed & ~chosen
    while left.sum() > 0:
        gain = worth * np.exp(-total) * -np.expm1(-strength)
        # Least numbers come first, while picks are left for them.
        gain = gain + np.where(need > 0, 1e6, 0.0)
        usable = open_cells & (left > 0)[:, None] & (room > 0)[None, :]
        if not usable.any():
            return None
        i, j = np.unravel_index(int(np.where(usable, gain, -1.0).argmax()), gain.shape)
        chosen[i, j], open_cells[i, j] = True, False
        total[j] += strength[i, j]
        room[j] -= 1
        need[j] = max(need[j] - 1, 0)
        left[i] -= 1
    return chosen if not need.any() else None


def _exchange(table: Cells, chosen: Flags, strength: Array, worth: Array, until: float) -> Flags:
    picks = chosen.copy()
    total, n = (strength * picks).sum(axis=0), picks.sum(axis=0) + table.existing
    improved = True
    while improved and perf_counter() < until:
        improved = False
        for i in range(len(picks)):
            for out in np.flatnonzero(picks[i] & ~table.fixed[i]):
                if n[out] - 1 < table.least[out]:
                    continue
                lost = worth[out] * (np.exp(-(total[out] - strength[i, out])) - np.exp(-total[out]))
                won = worth * (np.exp(-total) - np.exp(-(total + strength[i])))
                won = np.where(table.allowed[i] & ~picks[i] & (n < table.most), won, -1.0)
                into = int(won.argmax())
                if won[into] > lost + 1e-12:
                    picks[i, out], picks[i, into] = False, True
                    total[out] -= strength[i, out]
                    total[into] += strength[i, into]
                    n[out] -= 1
                    n[into] += 1
                    improved = True
    return picks


def _picked(table: Cells, position: dict[tuple[int, int], int], found: OptimizeResult) -> Flags:
    chosen = np.zeros(table.gain.shape, dtype=bool)
    for cell, n in position.items():
        chosen[cell] = found.x[n] > 0.5
    return chosen
