"""From activity to menus: forecasts of the newest window, coordination, stability under refits.

Nothing here is an order.  Every suggestion carries what it rests on, how often it comes back, and what it costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.mechanisms.layout.model.crowding import mean_similarity
from biaochi.mechanisms.layout.model.menu import Demand, MenuItem
from biaochi.methods.specialisation.conventions import Conventions
from biaochi.methods.specialisation.coordination import (
    Assignment,
    EarlierOrigin,
    Problem,
    assign,
    automatic_price,
    complement,
    cover,
    frontier,
    price_grid,
    top_k,
)
from biaochi.methods.specialisation.coordination.frontier import FRONTIER_FIELDS
from biaochi.methods.specialisation.entry import (
    FEATURES,
    Backtest,
    EntryEvent,
    History,
    calibrate_on,
    contributions_at,
    forecast,
    scores_at,
)
from biaochi.methods.specialisation.indicators import indicators
from biaochi.methods.specialisation.layouts import assign_under_automatic_cap, came_true, cell_table
from biaochi.methods.specialisation.panel import Panel

Array = NDArray[np.float64]
ProblemCode = Literal["p0", "p1", "p2"]
LEAST_FREQUENCY = 0.05
NEIGHBOURS = 3
DRIVERS = 3


@dataclass(frozen=True)
class EntryOutlook:
    """Probabilities of entry from the newest window, and what is needed to explain and to doubt them.

    Attributes
    ----------
    p : DataFrame, regions × tracks
        NaN where a region is no candidate.
    score : DataFrame
        For each region's own ranking.
    density, active, proximity : DataFrame
        Of the newest window.
    drivers : mapping of (region, track) to ((feature, log odds), …)
        Only for the additive model.
    base_rate : float
        Entries per candidate at earlier origins; NaN when probabilities were given.
    earlier : tuple of EarlierOrigin
    refit : callable or None
        ``refit(rng)`` draws regions again and returns probabilities for those drawn, NaN for the rest.
    model : str
        Empty when probabilities were given.
    """

    p: pd.DataFrame
    score: pd.DataFrame
    density: pd.DataFrame
    active: pd.DataFrame
    proximity: pd.DataFrame
    drivers: Mapping[tuple[str, str], tuple[tuple[str, float], ...]]
    base_rate: float
    earlier: tuple[EarlierOrigin, ...]
    refit: Callable[[np.random.Generator], pd.DataFrame] | None
    model: str


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


def outlook_of(panel: Panel, result: Backtest, conventions: Conventions) -> EntryOutlook:
    """Return the outlook by the model its back-test chose; the gate must be met."""
    history = History(panel, result.event, conventions)
    model, t = result.chosen, len(panel.periods) - 1
    now, scores, chances = forecast(history, result, model)
    regions, tracks = list(panel.regions), list(panel.tracks)

    def laid(values: Array) -> pd.DataFrame:
        table = np.full((len(regions), len(tracks)), np.nan)
        table[now.region, now.track] = values
        return pd.DataFrame(table, regions, tracks)

    drivers: dict[tuple[str, str], tuple[tuple[str, float], ...]] = {}
    if model == "additive":
        parts = contributions_at(history, t)
        leading = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :DRIVERS]
        for row, order, i, j in zip(parts, leading, now.region, now.track, strict=True):
            drivers[regions[i], tracks[j]] = tuple((FEATURES[f], float(row[f])) for f in order)
    earlier = tuple(
        EarlierOrigin(
            cell_table(run, run.forecasts[model].probability, result),
            pd.DataFrame(came_true(run, result), regions, tracks),
        )
        for run in result.runs
    )
    n = int(result.origins["n"].sum())
    calibrated = calibrate_on(result, model)
    seen = indicators(panel, conventions, period=panel.periods[-1])
    return EntryOutlook(
        laid(chances),
        laid(scores),
        seen.density.reindex(regions),
        seen.active.reindex(regions, fill_value=False),
        seen.proximity,
        drivers,
        result.events / n if n else float("nan"),
        earlier,
        lambda rng: _refit(panel, result.event, conventions, model, calibrated, rng),
        model,
    )


def given_outlook(panel: Panel, p: pd.DataFrame, conventions: Conventions) -> EntryOutlook:
    """Return the outlook of probabilities that somebody gave; nothing can be resampled."""
    regions, tracks = list(panel.regions), list(panel.tracks)
    seen = indicators(panel, conventions, period=panel.periods[-1])
    laid = p.reindex(index=regions, columns=tracks)
    return EntryOutlook(
        laid,
        laid,
        seen.density.reindex(regions),
        seen.active.reindex(regions, fill_value=False),
        seen.proximity,
        {},
        float("nan"),
        (),
        None,
        "",
    )


def plan(
    view: EntryOutlook,
    value: pd.Series,
    limits: Problem,
    *,
    problem: ProblemCode = "p0",
    automatic_cap_slack: float | None = 1.25,
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
    used = limits
    if automatic_cap_slack is not None:
        _, cap = assign_under_automatic_cap(view.p, value, limits, automatic_cap_slack)
        used = replace(limits, cap=cap)
    overload_cap = used.cap if used.cap is not None else len(view.p)
    solved_once = assign(view.p, value, replace(used, price=0.0)).solved
    rows = pd.DataFrame(columns=list(FRONTIER_FIELDS))
    if solved_once:
        rows = frontier(view.p, value, used, price_grid(view.p, value), view.earlier, cap=overload_cap)
    used = replace(used, price=automatic_price(rows, max_loss) if price is None else price)
    solution = {"p0": assign, "p1": complement, "p2": cover}[problem](view.p, value, used)
    draws = _draws(view, value, used, refits, rng, progress) if solution.solved else []
    items = _items(view, value, used, solution, draws, level, named, possible, demands)
    own = top_k(view.score, limits.k)
    similarity = (mean_similarity(own), mean_similarity(solution.chosen) if solution.solved else float("nan"))
    return LayoutPlan(problem, used, solution, tuple(items), rows, similarity, len(draws))


@dataclass(frozen=True)
class _Draw:
    """One refit: where probabilities were drawn, the probabilities, and what was chosen."""

    drawn: NDArray[np.bool_]
    p: Array
    chosen: NDArray[np.bool_]


def _draws(
    view: EntryOutlook,
    value: pd.Series,
    used: Problem,
    refits: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None,
) -> list[_Draw]:
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
            found.append(_Draw(present, p.to_numpy(), solved.chosen.to_numpy()))
        if progress is not None:
            progress(number + 1, refits)
    return found


def _refit(
    panel: Panel,
    event: EntryEvent,
    conventions: Conventions,
    model: str,
    calibrated: Callable[[Array], Array],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw regions with replacement, fit again, and return probabilities of the regions drawn."""
    n = len(panel.regions)
    chosen = rng.integers(0, n, n)
    drawn = Panel(
        panel.periods,
        tuple(f"{k}:{panel.regions[i]}" for k, i in enumerate(chosen)),
        panel.tracks,
        panel.values[:, chosen],
        None,
        panel.unit,
    )
    now, scored = scores_at(History(drawn, event, conventions), len(panel.periods) - 1, model)
    table = np.full((n, len(panel.tracks)), np.nan)
    table[chosen[now.region], now.track] = calibrated(scored)
    return pd.DataFrame(table, list(panel.regions), list(panel.tracks))


def _frequencies(view: EntryOutlook, draws: list[_Draw], level: float) -> tuple[Array, Array, Array]:
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
    draws: list[_Draw],
    level: float,
    named: Mapping[str, int] | None,
    possible: Mapping[str, int] | None,
    demands: Mapping[str, Demand] | None,
) -> list[MenuItem]:
    frequency, low, high = _frequencies(view, draws, level)
    chosen = solution.chosen.to_numpy()
    gain = (view.p * value.reindex(view.p.columns)).to_numpy()
    own = top_k(view.score, used.k).to_numpy()
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


def neighbours(view: EntryOutlook, region: int, track: int) -> tuple[tuple[str, float], ...]:
    """Return the nearest tracks the region is active in, nearest first."""
    near = view.proximity.to_numpy()[track].copy()
    held = view.active.to_numpy()[region].copy()
    held[track] = False
    near[~held] = -1.0
    order = np.argsort(-near, kind="stable")[:NEIGHBOURS]
    return tuple((str(view.proximity.index[k]), float(near[k])) for k in order if near[k] > 0)


def _marginal(gain: Array, k: int) -> float:
    """Return the value of a region's k-th best own track: what an item is held against."""
    known = np.sort(gain[~np.isnan(gain)])[::-1]
    return float(known[min(k, len(known)) - 1]) if known.size and k > 0 else 0.0
