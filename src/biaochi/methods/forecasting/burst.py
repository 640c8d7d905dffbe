"""Bursts of a term: a two-state automaton over yearly counts.

Kleinberg (2002, doi 10.1145/775047.775061), batched form: p₀ = Σr/Σd, p₁ = 2p₀, cost −ln[C(d,r)pʳ(1−p)^(d−r)], ln n
for every move up, the cheapest state sequence by Viterbi.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from biaochi.methods.forecasting.series import Floats

RATIO = 2.0


@dataclass(frozen=True, slots=True)
class Burst:
    """Bursts of one term.

    Attributes
    ----------
    states : tuple of int
        0 or 1 for each period.
    weight : float
        Saving in cost of all bursts over staying in the base state.
    """

    states: tuple[int, ...]
    weight: float

    @property
    def intervals(self) -> tuple[tuple[int, int], ...]:
        """First and last position of each burst."""
        padded = np.diff(np.concatenate([[0], self.states, [0]]))
        starts, ends = np.flatnonzero(padded == 1), np.flatnonzero(padded == -1) - 1
        return tuple(zip(starts.tolist(), ends.tolist(), strict=True))


def burst(r: ArrayLike, d: ArrayLike) -> Burst:
    """Find the bursts of one term.

    Parameters
    ----------
    r, d : array of int, shape (periods,)
        Records with the term, and all records.

    Examples
    --------
    >>> burst([1, 1, 1, 9, 9, 1], [100] * 6).intervals
    ((3, 4),)
    """
    states, weight = bursts(np.atleast_2d(np.asarray(r, dtype=np.float64)), np.asarray(d, dtype=np.float64))
    return Burst(tuple(int(s) for s in states[0]), float(weight[0]))


def bursts(r: Floats, d: Floats) -> tuple[np.ndarray, Floats]:
    """Find the bursts of many terms at once.

    Parameters
    ----------
    r : array, shape (terms, periods)
    d : array, shape (periods,)

    Returns
    -------
    states, weight
        0/1 states, shape (terms, periods), and the weight of each term's bursts.
    """
    if np.any(r < 0) or np.any(r > d):
        raise ValueError("a term cannot occur in fewer than none or more than all records")
    n = r.shape[1]
    total = r.sum(axis=1) / max(float(d.sum()), 1.0)
    p = np.stack([total, np.minimum(RATIO * total, 0.9999)])
    choose = special.gammaln(d + 1) - special.gammaln(r + 1) - special.gammaln(d - r + 1)
    cost = -(choose + special.xlogy(r, p[:, :, None]) + special.xlog1py(d - r, -p[:, :, None]))
    up = np.log(n)
    best = np.stack([cost[0, :, 0], cost[1, :, 0] + up])
    came = np.zeros((n, 2, len(r)), dtype=np.int64)
    for t in range(1, n):
        to_low = np.minimum(best[0], best[1])
        came[t, 0] = best[1] < best[0]
        to_high = np.minimum(best[0] + up, best[1])
        came[t, 1] = best[1] <= best[0] + up
        best = np.stack([to_low + cost[0, :, t], to_high + cost[1, :, t]])
    states = np.zeros((len(r), n), dtype=np.int64)
    states[:, -1] = best[1] < best[0]
    rows = np.arange(len(r))
    for t in range(n - 1, 0, -1):
        states[:, t - 1] = came[t, states[:, t], rows]
    weight = np.sum(np.where(states == 1, cost[0] - cost[1], 0.0), axis=1)
    return states, np.maximum(weight, 0.0)
