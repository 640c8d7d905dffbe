"""Runs that end in calibrations and outlooks: experts on seeds, resolved questions, routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from biaochi.core.distribution import Distribution
from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.mechanisms.foresight.decisions.forecasts import build_model, choose_model
from biaochi.mechanisms.foresight.decisions.rounds import decide_weights
from biaochi.mechanisms.foresight.model.outlooks import (
    QuestionCalibration,
    ReadinessResult,
    RouteOutlook,
    SeedCalibration,
)
from biaochi.mechanisms.foresight.model.routes import FunctionSpec, RouteSpec
from biaochi.methods.elicitation.answers import QuantileAnswers, Seeds
from biaochi.methods.elicitation.cooke import combinations, cooke_scores, item_distributions, out_of_sample
from biaochi.methods.elicitation.realisation import realisation_cdfs, score_realisation
from biaochi.methods.elicitation.scoring import reliability, shrunk_scores
from biaochi.methods.forecasting.predictive import StudentForecast
from biaochi.methods.forecasting.readiness import Graph, Node, Stage, ready_by
from biaochi.methods.forecasting.routes import (
    ASSUMED_RHO,
    Dependence,
    Function,
    Route,
    residual_correlation,
    route_outlook,
)
from biaochi.methods.forecasting.series import Floats, Series

MIN_SPLIT_SEEDS = 4


def run_seed_calibration(
    answers: QuantileAnswers,
    seeds: Seeds,
    *,
    weights: str | None,
    excalibur: bool,
    splits: int,
    at: date,
    parameters: Snapshot,
    rng: np.random.Generator,
) -> SeedCalibration:
    """Score experts on seeds, combine them in every way, and say which way may be used.

    ``weights`` names the combination used for the items; the recommended one by default.
    """
    known = seeds.known(answers)
    if not known:
        raise UsageError(Text("回答与实现值没有相同的题目", "answers and realisations share no item"))
    scores = cooke_scores(answers, seeds, excalibur=excalibur)
    made = combinations(answers, seeds, excalibur=excalibur)
    tested = None
    if splits > 0 and len(known) >= MIN_SPLIT_SEEDS:
        tested = out_of_sample(answers, seeds, rng, splits, excalibur=excalibur)
    losses = dict(zip(tested["name"], tested["pinball"], strict=True)) if tested is not None else None
    decision = decide_weights(len(known), losses, at=at, parameters=parameters)
    used = weights or decision.outcome
    named = {str(name): c for name, c in made.items()}
    return SeedCalibration(scores, named, tested, decision, used, item_distributions(answers, named[used].weights))


def assumed_survey_year(frame: pd.DataFrame) -> int | None:
    """Return the year before the earliest 10 % year answered, for files that do not say when they were asked."""
    first = frame["year_p10"].min()
    return None if np.isnan(first) else int(first) - 1


def run_question_calibration(
    frame: pd.DataFrame, outcomes: pd.DataFrame, *, at: date, survey_year: int
) -> QuestionCalibration:
    """Score the panel and each expert on resolved questions.

    Only questions past their due day count, also those realised early; a partial outcome counts as not realised in the
    scores, and the share realised is given both ways.  The baseline rises in a straight line from 0 in the survey year
    to one half in the due year.
    """
    years = frame[(frame["type"] == "year") & frame["value"].notna()]
    if len(years):
        last = years.groupby("item")["round"].transform("max")
        years = years[years["round"] == last]
    rows, excluded, personal, panel_p, happened = [], [], [], [], []
    asked = {str(item): group for item, group in years.groupby("item")}
    for record in outcomes.to_dict("records"):
        item, due, outcome = str(record["item"]), record["due_on"], str(record["outcome"])
        reason = _why_not(item, due, outcome, asked, at)
        if reason:
            excluded.append((item, reason))
            continue
        said = asked[item]
        grid = list(range(survey_year, due.year + 1))
        points = said[["year_p10", "year_p50", "year_p90"]].fillna(9999.0).to_numpy(dtype=np.float64)
        cdfs = realisation_cdfs(points, said["p_never"].fillna(0.0).to_numpy(dtype=np.float64), survey_year, grid)
        came = record["realised_on"].year if outcome == "realised" and record["realised_on"] <= due else None
        score = score_realisation(cdfs.mean(axis=0), grid, came, due.year)
        line = np.linspace(0.0, 0.5, len(grid)) if len(grid) > 1 else np.array([0.5])
        baseline = score_realisation(line, grid, came, due.year)
        rows.append(
            {
                "item": item,
                "due_on": due,
                "outcome": outcome,
                "score": score,
                "baseline": baseline,
                "skill": 1 - score / baseline if baseline > 0 else None,
            }
        )
        panel_p.append(float(cdfs.mean(axis=0)[-1]))
        happened.append(came is not None)
        for expert, own in zip(said["expert"], cdfs, strict=True):
            personal.append({"expert": expert, "item": item, "score": score_realisation(own, grid, came, due.year)})
    resolved = pd.DataFrame(rows, columns=["item", "due_on", "outcome", "score", "baseline", "skill"])
    for item in sorted(set(asked) - set(outcomes["item"].astype(str))):
        excluded.append((item, "no_outcome"))
    partial = resolved["outcome"] == "partial"
    n = len(resolved)
    return QuestionCalibration(
        resolved,
        reliability(panel_p, happened),
        shrunk_scores(pd.DataFrame(personal)) if personal else pd.DataFrame(columns=["expert", "n", "score", "shrunk"]),
        {
            "counted": float((np.array(happened) | partial.to_numpy()).mean()) if n else None,
            "not_counted": float(np.mean(happened)) if n else None,
        },
        tuple(excluded),
    )


def _why_not(item: str, due: date, outcome: str, asked: Mapping[str, pd.DataFrame], at: date) -> str:
    if item not in asked:
        return "not_asked"
    if outcome == "void":
        return "void"
    return "not_due" if due > at else ""


def run_routes(
    functions: Sequence[FunctionSpec],
    series: Sequence[Series],
    *,
    by: Sequence[int] = (),
    rho: float | None = None,
    draws: int = 20_000,
    at: date,
    prior: tuple[float, float],
    rng: np.random.Generator,
) -> RouteOutlook:
    """Simulate the routes of every function.

    Parameters
    ----------
    rho : float or None
        Correlation of routes; None estimates it where ten shared years allow, else assumes 0.3.
    prior : (shape, rate)
        Prior of stages of readiness graphs.
    """
    known = {s.technology: s for s in series}
    found = []
    for spec in functions:
        last = max([*spec.demand, *by])
        missing = [r.series for r in spec.routes if r.series is not None and r.series not in known]
        if missing:
            raise UsageError(
                Text(
                    f"{spec.code}：序列 {'、'.join(missing)} 不在 --series 文件中",
                    f"{spec.code}: the series {', '.join(missing)} are not in the --series file",
                )
            )
        used = [known[r.series] for r in spec.routes if r.series is not None]
        if len({s.unit for s in used}) > 1 or any(s.kind != "cost" for s in used):
            raise UsageError(
                Text(f"{spec.code}：路线须为同一单位的成本", f"{spec.code}: routes must be costs in one unit")
            )
        routes = tuple(_route(r, known, series, last, draws, at, prior, rng) for r in spec.routes)
        function = Function(
            spec.code, spec.track, spec.unit, spec.reference_cost, spec.demand, spec.discount, at.year, routes
        )
        found.append(route_outlook(function, rng, draws, dependence=_dependence(used, rho), by=by))
    return RouteOutlook(tuple(found))


def run_readiness(
    nodes: Sequence[Node],
    by: Sequence[int],
    *,
    at: date,
    prior: tuple[float, float],
    draws: int = 20_000,
    rng: np.random.Generator,
) -> ReadinessResult:
    """Say when the nodes of a graph are ready, every stage from the same prior."""
    graph = Graph(tuple(nodes), {level: Stage(*prior) for level in range(9)}, float(at.year))
    return ReadinessResult(ready_by(graph, list(by), rng, draws))


def _dependence(used: Sequence[Series], rho: float | None) -> Dependence:
    if rho is not None:
        return Dependence(rho, "given")
    estimated = residual_correlation(used)
    return Dependence(ASSUMED_RHO[1], "assumed") if estimated is None else Dependence(estimated, "estimated")


def _route(
    spec: RouteSpec,
    known: Mapping[str, Series],
    series: Sequence[Series],
    last: int,
    draws: int,
    at: date,
    prior: tuple[float, float],
    rng: np.random.Generator,
) -> Route:
    if spec.series is not None:
        own = known[spec.series]
        model = build_model(choose_model(own, "auto").code)
        horizon = max(last - int(own.years[-1]), 1)
        law = model.fit(own, reference=[s for s in series if s is not own]).predict(horizon)
        if not isinstance(law, StudentForecast):
            raise TypeError(f"route {spec.code}: {type(law).__name__} has no joint shocks")
        cost: StudentForecast | Mapping[int, Distribution] = law
    else:
        cost = spec.cost or {}
    ready: Mapping[int, float] | Floats
    if spec.nodes:
        graph = Graph(spec.nodes, {level: Stage(*prior) for level in range(9)}, float(at.year))
        ready = at.year + ready_by(graph, [last], rng, draws).times[spec.goal]
    else:
        ready = spec.p_ready or {}
    return Route(spec.code, cost, ready, spec.upkeep, spec.attributes)
