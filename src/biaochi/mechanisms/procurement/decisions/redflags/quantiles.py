"""Quantiles of type 8 and the fences built on them (Hyndman & Fan 1996, doi:10.1080/00031305.1996.10473566)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


def quantile8(ordered: Sequence[float], p: float) -> float:
    """Return the p-quantile (0..1) of sorted values: position h = (n + 1/3)·p + 1/3, linear between neighbours.

    Examples
    --------
    >>> quantile8([1.0, 1.0, 1.0, 1.0, 1.0, 6.0], 0.75)
    1.4166666666666652
    """
    n = len(ordered)
    if n == 0:
        return math.nan
    h = (n + 1.0 / 3.0) * p + 1.0 / 3.0
    below = int(h)
    if below <= 0:
        return ordered[0]
    if below >= n:
        return ordered[-1]
    return ordered[below - 1] + (h - below) * (ordered[below] - ordered[below - 1])


@dataclass(frozen=True, slots=True)
class Fences:
    """Quartiles of type 8 and the fences 1.5 interquartile ranges beyond them; NaN without data."""

    q1: float
    q3: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Fences:
        """Return the quartiles of values in any order."""
        ordered = sorted(values)
        return cls(quantile8(ordered, 0.25), quantile8(ordered, 0.75))

    @property
    def lower(self) -> float:
        """Q1 − 1.5·IQR."""
        return self.q1 - 1.5 * (self.q3 - self.q1)

    @property
    def upper(self) -> float:
        """Q3 + 1.5·IQR."""
        return self.q3 + 1.5 * (self.q3 - self.q1)
