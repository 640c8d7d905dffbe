"""Chain-linking: an index over time when the basket of indicators changes.

I_t = I_{t−1} · S_t / S_{t−1}, both scores on the basket that both periods have; when nothing changes the chained index
equals the direct one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from biaochi.methods.composite.contributions import tree_scores
from biaochi.methods.composite.pipeline import Composite


@dataclass(frozen=True)
class Link:
    """How two baskets meet: factor new/old in the overlap, correlation of both over units there, drift apart since."""

    factor: float
    overlap_correlation: float
    drift: float


def chained(old: Sequence[float], new: Sequence[float], *, start: float = 100.0) -> np.ndarray:
    """Return the index from scores on the basket of each step.

    Parameters
    ----------
    old, new : sequence of float, length T
        ``new[t]`` is period t, ``old[t]`` period t − 1, both on the basket of step t (``old[0]`` is not used).

    Examples
    --------
    >>> chained([0, 50, 55], [50, 55, 66]).round(6).tolist()
    [100.0, 110.0, 132.0]
    """
    index = [start]
    for before, now in zip(list(old)[1:], list(new)[1:], strict=True):
        ratio = now / before if math.isfinite(before) and math.isfinite(now) and before > 0 else math.nan
        index.append(index[-1] * ratio)
    return np.array(index)


def trajectory(composite: Composite, unit: str, *, node: str = "", start: float = 100.0) -> pd.DataFrame:
    """Return ``period, index, link`` of one unit.

    ``link`` is the chained step over the plain ratio of published scores: 1 where the basket did not change.  Periods
    without a score are left out; the first one scored is ``start``.
    """
    dataset, frame = composite.dataset, composite.frame
    target = node or dataset.framework.root
    size, place = len(dataset.units), dataset.units.index(unit)
    used = {p: w[0] for p, w in composite.used_weights.items()}
    rows = [p * size + place for p in range(len(dataset.periods))]
    published = composite.table[frame.column[target], rows]
    z = composite.stages["normalised"][0]
    found: list[tuple[str, float, float]] = []
    previous = -1
    for p, period in enumerate(dataset.periods):
        if not math.isfinite(published[p]):
            continue
        if previous < 0:
            found.append((period, start, 1.0))
        else:
            a, b = z[:, rows[previous]], z[:, rows[p]]
            both = np.isfinite(a) & np.isfinite(b)
            before = tree_scores(composite, np.where(both, a, np.nan), used)[target]
            now = tree_scores(composite, np.where(both, b, np.nan), used)[target]
            plain = published[p] / published[previous]
            step = now / before if math.isfinite(before) and before > 0 and math.isfinite(now) else plain
            found.append((period, found[-1][1] * step, step / plain))
        previous = p
    return pd.DataFrame(found, columns=["period", "index", "link"])


def link(old: np.ndarray, new: np.ndarray, old_later: np.ndarray, new_later: np.ndarray) -> Link:
    """Return how an old and a new index meet.

    Parameters
    ----------
    old, new : ndarray, shape (U,)
        Scores of the same units by both in the overlap period.
    old_later, new_later : ndarray, shape (U,)
        Scores by both in the latest period both cover; drift is the mean of ln(new/old) there less that in the overlap.
    """
    both = np.isfinite(old) & np.isfinite(new)
    if both.sum() < 3:
        return Link(math.nan, math.nan, math.nan)
    varied = np.ptp(old[both]) > 0 and np.ptp(new[both]) > 0
    r = float(np.corrcoef(old[both], new[both])[0, 1]) if varied else math.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio, later = np.log(new / old), np.log(new_later / old_later)
    drift = later - ratio
    held = np.isfinite(drift)
    return Link(
        float(new[both].mean() / old[both].mean()) if old[both].mean() else math.nan,
        r,
        float(drift[held].mean()) if held.any() else math.nan,
    )
