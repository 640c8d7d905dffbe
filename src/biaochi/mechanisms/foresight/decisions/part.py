"""Foresight's part of one turn of the programme."""

from __future__ import annotations

from datetime import date

import numpy as np

from biaochi.core.errors import UsageError, Warn
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.mechanisms.foresight.decisions.forecasts import run_forecasts, run_hindcast
from biaochi.mechanisms.foresight.decisions.outlooks import (
    assumed_survey_year,
    run_question_calibration,
    run_routes,
    run_seed_calibration,
)
from biaochi.mechanisms.foresight.decisions.surveys import run_survey
from biaochi.mechanisms.foresight.model import (
    ForecastResult,
    HindcastResult,
    ModelCode,
    PartInputs,
    PartResult,
    QuestionCalibration,
    ReadinessResult,
    RouteOutlook,
    SeedCalibration,
    SignalResult,
    StudyRules,
    SurveyResult,
)
from biaochi.methods.forecasting.emergence import signals
from biaochi.methods.forecasting.readiness import Graph, Stage, ready_by

HORIZON = 15
EVERY = (5, 10, 15)
SPLITS = 30


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Run everything the folder's files allow; random numbers from the turn's seed."""
    rng = np.random.default_rng(turn.seed)
    at = turn.at
    warnings = list(inputs.warnings)
    absent = tuple(sorted({"series.csv", "survey.csv", "routes.yaml"} - set(inputs.present)))
    return PartResult(
        inputs.series,
        _forecasts(inputs, rng),
        _hindcast(inputs, rng),
        _survey(inputs, at, parameters, rng),
        _seeds(inputs, at, parameters, rng),
        _questions(inputs, at),
        _routes(inputs, at, parameters, rng, warnings),
        _readiness(inputs, at, parameters, rng),
        _signals(inputs, rng, warnings),
        tuple(warnings),
        absent,
    )


def _forecasts(inputs: PartInputs, rng: np.random.Generator) -> ForecastResult | None:
    return run_forecasts(inputs.series, horizon=HORIZON, rng=rng) if inputs.series else None


def _hindcast(inputs: PartInputs, rng: np.random.Generator) -> HindcastResult | None:
    if not inputs.series:
        return None
    models = [ModelCode.RANDOM_WALK, ModelCode.TREND, ModelCode.MOORE, ModelCode.POOLED_MOORE]
    if any(s.experience is not None for s in inputs.series):
        models += [ModelCode.WRIGHT, ModelCode.POOLED_WRIGHT]
    try:
        return run_hindcast(inputs.series, models, rng=rng)
    except UsageError:
        return None  # every series is shorter than the first window: there is no past forecast to score


def _survey(inputs: PartInputs, at: date, parameters: Snapshot, rng: np.random.Generator) -> SurveyResult | None:
    if inputs.answers is None:
        return None
    years = [at.year + k for k in EVERY]
    return run_survey(
        inputs.answers,
        items=inputs.items,
        rules=inputs.rules or StudyRules(),
        parameters=parameters,
        at=at,
        by=years,
        rng=rng,
    )


def _seeds(inputs: PartInputs, at: date, parameters: Snapshot, rng: np.random.Generator) -> SeedCalibration | None:
    if inputs.quantiles is None or inputs.seeds is None or not inputs.seeds.known(inputs.quantiles):
        return None
    return run_seed_calibration(
        inputs.quantiles,
        inputs.seeds,
        weights=None,
        excalibur=False,
        splits=SPLITS,
        at=at,
        parameters=parameters,
        rng=rng,
    )


def _questions(inputs: PartInputs, at: date) -> QuestionCalibration | None:
    if inputs.answers is None or inputs.outcomes is None:
        return None
    asked = inputs.rules.survey_year if inputs.rules else None
    year = asked or assumed_survey_year(inputs.answers)
    if year is None:
        return None
    return run_question_calibration(inputs.answers, inputs.outcomes, at=at, survey_year=year)


def stage_prior(parameters: Snapshot) -> tuple[float, float]:
    """Return the office's prior of a stage: shape and rate."""
    return float(str(parameters["stage_prior_shape"].value)), float(str(parameters["stage_prior_rate"].value))


def _routes(
    inputs: PartInputs, at: date, parameters: Snapshot, rng: np.random.Generator, warnings: list[Warn]
) -> RouteOutlook | None:
    if not inputs.routes:
        return None
    try:
        return run_routes(inputs.routes, inputs.series, at=at, prior=stage_prior(parameters), rng=rng)
    except UsageError as error:
        warnings.append(Warn("routes_skipped", error.text, "routes.yaml"))
        return None


def _readiness(inputs: PartInputs, at: date, parameters: Snapshot, rng: np.random.Generator) -> ReadinessResult | None:
    if not inputs.nodes:
        return None
    prior = stage_prior(parameters)
    stages = {level: Stage(*prior) for level in range(9)}
    stages |= {level: Stage(*prior, passages=n, exposure=t) for level, (n, t) in inputs.passages.items()}
    graph = Graph(inputs.nodes, stages, float(at.year))
    return ReadinessResult(ready_by(graph, [at.year + k for k in EVERY], rng))


def _signals(inputs: PartInputs, rng: np.random.Generator, warnings: list[Warn]) -> SignalResult | None:
    if inputs.counts is None:
        return None
    try:
        return SignalResult(signals(*inputs.counts, rng), 50)
    except ValueError as error:
        warnings.append(Warn("signals_skipped", Text.same(str(error)), "terms.csv"))
        return None
