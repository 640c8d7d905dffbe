"""An additive model of entry: boosted stumps, one curve a feature, so that the curves are the reasons.

Each of 300 steps finds the split of one feature that lowers the logistic loss most and moves a small step that way;
no split joins two features, so log odds = intercept + Σ curve_f(x_f), and a forecast comes apart without remainder.
Rows where a feature is unknown do not move its curve.

Use when a forecast must be explained to the region it concerns.

Source
------
Friedman (2001), doi 10.1214/aos/1013203451; curves of single features: Lou, Caruana, Gehrke (2012),
doi 10.1145/2339530.2339556.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Array = NDArray[np.float64]
STEPS = 300
STEP = 0.05
LEAF = 20
RIDGE = 1.0
BINS = 64


@dataclass(frozen=True)
class AdditiveModel:
    """Curves of an additive logistic model.

    Attributes
    ----------
    intercept : float
        Log odds of the usual case.
    edges : tuple of array
        Increasing bin edges of each feature.
    curves : array, shape (features, bins + 1)
        Log odds each bin adds, mean zero over the rows fitted; the last column is for unknown values.
    """

    intercept: float
    edges: tuple[Array, ...]
    curves: Array

    def contributions(self, x: Array) -> Array:
        """Return what each feature adds to the log odds, shape (n, features)."""
        binned = _binned(np.asarray(x, dtype=float), self.edges)
        return np.asarray(self.curves[np.arange(binned.shape[1])[None, :], binned], dtype=float)

    def probability(self, x: Array) -> Array:
        """Return the probability of each row, shape (n,)."""
        return logistic(self.intercept + self.contributions(x).sum(axis=1))


def fit_additive(x: Array, y: NDArray[np.bool_]) -> AdditiveModel:
    """Fit the model.

    Parameters
    ----------
    x : array, shape (n, features)
        Features; NaN is unknown.
    y : array of bool, shape (n,)
        Whether the event happened.

    Returns
    -------
    AdditiveModel
        Curves are centred on the rows fitted.  With fewer than 40 rows, or without both outcomes, all curves are zero.

    Examples
    --------
    >>> x = np.linspace(0, 1, 200)[:, None]
    >>> model = fit_additive(x, x[:, 0] > 0.5)
    >>> bool(model.probability(np.array([[0.9]]))[0] > 0.9)
    True
    """
    rows = np.asarray(x, dtype=float)
    target = np.asarray(y, dtype=float)
    n, width = rows.shape
    edges = tuple(_edges(rows[:, f]) for f in range(width))
    binned = _binned(rows, edges)
    rate = (target.sum() + 0.5) / (n + 1)
    intercept = float(np.log(rate / (1 - rate)))
    curves = np.zeros((width, BINS + 1))
    if n >= 2 * LEAF and 0 < target.sum() < n:
        _boost(binned, target, intercept, curves)
    for f in range(width):
        # Centred over all rows, so that a contribution is a distance from the usual case; forecasts stay the same.
        shift = float(curves[f, binned[:, f]].mean()) if n else 0.0
        curves[f] -= shift
        intercept += shift
    return AdditiveModel(intercept, edges, curves)


def logistic(z: Array) -> Array:
    """Return 1/(1+e^−z) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * z)), dtype=float)


def _boost(binned: NDArray[np.intp], target: Array, intercept: float, curves: Array) -> None:
    n, width = binned.shape
    shape = (width, BINS + 1)
    flat = binned + np.arange(width)[None, :] * (BINS + 1)
    counts = np.bincount(flat.ravel(), minlength=width * (BINS + 1)).reshape(shape)[:, :BINS]
    left_n = counts.cumsum(axis=1)
    allowed = (left_n >= LEAF) & (left_n[:, -1:] - left_n >= LEAF)
    if not allowed.any():
        return
    # Which rows stand in which bin of each feature: one product with it sums both derivatives over all bins.
    ends = np.arange(0, n * width + 1, width)
    rows_of = csr_array((np.ones(n * width), flat.ravel(), ends), shape=(n, width * (BINS + 1))).T.tocsr()
    by_feature = np.ascontiguousarray(binned.T)
    score = np.full(n, intercept)
    bends = np.empty((n, 2))
    for _ in range(STEPS):
        p = logistic(score)
        np.subtract(p, target, out=bends[:, 0])
        np.multiply(p, 1 - p, out=bends[:, 1])
        sums = (rows_of @ bends).reshape(*shape, 2)[:, :BINS].cumsum(axis=1)
        g, h = sums[..., 0], sums[..., 1]
        rest_g, rest_h = g[:, -1:] - g, h[:, -1:] - h
        gain = np.where(allowed, g**2 / (h + RIDGE) + rest_g**2 / (rest_h + RIDGE), -1.0)
        f, cut = np.unravel_index(int(gain.argmax()), gain.shape)
        move = np.zeros(BINS + 1)
        move[: cut + 1] = -STEP * g[f, cut] / (h[f, cut] + RIDGE)
        move[cut + 1 : BINS] = -STEP * rest_g[f, cut] / (rest_h[f, cut] + RIDGE)
        curves[f] += move
        score += move[by_feature[f]]


def _edges(column: Array) -> Array:
    known = column[~np.isnan(column)]
    if not known.size:
        return np.zeros(0)
    return np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))


def _binned(rows: Array, edges: tuple[Array, ...]) -> NDArray[np.intp]:
    binned = np.empty(rows.shape, dtype=np.intp)
    for f, cuts in enumerate(edges):
        binned[:, f] = np.searchsorted(cuts, rows[:, f], side="left")
    binned[np.isnan(rows)] = BINS
    return binned
