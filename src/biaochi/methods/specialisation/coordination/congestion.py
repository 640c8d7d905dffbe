"""What happens when regions choose for themselves: herding, knowing of one another, or planning together.

Places of a track share its demand: each loses g_j(n) = κ_j·max(0, 1 − D_j/(q_j n)) once n places supply more than D_j.
``herd``: each takes its best tracks as if alone (潮涌现象); ``nash``: nobody can gain by swapping one track;
``planner``: total welfare W = Σ v p x − Σ n_j g_j(n_j) is greatest.  Disclosure is W(nash) − W(herd), which may be
negative; coordination is W(planner) − W(nash), never negative.

Sources
-------
Rosenthal (1973), doi 10.1007/BF01737559; herding: 林毅夫、巫和懋、邢亦青 (2010), 《经济研究》第10期.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.coordination.flow import Flow, solve

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Game = Literal["herd", "nash", "planner"]
GAMES: tuple[Game, ...] = ("herd", "nash", "planner")


@dataclass(frozen=True)
class Congestion:
    """Demand of each track, what a place supplies, and the loss of a place nobody needs.

    All arrays have shape (tracks,); demand ≥ 0, capacity > 0, loss κ ≥ 0.
    """

    demand: Array
    capacity: Array
    loss: Array

    def __post_init__(self) -> None:
        if np.isnan(self.demand).any() or (self.demand < 0).any():
            raise ValueError("demand must be known and not negative: it is never invented")
        if not (self.capacity > 0).all() or not (self.loss >= 0).all():
            raise ValueError("capacity must be above 0 and the loss not negative")

    def at(self, n: Array) -> Array:
        """Return g_j(n_j), zero where there is no place; ``n`` has the tracks on its last axis."""
        carried = np.divide(self.demand, self.capacity * n, out=np.full(np.shape(n), np.inf), where=n > 0)
        return np.asarray(self.loss * np.maximum(0.0, 1.0 - carried), dtype=float)

    def table(self, places: int) -> Array:
        """Return g_j(1..places), shape (tracks, places)."""
        return self.at(np.arange(1, places + 1, dtype=float)[:, None] * np.ones(len(self.demand))).T


@dataclass(frozen=True)
class Outcome:
    """Picks of one game, places of each track and total welfare."""

    game: Game
    chosen: Flags
    n: NDArray[np.int_]
    welfare: float


def play(gains: pd.DataFrame, congestion: Congestion, *, game: Game, k: int) -> Outcome:
    """Play one game.

    Parameters
    ----------
    gains : DataFrame, regions × tracks
        a = v·p of each region in each track; NaN where the region is no candidate.
    congestion : Congestion
        Tracks in the order of the columns.
    game : {"herd", "nash", "planner"}
    k : int
        Tracks each region takes, fewer where it has fewer candidates.

    Examples
    --------
    >>> gains = pd.DataFrame([[1.0, 0.8], [1.0, 0.8]])
    >>> market = Congestion(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([0.5, 0.5]))
    >>> play(gains, market, game="herd", k=1).n.tolist(), play(gains, market, game="nash", k=1).n.tolist()
    ([2, 0], [1, 1])
    """
    a = gains.to_numpy(dtype=float)
    allowed = ~np.isnan(a)
    filled = np.where(allowed, a, 0.0)
    picks = np.minimum(k, allowed.sum(axis=1))
    places = max(len(a), 1)
    if game == "herd":
        steps = np.zeros((a.shape[1], places))
    else:
        marginal = congestion.table(places)
        if game == "planner":
            m = np.arange(1, places + 1)
            marginal = np.diff(m * marginal, axis=1, prepend=0.0)
        # Rounding must not make a rising cost fall.
        steps = np.maximum.accumulate(marginal, axis=1)
    nothing = np.zeros(a.shape, dtype=bool)
    found = solve(Flow(filled, allowed, nothing, picks, steps, np.zeros(a.shape[1], dtype=int)))
    if found is None:
        raise ValueError("the game has no outcome: gains must be finite")
    n = found.chosen.sum(axis=0)
    return Outcome(game, found.chosen, n, welfare(filled, found.chosen, congestion))


def welfare(gain: Array, chosen: Flags, congestion: Congestion) -> float:
    """Return Σ a x − Σ n g(n)."""
    n = chosen.sum(axis=0).astype(float)
    return float((gain * chosen).sum() - (n * congestion.at(n)).sum())


def advisory(n: Array, congestion: Congestion) -> Array:
    """Return n·g(n) − (n−1)·g(n−1): what the last place of each track costs everybody; zero without a place."""
    before = np.maximum(n - 1.0, 0.0)
    return np.asarray(n * congestion.at(n) - before * congestion.at(before), dtype=float)


def deviations(gains: pd.DataFrame, outcome: Outcome, congestion: Congestion) -> int:
    """Return how many swaps of one track for another would pay the region that makes them."""
    a = gains.to_numpy(dtype=float)
    n = outcome.n.astype(float)
    here, joined = congestion.at(n), congestion.at(n + 1)
    found = 0
    for i in range(len(a)):
        held = outcome.chosen[i]
        free = ~held & ~np.isnan(a[i])
        worth = a[i][held] - here[held]
        offers = a[i][free] - joined[free]
        found += int((offers[:, None] > worth[None, :] + 1e-9).sum())
    return found
