"""Wright's law: cost falls with cumulative experience, with errors that remember one year.

Way, Ives, Mealy and Farmer (2022, doi 10.1016/j.joule.2022.08.009) for ρ = 0.19; the scales are re-derived here
(status unverified).  Future experience is itself uncertain: by default it is extrapolated, with its variance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.reference_class import MIN_S, ReferenceClass, reference_class
from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.student import Law, StudentModel, noise, noise_covariance
from biaochi.methods.forecasting.windows import Windows

BETWEEN_FLOOR = 0.005
PRIOR_STRENGTH = 4.0


class ExperiencePath(Protocol):
    """How future experience is known: growth of ln experience since the origin, its variance and covariance."""

    def growth(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> tuple[Floats, Floats]:
        """Return X and var X, rows × horizons."""

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return cov X of one row, horizons × horizons."""

    @property
    def known(self) -> bool:
        """Whether X is taken as exact, so that the exact error sum applies."""

    @property
    def from_future(self) -> bool:
        """Whether a hindcast with this path sees what was not known at the origin."""


@dataclass(frozen=True)
class Extrapolated:
    """Experience grows on at its mean rate: X = gτ, var X = s_g²(τ + τ²/m)."""

    known: ClassVar[bool] = False
    from_future: ClassVar[bool] = False

    def growth(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> tuple[Floats, Floats]:
        """Return X and var X, rows × horizons."""
        tau, m = horizons.astype(np.float64), rows.m[:, None].astype(np.float64)
        return rows.g[:, None] * tau, rows.g2[:, None] * (tau + tau**2 / m)

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return s_g²(τ₁ + τ₁τ₂/m) for τ₁ ≤ τ₂."""
        tau = horizons.astype(np.float64)
        return np.asarray(rows.g2[0] * (np.minimum.outer(tau, tau) + np.multiply.outer(tau, tau) / rows.m[0]))


@dataclass(frozen=True)
class Given:
    """Experience is given year by year; without a path, the one the series itself later took (a leak, and flagged).

    Parameters
    ----------
    path : mapping of int to float, or None
        Year → cumulative experience, in the series' own unit.
    """

    path: Mapping[int, float] | None = None
    known: ClassVar[bool] = True

    @property
    def from_future(self) -> bool:
        """Whether a hindcast with this path sees what was not known at the origin."""
        return True

    def growth(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> tuple[Floats, Floats]:
        """Return X and zeros; NaN where the path ends."""
        found = np.full((len(rows), len(horizons)), np.nan)
        for i in range(len(rows)):
            one = series[rows.member[i]]
            if one.experience is None:
                continue
            path = self.path if self.path is not None else dict(zip(one.years.tolist(), one.experience, strict=True))
            start = np.log(one.experience[rows.step[i]])
            years = rows.year[i] + horizons
            later = np.array([path.get(int(y), np.nan) for y in years], dtype=np.float64)
            found[i] = np.log(later) - start
        return found, np.zeros_like(found)

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return zeros: the path is exact."""
        return np.zeros((len(horizons), len(horizons)))


@dataclass(frozen=True)
class Scenario:
    """Experience is given as a distribution for each year; years move together (comonotone).

    Parameters
    ----------
    path : mapping of int to Distribution
        Year → cumulative experience, positive, in the series' own unit.
    """

    path: Mapping[int, Distribution]
    known: ClassVar[bool] = False
    from_future: ClassVar[bool] = True
    _levels: ClassVar[Floats] = (np.arange(99) + 0.5) / 99

    def _moments(self, years: Ints) -> tuple[Floats, Floats]:
        missing = [int(y) for y in years if int(y) not in self.path]
        if missing:
            raise ValueError(f"the experience scenario lacks the years {missing}")
        draws = np.array([[np.log(self.path[int(y)].quantile(float(p))) for p in self._levels] for y in years])
        return draws.mean(axis=1), draws.std(axis=1)

    def growth(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> tuple[Floats, Floats]:
        """Return X and var X, rows × horizons."""
        x, v = np.empty((len(rows), len(horizons))), np.empty((len(rows), len(horizons)))
        for i in range(len(rows)):
            mean, deviation = self._moments(rows.year[i] + horizons)
            own = series[rows.member[i]].x
            if own is None:
                raise ValueError(f"{series[rows.member[i]].technology}: a scenario needs a series with experience")
            x[i], v[i] = mean - own[rows.step[i]], deviation**2
        return x, v

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return the product of deviations."""
        _, deviation = self._moments(rows.year[0] + horizons)
        return np.multiply.outer(deviation, deviation)


@dataclass(frozen=True, eq=False)
class _Regression:
    """Own regression of each row: shock variance, divisor of s², and A₁."""

    divisor: Floats
    sigma2: Floats
    a1: Floats


def _regression(rows: Windows, rho: float) -> _Regression:
    m = rows.m.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        divisor = (1 + rho**2) - 2 * rho * rows.p / (rows.s * (m - 1))
        a1 = ((1 + rho**2) * rows.s + 2 * rho * rows.p) / rows.s**2
    return _Regression(divisor, rows.s2 / divisor, a1)


def learning_rate(b: float) -> float:
    """Return the share by which cost falls with each doubling: 1 − 2^b.

    Examples
    --------
    >>> round(learning_rate(-0.319), 3)
    0.198
    """
    return float(1 - 2.0**b)


@dataclass(frozen=True)
class Wright(StudentModel):
    """Δy = bΔx + u without intercept, u MA(1) with ρ; Student with m−1 degrees of freedom.

    Parameters
    ----------
    rho : float
        Moving-average parameter, 0.19 by default.
    experience : ExperiencePath
        :class:`Extrapolated` (default), :class:`Given` or :class:`Scenario`.
    """

    rho: float = 0.19
    experience: ExperiencePath = field(default_factory=Extrapolated)
    code: ClassVar[str] = "wright"
    needs_experience: ClassVar[bool] = True

    def uses_future(self) -> bool:
        """Whether the experience path was not known at the origin."""
        return self.experience.from_future

    def _exact(self, rows: Windows, x: Floats, tau: Floats) -> Floats:
        """Return A for known growth: window weights −XΔx/S, then ones, the shock before the window included."""
        s, p, rho = rows.s[:, None], rows.p[:, None], self.rho
        white = x**2 / s + tau
        memory = x**2 * p / s**2 - x * rows.dx_last[:, None] / s + tau - 1
        return np.asarray((1 + rho**2) * white + 2 * rho * memory)

    def law(self, rows: Windows, series: Sequence[Series], horizons: Ints, *, hindsight: bool = False) -> Law:
        """Return the laws of all rows at all horizons; NaN where there is no experience."""
        tau = horizons.astype(np.float64)
        x, v = self.experience.growth(rows, series, horizons)
        own = _regression(rows, self.rho)
        location = rows.last[:, None] + rows.b[:, None] * x
        if self.experience.known:
            scale2 = own.sigma2[:, None] * self._exact(rows, x, tau)
        else:
            slope = x**2 * (own.sigma2 * own.a1)[:, None]
            scale2 = own.sigma2[:, None] * noise(tau, self.rho) + slope + rows.b[:, None] ** 2 * v
        return Law(location, scale2, rows.m.astype(np.float64) - 1)

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return the scale matrix of one row's horizons."""
        tau = horizons.astype(np.float64)
        x = self.experience.growth(rows, series, horizons)[0][0]
        own = _regression(rows, self.rho)
        if self.experience.known:
            return np.asarray(own.sigma2[0] * self._exact_covariance(rows, x, tau))
        slope = np.multiply.outer(x, x) * own.sigma2[0] * own.a1[0]
        grown = rows.b[0] ** 2 * self.experience.covariance(rows, series, horizons)
        return np.asarray(own.sigma2[0] * noise_covariance(tau, self.rho) + slope + grown)

    def _exact_covariance(self, rows: Windows, x: Floats, tau: Floats) -> Floats:
        s, p, rho = rows.s[0], rows.p[0], self.rho
        product = np.multiply.outer(x, x)
        shorter = np.minimum.outer(tau, tau)
        same = np.subtract.outer(tau, tau) == 0
        white = product / s + shorter
        memory = 2 * product * p / s**2 - np.add.outer(x, x) * rows.dx_last[0] / s + 2 * shorter - 1 - same
        return np.asarray((1 + rho**2) * white + rho * memory)

    def estimates(self, rows: Windows, series: Sequence[Series]) -> Mapping[str, float]:
        """Return slope, learning rate, shock deviation and growth of experience."""
        own = _regression(rows, self.rho)
        return {
            "b": float(rows.b[0]),
            "learning_rate": learning_rate(float(rows.b[0])),
            "sigma": float(np.sqrt(own.sigma2[0])),
            "growth": float(rows.g[0]),
            "m": float(rows.m[0]),
            "rho": self.rho,
        }


@dataclass(frozen=True, eq=False)
class _Shrunk:
    slope: Floats
    sigma2: Floats
    share_of_error: Floats
    df: Floats
    usable: np.ndarray


@dataclass(frozen=True)
class PooledWright(StudentModel):
    """Wright with slope and variance shrunk towards the reference class (own derivation: status unverified).

    Where fewer than five other technologies are admitted, it is Wright with the same ρ and path.
    """

    rho: float = 0.19
    experience: ExperiencePath = field(default_factory=Extrapolated)
    code: ClassVar[str] = "pooled_wright"
    needs_experience: ClassVar[bool] = True

    def uses_future(self) -> bool:
        """Whether the experience path was not known at the origin."""
        return self.experience.from_future

    def _shrink(self, rows: Windows, reference: ReferenceClass) -> _Shrunk:
        m = rows.m.astype(np.float64)
        own = _regression(rows, self.rho)
        pooled = (m - 1) * rows.s2 + PRIOR_STRENGTH * np.exp(reference.log_variance)
        identified = rows.s >= MIN_S * 1e-6
        divisor = np.where(identified, own.divisor, 1 + self.rho**2)
        sigma2 = pooled / ((m - 1 + PRIOR_STRENGTH) * divisor)
        between = np.maximum(reference.between, BETWEEN_FLOOR)
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.where(identified, sigma2 * own.a1, np.inf)
            weight = between / (between + error)
            rest = np.where(identified, weight * error, between)  # z·V tends to B when the own slope says nothing
        slope = np.where(identified, weight * rows.b, 0.0) + (1 - weight) * reference.median
        usable = reference.usable & np.isfinite(rows.s)
        return _Shrunk(slope, sigma2, rest, m - 1 + PRIOR_STRENGTH, usable)

    def law(self, rows: Windows, series: Sequence[Series], horizons: Ints, *, hindsight: bool = False) -> Law:
        """Return the laws of all rows at all horizons; NaN where there is no experience."""
        tau = horizons.astype(np.float64)
        x, v = self.experience.growth(rows, series, horizons)
        pooled = self._shrink(rows, reference_class(rows, series, slope="wright", hindsight=hindsight))
        alone = Wright(self.rho, self.experience).law(rows, series, horizons)
        location = rows.last[:, None] + pooled.slope[:, None] * x
        rest = pooled.share_of_error[:, None]
        grown = (pooled.slope[:, None] ** 2 + rest) * v
        scale2 = pooled.sigma2[:, None] * noise(tau, self.rho) + x**2 * rest + grown
        usable = pooled.usable[:, None]
        return Law(
            np.where(usable, location, alone.location),
            np.where(usable, scale2, alone.scale2),
            np.where(pooled.usable, pooled.df, alone.df),
        )

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return noise, slope and experience covariance of one row."""
        pooled = self._shrink(rows, reference_class(rows, series, slope="wright"))
        if not pooled.usable[0]:
            return Wright(self.rho, self.experience).covariance(rows, series, horizons)
        tau = horizons.astype(np.float64)
        x = self.experience.growth(rows, series, horizons)[0][0]
        rest = pooled.share_of_error[0]
        grown = (pooled.slope[0] ** 2 + rest) * self.experience.covariance(rows, series, horizons)
        slope = np.multiply.outer(x, x) * rest
        return np.asarray(pooled.sigma2[0] * noise_covariance(tau, self.rho) + slope + grown)

    def estimates(self, rows: Windows, series: Sequence[Series]) -> Mapping[str, float]:
        """Return own and shrunk slope, learning rate, and the size of the reference class."""
        reference = reference_class(rows, series, slope="wright")
        pooled = self._shrink(rows, reference)
        own = dict(Wright(self.rho, self.experience).estimates(rows, series))
        own["reference"] = float(reference.n[0])
        if pooled.usable[0]:
            own |= {
                "reference_median": float(reference.median[0]),
                "b_pooled": float(pooled.slope[0]),
                "learning_rate_pooled": learning_rate(float(pooled.slope[0])),
                "sigma_pooled": float(np.sqrt(pooled.sigma2[0])),
            }
        return own
