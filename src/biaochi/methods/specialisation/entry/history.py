"""Windows of a panel on one grid: what was known at each, which cells could still enter, and what came.

Everything of a window is computed from it and earlier ones, so that later data change no earlier score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.specialisation.conventions import Conventions
from biaochi.methods.specialisation.entry.calibrate import Method
from biaochi.methods.specialisation.entry.events import EntryEvent
from biaochi.methods.specialisation.entry.features import FeatureTable, features
from biaochi.methods.specialisation.panel import Panel

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """The cells of one window from which the event can happen.

    ``rows`` are features, shape (n, features); ``outcome`` is what came, or None when it is not known yet.
    """

    window: str
    region: NDArray[np.intp]
    track: NDArray[np.intp]
    rows: Array
    outcome: Flags | None


@dataclass(frozen=True)
class Forecast:
    """What one model said at one origin: score (for ranking), probability, and how it was calibrated."""

    origin: str
    model: str
    score: Array
    probability: Array
    method: Method


@dataclass(frozen=True)
class Origin:
    """One origin: its candidates, and the forecast of every model."""

    window: str
    candidates: Candidates
    forecasts: dict[str, Forecast]
    truncated: bool


@dataclass(frozen=True)
class History:
    """Windows of a panel on one grid, their features computed once and never from later windows."""

    panel: Panel
    event: EntryEvent
    conventions: Conventions
    _features: dict[int, FeatureTable] = field(default_factory=dict, repr=False)

    def whole(self, t: int) -> Flags:
        """Return which regions have no gap in window t."""
        return np.asarray(~np.isnan(self.panel.values[t]).any(axis=1), dtype=bool)

    def features(self, t: int) -> FeatureTable:
        """Return the features of window t; rows of regions with gaps are NaN."""
        if t not in self._features:
            whole = self.whole(t)
            before = self.panel.values[t - 1][whole] if t > 0 else None
            found = features(self.panel.values[t][whole], before, self.conventions)
            table = np.full((len(whole), *found.values.shape[1:]), np.nan)
            table[whole] = found.values
            self._features[t] = FeatureTable(table)
        return self._features[t]

    def candidates(self, t: int) -> Candidates:
        """Return the candidates of window t, with the outcome when the next window exists."""
        whole = self.whole(t)
        known = t + 1 < len(self.panel.periods)
        usable = whole & self.whole(t + 1) if known else whole
        start = np.zeros(self.panel.values[t].shape, dtype=bool)
        start[whole] = self.event.candidates(self.panel.values[t][whole])
        start &= usable[:, None]
        region, track = np.nonzero(start)
        outcome = None
        if known:
            end = np.zeros(start.shape, dtype=bool)
            after = self.whole(t + 1)
            end[after] = self.event.reached(self.panel.values[t + 1][after])
            outcome = end[region, track]
        rows = self.features(t).values[region, track]
        return Candidates(self.panel.periods[t], region, track, rows, outcome)


def training(history: History, t: int) -> list[Candidates]:
    """Return the candidates of every window before t, whose outcomes are known at t."""
    return [history.candidates(s) for s in range(t)]


def stacked(parts: Sequence[Candidates]) -> tuple[Array, Flags, NDArray[np.intp], NDArray[np.intp]]:
    """Return rows, outcomes, tracks and regions of several windows, one under the other."""
    outcomes = [p.outcome for p in parts if p.outcome is not None]
    return (
        np.concatenate([p.rows for p in parts]),
        np.concatenate(outcomes),
        np.concatenate([p.track for p in parts]),
        np.concatenate([p.region for p in parts]),
    )


def outcome_of(run: Origin) -> Flags:
    """Return what came after an origin."""
    if run.candidates.outcome is None:
        raise ValueError(f"what came after {run.window} is not known")
    return run.candidates.outcome
