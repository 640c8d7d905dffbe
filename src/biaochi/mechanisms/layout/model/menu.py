"""What a region is offered: demand of a track, tiers, menu items with their reasons, and the person's choice."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """The demand for a track's product, never invented: a range, and what one place can supply.

    Parameters
    ----------
    central, low, high : float
        Demand in the unit of ``capacity``, 0 ≤ low ≤ central ≤ high.
    capacity : float
        What one place supplies, above 0.
    """

    central: float
    low: float
    high: float
    capacity: float

    def __post_init__(self) -> None:
        numbers = (self.central, self.low, self.high, self.capacity)
        if not all(math.isfinite(v) for v in numbers) or not 0 <= self.low <= self.central <= self.high:
            raise ValueError(f"a demand needs 0 ≤ low ≤ central ≤ high, seen {numbers[:3]}")
        if self.capacity <= 0:
            raise ValueError(f"the capacity of a place must be above 0, seen {self.capacity}")

    @property
    def places_low(self) -> float:
        """Places the low demand carries."""
        return self.low / self.capacity

    @property
    def places_high(self) -> float:
        """Places the high demand carries."""
        return self.high / self.capacity


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One suggestion to one region, with everything it rests on.

    Parameters
    ----------
    region, track : str
    frequency : float or None
        How often it was suggested over refits, 0..1; ``None`` when nothing was resampled.
    p, low, high : float
        Probability of entry and its interval over refits; NaN when unknown.
    base_rate : float
        How often entry happened at all, at earlier origins.
    density : float
        Relatedness density of the track for the region.
    neighbours : tuple of (track, phi)
        Nearest tracks the region is active in.
    drivers : tuple of (feature, log odds)
        What moves the forecast most.
    named, possible : int or None
        Regions that declared the track, and that may have; ``None`` without plans.
    demand : Demand or None
    price : float
        Price of duplication on the track; NaN without coordination.
    opportunity_cost : float
        Expected value lost against the region's own next best, at least 0.
    chosen : bool
        Whether the coordinated solution holds it.
    """

    region: str
    track: str
    frequency: float | None
    p: float
    low: float
    high: float
    base_rate: float
    density: float
    neighbours: tuple[tuple[str, float], ...]
    drivers: tuple[tuple[str, float], ...]
    named: int | None
    possible: int | None
    demand: Demand | None
    price: float
    opportunity_cost: float
    chosen: bool
