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
from biaochi.methods.specialisation.entry.features import FeatureTable, features
from biaochi.methods.specialisation.entry.metrics import (
    AucOfWeights,
    auc,
    auc_within,
    average_precision,
    brier,
    log_loss,
    precision_at,
    reliability,
)
from biaochi.methods.specialisation.panel import Panel

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
FOLDS = 5


@dataclass(frozen=True)
class Candidates:
    """The cells of one window from which the event can happen.

    ``rows`` are features, shape (n, features); ``outcome`` is what came, or None when it is not known yet.
    """

    window: str
    region: NDArray[np.intp]
    track: NDArray[np.intp]
    rows: Array
    outcome: Flags | None


@dataclass(frozen=True)
class Forecast:
    """What one model said at one origin: score (for ranking), probability, and how it was calibrated."""

    origin: str
    model: str
    score: Array
    probability: Array
    method: Method


@dataclass(frozen=True)
class Origin:
    """One origin: its candidates, and the forecast of every model."""

    window: str
    candidates: Candidates
    forecasts: dict[str, Forecast]
    truncated: bool


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


@dataclass(frozen=True)
class History:
    """Windows of a panel on one grid, their features computed once and never from later windows."""

    panel: Panel
    event: EntryEvent
    conventions: Conventions
    _features: dict[int, FeatureTable] = field(default_factory=dict, repr=False)

    def whole(self, t: int) -> Flags:
        """Return which regions have no gap in window t."""
        return np.asarray(~np.isnan(self.panel.values[t]).any(axis=1), dtype=bool)

    def features(self, t: int) -> FeatureTable:
        """Return the features of window t; rows of regions with gaps are NaN."""
        if t not in self._features:
            whole = self.whole(t)
            before = self.panel.values[t - 1][whole] if t > 0 else None
            found = features(self.panel.values[t][whole], before, self.conventions)
            table = np.full((len(whole), *found.values.shape[1:]), np.nan)
            table[whole] = found.values
            self._features[t] = FeatureTable(table)
        return self._features[t]

    def candidates(self, t: int) -> Candidates:
        """Return the candidates of window t, with the outcome when the next window exists."""
        whole = self.whole(t)
        known = t + 1 < len(self.panel.periods)
        usable = whole & self.whole(t + 1) if known else whole
        start = np.zeros(self.panel.values[t].shape, dtype=bool)
        start[whole] = self.event.candidates(self.panel.values[t][whole])
        start &= usable[:, None]
        region, track = np.nonzero(start)
        outcome = None
        if known:
            end = np.zeros(start.shape, dtype=bool)
            after = self.whole(t + 1)
            end[after] = self.event.reached(self.panel.values[t + 1][after])
            outcome = end[region, track]
        rows = self.features(t).values[region, track]
        return Candidates(self.panel.periods[t], region, track, rows, outcome)


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
    described = _describe(runs)
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
    scores = _scores(runs, models, k)
    skill = _skill(runs, models, bootstrap, level, rng)
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
        _reliability(runs, models),
        tuple(runs),
        panel.regions,
        panel.tracks,
    )


def scores_at(history: History, t: int, model: str) -> tuple[Candidates, Array]:
    """Return the candidates of window t and one model's scores, fitted on everything that ended by then."""
    now = history.candidates(t)
    rows, outcome, track, _ = _stacked(_training(history, t))
    return now, score(model, rows, outcome, track, now.rows, now.track)


def contributions_at(history: History, t: int) -> Array:
    """Return what each feature adds to the additive model's log odds for the candidates of window t."""
    rows, outcome, _, _ = _stacked(_training(history, t))
    return fit_additive(rows, outcome).contributions(history.candidates(t).rows)


def calibrate_on(result: Backtest, model: str) -> Calibration:
    """Return the map from a model's scores to probabilities, by everything its back-test saw."""
    past = np.concatenate([run.forecasts[model].score for run in result.runs])
    came = np.concatenate([_outcome(run) for run in result.runs])
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


def _training(history: History, t: int) -> list[Candidates]:
    return [history.candidates(s) for s in range(t)]


def _stacked(parts: Sequence[Candidates]) -> tuple[Array, Flags, NDArray[np.intp], NDArray[np.intp]]:
    outcomes = [p.outcome for p in parts if p.outcome is not None]
    return (
        np.concatenate([p.rows for p in parts]),
        np.concatenate(outcomes),
        np.concatenate([p.track for p in parts]),
        np.concatenate([p.region for p in parts]),
    )


def _raw_scores(history: History, t: int, models: Sequence[str]) -> dict[str, tuple[Array, Array]]:
    """Return each model's scores at t, and those it gives training rows of regions it was not fitted on."""
    now = history.candidates(t)
    rows, outcome, track, region = _stacked(_training(history, t))
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
                past, came = held_out, _stacked(_training(history, t))[1]
            fitted = calibration(past, came, method)
            forecasts[name] = Forecast(now.window, name, new, fitted(new), method)
        runs.append(Origin(now.window, now, forecasts, now.window in truncated))
    return runs


def _describe(runs: Sequence[Origin]) -> pd.DataFrame:
    rows = []
    for run in runs:
        outcome = _outcome(run)
        n, events = len(outcome), int(outcome.sum())
        rate = events / n if n else float("nan")
        rows.append({"origin": run.window, "n": n, "events": events, "base_rate": rate, "truncated": run.truncated})
    return pd.DataFrame(rows, columns=["origin", "n", "events", "base_rate", "truncated"])


def _outcome(run: Origin) -> Flags:
    if run.candidates.outcome is None:
        raise ValueError(f"what came after {run.window} is not known")
    return run.candidates.outcome


def _scores(runs: Sequence[Origin], models: Sequence[str], k: int) -> pd.DataFrame:
    rows = []
    for run in runs:
        outcome, region = _outcome(run), run.candidates.region
        for name in models:
            made = run.forecasts[name]
            hit, chance = precision_at(made.score, outcome, region, k)
            rows.append(
                {
                    "origin": run.window,
                    "model": name,
                    "auc": auc(made.score, outcome),
                    "auc_within": auc_within(made.score, outcome, region),
                    "pr_auc": average_precision(made.score, outcome),
                    "p_at_k": hit,
                    "random_p_at_k": chance,
                    "brier": brier(made.probability, outcome),
                    "log_score": float(log_loss(made.probability, outcome).mean()) if len(outcome) else np.nan,
                }
            )
    by_origin = pd.DataFrame(rows)
    overall = by_origin.drop(columns="origin").groupby("model", sort=False).mean().reset_index()
    return pd.concat([by_origin, overall.assign(origin="all")], ignore_index=True)[by_origin.columns]


def _skill(
    runs: Sequence[Origin], models: Sequence[str], draws: int, level: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return gains of learners over baselines, regions resampled alike for both; positive is better."""
    learners = [m for m in models if m in LEARNERS]
    rivals = [m for m in models if m in BASELINES]
    n_regions = 1 + max((int(r.candidates.region.max(initial=0)) for r in runs), default=0)
    weights = np.vstack([np.ones(n_regions), rng.multinomial(n_regions, np.full(n_regions, 1 / n_regions), draws)])
    by_metric = {"auc": _mean_auc, "log_score": _mean_log_gain}
    rows = []
    for metric, measure in by_metric.items():
        drawn = {m: measure(runs, m, weights) for m in (*learners, *rivals)}
        for a in learners:
            for b in rivals:
                gain = drawn[a] - drawn[b]
                known = gain[1:][~np.isnan(gain[1:])]
                ends = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]) if known.size else [np.nan, np.nan]
                rows.append(
                    {
                        "model": a,
                        "baseline": b,
                        "metric": metric,
                        "estimate": float(gain[0]),
                        "low": float(ends[0]),
                        "high": float(ends[1]),
                    }
                )
    return pd.DataFrame(rows, columns=["model", "baseline", "metric", "estimate", "low", "high"])


def _mean_auc(runs: Sequence[Origin], model: str, weights: Array) -> Array:
    per_origin = []
    for run in runs:
        area = AucOfWeights(run.forecasts[model].score, _outcome(run))
        # Blocks keep the weights of rows, draws × cells, within some tens of megabytes.
        size = max(1, 4_000_000 // max(len(run.candidates.region), 1))
        blocks = [area(weights[s : s + size][:, run.candidates.region]) for s in range(0, len(weights), size)]
        per_origin.append(np.concatenate(blocks))
    return np.asarray(np.mean(per_origin, axis=0), dtype=float)


def _mean_log_gain(runs: Sequence[Origin], model: str, weights: Array) -> Array:
    per_origin = []
    for run in runs:
        loss = log_loss(run.forecasts[model].probability, _outcome(run))
        region = run.candidates.region
        total = np.bincount(region, loss, weights.shape[1])
        count = np.bincount(region, minlength=weights.shape[1])
        rows = weights @ count
        per_origin.append(-np.divide(weights @ total, rows, out=np.full(len(weights), np.nan), where=rows > 0))
    return np.asarray(np.mean(per_origin, axis=0), dtype=float)


def _reliability(runs: Sequence[Origin], models: Sequence[str]) -> pd.DataFrame:
    rows = []
    for name in models:
        p = np.concatenate([r.forecasts[name].probability for r in runs])
        outcome = np.concatenate([_outcome(r) for r in runs])
        rows += [(name, *line) for line in reliability(p, outcome)]
    return pd.DataFrame(rows, columns=["model", "low", "high", "n", "forecast", "frequency"])
