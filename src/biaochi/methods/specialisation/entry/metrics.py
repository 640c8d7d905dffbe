"""How good forecasts of entry were: ranking, precision at k, and probability scores.

Ties count half (mid-ranks).  Brier and log score are losses: lower is better; the log score is the mean of −ln of the
probability given to what happened.

Sources
-------
Fawcett (2006), doi 10.1016/j.patrec.2005.10.010; Davis, Goadrich (2006), doi 10.1145/1143844.1143874; Brier (1950);
Gneiting, Raftery (2007), doi 10.1198/016214506000001437.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
MIN_CANDIDATES = 5


def auc(score: Array, outcome: Flags, weight: Array | None = None) -> float:
    """Return the area under the ROC curve, ties half; NaN without both outcomes.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    weights = np.ones((1, len(score))) if weight is None else weight[None, :]
    return float(AucOfWeights(score, outcome)(weights)[0])


class AucOfWeights:
    """The AUC of one score under many weightings of its rows; sorts once."""

    def __init__(self, score: Array, outcome: Flags) -> None:
        self._order = np.argsort(score, kind="stable")
        ordered = score[self._order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(score) else np.zeros(0, int)
        self._positive = outcome[self._order].astype(float)

    def __call__(self, weights: Array) -> Array:
        """Return one AUC a row of ``weights``, shape (weightings, rows)."""
        if not len(self._order):
            return np.full(len(weights), np.nan)
        w = weights[:, self._order]
        positive = np.add.reduceat(w * self._positive, self._starts, axis=1)
        negative = np.add.reduceat(w * (1 - self._positive), self._starts, axis=1)
        below = negative.cumsum(axis=1) - negative / 2
        total = positive.sum(axis=1) * negative.sum(axis=1)
        won = (positive * below).sum(axis=1)
        return np.asarray(np.divide(won, total, out=np.full(len(w), np.nan), where=total > 0), dtype=float)


def auc_within(score: Array, outcome: Flags, region: NDArray[np.intp]) -> float:
    """Return the AUC of pairs within one region: how well a region's own tracks are ordered."""
    won = pairs = 0.0
    for r in np.unique(region):
        here = region == r
        positive, negative = int(outcome[here].sum()), int((~outcome[here]).sum())
        if positive and negative:
            pairs += positive * negative
            won += positive * negative * auc(score[here], outcome[here])
    return won / pairs if pairs else float("nan")


def average_precision(score: Array, outcome: Flags) -> float:
    """Return the area under the precision–recall curve, equal scores taken together; NaN without an event."""
    if not outcome.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    ordered, hits = score[order], outcome[order].astype(float).cumsum()
    ends = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])
    found = hits[ends]
    return float((np.diff(found, prepend=0.0) * found / (ends + 1)).sum() / hits[-1])


def precision_at(score: Array, outcome: Flags, region: NDArray[np.intp], k: int) -> tuple[float, float]:
    """Return the mean precision of each region's top k, and that of a random pick.

    Only regions with at least five candidates count; ties at the border count in proportion.
    """
    seen, chance = [], []
    for r in np.unique(region):
        here = region == r
        if here.sum() < MIN_CANDIDATES:
            continue
        seen.append(_expected_hits(score[here], outcome[here].astype(float), k) / min(k, int(here.sum())))
        chance.append(float(outcome[here].mean()))
    if not seen:
        return float("nan"), float("nan")
    return float(np.mean(seen)), float(np.mean(chance))


def _expected_hits(score: Array, outcome: Array, k: int) -> float:
    if len(score) <= k:
        return float(outcome.sum())
    border = np.sort(score)[::-1][k - 1]
    above, level = score > border, score == border
    room = k - int(above.sum())
    return float(outcome[above].sum() + room * outcome[level].mean())


def brier(p: Array, outcome: Flags) -> float:
    """Return the mean squared distance of probabilities from what happened; NaN for no rows."""
    return float(((p - outcome) ** 2).mean()) if len(p) else float("nan")


def log_loss(p: Array, outcome: Flags) -> Array:
    """Return −ln of the probability given to what happened, a row each."""
    safe = np.clip(p, 1e-12, 1 - 1e-12)
    return np.asarray(-np.log(np.where(outcome, safe, 1 - safe)), dtype=float)


def reliability(p: Array, outcome: Flags, bins: int = 5) -> list[tuple[float, float, int, float, float]]:
    """Return (low, high, n, mean forecast, frequency) of equally filled bins of the forecast."""
    if not len(p):
        return []
    cuts = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)))
    if len(cuts) == 1:
        return [(float(cuts[0]), float(cuts[0]), len(p), float(p.mean()), float(outcome.mean()))]
    place = np.clip(np.searchsorted(cuts, p, side="right") - 1, 0, len(cuts) - 2)
    rows = []
    for b in range(len(cuts) - 1):
        here = place == b
        if here.any():
            rows.append(
                (
                    float(cuts[b]),
                    float(cuts[b + 1]),
                    int(here.sum()),
                    float(p[here].mean()),
                    float(outcome[here].mean()),
                )
            )
    return rows
