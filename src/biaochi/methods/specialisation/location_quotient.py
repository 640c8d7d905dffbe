"""Location quotient, also called revealed comparative advantage, and its shrunk estimate with an interval.

LQ = s_ij / s_j with s_ij = X_ij / x_i the region's share of a track and s_j = x_j / x the track's share of everything.
A quotient of small counts jumps; the shrunk one pulls it towards 1 by a prior whose weight k is estimated from all
regions together.

Use the shrunk quotient and its interval whenever values are counts of patents, firms or projects.

Sources
-------
Balassa (1965), doi 10.1111/j.1467-9957.1965.tb00050.x.  The shrinkage is our own: a Dirichlet prior k·s, its k by
Dirichlet-multinomial likelihood; the posterior of the quotient is close to a Gamma distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaincinv, gammaln, ndtri

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ShrunkQuotient:
    """Shrunk quotients, their intervals and the weight of the prior.

    ``k`` is infinite when regions differ no more than chance (everything shrinks to 1).
    """

    value: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    k: float


def location_quotient(x: pd.DataFrame) -> pd.DataFrame:
    """Return the location quotient of every cell.

    Parameters
    ----------
    x : DataFrame, regions × tracks
        X ≥ 0, no gaps.

    Returns
    -------
    DataFrame
        Non-negative; NaN in the row of a region and the column of a track without any activity.

    Examples
    --------
    >>> table = pd.DataFrame([[3, 1], [1, 3]], index=["a", "b"], columns=["p", "q"])
    >>> location_quotient(table).loc["a"].tolist()
    [1.5, 0.5]
    """
    return pd.DataFrame(quotients(x.to_numpy(dtype=float)), index=x.index, columns=x.columns)


def quotients(x: Array) -> Array:
    """Return the location quotient of an array, shape (…, regions, tracks)."""
    _checked(x)
    rows, columns = x.sum(axis=-1, keepdims=True), x.sum(axis=-2, keepdims=True)
    total = rows.sum(axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((x / rows) / (columns / total), dtype=float)


def shrunk_quotient(x: pd.DataFrame, *, level: float = 0.9) -> ShrunkQuotient:
    """Return quotients of counts shrunk towards 1, with equal-tailed intervals.

    Parameters
    ----------
    x : DataFrame, regions × tracks
        Counts ≥ 0, no gaps.
    level : float
        Probability the intervals hold, 0..1.

    Returns
    -------
    ShrunkQuotient
        Rows and columns without activity are NaN.

    Notes
    -----
    value (X_ij + k·s_j) / ((x_i + k) s_j); interval: quantiles of a Gamma with shape X_ij + k·s_j and rate
    (x_i + k) s_j.  The shares s_j are taken as known.
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, seen {level}")
    counts = x.to_numpy(dtype=float)
    _checked(counts)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    share = columns / counts.sum() if counts.sum() > 0 else np.full(len(columns), np.nan)
    k = prior_weight(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        if np.isinf(k):
            centre = low = high = np.where((rows > 0)[:, None] & (columns > 0)[None, :], 1.0, np.nan)
        else:
            shape, rate = counts + k * share, (rows + k)[:, None] * share
            centre = np.where((rows > 0)[:, None] & (columns > 0)[None, :], shape / rate, np.nan)
            low = np.where(np.isnan(centre), np.nan, gammaincinv(shape, (1 - level) / 2) / rate)
            high = np.where(np.isnan(centre), np.nan, gammaincinv(shape, (1 + level) / 2) / rate)
    value, lower, upper = (pd.DataFrame(v, index=x.index, columns=x.columns) for v in (centre, low, high))
    return ShrunkQuotient(value, lower, upper, k)


def prior_weight(counts: Array) -> float:
    """Return the maximum-likelihood weight k of the prior k·s, in units of counts; infinite when chance explains all.

    Only cells above zero enter, since Γ(0+a)/Γ(a) = 1.
    """
    rows = counts.sum(axis=1)
    kept = counts[rows > 0]
    columns = kept.sum(axis=0)
    if len(kept) < 2 or (columns > 0).sum() < 2:
        return float("inf")
    share, rows = columns / columns.sum(), kept.sum(axis=1)
    at_row, at_column = np.nonzero(kept)
    cells, shares = kept[at_row, at_column], share[at_column]

    def loss(log_k: float) -> float:
        k = np.exp(log_k)
        a = k * shares
        total = np.sum(gammaln(cells + a) - gammaln(a)) + np.sum(gammaln(k) - gammaln(rows + k))
        return -float(total)

    ceiling = float(np.log(rows.max()) + 12)
    found = minimize_scalar(loss, bounds=(-12.0, ceiling), method="bounded", options={"xatol": 1e-6})
    return float("inf") if found.x > ceiling - 0.1 else float(np.exp(found.x))


def quotient_interval(x: pd.DataFrame, se: pd.DataFrame, *, level: float = 0.9) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return intervals of the quotient from standard errors of the values, by the delta method.

    Errors of cells are taken as independent and the tracks' shares of everything as known; the lower end is at
    least 0.
    """
    values, errors = x.to_numpy(dtype=float), se.to_numpy(dtype=float)
    rows = values.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = values / rows
        squares = errors**2
        variance = ((1 - 2 * share) * squares + share**2 * squares.sum(axis=1, keepdims=True)) / rows**2
        national = values.sum(axis=0) / values.sum()
        half = float(ndtri((1 + level) / 2)) * np.sqrt(variance) / national
        centre = share / national
    low, high = np.maximum(centre - half, 0.0), centre + half
    return tuple(pd.DataFrame(v, index=x.index, columns=x.columns) for v in (low, high))  # type: ignore[return-value]


def _checked(x: Array) -> None:
    if np.isnan(x).any():
        raise ValueError("a table with gaps has no shares: leave out the regions with gaps, or fill them")
    if (x < 0).any() or np.isinf(x).any():
        raise ValueError("values must be finite and not negative")
