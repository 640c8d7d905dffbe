"""Weitzman's boxes: open in the order of reservation values, stop when the best prize found exceeds the next.

Weitzman 1979, doi:10.2307/1910412.  The optimal value is E[max(0, max_i min(z_i, X_i))] (Kleinberg, Waggoner & Weyl
2016, doi:10.1145/2940716.2940778).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Boxes:
    """Reservation value of each box, the order to open them in (indices), and the value of doing so."""

    reservation: tuple[float, ...]
    order: tuple[int, ...]
    value: float


def pandora(cost: ArrayLike, prizes: Sequence[ArrayLike], probabilities: Sequence[ArrayLike]) -> Boxes:
    """Return the optimal search among independent boxes.

    Parameters
    ----------
    cost : array_like of shape (n,)
        Cost of opening each box, in units of prize, at least 0.
    prizes, probabilities : sequences of array_like
        Possible prizes of each box (at least 0) and their probabilities; what is missing to 1 is the prize 0.

    Raises
    ------
    ValueError
        When shapes differ, or a cost, prize or probability is negative, or probabilities exceed 1.

    Examples
    --------
    >>> boxes = pandora([2, 1, 3], [[10], [4], [20]], [[.5], [.5], [.25]])
    >>> boxes.reservation, boxes.order, boxes.value
    ((6.0, 2.0, 8.0), (2, 0, 1), 4.625)
    """
    costs = np.asarray(cost, dtype=np.float64)
    if not (costs.size == len(prizes) == len(probabilities)):
        raise ValueError("every box needs a cost, its prizes and their probabilities")
    xs, ps = [], []
    for x, p in zip(prizes, probabilities, strict=True):
        values, chance = np.asarray(x, dtype=np.float64), np.asarray(p, dtype=np.float64)
        if values.shape != chance.shape or np.any(values < 0) or np.any(chance < 0) or chance.sum() > 1 + 1e-9:
            raise ValueError("prizes must not be negative and their probabilities must sum to at most 1")
        xs.append(np.append(values, 0.0))
        ps.append(np.append(chance, max(0.0, 1 - chance.sum())))
    if np.any(costs < 0):
        raise ValueError("a cost must not be negative")
    z = [_reservation(c, x, p) for c, x, p in zip(costs, xs, ps, strict=True)]
    order = tuple(sorted(range(len(z)), key=lambda i: (-z[i], i)))
    capped = [np.clip(np.minimum(zi, x), 0.0, None) for zi, x in zip(z, xs, strict=True)]
    return Boxes(tuple(z), order, _mean_of_maximum(capped, ps))


def _reservation(cost: float, x: np.ndarray, p: np.ndarray) -> float:
    """Return z with cost = E[(X−z)⁺]; below every prize the expectation is linear, so z may be negative."""
    if cost == 0:
        return float(x[p > 0].max())
    for k in np.sort(np.unique(x))[::-1]:
        gain = float(p @ np.clip(x - k, 0.0, None))
        if gain >= cost:
            above = x > k
            return float((p[above] @ x[above] - cost) / p[above].sum())
    return float(p @ x - cost)


def _mean_of_maximum(xs: Sequence[np.ndarray], ps: Sequence[np.ndarray]) -> float:
    levels = np.unique(np.concatenate([*xs, [0.0]]))
    below = np.ones(levels.size)
    for x, p in zip(xs, ps, strict=True):
        below *= [float(p[x <= level].sum()) for level in levels]
    return float(levels @ np.diff(below, prepend=0.0))
