"""Forecasts: what a fitted model says of each horizon and of all horizons jointly.

Locations and scales are in y, the logarithm in cost orientation; marginals and paths come out in the series' unit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.calibration import crps_sample, crps_student, log_density_student
from biaochi.methods.forecasting.series import Floats, Ints

LEVELS = np.concatenate([[0.001, 0.005], np.linspace(0.01, 0.99, 99), [0.995, 0.999]])


class Forecast(ABC):
    """What a model says of the years after ``origin``.

    Attributes
    ----------
    origin : int
        Last year seen.
    horizons : array of int, shape (h,)
        Years ahead, increasing.
    sign : int
        1 for a cost, −1 for performance.
    """

    origin: int
    horizons: Ints
    sign: int

    @abstractmethod
    def y_quantiles(self, levels: ArrayLike) -> Floats:
        """Return quantiles of y, shape (h, levels)."""

    @abstractmethod
    def y_paths(self, n: int, rng: np.random.Generator) -> Floats:
        """Return joint draws of y, shape (n, h)."""

    @abstractmethod
    def y_cdf(self, y: ArrayLike) -> Floats:
        """Return P(Y ≤ y) for one y a horizon."""

    @abstractmethod
    def y_crps(self, y: ArrayLike) -> Floats:
        """Return the continuous ranked probability score of one y a horizon."""

    @property
    def years(self) -> Ints:
        """Calendar years of the horizons."""
        return self.origin + self.horizons

    def marginal(self, horizon: int) -> Distribution:
        """Return the distribution of the value at one horizon, in the series' unit."""
        where = int(np.flatnonzero(self.horizons == horizon)[0])
        values = np.exp(self.sign * self.y_quantiles(LEVELS)[where])
        ordered = values if self.sign > 0 else values[::-1]
        return Distribution(tuple(LEVELS.tolist()), tuple(np.maximum.accumulate(ordered).tolist()))

    def paths(self, n: int, rng: np.random.Generator) -> Floats:
        """Return n joint draws of the values, shape (n, h), in the series' unit."""
        return np.asarray(np.exp(self.sign * self.y_paths(n, rng)))

    def _y(self, values: ArrayLike) -> Floats:
        return np.asarray(self.sign * np.log(np.asarray(values, dtype=np.float64)))

    def crps(self, values: ArrayLike) -> Floats:
        """Return the CRPS of ln value for one realised value a horizon, shape (h,)."""
        return self.y_crps(self._y(values))

    def pit(self, values: ArrayLike) -> Floats:
        """Return the probability integral transform in cost orientation: near 0 when it went better than forecast."""
        return self.y_cdf(self._y(values))


@dataclass(frozen=True, eq=False)
class StudentForecast(Forecast):
    """Marginals are Student; jointly a multivariate Student with the given covariance of scales.

    Parameters
    ----------
    location : array, shape (h,)
        Medians of y.
    scale2 : array, shape (h, h)
        Scale matrix; its diagonal holds the squared scales of the marginals.
    df : float
        Degrees of freedom.
    """

    origin: int
    horizons: Ints
    sign: int
    location: Floats
    scale2: Floats
    df: float

    @property
    def scale(self) -> Floats:
        """Scales of the marginals."""
        return np.sqrt(np.diag(self.scale2))

    def y_quantiles(self, levels: ArrayLike) -> Floats:
        """Return quantiles of y, shape (h, levels)."""
        z = special.stdtrit(self.df, np.asarray(levels, dtype=np.float64))
        return np.asarray(self.location[:, None] + self.scale[:, None] * z)

    def y_cdf(self, y: ArrayLike) -> Floats:
        """Return P(Y ≤ y) for one y a horizon."""
        return np.asarray(special.stdtr(self.df, (np.asarray(y) - self.location) / self.scale))

    def y_crps(self, y: ArrayLike) -> Floats:
        """Return the CRPS, closed form."""
        return crps_student((np.asarray(y) - self.location) / self.scale, self.df) * self.scale

    def log_score(self, values: ArrayLike) -> Floats:
        """Return minus the log density of ln value, one a horizon."""
        z = (self._y(values) - self.location) / self.scale
        return np.asarray(np.log(self.scale) - log_density_student(z, self.df))

    def factor(self) -> Floats:
        """Return L with L·Lᵀ equal to the scale matrix."""
        vectors, values, _ = np.linalg.svd(self.scale2, hermitian=True)
        return np.asarray(vectors * np.sqrt(values))

    def y_paths(self, n: int, rng: np.random.Generator) -> Floats:
        """Return joint draws of y: one mixing variable a path keeps all years' surprises together."""
        normal = rng.standard_normal((n, len(self.horizons)))
        mixing = np.sqrt(self.df / rng.chisquare(self.df, size=n))
        return np.asarray(self.location + (normal @ self.factor().T) * mixing[:, None])


@dataclass(frozen=True, eq=False)
class SampleForecast(Forecast):
    """A forecast known by joint draws of y, shape (n, h)."""

    origin: int
    horizons: Ints
    sign: int
    draws: Floats

    def y_quantiles(self, levels: ArrayLike) -> Floats:
        """Return quantiles of y, shape (h, levels)."""
        return np.asarray(np.quantile(self.draws, np.asarray(levels, dtype=np.float64), axis=0).T)

    def y_cdf(self, y: ArrayLike) -> Floats:
        """Return the share of draws at or below y."""
        return np.asarray(np.mean(self.draws <= np.asarray(y), axis=0))

    def y_crps(self, y: ArrayLike) -> Floats:
        """Return the CRPS of the draws."""
        return crps_sample(np.sort(self.draws, axis=0).T, np.asarray(y, dtype=np.float64))

    def y_paths(self, n: int, rng: np.random.Generator) -> Floats:
        """Return n of the draws: all in order when n is their number, else with replacement."""
        if n == len(self.draws):
            return self.draws
        return np.asarray(self.draws[rng.integers(0, len(self.draws), size=n)])


def horizon_array(horizons: Iterable[int] | int) -> Ints:
    """Return horizons as an increasing array; a single number means 1 to that number."""
    years = range(1, horizons + 1) if isinstance(horizons, int) else sorted(set(horizons))
    chosen = np.array(years, dtype=np.int64)
    if len(chosen) == 0 or chosen[0] < 1:
        raise ValueError(f"horizons are whole years ahead, at least 1; seen {horizons!r}")
    return np.asarray(chosen, dtype=np.int64)
