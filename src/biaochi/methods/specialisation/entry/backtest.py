"""Would it have been right?  Forecasts of entry made at earlier windows with what was known then, against what came.

At an origin t every model sees transitions that ended by t and features of t; it ranks the cells that could still
enter.  Later data change no earlier score.  Under the least number of events there is no ranking at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.conventions import Conventions
from biaochi.methods.specialisation.entry.additive import fit_additive
from biaochi.methods.specialisation.entry.baselines import BASELINES, LEARNERS, MODELS, score
from biaochi.methods.specialisation.entry.calibrate import Calibration, Method, calibration
from biaochi.methods.specialisation.entry.events import EntryEvent
from biaochi.methods.specialisation.entry.history import (
    Candidates,
    Forecast,
    History,
    Origin,
    outcome_of,
    stacked,
    training,
)
from biaochi.methods.specialisation.entry.skill import describe_origins, reliability_of, scores_of, skill_of
from biaochi.methods.specialisation.panel import Panel

Array = NDArray[np.float64]
FOLDS = 5


@dataclass(frozen=True)
class Backtest:
    """Everything a back-test says; DataFrames with the columns of ``biaochi.layout.backtest/1``.

    Attributes
    ----------
    event : EntryEvent
    gate : {"met", "unmet"}
        Whether enough events were seen for any ranking.
    chosen : str
        Model to use next; empty when the gate is unmet.
    reason : str
        ``best_log_score``, ``gain_not_certain`` (no learner beats the best baseline) or ``too_few_events``.
    origins, scores, skill, reliability : DataFrame
    runs : tuple of Origin
        Forecasts of every origin, for layouts replayed on them.
    """

    event: EntryEvent
    gate: str
    events: int
    chosen: str
    reason: str
    origins: pd.DataFrame
    scores: pd.DataFrame
    skill: pd.DataFrame
    reliability: pd.DataFrame
    runs: tuple[Origin, ...] = field(repr=False)
    regions: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the scores."""
        return self.scores


def backtest(
    panel: Panel,
    *,
    event: EntryEvent,
    origins: Sequence[str] | None = None,
    models: Sequence[str] = MODELS,
    conventions: Conventions | None = None,
    k: int = 3,
    min_events: int = 50,
    bootstrap: int = 1000,
    level: float = 0.9,
    truncated: Iterable[str] = (),
    rng: np.random.Generator,
    executor: Executor | None = None,
) -> Backtest:
    """Replay forecasts of entry.

    Parameters
    ----------
    panel : Panel
        Windows in order, each one horizon after the last (see :meth:`Panel.windows`).
    event : EntryEvent
    origins : sequence of str or None
        Windows to forecast from; by default every one with an earlier and a later window.
    models : sequence of str
        Names of :data:`~biaochi.methods.specialisation.entry.baselines.MODELS`.
    conventions : Conventions
        Threshold and anchor for the features.
    k : int
        Tracks picked in each region for precision.
    min_events : int
        Fewest events, over all origins, for a ranking.
    bootstrap : int
        Resamples of regions for the intervals of skill.
    level : float
        Their probability.
    truncated : iterable of str
        Origins whose next window is only partly observed; flagged.
    rng : numpy.random.Generator
    executor : concurrent.futures.Executor or None
        Runs origins side by side.

    Raises
    ------
    ValueError
        When an origin is unknown or has no window before or after it.
    """
    history = History(panel, event, conventions or Conventions())
    places = _places(panel, origins)
    mapper: Callable[..., Iterable[dict[str, tuple[Array, Array]]]] = executor.map if executor else map
    raw = list(mapper(_raw_scores, [history] * len(places), places, [tuple(models)] * len(places)))
    runs = _calibrated(history, places, raw, set(truncated))
    events = int(sum(r.candidates.outcome.sum() for r in runs if r.candidates.outcome is not None))
    described = describe_origins(runs)
    if events < min_events:
        empty = pd.DataFrame()
        return Backtest(
            event,
            "unmet",
            events,
            "",
            "too_few_events",
            described,
            empty,
            empty,
            empty,
            tuple(runs),
            panel.regions,
            panel.tracks,
        )
    scores = scores_of(runs, models, k)
    skill = skill_of(runs, models, bootstrap, level, rng)
    chosen, reason = choose(scores, skill)
    return Backtest(
        event,
        "met",
        events,
        chosen,
        reason,
        described,
        scores,
        skill,
        reliability_of(runs, models),
        tuple(runs),
        panel.regions,
        panel.tracks,
    )


def scores_at(history: History, t: int, model: str) -> tuple[Candidates, Array]:
    """Return the candidates of window t and one model's scores, fitted on everything that ended by then."""
    now = history.candidates(t)
    rows, outcome, track, _ = stacked(training(history, t))
    return now, score(model, rows, outcome, track, now.rows, now.track)


def contributions_at(history: History, t: int) -> Array:
    """Return what each feature adds to the additive model's log odds for the candidates of window t."""
    rows, outcome, _, _ = stacked(training(history, t))
    return fit_additive(rows, outcome).contributions(history.candidates(t).rows)


def calibrate_on(result: Backtest, model: str) -> Calibration:
    """Return the map from a model's scores to probabilities, by everything its back-test saw."""
    past = np.concatenate([run.forecasts[model].score for run in result.runs])
    came = np.concatenate([outcome_of(run) for run in result.runs])
    return calibration(past, came, "isotonic")


def forecast(history: History, result: Backtest, model: str) -> tuple[Candidates, Array, Array]:
    """Return the candidates of the newest window with one model's scores and calibrated probabilities."""
    now, scored = scores_at(history, len(history.panel.periods) - 1, model)
    return now, scored, calibrate_on(result, model)(scored)


def choose(scores: pd.DataFrame, skill: pd.DataFrame) -> tuple[str, str]:
    """Return the model with the best mean log score, unless it is a learner whose AUC gain is not certain."""
    overall = scores[scores["origin"] == "all"].set_index("model")
    losses = overall["log_score"].dropna()
    best = str(losses.idxmin())
    if best not in LEARNERS:
        return best, "gain_not_certain"
    baselines = losses[[m for m in losses.index if m in BASELINES]]
    if baselines.empty:
        return best, "best_log_score"
    rival = str(baselines.idxmin())
    gain = skill[(skill["model"] == best) & (skill["baseline"] == rival) & (skill["metric"] == "auc")]
    if gain.empty or not gain["low"].iloc[0] > 0:
        return rival, "gain_not_certain"
    return best, "best_log_score"


def _places(panel: Panel, origins: Sequence[str] | None) -> list[int]:
    last = len(panel.periods) - 1
    if origins is None:
        return list(range(1, last))
    places = []
    for name in origins:
        if name not in panel.periods:
            raise ValueError(f"no window {name!r}; there are {', '.join(panel.periods)}")
        t = panel.periods.index(name)
        if not 1 <= t < last:
            raise ValueError(f"origin {name} needs a window before and after it")
        places.append(t)
    return sorted(set(places))


def _raw_scores(history: History, t: int, models: Sequence[str]) -> dict[str, tuple[Array, Array]]:
    """Return each model's scores at t, and those it gives training rows of regions it was not fitted on."""
    now = history.candidates(t)
    rows, outcome, track, region = stacked(training(history, t))
    fold = region % FOLDS
    found = {}
    for name in models:
        new = score(name, rows, outcome, track, now.rows, now.track)
        held_out = np.empty(len(rows))
        if name in LEARNERS or name == "past_entry":
            for f in np.unique(fold):
                rest, here = fold != f, fold == f
                held_out[here] = score(name, rows[rest], outcome[rest], track[rest], rows[here], track[here])
        else:
            held_out = score(name, rows, outcome, track, rows, track)
        found[name] = (new, held_out)
    return found


def _calibrated(
    history: History, places: Sequence[int], raw: Sequence[dict[str, tuple[Array, Array]]], truncated: set[str]
) -> list[Origin]:
    runs: list[Origin] = []
    for t, scored in zip(places, raw, strict=True):
        now = history.candidates(t)
        forecasts = {}
        earlier = [r for r in runs if r.candidates.outcome is not None and history.panel.periods.index(r.window) < t]
        for name, (new, held_out) in scored.items():
            method: Method = "isotonic" if earlier else "logistic"
            if earlier:
                past = np.concatenate([r.forecasts[name].score for r in earlier])
                came = np.concatenate([r.candidates.outcome for r in earlier if r.candidates.outcome is not None])
            else:
                past, came = held_out, stacked(training(history, t))[1]
            fitted = calibration(past, came, method)
            forecasts[name] = Forecast(now.window, name, new, fitted(new), method)
        runs.append(Origin(now.window, now, forecasts, now.window in truncated))
    return runs
