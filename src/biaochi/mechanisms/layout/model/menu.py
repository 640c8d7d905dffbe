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
