"""Tiers: who stands above whom with simultaneous certainty, and hence in which tiers a unit can lie.

One critical value holds for all pairs at once, so the relation "above" is transitive and needs no step-down.  Tiers
are peeled from the top and from the bottom: a unit's tier is the interval between both, wide when undetermined.
(Peeling from one end only would crown the most uncertain unit.)  Source of the max-t idea: Mogstad et al. (2024), doi
10.1093/restud/rdad006.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Tiers:
    """Tier intervals of units.

    Attributes
    ----------
    above : ndarray of bool, shape (U, U)
        Whether the row unit stands above the column unit.
    top, bottom : ndarray of int, shape (U,)
        Best and worst tier a unit can lie in (1 = highest); 0 for units without a score.
    mean, sd : ndarray, shape (U, U)
        Of the differences over replications.
    maxima : ndarray, shape (n,)
        Sorted largest standardised deviations, from which ``critical`` is the quantile.
    """

    units: tuple[str, ...]
    level: float
    critical: float
    above: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    maxima: np.ndarray

    @property
    def decided_share(self) -> float:
        """Share of pairs of scored units where one stands above the other."""
        scored = int((self.top > 0).sum())
        pairs = scored * (scored - 1) / 2
        return float(self.above.sum() / pairs) if pairs else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """Return ``unit, top, bottom, undetermined, indistinguishable`` (the units it cannot be told from)."""
        apart = self.above | self.above.T
        rows: list[tuple[object, ...]] = []
        for i, unit in enumerate(self.units):
            if self.top[i] == 0:
                rows.append((unit, None, None, None, []))
                continue
            alike = [u for j, u in enumerate(self.units) if j != i and self.top[j] > 0 and not apart[i, j]]
            rows.append((unit, int(self.top[i]), int(self.bottom[i]), bool(self.bottom[i] > self.top[i]), alike))
        frame = pd.DataFrame(rows, columns=["unit", "top", "bottom", "undetermined", "indistinguishable"])
        return frame.astype({"top": object, "bottom": object, "undetermined": object})

    def certainty(self, a: int, b: int) -> float:
        """Return the highest simultaneous level at which a and b are told apart, in the direction they differ."""
        if self.sd[a, b] == 0:
            return 1.0 if self.mean[a, b] != 0 else 0.0
        reached = abs(self.mean[a, b]) / self.sd[a, b]
        return float(np.searchsorted(self.maxima, reached, side="left") / max(len(self.maxima), 1))


def tiers_of(samples: np.ndarray, units: Sequence[str], level: float = 0.95) -> Tiers:
    """Return tiers from replications.

    Parameters
    ----------
    samples : ndarray, shape (n, U)
        Scores on one scale; units with any missing replication are not placed.
    level : float
        Simultaneous level over all pairs.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = tiers_of(rng.normal(size=(500, 3)) * 0.1 + [3.0, 2.0, 1.95], ["a", "b", "c"])
    >>> found.top.tolist(), found.bottom.tolist()
    ([1, 2, 2], [1, 2, 2])
    """
    n, u = samples.shape
    held = np.isfinite(samples).all(0)
    mean, sd = np.zeros((u, u)), np.zeros((u, u))
    maxima = np.zeros(n)
    for i in np.flatnonzero(held):
        later = np.flatnonzero(held & (np.arange(u) > i))
        if not later.size:
            continue
        d = samples[:, [i]] - samples[:, later]
        m = d.mean(0)
        d -= m
        s = np.sqrt((d * d).sum(0) / max(n - 1, 1))
        s = np.where(s <= 1e-12 * np.maximum(np.abs(m), 1e-12), 0.0, s)
        mean[i, later], mean[later, i] = m, -m
        sd[i, later] = sd[later, i] = s
        moving = s > 0
        if moving.any():
            np.abs(d, out=d)
            np.maximum(maxima, (d[:, moving] / s[moving]).max(1), out=maxima)
    maxima.sort()
    critical = float(np.quantile(maxima, level)) if n else 0.0
    above = (mean > critical * sd) & held[:, None] & held[None, :]
    top, bottom = peel(above, held)
    return Tiers(tuple(units), level, critical, above, top, bottom, mean, sd, maxima)


def peel(above: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the best and worst tier of each unit: peeled from the top, and from the bottom."""
    from_top, from_bottom = _depth(above.T, held), _depth(above, held)
    height = int(from_top.max(initial=0))
    return from_top, np.where(held, height - from_bottom + 1, 0)


def _depth(better: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return in which round a unit is taken when, each round, all units without a remaining better one are taken."""
    rounds, left, number = np.zeros(len(held), dtype=np.int64), held.copy(), 0
    while left.any():
        number += 1
        taken = left & ~(better & left[None, :]).any(1)
        if not taken.any():
            raise ValueError("the relation “above” has a circle, so it cannot come from one critical value")
        rounds[taken] = number
        left &= ~taken
    return rounds
