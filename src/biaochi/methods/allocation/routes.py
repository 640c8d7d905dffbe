"""The parts of a programme: routes, payoff, observations, worlds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from biaochi.core.text import Text

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Route:
    """A technical route and the teams on it.

    Parameters
    ----------
    code : str
        Identifier.
    prior : ndarray of shape (K,)
        π, probability of each hidden class, worst first.
    team_class : ndarray of shape (K, J)
        τ, probability of each team class given the route's class.
    outcomes : tuple of ndarray, one a stage, shape (Y, K, J)
        Probability of each grade; a stage that is only passed or missed has the grades 0 miss, 1 pass.
    gate : tuple of int
        Lowest grade that passes, one a stage.
    cost : ndarray of shape (S,)
        Cost of one attempt at each stage.
    coverage : float
        ρ, share of the remaining value that a first success covers.
    teams : tuple of str
        Team codes.
    likelihood : tuple of ndarray (K, J) or None, one a team
        Likelihood of the team's proposal scores; ``None`` says nothing.
    prizes : ndarray of shape (Y,) or None
        Prize by grade of the last stage, for the payoff ``best_prize``.
    name : Text or None
        What a person calls it.
    """

    code: str
    prior: FloatArray
    team_class: FloatArray
    outcomes: tuple[FloatArray, ...]
    gate: tuple[int, ...]
    cost: FloatArray
    coverage: float
    teams: tuple[str, ...]
    likelihood: tuple[FloatArray | None, ...]
    prizes: FloatArray | None = None
    name: Text | None = None

    @property
    def passing(self) -> FloatArray:
        """q, the pass probability by stage, route class and team class; shape (S, K, J)."""
        return np.stack([table[g:].sum(axis=0) for table, g in zip(self.outcomes, self.gate, strict=True)])


@dataclass(frozen=True)
class Payoff:
    """What successes are worth: ``coverage`` F=V(1−Πg), or ``best_prize`` F = the best prize of the successes."""

    kind: Literal["coverage", "best_prize"] = "coverage"
    value: float = 1.0
    overlap: float = 0.0


@dataclass(frozen=True)
class Observation:
    """One attempt that was made: round from 1, team, grade (1 pass and 0 miss where the stage is not graded)."""

    round: int
    team: str
    grade: int


@dataclass(frozen=True)
class World:
    """How the world may differ from the model; see :mod:`biaochi.methods.allocation.worlds`."""

    code: str
    tilt: float = 0.0
    shift: float = 0.0
    false_pass: float = 0.0
    false_miss: float = 0.0
    gaming: tuple[float, ...] | None = None
    gaming_top: float = 0.0
    reverse: bool = False
    known: bool = False
