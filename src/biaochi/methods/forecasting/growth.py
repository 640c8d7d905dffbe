"""Growth towards a ceiling that must be given: the engine of S-curves and of Bass.

The ceiling is a required :class:`~biaochi.core.distribution.Distribution`: estimated freely from a tenth of the curve,
ceilings ran from 0.21 to 10⁹ times the truth.  For each of many equally likely ceilings the other two parameters are
fitted by damped Gauss–Newton on the logarithm; the ceilings are weighted by their marginal likelihood (Laplace), and
draws of parameters and of yearly noise give posterior bands.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.calibration import crps_sample
from biaochi.methods.forecasting.predictive import SampleForecast, horizon_array
from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.student import Scores
from biaochi.methods.forecasting.windows import Windows

N_CEILINGS = 101
_STEPS = 60


@dataclass(frozen=True, eq=False)
class FittedGrowth:
    """Posterior of a growth curve: one entry a ceiling.

    Attributes
    ----------
    ceiling, weight : array, shape (c,)
        Ceilings and their posterior probabilities.
    parameters : array, shape (c, 2)
        Fitted parameters of the shape, see the model.
    root : array, shape (c, 2, 2)
        Square root of their covariance for unit noise.
    noise2 : array, shape (c,)
        Residual variance of ln value (n−2 degrees of freedom).
    """

    model: GrowthModel
    series: Series
    ceiling: Floats
    weight: Floats
    parameters: Floats
    root: Floats
    noise2: Floats

    @property
    def origin(self) -> int:
        """Last year seen."""
        return int(self.series.years[-1])

    @property
    def estimates(self) -> Mapping[str, float]:
        """Return the posterior means of the ceiling and of the model's named parameters."""
        order = np.argsort(self.ceiling)
        share = np.cumsum(self.weight[order])
        low, middle, high = (float(self.ceiling[order][np.searchsorted(share, p)]) for p in (0.05, 0.5, 0.95 - 1e-12))
        named = {"ceiling": middle, "ceiling_low": low, "ceiling_high": high}
        best = self.parameters[int(np.argmax(self.weight))]
        return named | self.model.named(best, self.series) | {"noise": float(np.sqrt(self.weight @ self.noise2))}

    def predict(self, horizons: Iterable[int] | int) -> SampleForecast:
        """Forecast the horizons by posterior draws of curve and yearly noise."""
        model, chosen = self.model, horizon_array(horizons)
        rng = np.random.default_rng(model.seed)
        n, df = model.draws, max(len(self.series) - 2, 1)
        picked = rng.choice(len(self.ceiling), size=n, p=self.weight)
        deviation = np.sqrt(self.noise2[picked] * df / rng.chisquare(df, size=n))
        moved = np.einsum("nij,nj->ni", self.root[picked], rng.standard_normal((n, 2)))
        parameters = self.parameters[picked] + moved * deviation[:, None]
        at = model.clock(self.series, self.origin + chosen)
        log_value = np.log(self.ceiling[picked])[:, None] + model.log_share(parameters, at)
        draws = log_value + deviation[:, None] * rng.standard_normal(log_value.shape)
        return SampleForecast(self.origin, chosen, self.series.sign, self.series.sign * draws)


class GrowthModel(ABC):
    """A curve with a ceiling and two parameters, both free on the real line."""

    code: ClassVar[str]
    needs_experience: ClassVar[bool] = False
    ceiling: Distribution
    draws: int
    seed: int

    @abstractmethod
    def clock(self, series: Series, years: Ints) -> Floats:
        """Return the model's time at calendar years."""

    @abstractmethod
    def log_share(self, parameters: Floats, at: Floats) -> Floats:
        """Return ln(value/ceiling), shape (c, t), for parameters (c, 2)."""

    @abstractmethod
    def slopes(self, parameters: Floats, at: Floats) -> Floats:
        """Return the derivatives of :meth:`log_share`, shape (c, t, 2)."""

    @abstractmethod
    def start(self, ceiling: Floats, series: Series, at: Floats) -> Floats:
        """Return first guesses, shape (c, 2)."""

    @abstractmethod
    def named(self, parameters: Floats, series: Series) -> dict[str, float]:
        """Return the parameters as people know them."""

    def uses_future(self) -> bool:
        """Whether a hindcast would see what was not known: a ceiling given today does."""
        return True

    def fit(self, series: Series, *, upto: int | None = None, reference: Sequence[Series] = ()) -> FittedGrowth:
        """Fit to a performance series (level of adoption, capacity, efficiency) of at least four points.

        ``reference`` is accepted for symmetry and not used.
        """
        seen = series.upto(upto)
        if seen.kind != "performance":
            raise ValueError(f"{series.technology}: growth curves need a performance series, seen {seen.kind}")
        if len(seen) < 4:
            raise ValueError(f"{series.technology}: at least four points are needed, seen {len(seen)}")
        levels = (np.arange(N_CEILINGS) + 0.5) / N_CEILINGS
        ceilings = np.array([self.ceiling.quantile(float(p)) for p in levels])
        if np.any(ceilings <= 0):
            raise ValueError("a ceiling must be positive")
        at, target = self.clock(seen, seen.years), np.log(seen.values)[None, :] - np.log(ceilings)[:, None]
        parameters = self.start(ceilings, seen, at)
        parameters, residual2 = self._gauss_newton(parameters, at, target)
        return self._posterior(seen, ceilings, parameters, residual2, at)

    def _gauss_newton(self, parameters: Floats, at: Floats, target: Floats) -> tuple[Floats, Floats]:
        damping = np.full(len(parameters), 1e-2)
        residual = target - self.log_share(parameters, at)
        loss = np.sum(residual**2, axis=1)
        for _ in range(_STEPS):
            slopes = self.slopes(parameters, at)
            normal = np.einsum("cti,ctj->cij", slopes, slopes)
            diagonal = np.maximum(np.einsum("cii->ci", normal), 1e-10)
            damped = normal + np.einsum("ci,ij->cij", damping[:, None] * diagonal, np.eye(2))
            step = np.linalg.solve(damped, np.einsum("cti,ct->ci", slopes, residual)[..., None])[..., 0]
            trial = parameters + np.clip(step, -2.0, 2.0)
            trial_residual = target - self.log_share(trial, at)
            trial_loss = np.sum(trial_residual**2, axis=1)
            better = trial_loss < loss
            parameters = np.where(better[:, None], trial, parameters)
            residual = np.where(better[:, None], trial_residual, residual)
            loss = np.where(better, trial_loss, loss)
            damping = np.clip(np.where(better, damping / 3, damping * 4), 1e-9, 1e6)
        return parameters, loss

    def _posterior(
        self, series: Series, ceilings: Floats, parameters: Floats, residual2: Floats, at: Floats
    ) -> FittedGrowth:
        df = len(series) - 2
        slopes = self.slopes(parameters, at)
        normal = np.einsum("cti,ctj->cij", slopes, slopes)
        ridge = 1e-6 * np.maximum(np.trace(normal, axis1=1, axis2=2), 1e-9)
        normal = normal + ridge[:, None, None] * np.eye(2)
        noise2 = np.maximum(residual2 / df, 1e-8)
        log_weight = -0.5 * df * np.log(noise2) - 0.5 * np.linalg.slogdet(normal)[1]
        weight = np.exp(log_weight - log_weight.max())
        root = np.linalg.cholesky(np.linalg.inv(normal))
        return FittedGrowth(self, series, ceilings, weight / weight.sum(), parameters, root, noise2)

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
        """Score the forecasts at ``where``; fits every origin in turn."""
        row, column = where
        median, scale, crps, log_score, pit = (np.empty(len(row)) for _ in range(5))
        for i in np.unique(row):
            mine = np.flatnonzero(row == i)
            upto = None if hindsight else int(rows.year[i])
            fitted = self.fit(series[rows.member[i]], upto=upto)
            wanted = (int(rows.year[i]) - fitted.origin) + horizons[column[mine]]
            draws = (
                np.sort(fitted.predict(wanted.tolist()).draws, axis=0).T
                if not hindsight
                else self._inside(fitted, wanted)
            )
            median[mine] = np.median(draws, axis=1)
            scale[mine] = np.maximum((np.quantile(draws, 0.841, axis=1) - np.quantile(draws, 0.159, axis=1)) / 2, 1e-9)
            crps[mine] = crps_sample(draws, observed[mine])
            pit[mine] = np.mean(draws <= observed[mine][:, None], axis=1)
            z = (observed[mine] - median[mine]) / scale[mine]
            log_score[mine] = 0.5 * np.log(2 * np.pi) + np.log(scale[mine]) + z**2 / 2
        return Scores(median, scale, crps, log_score, pit)

    def _inside(self, fitted: FittedGrowth, wanted: Ints) -> Floats:
        """Return sorted draws at years inside the fitted range (in-sample hindcasts only)."""
        rng, n = np.random.default_rng(self.seed), self.draws
        picked = rng.choice(len(fitted.ceiling), size=n, p=fitted.weight)
        at = self.clock(fitted.series, fitted.origin + wanted)
        curve = np.log(fitted.ceiling[picked])[:, None] + self.log_share(fitted.parameters[picked], at)
        noisy = curve + np.sqrt(fitted.noise2[picked])[:, None] * rng.standard_normal(curve.shape)
        return np.asarray(np.sort(fitted.series.sign * noisy, axis=0).T)
