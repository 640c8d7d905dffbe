"""An uncertain number: every estimate crosses a border as one of these, so no number stands without its interval."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Interval:
    """A range that holds the quantity with probability ``level``."""

    low: float
    high: float
    level: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        """The distance between the two ends."""
        return self.high - self.low

    def overlaps(self, other: Interval) -> bool:
        """Whether the two ranges share a point."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution known by its quantiles, linear between them.

    Parameters
    ----------
    levels : tuple of float
        Increasing probabilities in 0..1.
    values : tuple of float
        Quantiles at these levels, not decreasing; same length.

    Notes
    -----
    Built from samples, the quantiles are R's type 7: the k-th of n sorted values (k from 0) sits at k/(n−1).
    Beyond the first and the last level the value stays at the end.

    Examples
    --------
    >>> d = Distribution.from_quantiles({0.05: 1.0, 0.5: 2.0, 0.95: 5.0})
    >>> d.median, d.interval(0.9)
    (2.0, Interval(low=1.0, high=5.0, level=0.9))
    """

    levels: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.levels or len(self.levels) != len(self.values):
            raise ValueError("a distribution needs as many values as levels, and at least one")
        if any(not 0 <= p <= 1 for p in self.levels):
            raise ValueError("levels are probabilities between 0 and 1")
        if any(a >= b for a, b in zip(self.levels, self.levels[1:], strict=False)):
            raise ValueError("levels must increase")
        if any(math.isnan(v) for v in self.values):
            raise ValueError("quantiles must be numbers")
        if any(a > b for a, b in zip(self.values, self.values[1:], strict=False)):
            raise ValueError("quantiles must not cross")

    @classmethod
    def from_quantiles(cls, quantiles: Mapping[float, float]) -> Self:
        """Build from a mapping of level to value, in any order."""
        pairs = sorted((float(p), float(v)) for p, v in quantiles.items())
        return cls(tuple(p for p, _ in pairs), tuple(v for _, v in pairs))

    @classmethod
    def from_samples(cls, samples: Iterable[float]) -> Self:
        """Build from draws; at least one, none missing."""
        values = tuple(sorted(float(v) for v in samples))
        n = len(values)
        levels = tuple(k / (n - 1) for k in range(n)) if n > 1 else (0.5,)
        return cls(levels, values)

    @classmethod
    def point(cls, value: float) -> Self:
        """Build the distribution of a number that is known exactly."""
        return cls((0.5,), (float(value),))

    def quantile(self, level: float) -> float:
        """Return the value below which the quantity lies with probability ``level`` (0..1)."""
        if not 0 <= level <= 1:
            raise ValueError(f"a level is a probability between 0 and 1, seen {level}")
        right = bisect_right(self.levels, level)
        if right == 0:
            return self.values[0]
        if right == len(self.levels):
            return self.values[-1]
        left = right - 1
        if self.levels[left] == level:
            return self.values[left]
        share = (level - self.levels[left]) / (self.levels[right] - self.levels[left])
        low, high = self.values[left], self.values[right]
        return low if low == high else low + share * (high - low)

    @property
    def median(self) -> float:
        """The middle of the distribution."""
        return self.quantile(0.5)

    def interval(self, level: float = 0.9) -> Interval:
        """Return the equal-tailed interval that holds ``level`` (0..1) of the probability."""
        if not 0 < level < 1:
            raise ValueError(f"a confidence level lies between 0 and 1, seen {level}")
        return Interval(self.quantile((1 - level) / 2), self.quantile((1 + level) / 2), level)

    def to_dict(self, levels: Iterable[float] = (0.05, 0.25, 0.75, 0.95)) -> dict[str, object]:
        """Return ``{"median", "quantiles": {level: value}}``, the shape results are written in."""
        return {"median": self.median, "quantiles": {f"{p:g}": self.quantile(p) for p in levels}}
