"""Shares and their comparison: Wilson, Jeffreys, Newcombe, Mantel–Haenszel, and the E-value of an unseen cause.

Sources: Wilson 1927, doi:10.1080/01621459.1927.10502953; Newcombe 1998 (method 10),
doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I; Brown, Cai and DasGupta 2001,
doi:10.1214/ss/1009213286; Mantel and Haenszel 1959; variance of the risk difference: Sato 1989, doi:10.2307/2531497;
VanderWeele and Ding 2017, doi:10.7326/M16-2607.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtri


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its interval."""

    value: float
    low: float
    high: float


def wilson(successes: int, trials: int, level: float = 0.95) -> Estimate:
    """Return a share with Wilson's score interval.

    Examples
    --------
    >>> e = wilson(1697, 1952)
    >>> round(e.low, 6), round(e.high, 6)
    (0.853686, 0.883592)
    """
    _counts(successes, trials)
    if trials == 0:
        return Estimate(float("nan"), 0.0, 1.0)
    z = float(ndtri((1 + level) / 2))
    p = successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * float(np.sqrt(p * (1 - p) / trials + z * z / (4 * trials**2))) / (1 + z * z / trials)
    return Estimate(p, 0.0 if successes == 0 else centre - half, 1.0 if successes == trials else centre + half)


def jeffreys(successes: int, trials: int, level: float = 0.95) -> Estimate:
    """Return a share with Jeffreys' interval (0 and 1 are included at the ends).

    Examples
    --------
    >>> e = jeffreys(3, 20)
    >>> round(e.low, 6), round(e.high, 6)
    (0.044131, 0.348578)
    """
    _counts(successes, trials)
    a, b = successes + 0.5, trials - successes + 0.5
    low = 0.0 if successes == 0 else float(betaincinv(a, b, (1 - level) / 2))
    high = 1.0 if successes == trials else float(betaincinv(a, b, (1 + level) / 2))
    return Estimate(successes / trials if trials else float("nan"), low, high)


def newcombe(first: tuple[int, int], second: tuple[int, int], level: float = 0.95) -> Estimate:
    """Return the difference of two shares, each ``(successes, trials)``, with Newcombe's interval.

    Examples
    --------
    >>> e = newcombe((80, 100), (30, 100))
    >>> round(e.low, 6), round(e.high, 6)
    (0.369319, 0.604925)
    """
    a, b = wilson(*first, level), wilson(*second, level)
    low = a.value - b.value - np.hypot(a.value - a.low, b.high - b.value)
    high = a.value - b.value + np.hypot(a.high - a.value, b.value - b.low)
    return Estimate(a.value - b.value, float(low), float(high))


def mantel_haenszel(
    successes_with: ArrayLike,
    trials_with: ArrayLike,
    successes_without: ArrayLike,
    trials_without: ArrayLike,
    level: float = 0.95,
) -> Estimate:
    """Return the difference of two shares pooled over strata, with Sato's interval.

    Parameters
    ----------
    successes_with, trials_with, successes_without, trials_without : arrays of int, shape (k,)
        Counts of each stratum; strata where one side is empty carry no weight.
    level : float
        Level of the interval.

    Examples
    --------
    >>> round(mantel_haenszel([8, 2], [10, 10], [4, 1], [10, 10]).value, 6)
    0.25
    """
    a, n1, c, n0 = (
        np.asarray(x, dtype=float) for x in (successes_with, trials_with, successes_without, trials_without)
    )
    both = (n1 > 0) & (n0 > 0)
    a, n1, c, n0 = a[both], n1[both], c[both], n0[both]
    if not a.size:
        return Estimate(float("nan"), float("nan"), float("nan"))
    n = n1 + n0
    weight = float(np.sum(n1 * n0 / n))
    value = float(np.sum((a * n0 - c * n1) / n)) / weight
    p = np.sum((n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2)
    q = np.sum((a * (n0 - c) + c * (n1 - a)) / (2 * n))
    spread = float(np.sqrt(max((value * p + q) / weight**2, 0.0)))
    z = float(ndtri((1 + level) / 2))
    return Estimate(value, value - z * spread, value + z * spread)


def risk_ratio(first: tuple[int, int], second: tuple[int, int], level: float = 0.95) -> Estimate:
    """Return the ratio of two shares with the interval of Katz on the log scale (NaN where a count is zero).

    Examples
    --------
    >>> round(risk_ratio((80, 100), (30, 100)).value, 6)
    2.666667
    """
    (a, n1), (c, n0) = first, second
    if min(a, c, n1, n0) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    value = (a / n1) / (c / n0)
    spread = float(np.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n0))
    z = float(ndtri((1 + level) / 2))
    return Estimate(value, value * float(np.exp(-z * spread)), value * float(np.exp(z * spread)))


def e_value(ratio: float) -> float:
    """Return how strong an unseen common cause must be, as a risk ratio with both, to explain a risk ratio away.

    Examples
    --------
    >>> round(e_value(0.8 / 0.3), 6)
    4.774852
    """
    if not ratio > 0:
        return float("nan")
    up = ratio if ratio >= 1 else 1 / ratio
    return float(up + np.sqrt(up * (up - 1)))


def _counts(successes: int, trials: int) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must lie between 0 and trials, seen {successes} of {trials}")
