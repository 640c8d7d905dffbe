"""Herding, knowing of one another, planning together: three games over the range of demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.mechanisms.layout.model.menu import Demand
from biaochi.methods.specialisation.coordination import GAMES, Congestion, Game, advisory, deviations, play

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranged:
    """A value at the central demand, and its interval over draws of demand."""

    estimate: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Return the record."""
        return {"estimate": self.estimate, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class GameOutcome:
    """One game at the central demand; welfare over the draws."""

    game: Game
    welfare: Ranged
    n: NDArray[np.int_]
    overload: int


@dataclass(frozen=True)
class Simulation:
    """Three games held side by side.

    ``advisory`` is what the last place of each track costs everybody in the planned outcome; ``deviations`` counts
    swaps that would pay somebody in the Nash outcome, and is zero.
    """

    k: int
    draws: int
    tracks: tuple[str, ...]
    outcomes: tuple[GameOutcome, ...]
    disclosure: Ranged
    coordination: Ranged
    advisory: Array
    deviations: int


def simulate(
    gains: pd.DataFrame,
    demands: Mapping[str, Demand],
    loss: Mapping[str, float],
    *,
    k: int,
    draws: int,
    level: float,
    rng: np.random.Generator,
) -> Simulation:
    """Play the three games at the central demand, and over draws of it.

    Parameters
    ----------
    gains : DataFrame, regions × tracks
        v·p; NaN where a region is no candidate.
    demands : mapping of track to Demand
        Of every track of ``gains``; it is never invented.
    loss : mapping of track to κ
    k, draws, level, rng
        Picks of each region; draws from the triangular distribution of each demand; probability of intervals.
    """
    tracks = [str(t) for t in gains.columns]
    parts = [demands[t] for t in tracks]
    low, mid, high, capacity = (
        np.array([getattr(d, name) for d in parts], dtype=float) for name in ("low", "central", "high", "capacity")
    )
    kappa = np.array([loss[t] for t in tracks], dtype=float)
    centre = Congestion(mid, capacity, kappa)
    played = {g: play(gains, centre, game=g, k=k) for g in GAMES}
    welfare: dict[Game, list[float]] = {g: [] for g in GAMES}
    for _ in range(draws):
        spread = high > low
        drawn = np.where(spread, rng.triangular(low, mid, np.where(spread, high, low + 1)), mid)
        market = Congestion(drawn, capacity, kappa)
        for g in GAMES:
            welfare[g].append(play(gains, market, game=g, k=k).welfare)
    sampled = {g: np.array(values) for g, values in welfare.items()}
    outcomes = tuple(
        GameOutcome(g, _ranged(played[g].welfare, sampled[g], level), played[g].n, _overload(played[g].n, parts))
        for g in GAMES
    )
    at_centre = {g: played[g].welfare for g in GAMES}
    return Simulation(
        k,
        draws,
        tuple(tracks),
        outcomes,
        _ranged(at_centre["nash"] - at_centre["herd"], sampled["nash"] - sampled["herd"], level),
        _ranged(at_centre["planner"] - at_centre["nash"], sampled["planner"] - sampled["nash"], level),
        advisory(played["planner"].n.astype(float), centre),
        deviations(gains, played["nash"], centre),
    )


def _ranged(estimate: float, draws: Array, level: float) -> Ranged:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Ranged(float(estimate), float(low), float(high))


def _overload(n: NDArray[np.int_], parts: list[Demand]) -> int:
    """Return the places beyond what the central demand keeps busy, over all tracks."""
    carried = np.array([np.ceil(d.central / d.capacity - 1e-9) for d in parts])
    return int(np.maximum(n - carried, 0).sum())
