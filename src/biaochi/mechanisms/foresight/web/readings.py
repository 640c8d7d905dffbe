"""Computing what the pages show, from exactly the tables that can be downloaded.

Answers become the CSV that the command line reads; a result depends on its bytes alone, so equal answers have equal
results, and a page and ``biaochi foresight survey`` say the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Lang, Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.foresight.decisions import (
    Watched,
    run_forecasts,
    run_hindcast,
    run_question_calibration,
    run_readiness,
    run_routes,
    run_signals,
    run_survey,
)
from biaochi.mechanisms.foresight.files import (
    SeriesFile,
    read_answers,
    read_counts,
    read_routes,
    shipped_series,
    shipped_table,
)
from biaochi.mechanisms.foresight.files.answers import ANSWERS
from biaochi.mechanisms.foresight.model import (
    FunctionSpec,
    HindcastResult,
    ModelCode,
    QuestionCalibration,
    ReadinessResult,
    RouteOutlook,
    StudyRules,
    SurveyResult,
    TechnologyForecast,
)
from biaochi.mechanisms.foresight.model import Item as AskedItem
from biaochi.mechanisms.foresight.web.models import FunctionOfRoutes, Question, Sheet, Study, StudyItem, TermScan
from biaochi.methods.forecasting.emergence import WINDOW
from biaochi.methods.forecasting.series import Series

HORIZON = 15
DRAWS = 20_000
MODELS = (ModelCode.RANDOM_WALK, ModelCode.TREND, ModelCode.MOORE)
COLUMNS = tuple(c.name for c in ANSWERS)


@lru_cache(maxsize=8)
def rules_on(day: date) -> Snapshot:
    """Return the office's parameters in force on a day."""
    return load_parameters("biaochi.mechanisms.foresight").at(day)


def closed_round(study: Study) -> int:
    """Return the last round whose answers may be looked at: none before a round is closed."""
    return study.round - 1 if study.state == "round_open" else study.round


def sheet_rows(items: Sequence[StudyItem], sheet: Sheet, pseudonym: str, group: str = "") -> list[dict[str, object]]:
    """Return a sheet as rows of the table of answers, an item a row."""
    rows = []
    for item in items:
        said = sheet.content.get(item.code, {})
        row: dict[str, object] = {"round": sheet.round, "expert": pseudonym, "item": item.code, "type": item.type}
        rows.append(row | {"version": "1", "group": group} | {k: v for k, v in said.items() if k in COLUMNS})
    return rows


def answers_frame(study: Study, *, with_words: bool = True) -> pd.DataFrame:
    """Return the answers of every closed round under pseudonyms, ordered by pseudonym; reasons only if asked for."""
    sheets = Sheet.objects.filter(seat__study=study, submitted=True, round__lte=closed_round(study))
    rows: list[dict[str, object]] = []
    items = study.asked
    for sheet in sheets.select_related("seat").order_by("round", "seat__pseudonym"):
        rows += sheet_rows(items, sheet, sheet.seat.pseudonym, sheet.seat.group)
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).fillna("")
    return frame if with_words else frame.drop(columns=["rationale", "group"])


def checked_sheet(study: Study, content: Mapping[str, Mapping[str, str]], round_: int) -> tuple[pd.DataFrame, Faults]:
    """Read one sheet as a file would be read; every fault is found at once."""
    sheet = Sheet(round=round_, content=dict(content))
    frame = pd.DataFrame(sheet_rows(study.asked, sheet, "you"), columns=list(COLUMNS)).fillna("")
    faults = Faults("answers")
    return read_answers(Source("answers.csv", to_csv(frame).encode()), faults).frame, faults


@dataclass(frozen=True)
class Asked:
    """What a survey's result depends on."""

    answers: str
    items: tuple[AskedItem, ...]
    rules: StudyRules
    day: date
    years: tuple[int, ...]
    grouped: bool

    @property
    def seed(self) -> int:
        """A seed that depends on the answers alone."""
        return int(digest([self.answers])[:8], 16)

    def __hash__(self) -> int:
        return hash((self.answers, self.day, self.years, self.grouped))


@lru_cache(maxsize=32)
def _survey(asked: Asked) -> tuple[SurveyResult, pd.DataFrame] | None:
    faults = Faults("answers.csv")
    frame = read_answers(Source("answers.csv", asked.answers.encode()), faults).frame
    if len(frame) == 0:
        return None
    faults.check()
    result = run_survey(
        frame,
        items={(i.code, i.version): i for i in asked.items},
        rules=asked.rules,
        parameters=rules_on(asked.day),
        at=asked.day,
        by=asked.years,
        group="group" if asked.grouped else None,
        rng=np.random.default_rng(asked.seed),
    )
    return result, frame


def survey(study: Study) -> tuple[SurveyResult, pd.DataFrame] | None:
    """Return what the closed rounds found and the answers behind it; ``None`` before the first is closed."""
    closed = closed_round(study)
    if closed < 1:
        return None
    # Answers of closed rounds never change, so one page asks the database for them once.
    kept: dict[int, tuple[SurveyResult, pd.DataFrame] | None] = study.__dict__.setdefault("_surveys", {})
    if closed not in kept:
        kept[closed] = _survey(_asked(study))
    return kept[closed]


def _asked(study: Study) -> Asked:
    year = study.survey_year
    grouped = study.seats.exclude(group="").exists()
    items = tuple(i.to_domain() for i in study.asked)
    years = tuple(range(year, year + 16))
    return Asked(to_csv(answers_frame(study)), items, study.rules, timezone.localdate(), years, grouped)


def questions_scored(study: Study, day: date | None = None) -> QuestionCalibration | None:
    """Return the panel's record on what has come due; ``None`` while nothing is settled."""
    found = survey(study)
    settled = study.questions.filter(state__in=("confirmed", "void")).select_related("item")
    if found is None or not settled:
        return None
    outcomes = pd.DataFrame([_outcome(q) for q in settled], columns=["item", "outcome", "realised_on", "due_on"])
    return run_question_calibration(found[1], outcomes, at=day or timezone.localdate(), survey_year=study.survey_year)


def _outcome(question: Question) -> dict[str, object]:
    outcome = "void" if question.state == "void" else question.outcome
    return {
        "item": question.item.code,
        "outcome": outcome,
        "realised_on": question.realised_on,
        "due_on": question.due_on,
    }


@lru_cache(maxsize=1)
def shipped() -> SeriesFile:
    """Return the shipped series."""
    return shipped_series()


@dataclass(frozen=True)
class Technology:
    """One shipped series as a page shows it."""

    code: str
    title: Text
    unit: str
    function: str
    note: str
    series: Series | None
    points: tuple[tuple[int, float], ...]
    sources: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def technologies() -> Mapping[str, Technology]:
    """Return every shipped series by code: what can be forecast first."""
    index = shipped_table("technology_series_index.csv")
    values = shipped_table("technology_series.csv")
    known = {s.technology: s for s in shipped().series}
    found = {}
    for record in index.to_dict("records"):
        code = str(record["series"])
        own = values[values["series"] == code]
        points = tuple(sorted((int(y), float(v)) for y, v in zip(own["year"], own["value"], strict=True)))
        cited = dict.fromkeys(
            (str(t), f"{p} {d}".strip())
            for t, p, d in zip(own["source_title"], own["publisher"], own["source_date"], strict=True)
        )
        title = Text(str(record["label_zh"]) or code, str(record["label_en"]) or code)
        found[code] = Technology(
            code,
            title,
            str(record["unit"]),
            str(record["function"]),
            str(record["note"]),
            known.get(code),
            points,
            tuple(cited),
        )
    return dict(sorted(found.items(), key=lambda kv: (kv[1].series is None, kv[0])))


@lru_cache(maxsize=16)
def forecast(code: str) -> tuple[TechnologyForecast, HindcastResult | None]:
    """Return the forecast of one shipped series with the hindcast of its models on its own past."""
    rng = np.random.default_rng(0)
    made = run_forecasts(shipped().series, technology=code, horizon=HORIZON, rng=rng).forecasts[0]
    own = [s for s in shipped().series if s.technology == code]
    try:
        past = run_hindcast(own, MODELS, bootstrap=0, rng=rng)
    except UsageError:
        past = None  # too short a past for a single forecast to be scored
    return made, past


@lru_cache(maxsize=4)
def past_forecasts() -> pd.DataFrame:
    """Return every forecast that could have been made of the shipped series and what came, the longest horizon first.

    The model is the one the forecast pages use.
    """
    result = run_hindcast(shipped().series, [ModelCode.MOORE], bootstrap=0, rng=np.random.default_rng(0))
    scores = result.scores[result.scores["model"] == ModelCode.MOORE.value]
    return scores.sort_values(["technology", "origin", "horizon"], kind="stable")


@dataclass(frozen=True)
class Computed:
    """A function's outlook with what its routes are called."""

    spec: FunctionSpec
    outlook: RouteOutlook
    readiness: Mapping[str, ReadinessResult]

    @property
    def names(self) -> Mapping[str, Text]:
        """Names of routes by code."""
        return {r.code: r.name for r in self.spec.routes}


def read_function(document: str) -> FunctionSpec:
    """Read a function's file; its routes may name shipped series.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    faults = Faults("routes.yaml")
    functions, _ = read_routes(Source("routes.yaml", document.encode()), faults)
    faults.check()
    return functions[0]


@lru_cache(maxsize=8)
def _computed(document: str, as_of: date) -> Computed:
    spec = read_function(document)
    prior = stage_prior(rules_on(as_of))
    rng = np.random.default_rng(int(digest([document])[:8], 16))
    outlook = run_routes((spec,), shipped().series, draws=DRAWS, at=as_of, prior=prior, rng=rng)
    years = sorted(spec.demand)
    graphs = {
        r.code: run_readiness(r.nodes, years, at=as_of, prior=prior, draws=DRAWS // 4, rng=rng)
        for r in spec.routes
        if r.nodes
    }
    return Computed(spec, outlook, graphs)


def counts_document(name: str, data: bytes) -> str:
    """Return a table of terms as the CSV that is kept.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    faults = Faults(name)
    table, totals, _, _ = read_counts(Source(name, data), faults)
    if len(faults) == 0 and len(totals) < WINDOW:
        faults.add(
            "too_few_periods",
            Text("时期不足十个（三个基期、七个活跃期）", "fewer than ten periods (three base, seven active)"),
            Text("请补足时期", "add periods"),
            seen=str(len(totals)),
        )
    faults.check()
    long = table.rename_axis("term").reset_index().melt("term", var_name="period", value_name="count")
    long["total"] = long["period"].map(totals)
    return to_csv(long.sort_values(["term", "period"], kind="stable"))


@lru_cache(maxsize=4)
def _scanned(document: str, day: date) -> Watched:
    faults = Faults("terms.csv")
    table, totals, _, _ = read_counts(Source("terms.csv", document.encode()), faults)
    faults.check()
    rng = np.random.default_rng(int(digest([document])[:8], 16))
    return run_signals(table, totals, at=day, parameters=rules_on(day), rng=rng)


def scan(found: TermScan) -> Watched:
    """Return the rising terms of a scan; the record is kept with it on first sight."""
    watched = _scanned(found.document, timezone.localdate(found.created_at))
    if found.content is None:
        content: Any = jsonable(watched.result.to_dict())
        found.content = json.loads(json.dumps(content))
        TermScan.objects.filter(pk=found.pk).update(content=found.content)
    return watched


def stage_prior(parameters: Snapshot) -> tuple[float, float]:
    """Return the office's prior of a stage: shape and rate."""
    return float(str(parameters["stage_prior_shape"].value)), float(str(parameters["stage_prior_rate"].value))


def outlook(function: FunctionOfRoutes) -> Computed:
    """Return the outlook of a function; the record is kept with it on first sight."""
    found = _computed(function.document, function.as_of)
    if function.content is None:
        content: Any = jsonable(found.outlook.to_dict())
        function.content = json.loads(json.dumps(content))
        FunctionOfRoutes.objects.filter(pk=function.pk).update(content=function.content)
    return found


def named(made: TechnologyForecast, technology: Technology, lang: Lang) -> TechnologyForecast:
    """Return a forecast under the name a reader knows."""
    return replace(made, technology=technology.title.within(lang))
