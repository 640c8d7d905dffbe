"""The pace of a year: how long decisions took, with the interval of the median, and the rounds it allows next year.

The interval of the median needs no assumption about the distribution: it runs between two order statistics whose ranks
follow from the binomial (here by its normal approximation, rounded outwards).
Source: H. A. David, H. N. Nagaraja, Order Statistics, 3rd ed. 2003, §7.1, doi:10.1002/0471722162.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, sqrt
from statistics import NormalDist, median

YEAR_DAYS = 365.0
LEAST = 5
"""Fewer decisions than this say nothing of a pace."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between two ends."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How a year's decisions went.

    Attributes
    ----------
    decisions : int
    days : Interval
        Median days from a matter's last step to its decision.
    reasoned : Interval
        Share of decisions with reasons, 0..1 (Wilson).
    confidence : float
    """

    decisions: int
    days: Interval
    reasoned: Interval
    confidence: float

    def rounds(self, steps: int = 1) -> Interval:
        """Return how many rounds of so many steps a year allows at this pace.

        Examples
        --------
        >>> pace([30.0] * 9, 9).rounds(steps=2)
        Interval(low=6.0, middle=6.0, high=6.0)
        """
        return Interval(*(_rounds(d, steps) for d in (self.days.high, self.days.middle, self.days.low)))


def pace(days: Sequence[float], reasoned: int, confidence: float = 0.9) -> Pace:
    """Return the pace of decisions.

    Parameters
    ----------
    days : sequence of float
        Days each decision took, at least :data:`LEAST` of them.
    reasoned : int
        How many came with reasons.
    confidence : float
        Level of both intervals, 0..1.

    Raises
    ------
    ValueError
        When there are fewer than :data:`LEAST` decisions.

    Examples
    --------
    >>> pace([1, 2, 3, 4, 5, 6, 7, 8, 9], 9).days
    Interval(low=2, middle=5, high=8)
    """
    n = len(days)
    if n < LEAST:
        raise ValueError(f"{n} decisions say nothing of a pace; {LEAST} are needed")
    ordered, z = sorted(days), NormalDist().inv_cdf((1 + confidence) / 2)
    low = max(0, floor(n / 2 - z * sqrt(n) / 2 + 0.5) - 1)
    high = min(n - 1, ceil(n / 2 + z * sqrt(n) / 2 - 0.5))
    return Pace(n, Interval(ordered[low], median(ordered), ordered[high]), _share(reasoned, n, z), confidence)


def _share(hits: int, n: int, z: float) -> Interval:
    """Wilson's interval of a share, doi:10.1080/01621459.1927.10502953."""
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(max(0.0, centre - half), share, min(1.0, centre + half))


def _rounds(days: float, steps: int) -> float:
    return float(floor(YEAR_DAYS / (days * steps))) if days > 0 else inf
