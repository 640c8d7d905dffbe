"""From scores to probabilities: isotonic on what earlier forecasts turned out to be, else a logistic curve.

Sources
-------
Zadrozny, Elkan (2002), doi 10.1145/775047.775151; Platt (1999).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.specialisation.entry.baselines import fit_logit

Array = NDArray[np.float64]
Calibration = Callable[[Array], Array]
Method = Literal["isotonic", "logistic"]


def calibration(scores: Array, outcome: NDArray[np.bool_], method: Method) -> Calibration:
    """Return a non-decreasing map from scores to probabilities.

    Parameters
    ----------
    scores, outcome : array
        Earlier forecasts and what happened.
    method : {"isotonic", "logistic"}
        ``logistic`` for scores of rows the model was fitted beside, when there is no earlier forecast.

    Examples
    --------
    >>> seen = calibration(np.array([1.0, 2, 3, 4]), np.array([False, True, False, True]), "isotonic")
    >>> seen(np.array([2.0, 3.0])).tolist()
    [0.5, 0.5]
    """
    if method == "logistic":
        fitted = fit_logit(scores[:, None], outcome)
        return lambda new: fitted.probability(new[:, None])
    knots, levels = _pooled(scores, outcome)
    # A level of exactly 0 or 1 would be certainty from a few cases; half a case is the least we doubt.
    least = 0.5 / max(len(scores), 1)
    clipped = np.clip(levels, least, 1 - least)
    return lambda new: np.asarray(np.interp(new, knots, clipped), dtype=float)


def _pooled(scores: Array, outcome: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Pool adjacent violators: block means of the outcome over increasing scores, equal scores together."""
    knots, inverse = np.unique(scores, return_inverse=True)
    weight = np.bincount(inverse).astype(float)
    mean = np.bincount(inverse, outcome.astype(float)) / weight
    blocks: list[list[float]] = []
    for value, mass in zip(mean, weight, strict=True):
        blocks.append([value, mass, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            v, m, c = blocks.pop()
            last = blocks[-1]
            last[0] = (last[0] * last[1] + v * m) / (last[1] + m)
            last[1] += m
            last[2] += c
    levels = np.repeat([b[0] for b in blocks], [int(b[2]) for b in blocks])
    return knots, levels
