"""Skewness G₁ and kurtosis G₂ of type 2, as in SAS, SPSS and pandas.

Source: Joanes & Gill (1998), doi 10.1111/1467-9884.00122.
"""

from __future__ import annotations

import numpy as np


def shape_moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the number of values, G₁ and G₂ along the last axis.

    Parameters
    ----------
    x : ndarray, shape (…, n)
        NaN = missing.

    Returns
    -------
    n, skew, kurtosis : ndarray, shape (…,)
        NaN where n < 3 (skew), n < 4 (kurtosis) or the values are all equal.

    Examples
    --------
    >>> n, skew, kurt = shape_moments(np.array([1.0, 2.0, 3.0, 10.0]))
    >>> round(float(skew), 4), round(float(kurt), 4)
    (1.7636, 3.228)
    """
    total = np.add.reduce(x, axis=-1)
    whole = bool(np.isfinite(total).all())
    if whole:
        n = np.full(x.shape[:-1], x.shape[-1])
        size = np.maximum(n, 1)
        mean = total / size
        d = x - mean[..., None]
    else:
        valid = np.isfinite(x)
        n = valid.sum(-1)
        size = np.maximum(n, 1)
        filled = np.where(valid, x, 0.0)
        mean = filled.sum(-1) / size
        d = filled - mean[..., None]
        d[~valid] = 0.0
    d2 = d * d
    m2 = np.einsum("...n->...", d2)
    m3 = np.einsum("...n,...n->...", d2, d)
    m4 = np.einsum("...n,...n->...", d2, d2)
    return n, *_standardised(size, n, m2, m3, m4, np.abs(mean) + np.sqrt(m2))


def _standardised(
    size: np.ndarray, n: np.ndarray, m2: np.ndarray, m3: np.ndarray, m4: np.ndarray, spread: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return G₁ and G₂ from sums of central powers; ``spread`` is the size values have, below which all is rounding."""
    flat = m2 <= size * (1e-14 * np.maximum(spread, 1e-300)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = m2 / size
        g1 = (m3 / size) / variance**1.5
        g2 = (m4 / size) / variance**2 - 3
        skew = g1 * np.sqrt(n * (n - 1.0)) / (n - 2.0)
        kurtosis = ((n + 1.0) * g2 + 6) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
    skew = np.where(flat | (n < 3), np.nan, skew)
    return skew, np.where(flat | (n < 4), np.nan, kurtosis)


class SortedMoments:
    """G₁ and G₂ of sorted columns with their ends held at caps, in a time that does not grow with their length.

    Sums of powers about the median are kept outwards from the middle, so that an enormous value at one end never
    touches the sums of what lies inside (a running total would lose them to rounding).

    Parameters
    ----------
    ordered : ndarray, shape (k, n)
        Ascending; NaN, if any, at the end.
    count : ndarray of int, shape (k,)
        How many values each column has.
    reach : int
        How many values at either end are usually held at a cap; beyond it the moments are taken from the values.
    """

    def __init__(self, ordered: np.ndarray, count: np.ndarray, reach: int) -> None:
        self.ordered, self.count = ordered, count
        self.reach = m = min(reach, int(count.min()) // 2)
        lines = np.arange(len(ordered))
        self.centre = ordered[lines, count // 2]
        d = ordered - self.centre[:, None]
        width = ordered.shape[1]
        if (count == width).all():
            core, upper = d[:, m : width - m], d[:, width - m :]
        else:
            places = np.arange(width)
            core = np.where((places >= m) & (places < (count - m)[:, None]), d, 0.0)
            upper = d[lines[:, None], (count - m)[:, None] + np.arange(m)]
        squares = core * core
        self.core = np.stack(
            [
                core.sum(1),
                squares.sum(1),
                np.einsum("ij,ij->i", squares, core),
                np.einsum("ij,ij->i", squares, squares),
            ]
        )
        self.down, self.up = _outwards(d[:, :m][:, ::-1]), _outwards(upper)

    def at(
        self, rows: np.ndarray, first: np.ndarray, last: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return G₁ and G₂ where values before ``first`` stand at ``low`` and those from ``last`` on at ``high``."""
        count, centre = self.count[rows], self.centre[rows]
        left, right = first, count - last
        far = (left > self.reach) | (right > self.reach)
        inner, outer = np.maximum(self.reach - left, 0), np.maximum(self.reach - right, 0)
        sums = self.core[:, rows] + self.down[:, rows, inner] + self.up[:, rows, outer]
        sums += left * _powers(low - centre) + right * _powers(high - centre)
        s1, s2, s3, s4 = sums / count
        m2 = np.where(high > low, np.maximum(s2 - s1**2, 0.0), 0.0)
        m3 = s3 - 3 * s1 * s2 + 2 * s1**3
        m4 = s4 - 4 * s1 * s3 + 6 * s1**2 * s2 - 3 * s1**4
        spread = np.abs(centre) + np.sqrt(s2 * count)
        skew, kurtosis = _standardised(count, count, count * m2, count * m3, count * m4, spread)
        if far.any():
            held = np.clip(self.ordered[rows[far]], low[far, None], high[far, None])
            _, skew[far], kurtosis[far] = shape_moments(held)
        return skew, kurtosis


def _powers(x: np.ndarray) -> np.ndarray:
    squares = x * x
    return np.stack([x, squares, squares * x, squares * squares])


def _outwards(strip: np.ndarray) -> np.ndarray:
    """Return running sums of the first four powers along a strip, shape (4, k, m + 1), beginning with zero."""
    sums = np.zeros((4, len(strip), strip.shape[1] + 1))
    np.cumsum(_powers(strip), axis=2, out=sums[:, :, 1:])
    return sums


def passes(skew: np.ndarray, kurtosis: np.ndarray, max_skew: float, max_kurtosis: float) -> np.ndarray:
    """Return where |G₁| < max_skew or G₂ < max_kurtosis; values without a moment pass, there is nothing to treat."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.isnan(skew) | np.isnan(kurtosis) | (np.abs(skew) < max_skew) | (kurtosis < max_kurtosis))
