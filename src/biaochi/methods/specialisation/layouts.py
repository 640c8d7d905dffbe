"""Layouts replayed: what uncoordinated and coordinated picks would have come to at earlier origins.

``uncoordinated``: each region's top k by the model; ``coordinated``: P0 with the automatic cap and the price that
earlier origins allow; ``density`` and ``hot``: top k by these.  All have the same number of picks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.coordination.assignment import assign, automatic_cap
from biaochi.methods.specialisation.coordination.frontier import PRICE_SHARES
from biaochi.methods.specialisation.coordination.problem import Assignment, Problem
from biaochi.methods.specialisation.coordination.replay import describe, top_k
from biaochi.methods.specialisation.entry import Backtest, Origin

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
FIELDS = ("picks", "rate", "tracks", "hhi", "jaccard", "max_regions", "overload", "covered")


@dataclass(frozen=True)
class LayoutReplay:
    """Records of layouts, mean over origins, and gains of one layout's rate over another's.

    Attributes
    ----------
    layouts : DataFrame
        name, picks, rate, tracks, hhi, jaccard, max_regions, overload, covered.
    skill : DataFrame
        a, b, estimate, low, high: rate of a minus rate of b, regions resampled.
    """

    layouts: pd.DataFrame
    skill: pd.DataFrame


def cell_table(run: Origin, values: Array, result: Backtest) -> pd.DataFrame:
    """Return values of an origin's candidates as regions × tracks, NaN elsewhere."""
    table = np.full((len(result.regions), len(result.tracks)), np.nan)
    table[run.candidates.region, run.candidates.track] = values
    return pd.DataFrame(table, list(result.regions), list(result.tracks))


def came_true(run: Origin, result: Backtest) -> Flags:
    """Return where the event happened."""
    outcome = run.candidates.outcome
    if outcome is None:
        raise ValueError(f"what came after {run.window} is not known")
    return np.asarray(cell_table(run, outcome.astype(float), result).to_numpy() == 1.0, dtype=bool)


def assign_under_automatic_cap(
    p: pd.DataFrame, value: pd.Series | None, problem: Problem, slack: float = 1.25
) -> tuple[Assignment, int]:
    """Solve P0 under the automatic cap, raised one by one while candidates lie too thick on few tracks."""
    regions = int((~p.isna()).any(axis=1).sum())
    cap = automatic_cap(problem.k, regions, p.shape[1], slack)
    while True:
        capped = Problem(**{**problem.__dict__, "cap": cap})
        found = assign(p, value, capped)
        if found.solved or cap >= regions + max(problem.existing.values(), default=0):
            return found, cap
        cap += 1


def replay_layouts(
    result: Backtest,
    *,
    model: str,
    k: int,
    rng: np.random.Generator,
    max_loss: float = 0.02,
    slack: float = 1.25,
    bootstrap: int = 1000,
    level: float = 0.9,
) -> LayoutReplay:
    """Replay layouts at the origins of a back-test.

    Parameters
    ----------
    result : Backtest
        With forecasts of ``model``, ``density`` and ``hot``.
    model : str
        Model of the first two layouts.
    k : int
        Picks of each region.
    rng : numpy.random.Generator
    max_loss : float
        Greatest loss of rate at earlier origins the price may cost.
    slack : float
        Room under the automatic cap.
    bootstrap, level
        Resamples of regions and probability of the intervals.
    """
    priced: list[list[tuple[int, int]]] = []
    chosen: dict[str, list[Flags]] = {name: [] for name in ("uncoordinated", "coordinated", "density", "hot")}
    caps: list[int] = []
    truth = [came_true(run, result) for run in result.runs]
    for run, came in zip(result.runs, truth, strict=True):
        p = cell_table(run, run.forecasts[model].probability, result)
        scale = float(np.nanquantile(p.to_numpy(), 0.9)) if p.notna().any(axis=None) else 0.0
        options = []
        for share in PRICE_SHARES:
            found, cap = assign_under_automatic_cap(p, None, Problem(k=k, price=share * scale), slack)
            options.append((found.chosen.to_numpy(), cap))
        pick = _affordable(priced, max_loss)
        priced.append([(int((x & came).sum()), int(x.sum())) for x, _ in options])
        chosen["coordinated"].append(options[pick][0])
        caps.append(options[pick][1])
        for name, source in (("uncoordinated", model), ("density", "density"), ("hot", "hot")):
            scores = cell_table(run, run.forecasts[source].score, result)
            chosen[name].append(top_k(scores, k).to_numpy())
    rows = []
    for name, tables in chosen.items():
        seen = [describe(x, cap, came).to_dict() for x, cap, came in zip(tables, caps, truth, strict=True)]
        rows.append({"name": name, **pd.DataFrame(seen)[list(FIELDS)].mean().to_dict()})
    skill = _gains(chosen, truth, bootstrap, level, rng)
    return LayoutReplay(pd.DataFrame(rows, columns=["name", *FIELDS]), skill)


def _affordable(priced: list[list[tuple[int, int]]], max_loss: float) -> int:
    """Return the place of the largest price that lost little enough at earlier origins; the first without any."""
    if not priced:
        return 0
    totals = np.array(priced).sum(axis=0)
    rates = totals[:, 0] / np.maximum(totals[:, 1], 1)
    return int(np.flatnonzero(rates >= rates[0] - max_loss - 1e-12).max())


def _gains(
    chosen: dict[str, list[Flags]], truth: list[Flags], draws: int, level: float, rng: np.random.Generator
) -> pd.DataFrame:
    n = len(truth[0])
    weights = np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1 / n), draws)])
    rates = {}
    for name, tables in chosen.items():
        by_origin = []
        for x, came in zip(tables, truth, strict=True):
            hits, picks = weights @ (x & came).sum(axis=1), weights @ x.sum(axis=1)
            by_origin.append(np.divide(hits, picks, out=np.full(len(weights), np.nan), where=picks > 0))
        rates[name] = np.mean(by_origin, axis=0)
    rows = []
    for a, b in (
        ("coordinated", "uncoordinated"),
        ("coordinated", "density"),
        ("coordinated", "hot"),
        ("uncoordinated", "density"),
        ("uncoordinated", "hot"),
    ):
        gain = rates[a] - rates[b]
        known = gain[1:][~np.isnan(gain[1:])]
        low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]) if known.size else (np.nan, np.nan)
        rows.append({"a": a, "b": b, "estimate": float(gain[0]), "low": float(low), "high": float(high)})
    return pd.DataFrame(rows, columns=["a", "b", "estimate", "low", "high"])
