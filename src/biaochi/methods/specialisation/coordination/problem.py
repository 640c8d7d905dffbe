"""What is to be coordinated: regions that each take a few tracks, and what limits or joins their picks.

Nothing here orders a region to do anything: a solution is a menu, with the price at which each region would pick it
for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Cell = tuple[str, str]


@dataclass(frozen=True)
class Problem:
    """Limits and joint gains.

    Parameters
    ----------
    k : int
        Picks of each region; ``k_by_region`` overrides it.
    price : float
        λ ≥ 0, what each pair of regions on the same track costs.
    cap : int or None
        Greatest number of places of any track; ``max_regions`` may be lower for one track.
    max_regions, min_regions, existing : mapping of track to int
        U, L and the places there already are; these count.
    fixed, exclude : tuple of (region, track)
        Cells that must or must not be picked.
    cost, budget : mapping
        Yuan of a cell, and of a region; only :func:`complement` uses these and what follows.
    clusters : mapping of name to regions
        Regions that should differ; ``pair_penalty`` is lost for every track two of them share.
    joint : tuple of (track, track, gain)
        Gain of holding both.
    directions, direction_min : mapping
        Direction of each track; least number of places of a direction.
    floor : mapping of region to float
        Least expected value of a region's picks.

    Examples
    --------
    >>> Problem(k=2, price=-1)
    Traceback (most recent call last):
    ...
    ValueError: price must not be negative, seen -1
    """

    k: int = 3
    price: float = 0.0
    cap: int | None = None
    k_by_region: Mapping[str, int] = field(default_factory=dict)
    max_regions: Mapping[str, int] = field(default_factory=dict)
    min_regions: Mapping[str, int] = field(default_factory=dict)
    existing: Mapping[str, int] = field(default_factory=dict)
    fixed: tuple[Cell, ...] = ()
    exclude: tuple[Cell, ...] = ()
    cost: Mapping[Cell, float] = field(default_factory=dict)
    budget: Mapping[str, float] = field(default_factory=dict)
    clusters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pair_penalty: float = 0.0
    joint: tuple[tuple[str, str, float], ...] = ()
    directions: Mapping[str, str] = field(default_factory=dict)
    direction_min: Mapping[str, int] = field(default_factory=dict)
    floor: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in (("k", self.k), ("price", self.price), ("pair_penalty", self.pair_penalty)):
            if not value >= 0:
                raise ValueError(f"{name} must not be negative, seen {value}")
        for name in ("k_by_region", "max_regions", "min_regions", "existing", "cost", "budget"):
            for key, value in getattr(self, name).items():
                if not value >= 0:
                    raise ValueError(f"{name} of {key} must not be negative, seen {value}")
        if self.cap is not None and self.cap < 0:
            raise ValueError(f"cap must not be negative, seen {self.cap}")


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good a solution is known to be.

    ``bound`` is the value no solution exceeds, ``gap`` their relative distance; ``integral`` whether the relaxation
    was integral by itself.
    """

    integral: bool
    value: float
    bound: float
    gap: float
    seconds: float

    def to_dict(self) -> dict[str, object]:
        """Return the certificate as results carry it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A constraint that cannot be met: what it needs and what there is."""

    constraint: str
    needed: float
    available: float

    def to_dict(self) -> dict[str, object]:
        """Return the shortfall as results carry it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class Assignment:
    """A solution.

    Attributes
    ----------
    chosen : DataFrame of bool, regions × tracks
        All False when infeasible.
    prices : DataFrame
        track, n (existing places included), price, low, high; ``high`` is NaN at the cap, where it has no bound.
    certificate : Certificate
    infeasible : tuple of Shortfall
        Empty for a solution.
    """

    chosen: pd.DataFrame
    prices: pd.DataFrame
    certificate: Certificate
    infeasible: tuple[Shortfall, ...] = ()

    @property
    def solved(self) -> bool:
        """Whether there is a solution."""
        return not self.infeasible


@dataclass(frozen=True)
class Cells:
    """A problem as arrays: gains v·p, what may and must be picked, how many, and the limits of tracks."""

    regions: list[str]
    tracks: list[str]
    gain: Array
    allowed: Flags
    fixed: Flags
    k: NDArray[np.int_]
    most: NDArray[np.int_]
    least: NDArray[np.int_]
    existing: NDArray[np.int_]


def cells(p: pd.DataFrame, value: pd.Series | None, problem: Problem) -> Cells:
    """Return the problem as arrays.

    ``p`` NaN means that the region is no candidate for the track.  Cells and codes of the problem that ``p`` does not
    hold raise ``KeyError``; probabilities outside 0..1 raise ``ValueError``.
    """
    regions, tracks = [str(r) for r in p.index], [str(t) for t in p.columns]
    chances = p.to_numpy(dtype=float)
    if ((chances < 0) | (chances > 1)).any():
        raise ValueError("probabilities lie between 0 and 1")
    worth = np.ones(len(tracks)) if value is None else value.reindex(tracks).to_numpy(dtype=float)
    if np.isnan(worth).any() or (worth < 0).any():
        raise ValueError("every track needs a value that is not negative")
    allowed = ~np.isnan(chances)
    at_row = {name: i for i, name in enumerate(regions)}
    at_column = {name: j for j, name in enumerate(tracks)}
    for region, track in problem.exclude:
        allowed[at_row[region], at_column[track]] = False
    fixed = np.zeros(allowed.shape, dtype=bool)
    for region, track in problem.fixed:
        fixed[at_row[region], at_column[track]] = True
    picks = np.array([problem.k_by_region.get(r, problem.k) for r in regions], dtype=int)
    existing = np.array([int(problem.existing.get(t, 0)) for t in tracks], dtype=int)
    ceiling = len(regions) + int(existing.max(initial=0))
    general = ceiling if problem.cap is None else problem.cap
    most = np.array([min(int(problem.max_regions.get(t, general)), general) for t in tracks], dtype=int)
    least = np.array([int(problem.min_regions.get(t, 0)) for t in tracks], dtype=int)
    gain = np.where(allowed, np.nan_to_num(chances) * worth, 0.0)
    return Cells(
        regions, tracks, gain, allowed, fixed & allowed, np.minimum(picks, allowed.sum(axis=1)), most, least, existing
    )
