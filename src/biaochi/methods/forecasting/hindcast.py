"""Hindcasts: what each model would have said at every past origin, scored against what came.

``prequential`` uses only what was known at the origin.  ``leave_one_out`` lets the reference class know its future
(one technology is left out, time is not); ``in_sample`` fits on the whole series.  Both see the future and are
flagged as leaks; so is any model that is given future experience.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from typing import Literal, Protocol

import numpy as np
import pandas as pd

from biaochi.methods.forecasting.calibration import calibration_table
from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.student import Scores
from biaochi.methods.forecasting.windows import Windows, windows

Scheme = Literal["prequential", "leave_one_out", "in_sample"]


class Scorable(Protocol):
    """A model whose forecasts can be scored at many origins at once."""

    @property
    def code(self) -> str: ...

    @property
    def needs_experience(self) -> bool: ...

    def uses_future(self) -> bool: ...

    def score(
        self,
        rows: Windows,
        series: Sequence[Series],
        horizons: Ints,
        where: tuple[Ints, Ints],
        observed: Floats,
        *,
        hindsight: bool = False,
    ) -> Scores: ...


@dataclass(frozen=True)
class Estimate:
    """A number with its bootstrap interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Skill:
    """CRPS of a model against a baseline on the same forecasts; every number is a ratio minus one, negative is better.

    Attributes
    ----------
    pooled : Estimate
        Of all forecasts together; long series weigh more.
    balanced : Estimate
        Mean over technologies of each one's own ratio.
    share_better : float
        Share of technologies where the model's CRPS is lower.
    worst : float
        The technology where the model does worst against the baseline.
    """

    model: str
    baseline: str
    pooled: Estimate
    balanced: Estimate
    share_better: float
    worst: float


@dataclass(frozen=True, eq=False)
class Hindcast:
    """Scored forecasts.

    Attributes
    ----------
    scores : DataFrame
        ``model, technology, origin, horizon, year, median, scale, observed, error, crps, log_score, pit,
        normalised2``; values in y (logarithm, cost orientation).
    series : tuple of Series
        What was forecast.
    scheme : str
        How.
    leak : bool
        Whether some forecast saw what was not known at its origin.
    window : int or None
        Increments of the moving window; None when it expands.
    min_increments, max_horizon : int
        As asked.
    """

    scores: pd.DataFrame
    series: tuple[Series, ...]
    scheme: Scheme
    leak: bool
    window: int | None
    min_increments: int
    max_horizon: int

    @property
    def n_forecasts(self) -> int:
        """Forecasts of each model (the largest number, where experience is missing for some)."""
        return int(self.scores.groupby("model").size().max()) if len(self.scores) else 0

    def calibration(self) -> pd.DataFrame:
        """Return one row a model: scores, PIT, coverage."""
        return calibration_table(self.scores, ("model",))

    def by_horizon(self) -> pd.DataFrame:
        """Return one row a model and horizon."""
        return calibration_table(self.scores, ("model", "horizon"))

    def xi(self, model: str | None = None) -> pd.Series:
        """Return Ξ(τ), the mean of (error/K̂)², by horizon for one model (the first by default)."""
        chosen = model or str(self.scores["model"].iloc[0])
        return self.scores[self.scores["model"] == chosen].groupby("horizon")["normalised2"].mean()

    def skill(self, baseline: str, rng: np.random.Generator, n: int = 2000) -> list[Skill]:
        """Compare every other model with the baseline; intervals by resampling technologies.

        Parameters
        ----------
        baseline : str
            Code of a model in the hindcast.
        rng : numpy.random.Generator
            For the bootstrap.
        n : int
            Number of resamples; 0 gives intervals of the estimate itself.
        """
        if baseline not in set(self.scores["model"]):
            raise ValueError(f"the baseline {baseline!r} was not among the models")
        keys = ["technology", "origin", "horizon"]
        base = self.scores[self.scores["model"] == baseline].set_index(keys)["crps"]
        found = []
        for code, group in self.scores.groupby("model", sort=False):
            if code == baseline:
                continue
            both = pd.concat([group.set_index(keys)["crps"], base], axis=1, join="inner", keys=["own", "base"])
            sums = both.groupby(level="technology", sort=False).sum()
            found.append(
                _skill(
                    str(code),
                    baseline,
                    sums["own"].to_numpy(),
                    sums["base"].to_numpy(),
                    rng,
                    n,
                )
            )
        return found

    def surrogates(self, theta: float, rng: np.random.Generator, replicas: int = 600) -> pd.DataFrame:
        """Simulate the hindcast under MA(1) increments; compare Ξ seen with Ξ simulated.

        Each technology keeps its own mean, deviation and length; the same windows are used.

        Returns
        -------
        DataFrame
            ``horizon, xi, xi_simulated, ratio``; the mean of ``ratio`` is Z(θ).
        """
        seen = self.xi()
        total, count = np.zeros(self.max_horizon), np.zeros(self.max_horizon)
        for one in self.series:
            added, each = _surrogate(one, theta, rng, replicas, self.window, self.min_increments, self.max_horizon)
            total += added
            count += each
        simulated = pd.Series(total / np.where(count > 0, count, np.nan), index=np.arange(1, self.max_horizon + 1))
        table = pd.DataFrame({"xi": seen, "xi_simulated": simulated.reindex(seen.index)})
        table["ratio"] = table["xi"] / table["xi_simulated"]
        return table.reset_index(names="horizon")


def _skill(model: str, baseline: str, own: Floats, base: Floats, rng: np.random.Generator, n: int) -> Skill:
    ratio = (own / base) - 1
    pooled, balanced = own.sum() / base.sum() - 1, float(np.mean(ratio))
    if n > 0:
        times = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), size=n).astype(np.float64)
        pooled_draws = times @ own / (times @ base) - 1
        balanced_draws = times @ ratio / len(own)
    else:
        pooled_draws, balanced_draws = np.array([pooled]), np.array([balanced])
    return Skill(
        model,
        baseline,
        Estimate(float(pooled), *(float(v) for v in np.quantile(pooled_draws, [0.05, 0.95]))),
        Estimate(float(balanced), *(float(v) for v in np.quantile(balanced_draws, [0.05, 0.95]))),
        float(np.mean(ratio < 0)),
        float(np.max(ratio)),
    )


def _surrogate(
    series: Series,
    theta: float,
    rng: np.random.Generator,
    replicas: int,
    window: int | None,
    minimum: int,
    max_horizon: int,
) -> tuple[Floats, Floats]:
    """Return the sum of simulated (error/K̂)² and the number of forecasts, by horizon."""
    dy = np.diff(series.y)
    steps = len(dy)
    total, count = np.zeros(max_horizon), np.zeros(max_horizon)
    if steps <= minimum:
        return total, count
    shock = rng.standard_normal((steps + 1, replicas)) * (np.std(dy, ddof=1) / np.sqrt(1 + theta**2))
    path = np.zeros((steps + 1, replicas))
    np.cumsum(dy.mean() + shock[1:] + theta * shock[:-1], axis=0, out=path[1:])
    squares = np.zeros((steps + 1, replicas))
    np.cumsum(np.diff(path, axis=0) ** 2, axis=0, out=squares[1:])
    origins = np.arange(max(minimum, window or 0), steps)
    starts = origins - window if window else np.zeros_like(origins)
    m = (origins - starts)[:, None].astype(np.float64)
    mu = (path[origins] - path[starts]) / m
    k2 = (squares[origins] - squares[starts] - m * mu**2) / (m - 1)
    for tau in range(1, min(max_horizon, steps - origins[0]) + 1):
        used = len(origins) - tau + 1
        error = path[origins[:used] + tau] - path[origins[:used]] - tau * mu[:used]
        total[tau - 1] = float(np.sum(error**2 / k2[:used])) / replicas
        count[tau - 1] = used
    return total, count


def hindcast(
    series: Sequence[Series],
    models: Sequence[Scorable],
    *,
    scheme: Scheme = "prequential",
    window: int | Literal["expanding"] = "expanding",
    min_increments: int = 5,
    max_horizon: int = 20,
    executor: Executor | None = None,
) -> Hindcast:
    """Forecast from every origin of every series and score against what came.

    Parameters
    ----------
    series : sequence of Series
        All technologies; they are each other's reference class.
    models : sequence of model
        Any of this package; codes must differ.
    scheme : {"prequential", "leave_one_out", "in_sample"}
        What a forecast may know.
    window : int or "expanding"
        Increments a model sees of its own series.
    min_increments : int
        Increments before the first origin.
    max_horizon : int
        Longest horizon in years.
    executor : concurrent.futures.Executor or None
        Runs the models in parallel.

    Raises
    ------
    ValueError
        For repeated technologies or codes, or an unknown scheme.
    """
    names, codes = [s.technology for s in series], [m.code for m in models]
    if len(set(names)) != len(names) or len(set(codes)) != len(codes):
        raise ValueError("technologies and model codes must not repeat")
    if scheme not in ("prequential", "leave_one_out", "in_sample"):
        raise ValueError(f"unknown scheme {scheme!r}")
    length = None if window == "expanding" else int(window)
    rows = windows(series, length=length, minimum=min_increments)
    jobs = [(model, tuple(series), rows, scheme, max_horizon) for model in models]
    parts = list(executor.map(_scored, jobs)) if executor is not None else [_scored(job) for job in jobs]
    leak = scheme != "prequential" or any(m.uses_future() for m in models)
    scores = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return Hindcast(scores, tuple(series), scheme, leak, length, min_increments, max_horizon)


def _scored(job: tuple[Scorable, tuple[Series, ...], Windows, Scheme, int]) -> pd.DataFrame:
    model, series, rows, scheme, max_horizon = job
    if model.needs_experience:
        known = np.array([s.experience is not None for s in series])
        rows = rows.take(np.flatnonzero(known[rows.member]))
    horizons = np.arange(1, max_horizon + 1)
    lengths = np.array([len(s) for s in series])
    row, column = np.nonzero(rows.step[:, None] + horizons < lengths[rows.member][:, None])
    where = (row.astype(np.int64), column.astype(np.int64))
    targets = rows.step[row] + horizons[column]
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    observed = np.concatenate([s.y for s in series])[offsets[rows.member[row]] + targets]
    seen = _whole(rows) if scheme == "in_sample" else rows
    scores = model.score(seen, series, horizons, where, observed, hindsight=scheme != "prequential")
    error = observed - scores.median
    names = np.array([s.technology for s in series], dtype=object)
    return pd.DataFrame(
        {
            "model": model.code,
            "technology": names[rows.member[row]],
            "origin": rows.year[row],
            "horizon": horizons[column],
            "year": rows.year[row] + horizons[column],
            "median": scores.median,
            "scale": scores.scale,
            "observed": observed,
            "error": error,
            "crps": scores.crps,
            "log_score": scores.log_score,
            "pit": scores.pit,
            "normalised2": error**2 / rows.k2[row],
        }
    )


def _whole(rows: Windows) -> Windows:
    """Return the rows with the statistics of each series' last window: what an in-sample fit knows."""
    final = {int(member): i for i, member in enumerate(rows.member)}
    picked = rows.take(np.array([final[int(m)] for m in rows.member], dtype=np.int64))
    keep = {"member", "step", "year", "last"}
    return Windows(**{f.name: getattr(rows if f.name in keep else picked, f.name) for f in fields(Windows)})
