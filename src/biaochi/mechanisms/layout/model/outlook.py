"""What the newest window says of every region and track: the chance of entry, what it rests on, how to doubt it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.conventions import Conventions
from biaochi.methods.specialisation.coordination import EarlierOrigin
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
from biaochi.methods.specialisation.layouts import came_true, cell_table
from biaochi.methods.specialisation.panel import Panel

Array = NDArray[np.float64]
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


def neighbours(view: EntryOutlook, region: int, track: int) -> tuple[tuple[str, float], ...]:
    """Return the nearest tracks the region is active in, nearest first."""
    near = view.proximity.to_numpy()[track].copy()
    held = view.active.to_numpy()[region].copy()
    held[track] = False
    near[~held] = -1.0
    order = np.argsort(-near, kind="stable")[:NEIGHBOURS]
    return tuple((str(view.proximity.index[k]), float(near[k])) for k in order if near[k] > 0)


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
