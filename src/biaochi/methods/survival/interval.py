"""Ends known only to lie between two lists: Turnbull's estimate for interval-censored times.

A firm on the list of one year and missing from the next has left somewhere in between.  Source: Turnbull 1976,
doi:10.1111/j.2517-6161.1976.tb01597.x; self-consistency by expectation–maximisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class IntervalSurvival:
    """Mass on Turnbull's innermost intervals ``(left, right]`` and the survival after each.

    ``value[j]`` is the share surviving beyond ``right[j]``; inside an interval the curve is not known.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    mass: NDArray[np.float64]
    value: NDArray[np.float64]
    rounds: int

    def at(self, time: float) -> tuple[float, float]:
        """Return the least and the greatest share surviving beyond a time that the estimate allows."""
        low = 1 - float(self.mass[(self.left < time) | (self.right <= time)].sum())
        high = 1 - float(self.mass[self.right <= time].sum())
        return max(low, 0.0), max(high, 0.0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an interval."""
        return pd.DataFrame({"left": self.left, "right": self.right, "mass": self.mass, "value": self.value})


def turnbull(
    left: ArrayLike,
    right: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    tolerance: float = 1e-10,
    rounds: int = 10_000,
) -> IntervalSurvival:
    """Estimate survival from intervals.

    Parameters
    ----------
    left, right : arrays, shape (n,)
        The end lies in ``(left, right]``; ``right`` infinite when it has not been seen, ``left == right`` when known.
    weights : array, shape (n,), optional
        How many cases a row stands for.
    tolerance : float
        Largest change of a mass at which the iteration stops.
    rounds : int
        Most iterations.

    Returns
    -------
    IntervalSurvival

    Raises
    ------
    ValueError
        When an interval is reversed, or the iteration has not settled.

    Examples
    --------
    >>> found = turnbull([0, 0, 2, 2], [2, 2, 4, np.inf])
    >>> found.mass.round(4).tolist(), [round(v, 4) for v in found.at(2)]
    ([0.5, 0.5], [0.5, 0.5])
    """
    low, high = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    if low.shape != high.shape or (high < low).any() or np.isnan(low).any() or np.isnan(high).any():
        raise ValueError("every interval needs left ≤ right")
    weight = np.ones(low.size) if weights is None else np.asarray(weights, dtype=float)
    starts, ends = _innermost(low, high)
    known = low == high
    covers = (low[:, None] <= starts) & (ends <= high[:, None])
    covers &= ~known[:, None] | ((starts == low[:, None]) & (ends == low[:, None]))
    exact = starts == ends
    covers &= ~(exact & (starts == low[:, None])) | known[:, None]
    mass = np.full(starts.size, 1 / starts.size)
    for turn in range(1, rounds + 1):
        expected = covers * mass
        expected /= expected.sum(axis=1, keepdims=True)
        new = weight @ expected / weight.sum()
        if np.abs(new - mass).max() < tolerance:
            return IntervalSurvival(starts, ends, new, 1 - np.cumsum(new), turn)
        mass = new
    raise ValueError(f"the estimate has not settled after {rounds} rounds; raise rounds or tolerance")


def _innermost(low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the intervals that start at some left end and stop at the next right end with no left end between."""
    known = low == high
    marks = [(v, 1 if k else 2, "left") for v, k in zip(low, known, strict=True)]
    marks += [(v, 1 if k else 0, "right") for v, k in zip(high, known, strict=True)]
    # At one value: open right ends first, then known points (left before right), then open left ends.
    marks.sort(key=lambda m: (m[0], m[1], m[2]))
    starts, ends, last = [], [], None
    for value, _, side in marks:
        if side == "left":
            last = value
        elif last is not None:
            starts.append(last)
            ends.append(value)
            last = None
    return np.array(starts), np.array(ends)
