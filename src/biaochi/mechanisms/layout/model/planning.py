"""From activity to menus: forecasts of the newest window, coordination, stability under refits.

Nothing here is an order.  Every suggestion carries what it rests on, how often it comes back, and what it costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.mechanisms.layout.model.crowding import mean_similarity
from biaochi.mechanisms.layout.model.menu import Demand, MenuItem
from biaochi.mechanisms.layout.model.outlook import EntryOutlook, neighbours
from biaochi.methods.specialisation.coordination import (
    Assignment,
    Problem,
    assign,
    automatic_cap,
    automatic_price,
    complement,
    cover,
    frontier,
    price_grid,
    top_k,
)
from biaochi.methods.specialisation.coordination.frontier import FRONTIER_FIELDS
from biaochi.methods.specialisation.layouts import assign_under_automatic_cap

Array = NDArray[np.float64]
ProblemCode = Literal["p0", "p1", "p2"]
LEAST_FREQUENCY = 0.05
CAP_SLACK = 1.25


@dataclass(frozen=True)
class LayoutPlan:
    """A solved plan.

    Attributes
    ----------
    problem : str
    limits : Problem
        With the price and cap that were used.
    solution : Assignment
    items : tuple of MenuItem
        Unsorted; the report sorts them by tier, then taxonomy.
    frontier : DataFrame
    similarity : (float, float)
        Mean Jaccard of each region's own top picks, and of the solution.
    refits : int
        Refits that had a solution.
    """

    problem: ProblemCode
    limits: Problem
    solution: Assignment
    items: tuple[MenuItem, ...]
    frontier: pd.DataFrame
    similarity: tuple[float, float]
    refits: int


def plan(
    view: EntryOutlook,
    value: pd.Series,
    limits: Problem,
    *,
    problem: ProblemCode = "p0",
    automatic_cap_slack: float | None = CAP_SLACK,
    price: float | None = None,
    max_loss: float = 0.02,
    refits: int = 200,
    level: float = 0.9,
    named: Mapping[str, int] | None = None,
    possible: Mapping[str, int] | None = None,
    demands: Mapping[str, Demand] | None = None,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> LayoutPlan:
    """Solve and explain a plan.

    Parameters
    ----------
    view : EntryOutlook
    value : Series by track
        v of each track.
    limits : Problem
        Its price is replaced; its cap too when ``automatic_cap_slack`` is given.
    problem : {"p0", "p1", "p2"}
    automatic_cap_slack : float or None
        Room of the automatic cap; ``None`` leaves the problem's own cap.
    price : float or None
        λ; ``None`` finds the largest that lost at most ``max_loss`` at earlier origins.
    refits : int
        Draws of regions for the frequencies; P1 and P2 are drawn as P0 with the same limits, which is quick.
    level : float
        Probability of the intervals over refits.
    named, possible, demands
        From declared plans and the table of tracks.
    progress : callable or None
        Told how many refits are done, of how many.
    """
    ground = prepare(
        view,
        value,
        limits,
        automatic_cap_slack=automatic_cap_slack,
        price=price,
        max_loss=max_loss,
        refits=refits,
        rng=rng,
        progress=progress,
    )
    return solve(ground, problem, level=level, named=named, possible=possible, demands=demands)


@dataclass(frozen=True)
class Draw:
    """One refit: where probabilities were drawn, the probabilities, and what was chosen."""

    drawn: NDArray[np.bool_]
    p: Array
    chosen: NDArray[np.bool_]


@dataclass(frozen=True)
class Ground:
    """What P0, P1 and P2 all stand on: forecasts, limits with price and cap, the frontier, the refits.

    ``spread`` is the frontier without the general cap, its overload counted against ``cap``: its first row is what
    happens when duplication costs nothing.
    """

    view: EntryOutlook
    value: pd.Series
    limits: Problem
    cap: int
    frontier: pd.DataFrame
    spread: pd.DataFrame
    draws: tuple[Draw, ...]


def prepare(
    view: EntryOutlook,
    value: pd.Series,
    limits: Problem,
    *,
    automatic_cap_slack: float | None = CAP_SLACK,
    price: float | None = None,
    max_loss: float = 0.02,
    refits: int = 200,
    spread: bool = False,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> Ground:
    """Find cap, price and frontier, and refit, once for every problem; parameters as for :func:`plan`.

    ``spread`` asks for the frontier without the general cap as well.
    """
    used = limits
    regions = int((~view.p.isna()).any(axis=1).sum())
    cap = automatic_cap(limits.k, regions, view.p.shape[1], automatic_cap_slack or CAP_SLACK)
    if automatic_cap_slack is not None:
        _, cap = assign_under_automatic_cap(view.p, value, limits, automatic_cap_slack)
        used = replace(limits, cap=cap)
    elif limits.cap is not None:
        cap = limits.cap
    nothing = pd.DataFrame(columns=list(FRONTIER_FIELDS))
    prices = price_grid(view.p, value)
    solvable = assign(view.p, value, replace(used, price=0.0)).solved
    rows = frontier(view.p, value, used, prices, view.earlier, cap=cap) if solvable else nothing
    free = frontier(view.p, value, replace(limits, cap=None), prices, cap=cap) if spread else nothing
    used = replace(used, price=automatic_price(rows, max_loss) if price is None else price)
    draws = _draws(view, value, used, refits, rng, progress) if solvable else []
    return Ground(view, value, used, cap, rows, free, tuple(draws))


def solve(
    ground: Ground,
    problem: ProblemCode,
    *,
    level: float = 0.9,
    named: Mapping[str, int] | None = None,
    possible: Mapping[str, int] | None = None,
    demands: Mapping[str, Demand] | None = None,
) -> LayoutPlan:
    """Solve one problem on its ground and explain it; parameters as for :func:`plan`."""
    view, value, used = ground.view, ground.value, ground.limits
    solution = {"p0": assign, "p1": complement, "p2": cover}[problem](view.p, value, used)
    draws = ground.draws if solution.solved else ()
    items = _items(view, value, used, solution, draws, level, named, possible, demands)
    own = own_choice(view, used)
    similarity = (mean_similarity(own), mean_similarity(solution.chosen) if solution.solved else float("nan"))
    return LayoutPlan(problem, used, solution, tuple(items), ground.frontier, similarity, len(draws))


def own_choice(view: EntryOutlook, limits: Problem) -> pd.DataFrame:
    """Return what each region would pick for itself: as many of its best tracks as the limits let it have."""
    chosen = top_k(view.score, limits.k)
    for region, k in limits.k_by_region.items():
        chosen.loc[[region]] = top_k(view.score.loc[[region]], k)
    return chosen


def _draws(
    view: EntryOutlook,
    value: pd.Series,
    used: Problem,
    refits: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None,
) -> list[Draw]:
    if view.refit is None:
        return []
    found = []
    for number in range(refits):
        drawn = view.refit(rng)
        # Regions that were not drawn keep their forecast, so that the others meet their competition.
        present = drawn.notna().any(axis=1).to_numpy()
        p = view.p.where(~pd.Series(present, view.p.index), drawn)
        solved = assign(p, value, used)
        if solved.solved:
            found.append(Draw(present, p.to_numpy(), solved.chosen.to_numpy()))
        if progress is not None:
            progress(number + 1, refits)
    return found


def _frequencies(view: EntryOutlook, draws: Sequence[Draw], level: float) -> tuple[Array, Array, Array]:
    """Return frequency, low and high of every cell over the draws its region took part in."""
    shape = view.p.shape
    if not draws:
        return np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    present = np.array([d.drawn for d in draws])[:, :, None]
    count = present.sum(axis=0)
    chosen = (np.array([d.chosen for d in draws]) & present).sum(axis=0)
    frequency = np.divide(chosen, count, out=np.full(shape, np.nan), where=count > 0)
    p = np.where(present, np.array([d.p for d in draws]), np.nan)
    known = (~np.isnan(p)).any(axis=0)
    ends = np.full((2, *shape), np.nan)
    ends[:, known] = np.nanquantile(p[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return frequency, ends[0], ends[1]


def _items(
    view: EntryOutlook,
    value: pd.Series,
    used: Problem,
    solution: Assignment,
    draws: Sequence[Draw],
    level: float,
    named: Mapping[str, int] | None,
    possible: Mapping[str, int] | None,
    demands: Mapping[str, Demand] | None,
) -> list[MenuItem]:
    frequency, low, high = _frequencies(view, draws, level)
    chosen = solution.chosen.to_numpy()
    gain = (view.p * value.reindex(view.p.columns)).to_numpy()
    own = own_choice(view, used).to_numpy(dtype=bool)
    listed = (chosen | own | (np.nan_to_num(frequency) >= LEAST_FREQUENCY)) & ~np.isnan(gain)
    prices = solution.prices.set_index("track")["price"]
    chances, dense = view.p.to_numpy(dtype=float), view.density.to_numpy(dtype=float)
    items = []
    for i, region in enumerate(view.p.index):
        marginal = _marginal(gain[i], used.k_by_region.get(str(region), used.k))
        for j in map(int, np.flatnonzero(listed[i])):
            track = str(view.p.columns[j])
            items.append(
                MenuItem(
                    str(region),
                    track,
                    None if not draws else float(np.nan_to_num(frequency[i, j])),
                    float(chances[i, j]),
                    float(low[i, j]),
                    float(high[i, j]),
                    view.base_rate,
                    float(dense[i, j]),
                    neighbours(view, i, j),
                    view.drivers.get((str(region), track), ()),
                    None if named is None else named.get(track, 0),
                    None if possible is None else possible.get(track, 0),
                    None if demands is None else demands.get(track),
                    float(prices[track]),
                    max(0.0, marginal - float(gain[i, j])),
                    bool(chosen[i, j]),
                )
            )
    return items


def _marginal(gain: Array, k: int) -> float:
    """Return the value of a region's k-th best own track: what an item is held against."""
    known = np.sort(gain[~np.isnan(gain)])[::-1]
    return float(known[min(k, len(known)) - 1]) if known.size and k > 0 else 0.0
