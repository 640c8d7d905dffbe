"""Moore's law with a known error: a random walk with drift and MA(1) increments, alone or with a reference class.

Farmer and Lafond (2016, doi 10.1016/j.respol.2015.11.001).  θ is never fitted to a series: it was matched to the
errors of many technologies (0.63; alternative 0.25).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from biaochi.methods.forecasting.reference_class import ReferenceClass, reference_class
from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.student import Law, StudentModel, noise, noise_covariance
from biaochi.methods.forecasting.windows import Windows

BETWEEN_FLOOR = 1e-3
PRIOR_STRENGTH = 4.0


def inflation(m: Floats | float, horizons: Floats, theta: float) -> Floats:
    """Return N, the growth of the squared error with the horizon.

    N = −2θ + (1 + 2(m−1)θ/m + θ²)(τ + τ²/m); at θ = 0 it is τ + τ²/m.
    """
    growth = horizons + horizons**2 / m
    return np.asarray(-2 * theta + (1 + 2 * (m - 1) * theta / m + theta**2) * growth)


def xi_theory(m: int, horizons: Floats, theta: float = 0.0, *, corrected: bool = True) -> Floats:
    """Return the expected Ξ(τ) of normal MA(1) increments (m > 3)."""
    divisor = 1 + theta**2 - (2 * theta / m if corrected else 0.0)
    return np.asarray((m - 1) / (m - 3) * inflation(float(m), horizons, theta) / divisor)


def p_cheaper(difference: float, drift: float, horizons: Floats, k2: float, m: int, theta: float = 0.63) -> Floats:
    """Return P(A costs less than B), equation 16 of the source; same m and independence only.

    Parameters
    ----------
    difference, drift : float
        y_B − y_A and μ_B − μ_A.
    horizons : array
        Years ahead.
    k2 : float
        K_A² + K_B².
    m : int
        Increments of both.
    theta : float
        Moving-average parameter.

    Examples
    --------
    >>> from math import log
    >>> round(float(p_cheaper(-log(3), 0.1004, np.array([5.0]), 0.1502**2 + 0.1**2, 33)[0]), 2)
    0.15
    """
    spread = np.sqrt(inflation(float(m), horizons, theta) / (1 + theta**2) * k2)
    return np.asarray(special.ndtr((difference + horizons * drift) / spread))


@dataclass(frozen=True)
class Moore(StudentModel):
    """Random walk with drift, MA(1) increments.

    Parameters
    ----------
    theta : float
        Moving-average parameter, 0 ≤ θ ≤ 1; 0.63 by default.
    corrected : bool
        Divide by 1+θ²−2θ/m, the true expectation of K̂², not by 1+θ² as published.

    Examples
    --------
    >>> s = Series("a", range(2000, 2008), [8, 7, 6, 5.5, 5, 4, 3.8, 3.5])
    >>> round(Moore().fit(s).predict(1).marginal(1).median, 4)
    3.1101
    """

    theta: float = 0.63
    corrected: bool = True
    code: ClassVar[str] = "moore"

    def _divisor(self, m: Floats) -> Floats:
        return 1 + self.theta**2 - (2 * self.theta / m if self.corrected else np.zeros_like(m))

    def law(self, rows: Windows, series: Sequence[Series], horizons: Ints, *, hindsight: bool = False) -> Law:
        """Return the laws of all rows at all horizons."""
        tau, m = horizons.astype(np.float64), rows.m[:, None].astype(np.float64)
        location = rows.last[:, None] + rows.mu[:, None] * tau
        scale2 = rows.k2[:, None] * inflation(m, tau, self.theta) / self._divisor(m)
        return Law(location, scale2, rows.m.astype(np.float64) - 1)

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return the covariance of Σaᵢuᵢ for a = (−τ/m, then τ ones) at two horizons."""
        tau, m, theta = horizons.astype(np.float64), float(rows.m[0]), self.theta
        product = np.multiply.outer(tau, tau)
        total = np.add.outer(tau, tau)
        shorter = np.minimum.outer(tau, tau)
        same = np.subtract.outer(tau, tau) == 0
        white = product / m + shorter
        memory = 2 * product * (m - 1) / m**2 - total / m + 2 * shorter - 1 - same
        divisor = float(self._divisor(np.array([m]))[0])
        return np.asarray(rows.k2[0] / divisor * ((1 + theta**2) * white + theta * memory))

    def estimates(self, rows: Windows, series: Sequence[Series]) -> Mapping[str, float]:
        """Return mean yearly log-change, its deviation, the number of increments and θ."""
        return {
            "mu": float(rows.mu[0]),
            "k": float(np.sqrt(rows.k2[0])),
            "m": float(rows.m[0]),
            "theta": self.theta,
        }


@dataclass(frozen=True, eq=False)
class _Shrunk:
    slope: Floats
    variance: Floats
    share_of_error: Floats  # w·V: what remains unknown of the slope
    df: Floats
    usable: np.ndarray


@dataclass(frozen=True)
class PooledMoore(StudentModel):
    """Moore with drift and variance shrunk towards the reference class (own derivation: status unverified).

    Where fewer than five other technologies had six points by the origin year, it is Moore with the same θ.
    """

    theta: float = 0.25
    code: ClassVar[str] = "pooled_moore"

    def _shrink(self, rows: Windows, reference: ReferenceClass) -> _Shrunk:
        m, theta = rows.m.astype(np.float64), self.theta
        k2 = ((m - 1) * rows.k2 + PRIOR_STRENGTH * np.exp(reference.log_variance)) / (m - 1 + PRIOR_STRENGTH)
        sigma2 = k2 / (1 + theta**2 - 2 * theta / m)
        error = sigma2 * ((1 + theta) ** 2 / m - 2 * theta / m**2)
        between = np.maximum(reference.between, BETWEEN_FLOOR)
        weight = between / (between + error)
        slope = weight * rows.mu + (1 - weight) * reference.median
        return _Shrunk(slope, sigma2, weight * error, m - 1 + PRIOR_STRENGTH, reference.usable)

    def law(self, rows: Windows, series: Sequence[Series], horizons: Ints, *, hindsight: bool = False) -> Law:
        """Return the laws of all rows at all horizons."""
        tau = horizons.astype(np.float64)
        pooled = self._shrink(rows, reference_class(rows, series, hindsight=hindsight))
        alone = Moore(self.theta).law(rows, series, horizons)
        location = rows.last[:, None] + tau * pooled.slope[:, None]
        scale2 = pooled.variance[:, None] * noise(tau, self.theta) + tau**2 * pooled.share_of_error[:, None]
        usable = pooled.usable[:, None]
        return Law(
            np.where(usable, location, alone.location),
            np.where(usable, scale2, alone.scale2),
            np.where(pooled.usable, pooled.df, alone.df),
        )

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return noise and slope covariance of one row."""
        pooled = self._shrink(rows, reference_class(rows, series))
        if not pooled.usable[0]:
            return Moore(self.theta).covariance(rows, series, horizons)
        tau = horizons.astype(np.float64)
        slope = np.multiply.outer(tau, tau) * pooled.share_of_error[0]
        return np.asarray(pooled.variance[0] * noise_covariance(tau, self.theta) + slope)

    def estimates(self, rows: Windows, series: Sequence[Series]) -> Mapping[str, float]:
        """Return own and shrunk slope and deviation, and the size of the reference class."""
        reference = reference_class(rows, series)
        pooled = self._shrink(rows, reference)
        own = Moore(self.theta).estimates(rows, series)
        if not pooled.usable[0]:
            return {**own, "reference": float(reference.n[0])}
        return {
            **own,
            "reference": float(reference.n[0]),
            "reference_median": float(reference.median[0]),
            "mu_pooled": float(pooled.slope[0]),
            "sigma": float(np.sqrt(pooled.variance[0])),
        }
