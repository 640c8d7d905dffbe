"""The base of all models whose forecasts are Student: fitting is reading windows, predicting is arithmetic."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from biaochi.methods.forecasting.calibration import crps_student, log_density_student
from biaochi.methods.forecasting.predictive import StudentForecast, horizon_array
from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.windows import Windows, windows


@dataclass(frozen=True, eq=False)
class Law:
    """Student laws of many origins: location and squared scale (rows × horizons), degrees of freedom (rows)."""

    location: Floats
    scale2: Floats
    df: Floats


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of many forecasts at once, one entry a forecast: median, scale, CRPS, log score, PIT."""

    median: Floats
    scale: Floats
    crps: Floats
    log_score: Floats
    pit: Floats


class StudentModel(ABC):
    """A model that forecasts y with a Student law at every horizon."""

    code: ClassVar[str]
    needs_experience: ClassVar[bool] = False

    @abstractmethod
    def law(self, rows: Windows, series: Sequence[Series], horizons: Ints, *, hindsight: bool = False) -> Law:
        """Return the laws of all rows at all horizons.

        ``rows.member`` points into ``series``; with ``hindsight`` the reference class is not cut at the origin.
        """

    @abstractmethod
    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return the scale matrix of one row's horizons; its diagonal equals the law's squared scales."""

    @abstractmethod
    def estimates(self, rows: Windows, series: Sequence[Series]) -> Mapping[str, float]:
        """Return the named estimates of one row, for people to read."""

    def score(
        self,
        rows: Windows,
        series: Sequence[Series],
        horizons: Ints,
        where: tuple[Ints, Ints],
        observed: Floats,
        *,
        hindsight: bool = False,
    ) -> Scores:
        """Score the forecasts at ``where`` (row and horizon positions) against what came."""
        law = self.law(rows, series, horizons, hindsight=hindsight)
        location, scale, df = law.location[where], np.sqrt(law.scale2[where]), law.df[where[0]]
        z = (observed - location) / scale
        return Scores(
            location,
            scale,
            crps_student(z, df) * scale,
            np.log(scale) - log_density_student(z, df),
            np.asarray(special.stdtr(df, z)),
        )

    def uses_future(self) -> bool:
        """Whether a hindcast of this model would see what was not known at the origin."""
        return False

    def fit(self, series: Series, *, upto: int | None = None, reference: Sequence[Series] = ()) -> FittedStudent:
        """Fit to a series as it was known at the end of ``upto``.

        Parameters
        ----------
        series : Series
            At least three points up to then.
        upto : int or None
            Origin year; None for the last.
        reference : sequence of Series
            Other technologies; only what they had shown by the origin year is used.

        Raises
        ------
        ValueError
            When there are fewer than three points, or experience is needed and absent.
        """
        seen = series.upto(upto)
        if len(seen) < 3:
            raise ValueError(f"{series.technology}: at least three points are needed, seen {len(seen)}")
        if self.needs_experience and seen.experience is None:
            raise ValueError(f"{series.technology}: {self.code} needs a series with experience")
        everyone = (seen, *(r for r in reference if r.technology != series.technology))
        own = windows([seen], minimum=2)
        return FittedStudent(self, everyone, own.take(np.array([len(own) - 1])))


@dataclass(frozen=True, eq=False)
class FittedStudent:
    """A model fitted to one series at one origin."""

    model: StudentModel
    series: tuple[Series, ...]
    rows: Windows

    @property
    def origin(self) -> int:
        """Last year seen."""
        return int(self.rows.year[0])

    @property
    def estimates(self) -> Mapping[str, float]:
        """Named estimates, for people to read."""
        return self.model.estimates(self.rows, self.series)

    def predict(self, horizons: Iterable[int] | int) -> StudentForecast:
        """Forecast the horizons (years ahead; a single number means 1 to that number)."""
        chosen = horizon_array(horizons)
        law = self.model.law(self.rows, self.series, chosen)
        matrix = self.model.covariance(self.rows, self.series, chosen)
        return StudentForecast(self.origin, chosen, self.series[0].sign, law.location[0], matrix, float(law.df[0]))


def noise(horizons: Floats, memory: float) -> Floats:
    """Variance of the sum of future MA(1) increments, per unit of shock variance: (1+ρ)²(τ−1)+1+ρ²."""
    return np.asarray((1 + memory) ** 2 * (horizons - 1) + 1 + memory**2)


def noise_covariance(horizons: Floats, memory: float) -> Floats:
    """Covariance of these sums: the variance at the shorter horizon, plus ρ where the longer goes on."""
    shorter = np.minimum.outer(horizons, horizons)
    return np.asarray(noise(shorter, memory) + memory * (np.subtract.outer(horizons, horizons) != 0))
