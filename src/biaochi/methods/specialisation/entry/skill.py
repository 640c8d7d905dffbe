"""How good forecasts of entry were: scores by origin, gains of learners over baselines, reliability.

Intervals come from resampled regions, drawn alike for every model, since cells of one region stand or fall together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.entry.baselines import BASELINES, LEARNERS
from biaochi.methods.specialisation.entry.history import Origin, outcome_of
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

Array = NDArray[np.float64]


def describe_origins(runs: Sequence[Origin]) -> pd.DataFrame:
    """Return candidates, entries and base rate of every origin."""
    rows = []
    for run in runs:
        outcome = outcome_of(run)
        n, events = len(outcome), int(outcome.sum())
        rate = events / n if n else float("nan")
        rows.append({"origin": run.window, "n": n, "events": events, "base_rate": rate, "truncated": run.truncated})
    return pd.DataFrame(rows, columns=["origin", "n", "events", "base_rate", "truncated"])


def scores_of(runs: Sequence[Origin], models: Sequence[str], k: int) -> pd.DataFrame:
    """Return every score by origin, and their mean as origin ``all``."""
    rows = []
    for run in runs:
        outcome, region = outcome_of(run), run.candidates.region
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


def skill_of(
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
        area = AucOfWeights(run.forecasts[model].score, outcome_of(run))
        # Blocks keep the weights of rows, draws × cells, within some tens of megabytes.
        size = max(1, 4_000_000 // max(len(run.candidates.region), 1))
        blocks = [area(weights[s : s + size][:, run.candidates.region]) for s in range(0, len(weights), size)]
        per_origin.append(np.concatenate(blocks))
    return np.asarray(np.mean(per_origin, axis=0), dtype=float)


def _mean_log_gain(runs: Sequence[Origin], model: str, weights: Array) -> Array:
    per_origin = []
    for run in runs:
        loss = log_loss(run.forecasts[model].probability, outcome_of(run))
        region = run.candidates.region
        total = np.bincount(region, loss, weights.shape[1])
        count = np.bincount(region, minlength=weights.shape[1])
        rows = weights @ count
        per_origin.append(-np.divide(weights @ total, rows, out=np.full(len(weights), np.nan), where=rows > 0))
    return np.asarray(np.mean(per_origin, axis=0), dtype=float)


def reliability_of(runs: Sequence[Origin], models: Sequence[str]) -> pd.DataFrame:
    """Return forecasts beside frequencies, in bins, all origins together."""
    rows = []
    for name in models:
        p = np.concatenate([r.forecasts[name].probability for r in runs])
        outcome = np.concatenate([outcome_of(r) for r in runs])
        rows += [(name, *line) for line in reliability(p, outcome)]
    return pd.DataFrame(rows, columns=["model", "low", "high", "n", "forecast", "frequency"])
