"""The profile of one unit: where it stands, what its gap is made of, what moves it, what is too early to judge."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from biaochi.core.period import Period
from biaochi.methods.composite import (
    Composite,
    Plan,
    Uncertainty,
    benefit_of_doubt,
    contributions,
    levers,
    obstacles,
    peers,
    replicate,
    trajectory,
)
from biaochi.methods.composite.contributions import Split, tree_scores
from biaochi.methods.composite.frontier import P95, distance, frontier, pace, years_to
from biaochi.methods.composite.replicate import rescale

AGAINST = ("peers", "past", "target", "frontier")


@dataclass(frozen=True)
class Profile:
    """One unit against a reference; tables have the columns that files and pages use."""

    unit: str
    period: str
    reference: str
    reference_units: tuple[str, ...]
    nodes: pd.DataFrame
    contributions: Split
    obstacles: pd.DataFrame
    levers: pd.DataFrame
    peers: pd.DataFrame
    bod_score: float
    bod_shares: dict[str, float]
    trajectory: pd.DataFrame
    top: int | None
    bottom: int | None
    uncertainty: Uncertainty = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return the nodes."""
        return self.nodes


def profile(
    composite: Composite,
    plan: Plan,
    unit: str,
    *,
    period: str = "",
    against: str = "peers",
    n: int = 512,
    seed: int = 0,
    confidence: float = 0.9,
    tier_level: float = 0.95,
    k: int = 5,
) -> Profile:
    """Return a unit's profile.

    Parameters
    ----------
    against : str
        ``peers`` (mean of the k nearest in context), ``past`` (the unit a period earlier), ``target`` (set targets),
        ``frontier`` (95th percentile of each indicator), or the code of another unit.
    n : int
        Replications behind the intervals.
    """
    dataset = composite.dataset
    last = period or dataset.periods[-1]
    like = peers(dataset.context, unit, k=k) if len(dataset.context.columns) else peers_by_none()
    design = plan.sample(n, rng=np.random.default_rng(seed))
    codes = dataset.framework.columns
    scores, seconds = replicate(composite.method, dataset, plan, design, nodes=codes, period=last)
    root = codes.index(dataset.framework.root)
    own = _rows(composite, last)
    nominal = composite.table[root, own]
    found = Uncertainty(codes[root], last, dataset.units, nominal, scores[:, root], design, seconds, plan.seed)
    place = dataset.units.index(unit)
    z, reference, units = _reference(composite, unit, last, against, like)
    shares = _bod(composite, last, unit)
    return Profile(
        unit=unit,
        period=last,
        reference=against,
        reference_units=units,
        nodes=_nodes(composite, unit, last, reference, scores, confidence, like),
        contributions=contributions(composite, z, reference),
        obstacles=obstacles(composite, z),
        levers=levers(
            composite, unit, last, list(like["unit"]), rng=np.random.default_rng([seed, 3]), level=confidence
        ),
        peers=like,
        bod_score=shares[0],
        bod_shares=shares[1],
        trajectory=trajectory(composite, unit),
        top=_tier(found.tiers(tier_level).top[place]),
        bottom=_tier(found.tiers(tier_level).bottom[place]),
        uncertainty=found,
    )


def _tier(number: np.integer) -> int | None:
    """Return a tier number; ``None`` for a unit that is not placed."""
    return int(number) or None


def peers_by_none() -> pd.DataFrame:
    """Return the empty table of peers of units without context."""
    return pd.DataFrame({"unit": pd.Series(dtype=object), "distance": pd.Series(dtype=float)})


def _rows(composite: Composite, period: str) -> slice:
    size = len(composite.dataset.units)
    start = composite.dataset.periods.index(period) * size
    return slice(start, start + size)


def _reference(
    composite: Composite, unit: str, period: str, against: str, like: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return normalised leaf scores of the unit and of its reference, and the units the reference stands for."""
    dataset = composite.dataset
    table = composite.stages["normalised"][0]
    rows = _rows(composite, period)
    place = dataset.units.index(unit)
    z = table[:, rows.start + place]
    if against == "past":
        earlier = dataset.periods.index(period) - 12 // Period.parse(period).months
        blank = np.full(z.shape, np.nan)
        return z, table[:, earlier * len(dataset.units) + place] if earlier >= 0 else blank, (unit,)
    if against == "frontier":
        return z, _quantile(table[:, rows]), ()
    if against == "target":
        return z, _targets(composite, z), ()
    if against == "peers":
        chosen = list(like["unit"]) or [u for u in dataset.units if u != unit]
    else:
        chosen = [against]
    picked = table[:, [rows.start + dataset.units.index(u) for u in chosen]]
    held = np.isfinite(picked).sum(1)
    mean = np.nansum(picked, 1) / np.where(held > 0, held, np.nan)
    return z, mean, tuple(chosen)


def _quantile(block: np.ndarray) -> np.ndarray:
    result = np.full(len(block), np.nan)
    for i, line in enumerate(block):
        held = line[np.isfinite(line)]
        if held.size:
            result[i] = np.quantile(held, P95)
    return result


def _targets(composite: Composite, z: np.ndarray) -> np.ndarray:
    """Return targets as normalised scores; where no target is set, the unit's own score (no gap)."""
    frame, fitted = composite.frame, composite.fitted
    scale = fitted.scale
    result = z.copy()
    for i, n in enumerate(frame.leaves):
        if n.target is None or scale.sample is not None:
            continue
        value = np.full((1, len(frame.leaves), 1), np.nan)
        value[0, i, 0] = n.target
        result[i] = composite.normalise_values(value)[0, i, 0]
    return result


def _nodes(
    composite: Composite,
    unit: str,
    period: str,
    reference: np.ndarray,
    scores: np.ndarray,
    confidence: float,
    like: pd.DataFrame,
) -> pd.DataFrame:
    dataset = composite.dataset
    size, place = len(dataset.units), dataset.units.index(unit)
    rows = _rows(composite, period)
    used = {p: w[0] for p, w in composite.used_weights.items()}
    against = tree_scores(composite, reference, used)
    per_year = 12 // Period.parse(period).months
    tail = (1 - confidence) / 2
    found = []
    for t, code in enumerate(dataset.framework.columns):
        series = composite.table[t].reshape(len(dataset.periods), size)
        now = composite.table[t, rows]
        score, held = float(now[place]), np.isfinite(now)
        low = high = math.nan
        if math.isfinite(score):
            drawn = rescale(scores[:, t], now)[:, place]
            drawn = drawn[np.isfinite(drawn)]
            if drawn.size:
                low, high = (float(q) for q in np.quantile(drawn, [tail, 1 - tail]))
        reach = against[code]
        worst = float(now[held].min()) if held.any() else math.nan
        others = [dataset.units.index(u) for u in like["unit"]] or [u for u in range(size) if u != place]
        paces = np.array([pace(series[:, u], per_year) for u in others])
        fast = float(np.quantile(paces[np.isfinite(paces)], 0.75)) if np.isfinite(paces).any() else math.nan
        state = composite.node_state(code)[1][rows.start + place]
        found.append(
            {
                "node": code,
                "score": score,
                "score_lo": low,
                "score_hi": high,
                "reference": reach,
                "gap": score - reach,
                "distance": distance(score, worst, frontier(now)) if held.any() else math.nan,
                "years_own": years_to(score, reach, pace(series[:, place], per_year)),
                "years_peer": years_to(score, reach, fast),
                "state": state,
            }
        )
    return pd.DataFrame(found)


def _bod(composite: Composite, period: str, unit: str) -> tuple[float, dict[str, float]]:
    """Return the unit's benefit-of-the-doubt score over the children of the root, and their shares."""
    tree = composite.dataset.framework
    children = tree.children[tree.root]
    y = composite.table[[composite.frame.column[c] for c in children]][:, _rows(composite, period)].T
    held = np.isfinite(y).all(0) | (np.isfinite(y).sum(0) > len(y) / 2)
    codes = [c for c, keep in zip(children, held, strict=True) if keep]
    if not codes or np.nanmin(y[:, held], initial=0.0) < 0 or np.nanmax(y[:, held], initial=0.0) <= 0:
        return math.nan, dict.fromkeys(children, math.nan)
    found = benefit_of_doubt(y[:, held] / np.nanmax(y[:, held]))
    place = composite.dataset.units.index(unit)
    return float(found.scores[place]), dict(zip(codes, map(float, found.shares[place]), strict=True))
