"""Pooling probabilities of an event: mean, median, geometric mean of odds, extremised.

Satopää et al. (2014, doi 10.1016/j.ijforecast.2013.09.009).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

Pooling = Literal["mean", "median", "odds", "extremised"]
EXTREMISING = 2.5


def pool_probabilities(probabilities: ArrayLike, method: Pooling = "mean", weights: ArrayLike | None = None) -> float:
    """Pool experts' probabilities of one event.

    Parameters
    ----------
    probabilities : array, shape (experts,)
        In 0..1; NaN drops out.
    method : {"mean", "median", "odds", "extremised"}
        ``odds`` is the geometric mean of odds; ``extremised`` raises it to the power 2.5.
    weights : array or None
        For ``mean``, ``odds`` and ``extremised``.

    Examples
    --------
    >>> round(pool_probabilities([0.1, 0.3, 0.8], "odds"), 6)
    0.365228
    """
    p = np.asarray(probabilities, dtype=np.float64)
    w = np.ones_like(p) if weights is None else np.asarray(weights, dtype=np.float64)
    keep = ~np.isnan(p)
    p, w = p[keep], w[keep]
    if len(p) == 0:
        return float("nan")
    if np.any((p < 0) | (p > 1)):
        raise ValueError("probabilities lie in 0..1")
    if method == "median":
        return float(np.median(p))
    if method == "mean":
        return float(np.average(p, weights=w))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_odds = float(np.sum(w * special.logit(p)) / w.sum())
    return float(special.expit(log_odds * (EXTREMISING if method == "extremised" else 1.0)))
