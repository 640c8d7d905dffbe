"""Forecasts and hindcasts of many technologies: which model, why, and how it did before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from biaochi.core.distribution import Distribution
from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.mechanisms.foresight.model import (
    Backtest,
    Comparison,
    ForecastResult,
    HindcastResult,
    ModelCode,
    TechnologyForecast,
)
from biaochi.methods.forecasting.bass import Bass
from biaochi.methods.forecasting.combine import LinearPool
from biaochi.methods.forecasting.hindcast import Scheme, Scorable, hindcast
from biaochi.methods.forecasting.moore import Moore, PooledMoore
from biaochi.methods.forecasting.predictive import Forecast
from biaochi.methods.forecasting.random_walk import RandomWalk
from biaochi.methods.forecasting.reference_class import MIN_MEMBERS
from biaochi.methods.forecasting.scurve import SCurve
from biaochi.methods.forecasting.series import Series, improving
from biaochi.methods.forecasting.trend import Trend
from biaochi.methods.forecasting.wright import ExperiencePath, Extrapolated, Given, PooledWright, Scenario, Wright

N_PATHS = 4000


class Fittable(Scorable, Protocol):
    """A model that can be fitted, and scored in a hindcast."""

    def fit(self, series: Series, *, upto: int | None = None, reference: Sequence[Series] = ()) -> Fit: ...


class Fit(Protocol):
    """A fitted model."""

    @property
    def estimates(self) -> Mapping[str, float]: ...

    def predict(self, horizons: int) -> Forecast: ...


def ceiling_prior(low: float, high: float) -> Distribution:
    """Return the prior of a ceiling between two bounds: uniform in the logarithm."""
    if not 0 < low < high:
        raise UsageError(
            Text(
                f"上限须写成 低，高，且 0<低<高；所见 {low:g}，{high:g}",
                f"a ceiling is LOW,HIGH with 0<LOW<HIGH, seen {low:g},{high:g}",
            )
        )
    levels = np.linspace(0.0, 1.0, 21)
    values = np.exp(np.log(low) + levels * (np.log(high) - np.log(low)))
    return Distribution(tuple(levels.tolist()), tuple(values.tolist()))


def build_model(
    code: ModelCode, *, experience: ExperiencePath | None = None, ceiling: Distribution | None = None
) -> Fittable:
    """Return the model of a code.

    Raises
    ------
    UsageError
        When a growth curve is asked for without a ceiling.
    """
    path = experience or Extrapolated()
    if code in (ModelCode.SCURVE, ModelCode.BASS):
        if ceiling is None:
            raise UsageError(
                Text("增长曲线必须给出上限：--ceiling 低，高", "a growth curve needs a ceiling: --ceiling LOW,HIGH")
            )
        return SCurve("logistic", ceiling) if code is ModelCode.SCURVE else Bass(ceiling)
    simple: dict[ModelCode, Fittable] = {
        ModelCode.RANDOM_WALK: RandomWalk(),
        ModelCode.TREND: Trend(),
        ModelCode.MOORE: Moore(),
        ModelCode.POOLED_MOORE: PooledMoore(),
        ModelCode.WRIGHT: Wright(experience=path),
        ModelCode.POOLED_WRIGHT: PooledWright(experience=path),
        ModelCode.POOL: LinearPool((Moore(), PooledMoore())),
    }
    return simple[code]


@dataclass(frozen=True)
class Choice:
    """A model for a series and the reason in words."""

    code: ModelCode
    reason: Text


def choose_model(series: Series, asked: str) -> Choice:
    """Choose the model: as asked, or ``auto``: PooledWright with experience, else Moore."""
    if asked != "auto":
        return Choice(ModelCode(asked), Text("按要求选用", "chosen by the user"))
    if series.experience is not None:
        return Choice(
            ModelCode.POOLED_WRIGHT,
            Text("有累计产量：用合并赖特定律", "cumulative experience is known: Wright's law with a reference class"),
        )
    return Choice(ModelCode.MOORE, Text("没有累计产量：用摩尔定律", "no experience is known: Moore's law"))


def _path_for(series: Series, paths: Mapping[str, Mapping[int, object]] | None) -> ExperiencePath:
    own = paths.get(series.technology) if paths else None
    if not own:
        return Extrapolated()
    if isinstance(next(iter(own.values())), Distribution):
        return Scenario({y: d for y, d in own.items() if isinstance(d, Distribution)})
    return Given({y: float(v) for y, v in own.items() if isinstance(v, int | float)})


def run_forecasts(
    series: Sequence[Series],
    *,
    technology: str | None = None,
    model: str = "auto",
    horizon: int = 20,
    paths: Mapping[str, Mapping[int, object]] | None = None,
    ceiling: Distribution | None = None,
    compare: tuple[str, str] | None = None,
    rng: np.random.Generator,
) -> ForecastResult:
    """Forecast technologies, each with the record of its model on its own past."""
    known = {s.technology: s for s in series}
    for name in [n for n in (technology, *(compare or ())) if n is not None]:
        if name not in known:
            raise UsageError(
                Text(
                    f"没有“{name}”这项技术；可用：{'、'.join(known)}",
                    f"no technology {name!r}; known: {', '.join(known)}",
                )
            )
    wanted = [known[technology]] if technology else list(series)
    if compare:
        wanted += [known[n] for n in compare if known[n] not in wanted]
    chosen = {s.technology: choose_model(s, model) for s in wanted}
    models = {
        s.technology: build_model(chosen[s.technology].code, experience=_path_for(s, paths), ceiling=ceiling)
        for s in wanted
    }
    records = _backtests(series, [build_model(c, ceiling=ceiling) for c in sorted({v.code for v in chosen.values()})])
    found, laws = [], {}
    for one in wanted:
        fitted = models[one.technology].fit(one, reference=[s for s in series if s is not one])
        law = fitted.predict(horizon)
        laws[one.technology] = law
        choice = chosen[one.technology]
        marginals = tuple((int(law.origin + h), int(h), law.marginal(int(h))) for h in law.horizons)
        found.append(
            TechnologyForecast(
                one.technology,
                one.kind,
                one.unit,
                choice.code,
                _reason(choice, fitted.estimates),
                law.origin,
                len(one),
                dict(fitted.estimates),
                marginals,
                records.get((choice.code, one.technology), Backtest(0, None, None, None)),
            )
        )
    comparison = _compare(known, laws, compare, rng) if compare else ()
    return ForecastResult(tuple(found), comparison)


def _reason(choice: Choice, estimates: Mapping[str, float]) -> Text:
    members = estimates.get("reference")
    if (
        choice.code in (ModelCode.POOLED_MOORE, ModelCode.POOLED_WRIGHT)
        and members is not None
        and members < MIN_MEMBERS
    ):
        return Text(
            f"{choice.reason.zh}；参照技术只有 {members:g} 项（需 {MIN_MEMBERS} 项），未合并",
            f"{choice.reason.en}; only {members:g} reference technologies (of {MIN_MEMBERS} needed), so not pooled",
        )
    return choice.reason


def _backtests(series: Sequence[Series], models: Sequence[Fittable]) -> dict[tuple[ModelCode, str], Backtest]:
    """Return each model's prequential record on each technology, beside that of the random walk.

    Growth curves are scored on performance series only.
    """
    found: dict[tuple[ModelCode, str], Backtest] = {}
    for model in models:
        growth = model.code in (ModelCode.SCURVE, ModelCode.BASS)
        usable = [s for s in series if not growth or s.kind == "performance"]
        rivals = [model] if model.code == ModelCode.RANDOM_WALK else [model, RandomWalk()]
        if not usable:
            continue
        scores = hindcast(usable, rivals).scores
        if not len(scores):
            continue
        baseline = scores[scores["model"] == "random_walk"].groupby("technology")["crps"].mean()
        for technology, group in scores[scores["model"] == model.code].groupby("technology"):
            inside = (group["pit"] >= 0.05) & (group["pit"] <= 0.95)
            found[(ModelCode(model.code), str(technology))] = Backtest(
                len(group), float(group["crps"].mean()), float(inside.mean()), float(baseline[technology])
            )
    return found


def _compare(
    known: Mapping[str, Series], laws: Mapping[str, Forecast], pair: tuple[str, str], rng: np.random.Generator
) -> tuple[Comparison, ...]:
    a, b = pair
    if (known[a].unit, known[a].kind) != (known[b].unit, known[b].kind):
        raise UsageError(
            Text(
                f"单位或类别不同，不能比较：{known[a].unit} / {known[b].unit}",
                f"units or kinds differ and cannot be compared: {known[a].unit} / {known[b].unit}",
            )
        )
    left, right = laws[a], laws[b]
    shared = sorted(set(left.years.tolist()) & set(right.years.tolist()))
    pa, pb = left.y_paths(N_PATHS, rng), right.y_paths(N_PATHS, rng)
    found = []
    for year in shared:
        i, j = int(year - left.origin - 1), int(year - right.origin - 1)
        found.append(Comparison(a, b, int(year), float(np.mean(pa[:, i] < pb[:, j]))))
    return tuple(found)


def run_hindcast(
    series: Sequence[Series],
    models: Sequence[ModelCode],
    *,
    scheme: Scheme = "prequential",
    window: int | None = None,
    only_improving: bool = False,
    max_horizon: int = 20,
    baseline: ModelCode = ModelCode.MOORE,
    bootstrap: int = 2000,
    ceiling: Distribution | None = None,
    rng: np.random.Generator,
) -> HindcastResult:
    """Hindcast several models and compare each with the baseline."""
    selected = improving(series) if only_improving else list(series)
    wanted = list(dict.fromkeys([*models, baseline]))
    built = [build_model(code, ceiling=ceiling) for code in wanted]
    found = hindcast(selected, built, scheme=scheme, window=window or "expanding", max_horizon=max_horizon)
    if not len(found.scores):
        raise UsageError(Text("没有可回测的预测：序列太短", "no forecast can be scored: the series are too short"))
    return HindcastResult(
        len(series),
        len(selected),
        found.n_forecasts,
        found.leak,
        found.calibration(),
        found.by_horizon(),
        tuple(found.skill(baseline.value, rng, bootstrap)),
        only_improving,
        found.scores,
    )
