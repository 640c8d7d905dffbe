"""Combining forecasts: the linear pool, weights from past log scores, geometric mean of odds, quantile average.

Linear pooling keeps disagreement visible as width; averaging quantiles hides it, and says so with a warning.
Hall and Mitchell (2007, doi 10.1016/j.ijforecast.2006.08.001) for log-score weights; Satopää et al. (2014,
doi 10.1016/j.ijforecast.2013.09.009) for odds.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.calibration import crps_sample, log_density_student
from biaochi.methods.forecasting.predictive import Forecast, StudentForecast, horizon_array
from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.student import FittedStudent, Scores, StudentModel
from biaochi.methods.forecasting.windows import Windows

_POINTS = (np.arange(100) + 0.5) / 100


class QuantileAverageWarning(UserWarning):
    """Averaging quantiles hides disagreement between forecasts."""


@dataclass(frozen=True, eq=False)
class MixtureForecast(Forecast):
    """A linear pool of forecasts for the same origin and horizons; weights horizons × members."""

    origin: int
    horizons: Ints
    sign: int
    members: tuple[StudentForecast, ...]
    weights: Floats

    def y_cdf(self, y: ArrayLike) -> Floats:
        """Return the weighted mean of the members' P(Y ≤ y)."""
        return np.asarray(sum(self.weights[:, k] * f.y_cdf(y) for k, f in enumerate(self.members)))

    def y_quantiles(self, levels: ArrayLike) -> Floats:
        """Return quantiles by bisection of the pooled distribution."""
        wanted = np.asarray(levels, dtype=np.float64)
        each = np.stack([f.y_quantiles(wanted) for f in self.members])
        low, high = each.min(axis=0), each.max(axis=0)
        for _ in range(60):
            middle = (low + high) / 2
            below = np.stack([self.y_cdf(middle[:, j]) for j in range(len(wanted))], axis=1) < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2)

    def y_crps(self, y: ArrayLike) -> Floats:
        """Return the CRPS by 100 mid-quantiles of each member."""
        locations = np.stack([f.location for f in self.members], axis=1)
        scales = np.stack([f.scale for f in self.members], axis=1)
        df = np.broadcast_to(np.array([f.df for f in self.members]), locations.shape)
        return _mixture_crps(locations, scales, df, self.weights, np.asarray(y, dtype=np.float64))

    def y_paths(self, n: int, rng: np.random.Generator) -> Floats:
        """Return joint draws; a path keeps one member throughout (weights of the first horizon)."""
        chosen = rng.choice(len(self.members), size=n, p=self.weights[0] / self.weights[0].sum())
        paths = np.empty((n, len(self.horizons)))
        for k, member in enumerate(self.members):
            mine = chosen == k
            paths[mine] = member.y_paths(int(mine.sum()), rng)
        return paths


def _mixture_crps(locations: Floats, scales: Floats, df: Floats, weights: Floats, y: Floats) -> Floats:
    z = special.stdtrit(df[:, :, None], _POINTS)
    draws = (locations[:, :, None] + scales[:, :, None] * z).reshape(len(locations), -1)
    w = np.repeat(weights / weights.sum(axis=1, keepdims=True), len(_POINTS), axis=1) / len(_POINTS)
    order = np.argsort(draws, axis=1)
    return crps_sample(np.take_along_axis(draws, order, 1), y, np.take_along_axis(w, order, 1))


@dataclass(frozen=True)
class LinearPool:
    """The linear pool of models.

    Parameters
    ----------
    models : tuple of StudentModel
        At least one.
    weights : sequence of float, mapping of horizon to such, or None
        Not negative, one a model; equal by default.  A horizon without its own takes the nearest shorter one's.
    """

    models: tuple[StudentModel, ...]
    weights: Sequence[float] | Mapping[int, Sequence[float]] | None = None
    code: ClassVar[str] = "pool"

    def __post_init__(self) -> None:
        if not self.models:
            raise ValueError("a pool needs at least one model")
        self.weights_at(np.array([1]))

    @property
    def needs_experience(self) -> bool:
        """Whether any member needs experience."""
        return any(m.needs_experience for m in self.models)

    def uses_future(self) -> bool:
        """Whether a hindcast of any member sees what was not known at the origin."""
        return any(m.uses_future() for m in self.models)

    def weights_at(self, horizons: Ints) -> Floats:
        """Return weights, horizons × models, each row summing to one."""
        k = len(self.models)
        if self.weights is None:
            return np.full((len(horizons), k), 1.0 / k)
        if isinstance(self.weights, Mapping):
            known = sorted(self.weights)
            table = np.array([self.weights[max((h for h in known if h <= t), default=known[0])] for t in horizons])
        else:
            table = np.tile(np.asarray(self.weights, dtype=np.float64), (len(horizons), 1))
        if table.shape[1] != k or np.any(table < 0) or np.any(table.sum(axis=1) <= 0):
            raise ValueError(f"a pool of {k} models needs {k} weights, none negative, not all zero")
        return np.asarray(table / table.sum(axis=1, keepdims=True), dtype=np.float64)

    def fit(self, series: Series, *, upto: int | None = None, reference: Sequence[Series] = ()) -> FittedPool:
        """Fit every member."""
        return FittedPool(self, tuple(m.fit(series, upto=upto, reference=reference) for m in self.models))

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
        """Score the forecasts at ``where`` against what came; the median is the weighted mean of medians."""
        laws = [m.law(rows, series, horizons, hindsight=hindsight) for m in self.models]
        location = np.stack([law.location[where] for law in laws], axis=1)
        scale = np.stack([np.sqrt(law.scale2[where]) for law in laws], axis=1)
        df = np.stack([law.df[where[0]] for law in laws], axis=1)
        weights = self.weights_at(horizons)[where[1]]
        z = (observed[:, None] - location) / scale
        density = np.sum(weights * np.exp(log_density_student(z, df)) / scale, axis=1)
        return Scores(
            np.sum(weights * location, axis=1),
            np.sqrt(np.sum(weights * scale**2, axis=1)),
            _mixture_crps(location, scale, df, weights, observed),
            -np.log(density),
            np.sum(weights * special.stdtr(df, z), axis=1),
        )


@dataclass(frozen=True, eq=False)
class FittedPool:
    """The fitted members of a pool."""

    model: LinearPool
    members: tuple[FittedStudent, ...]

    @property
    def origin(self) -> int:
        """Last year seen."""
        return self.members[0].origin

    @property
    def estimates(self) -> Mapping[str, float]:
        """Return each member's estimates under its code."""
        return {f"{f.model.code}.{k}": v for f in self.members for k, v in f.estimates.items()}

    def predict(self, horizons: Iterable[int] | int) -> MixtureForecast:
        """Forecast the horizons."""
        chosen = horizon_array(horizons)
        forecasts = tuple(f.predict(chosen.tolist()) for f in self.members)
        return MixtureForecast(self.origin, chosen, forecasts[0].sign, forecasts, self.model.weights_at(chosen))


def log_score_weights(
    scores: pd.DataFrame, models: Sequence[str], *, before: int | None = None
) -> dict[int, list[float]]:
    """Return pool weights per horizon that would have maximised the past log score.

    Parameters
    ----------
    scores : DataFrame
        Scored forecasts with columns ``model, technology, origin, horizon, year, log_score``.
    models : sequence of str
        Codes, in the pool's order.
    before : int or None
        Use only forecasts whose target year had come by then, so that weights know no future.

    Returns
    -------
    dict
        Horizon → weights; a horizon with fewer than ten scored forecasts gets equal weights.
    """
    past = scores if before is None else scores[scores["year"] <= before]
    found: dict[int, list[float]] = {}
    for horizon in sorted({int(h) for h in past["horizon"]}):
        group = past[past["horizon"] == horizon]
        table = group.pivot_table(index=["technology", "origin"], columns="model", values="log_score")
        table = table.reindex(columns=list(models)).dropna()
        if len(table) < 10:
            found[horizon] = [1.0 / len(models)] * len(models)
            continue
        found[horizon] = _mixture_weights(np.exp(-table.to_numpy())).tolist()
    return found


def _mixture_weights(density: Floats, steps: int = 200) -> Floats:
    """Expectation–maximisation of mixture weights for fixed densities (rows × members)."""
    weights = np.full(density.shape[1], 1.0 / density.shape[1])
    for _ in range(steps):
        share = density * weights
        weights = (share / share.sum(axis=1, keepdims=True)).mean(axis=0)
    return np.asarray(weights)


def odds_pool(probabilities: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return the geometric mean of odds along the last axis; an exact 0 or 1 of one member decides.

    Examples
    --------
    >>> round(float(odds_pool([0.1, 0.3, 0.8])), 6)
    0.365228
    """
    p = np.asarray(probabilities, dtype=np.float64)
    w = np.full(p.shape[-1], 1.0) if weights is None else np.asarray(weights, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(special.expit(np.sum(w * special.logit(p), axis=-1) / w.sum()))


def quantile_average(members: Sequence[Distribution], weights: Sequence[float] | None = None) -> Distribution:
    """Return the distribution whose quantiles are the members' average quantiles; warns that it hides disagreement."""
    warnings.warn("averaging quantiles hides disagreement between forecasts", QuantileAverageWarning, stacklevel=2)
    w = np.full(len(members), 1.0) if weights is None else np.asarray(weights, dtype=np.float64)
    levels = sorted({p for d in members for p in d.levels})
    table = np.array([[d.quantile(p) for p in levels] for d in members])
    return Distribution(tuple(levels), tuple((w @ table / w.sum()).tolist()))
