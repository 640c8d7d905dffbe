"""How alike regions are, in what they do or in what they declared: means, pairs, trend and what makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.mechanisms.layout.model.crowding import mean_similarity
from biaochi.mechanisms.layout.model.plans import Declarations, Documents, Level, declarations
from biaochi.methods.specialisation.crowding import decompose_crowding, jaccard, pair_shares
from biaochi.methods.specialisation.location_quotient import location_quotient, prior_weight
from biaochi.methods.specialisation.panel import Panel
from biaochi.methods.specialisation.similarity import (
    Measure,
    bootstrap_mean,
    mean_over_pairs,
    similarity,
    structures,
)

Array = NDArray[np.float64]
PAIR_FIELDS = ["a", "b", "value", "low", "high", "expected", "z", "q"]
BOOTSTRAP = 1000
POSTERIOR = 200


@dataclass(frozen=True)
class SimilarityReading:
    """Everything the similarity page and verb say.

    Attributes
    ----------
    measure, granularity : str
    mean, low, high : float
        Mean over pairs and its interval, regions resampled.
    pairs : DataFrame
        a, b, value, low, high, expected, z, q; the last three under the popularity null, for portfolios only.
    regions : DataFrame
        region, mean: how like all others each region is.
    trend : DataFrame
        period, mean.
    tracks : DataFrame
        track, share of what regions have in common (or, for ``krugman``, of what parts them).
    excluded : tuple of (unit, period, reason)
    """

    measure: Measure
    granularity: str
    mean: float
    low: float
    high: float
    pairs: pd.DataFrame
    regions: pd.DataFrame
    trend: pd.DataFrame
    tracks: pd.DataFrame
    excluded: tuple[tuple[str, str, str], ...]


def read_activity_similarity(
    panel: Panel, measure: Measure, granularity: str, *, level: float, draws: int, rng: np.random.Generator
) -> SimilarityReading:
    """Compare what regions do, in the newest period; the trend covers all periods."""
    newest = panel.periods[-1]
    table, gaps = panel.complete(newest)
    idle = [str(r) for r in table.index[table.sum(axis=1) == 0]]
    x = table.drop(index=idle)
    matrix = similarity(x, measure).to_numpy()
    low, high = bootstrap_mean(matrix, draws=BOOTSTRAP, level=level, rng=rng)
    if measure == "jaccard":
        active = location_quotient(x) >= 1
        pairs = decompose_crowding(active, draws=draws, rng=rng).pairs
        share = pair_shares(active)
    else:
        pairs = _pairs(x.index, matrix)
        share = pd.Series(_common(x.to_numpy(dtype=float), measure), index=x.columns)
    ends = _posterior(x.to_numpy(dtype=float), measure, level, rng) if panel.counts else None
    pairs = pairs.assign(low=np.nan if ends is None else ends[0], high=np.nan if ends is None else ends[1])
    trend = [
        {"period": period, "mean": mean_over_pairs(similarity(panel.complete(period)[0], measure).to_numpy())}
        for period in panel.periods
    ]
    excluded = [(r, newest, "missing_cell") for r in gaps] + [(r, newest, "no_activity") for r in idle]
    return SimilarityReading(
        measure,
        granularity,
        mean_over_pairs(matrix),
        low,
        high,
        pairs[PAIR_FIELDS],
        _by_region(x.index, matrix),
        pd.DataFrame(trend, columns=["period", "mean"]),
        pd.DataFrame({"track": list(share.index), "share": share.to_numpy()}),
        tuple(excluded),
    )


def read_plan_similarity(
    declared: Declarations,
    plans: pd.DataFrame,
    granularity: str,
    directions: Mapping[str, str],
    *,
    level: float,
    draws: int,
    rng: np.random.Generator,
) -> SimilarityReading:
    """Compare complete declared portfolios; a pair's range lets every unverified naming be true or not."""
    table, sure = declared.complete, declared.seen
    if granularity == "direction":
        table, sure = _upper(table, directions), _upper(sure, directions)
    matrix = jaccard(table.to_numpy(dtype=bool))
    low, high = bootstrap_mean(matrix, draws=BOOTSTRAP, level=level, rng=rng)
    pairs = decompose_crowding(table, draws=draws, rng=rng).pairs
    least, most = _bounds(table.to_numpy(dtype=bool), sure.to_numpy(dtype=bool))
    share = pair_shares(table)
    excluded = [(r, declared.at.isoformat(), "partial_documents") for r in declared.partial]
    excluded += [(r, declared.at.isoformat(), "no_document") for r in declared.silent]
    return SimilarityReading(
        "jaccard",
        granularity,
        mean_over_pairs(matrix),
        low,
        high,
        pairs.assign(low=least, high=most)[PAIR_FIELDS],
        _by_region(table.index, matrix),
        _plan_trend(declared, plans, granularity, directions),
        pd.DataFrame({"track": list(share.index), "share": share.to_numpy()}),
        tuple(excluded),
    )


def _upper(table: pd.DataFrame, directions: Mapping[str, str]) -> pd.DataFrame:
    labels = [directions[str(t)] for t in table.columns]
    return table.T.groupby(labels, sort=False).any().T


def _plan_trend(
    declared: Declarations, plans: pd.DataFrame, granularity: str, directions: Mapping[str, str]
) -> pd.DataFrame:
    """Return the mean at the end of each year from the first with two complete portfolios, and on the day itself."""
    level, documents = Level(declared.level), Documents(declared.documents)
    years = sorted({d.year for d in declared.rows["date"]})
    ends = [date(y, 12, 31) for y in range(years[0], declared.at.year)] if years else []
    rows = []
    for day in [*ends, declared.at]:
        then = declarations(
            plans, at=day, level=level, tracks=declared.tracks, universe=declared.universe, documents=documents
        )
        table = then.complete if granularity == "track" else _upper(then.complete, directions)
        if len(table) > 1:
            rows.append({"period": day.isoformat(), "mean": mean_similarity(table)})
    return pd.DataFrame(rows, columns=["period", "mean"])


def _bounds(table: NDArray[np.bool_], sure: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return the least and greatest Jaccard of each pair when every unverified naming may be true or false."""
    a, b = np.triu_indices(len(table), 1)
    both_sure = (sure[a] & sure[b]).sum(axis=1)
    both = (table[a] & table[b]).sum(axis=1)
    either = (table[a] | table[b]).sum(axis=1)
    # Greatest: what both may hold counts as shared; what one surely holds and the other cannot still parts them.
    parted = ((sure[a] & ~table[b]) | (sure[b] & ~table[a])).sum(axis=1)
    low = np.divide(both_sure, either, out=np.full(len(a), np.nan), where=either > 0)
    high = np.divide(both, both + parted, out=np.full(len(a), np.nan), where=both + parted > 0)
    return low, high


def _pairs(index: pd.Index, matrix: Array) -> pd.DataFrame:
    a, b = np.triu_indices(len(matrix), 1)
    names = index.to_numpy()
    frame = pd.DataFrame({"a": names[a], "b": names[b], "value": matrix[a, b]})
    return frame.assign(expected=np.nan, z=np.nan, q=np.nan)


def _by_region(index: pd.Index, matrix: Array) -> pd.DataFrame:
    others = matrix.copy()
    if len(others):
        np.fill_diagonal(others, np.nan)
    known = ~np.isnan(others)
    n = known.sum(axis=1)
    mean = np.divide(np.where(known, others, 0.0).sum(axis=1), n, out=np.full(len(n), np.nan), where=n > 0)
    return pd.DataFrame({"region": list(index), "mean": mean})


def _common(x: Array, measure: Measure) -> Array:
    """Return each track's share of what the measure adds up over pairs; NaN for ``bahar``, which adds up nothing."""
    if measure == "bahar" or len(x) < 2:
        return np.full(x.shape[1], np.nan)
    share = x / x.sum(axis=1, keepdims=True)
    if measure == "unido":
        unit = share / np.sqrt((share**2).sum(axis=1, keepdims=True))
        total = (unit.sum(axis=0) ** 2 - (unit**2).sum(axis=0)) / 2
    else:
        total = np.array([_pairwise_sum(np.sort(column), measure) for column in share.T])
    return np.asarray(total / total.sum() if total.sum() > 0 else total * np.nan, dtype=float)


def _pairwise_sum(ordered: Array, measure: Measure) -> float:
    n = len(ordered)
    if measure == "overlap":
        return float((ordered * np.arange(n - 1, -1, -1)).sum())
    gaps = np.array([later - earlier for earlier, later in pairwise(ordered)])
    below = np.arange(1, n)
    return float((gaps * below * (n - below)).sum())


def _posterior(x: Array, measure: Measure, level: float, rng: np.random.Generator) -> tuple[Array, Array] | None:
    """Return intervals of every pair from draws of the counts' shares, with the prior of the shrunk quotient."""
    if measure == "jaccard" or len(x) < 2:
        return None
    k = prior_weight(x)
    share = x.sum(axis=0) / x.sum()
    shape = x + (min(k, 1e9) * share)[None, :]
    upper = np.triu_indices(len(x), 1)
    drawn = []
    for _ in range(POSTERIOR):
        shares = rng.standard_gamma(shape)
        drawn.append(
            structures(shares / shares.sum(axis=1, keepdims=True) * x.sum(axis=1, keepdims=True), measure)[upper]
        )
    ends = np.quantile(np.array(drawn), [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ends[0], ends[1]
