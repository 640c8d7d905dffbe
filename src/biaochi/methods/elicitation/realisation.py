"""When something will happen, or never: an expert's answer as a distribution of years, and its score.

An answer gives the years by which it happens with 10, 50 and 90 per cent probability *given that it happens*, and the
probability of never.  A mean year is never computed: never has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from biaochi.methods.elicitation.answers import Floats

Outcome = Literal["realised", "not_realised"]


@dataclass(frozen=True, slots=True)
class RealisationAnswer:
    """One expert's years.

    Parameters
    ----------
    p10, p50, p90 : float
        Years, not decreasing, given that it happens.
    p_never : float
        Probability in 0..1 that it never happens.
    survey_year : float
        Year of the survey; nothing happened by then.

    Raises
    ------
    ValueError
        For crossing years, years before the survey, or a probability outside 0..1.
    """

    p10: float
    p50: float
    p90: float
    p_never: float
    survey_year: float

    def __post_init__(self) -> None:
        if not 0 <= self.p_never <= 1:
            raise ValueError(f"p_never must lie in 0..1, seen {self.p_never}")
        if not self.survey_year <= self.p10 <= self.p50 <= self.p90:
            raise ValueError(f"years must not cross: {self.survey_year}, {self.p10}, {self.p50}, {self.p90}")


def realisation_cdf(answer: RealisationAnswer, years: ArrayLike) -> Floats:
    """Return P(realised by the end of each year), one answer.

    CDF = (1 − p_never)·G, G linear through 0 at the survey year and the three points, then
    1 − 0.1·exp(−4(y − y90)/(y90 − y50)).

    Examples
    --------
    >>> realisation_cdf(RealisationAnswer(2028, 2030, 2035, 0.2, 2026), [2026, 2028, 2030, 2035]).round(3).tolist()
    [0.0, 0.08, 0.4, 0.72]
    """
    table = np.array([[answer.p10, answer.p50, answer.p90]], dtype=np.float64)
    return np.asarray(realisation_cdfs(table, np.array([answer.p_never]), answer.survey_year, years)[0])


def realisation_cdfs(points: Floats, p_never: Floats, survey_year: float, years: ArrayLike) -> Floats:
    """Return the CDFs of many answers at once.

    Parameters
    ----------
    points : array, shape (experts, 3)
        Years of 10, 50 and 90 %.
    p_never : array, shape (experts,)
        Probability of never.
    survey_year : float
        Year of the survey.
    years : array, shape (t,)
        Calendar years.

    Returns
    -------
    array, shape (experts, t)
    """
    at = np.asarray(years, dtype=np.float64)[None, :]
    knots = np.concatenate([np.full((len(points), 1), survey_year), points], axis=1)
    heights = np.array([0.0, 0.1, 0.5, 0.9])
    curve = np.zeros((len(points), at.shape[1]))
    for k in range(3):
        low, high = knots[:, k : k + 1], knots[:, k + 1 : k + 2]
        width = np.where(high > low, high - low, 1.0)
        inside = heights[k] + (heights[k + 1] - heights[k]) * (at - low) / width
        curve = np.where((at >= low) & (at < high), inside, curve)
    last, spread = points[:, 2:], points[:, 2:] - points[:, 1:2]
    with np.errstate(over="ignore"):
        decay = np.exp(-4 * np.maximum(at - last, 0.0) / np.where(spread > 0, spread, 1.0))
    # Without a spread between 50 % and 90 % everything that will happen has happened by then.
    tail = np.where(spread > 0, 1 - 0.1 * decay, 1.0)
    curve = np.where(at >= last, tail, curve)
    return np.asarray((1 - p_never)[:, None] * np.where(at <= survey_year, 0.0, curve))


def panel_cdf(cdfs: Floats, weights: ArrayLike | None = None) -> Floats:
    """Return the panel's distribution: the mean of the experts'."""
    chosen = None if weights is None else np.asarray(weights, dtype=np.float64)
    return np.asarray(np.average(cdfs, axis=0, weights=chosen))


def median_year(cdf: Floats, years: ArrayLike) -> float | None:
    """Return the year, linear between the given ones, at which the CDF reaches one half; None when it does not."""
    at, values = np.asarray(years, dtype=np.float64), np.asarray(cdf, dtype=np.float64)
    above = np.flatnonzero(values >= 0.5)
    if len(above) == 0:
        return None
    i = int(above[0])
    if i == 0 or values[i] == values[i - 1]:
        return float(at[i])
    return float(at[i - 1] + (0.5 - values[i - 1]) / (values[i] - values[i - 1]) * (at[i] - at[i - 1]))


def score_realisation(cdf: ArrayLike, years: Sequence[int], outcome_year: int | None, at: int) -> float:
    """Score a forecast of years against what is known at the resolution year.

    Σ over years y ≤ ``at`` of (F(y) − 1{Y ≤ y})²: proper also when the outcome has not come; less is better.

    Parameters
    ----------
    cdf : array, shape (t,)
        P(realised by the end of each year).
    years : sequence of int, length t
        Whole, consecutive years.
    outcome_year : int or None
        Year in which it happened; None when it had not by ``at``.
    at : int
        Resolution year.

    Examples
    --------
    >>> f = [0, 0, .1, .1, .4, .4, .4]
    >>> score_realisation(f, range(2026, 2033), 2030, 2032)
    1.1
    """
    grid, values = np.asarray(years), np.asarray(cdf, dtype=np.float64)
    used = grid <= at
    happened = np.zeros(len(grid)) if outcome_year is None or outcome_year > at else (grid >= outcome_year) * 1.0
    return float(round(float(np.sum((values - happened)[used] ** 2)), 12))
