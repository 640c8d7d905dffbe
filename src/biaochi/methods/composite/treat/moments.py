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
    valid = np.isfinite(x)
    n = valid.sum(-1)
    whole = bool(valid.all())
    size = np.maximum(n, 1)
    filled = x if whole else np.where(valid, x, 0.0)
    mean = filled.sum(-1) / size
    d = filled - mean[..., None]
    if not whole:
        d[~valid] = 0.0
    d2 = d * d
    m2 = np.einsum("...n->...", d2)
    m3 = np.einsum("...n,...n->...", d2, d)
    m4 = np.einsum("...n,...n->...", d2, d2)
    spread = np.abs(filled).max(-1, initial=0.0)
    flat = m2 <= size * (1e-14 * np.maximum(spread, 1e-300)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = m2 / size
        g1 = (m3 / size) / variance**1.5
        g2 = (m4 / size) / variance**2 - 3
        skew = g1 * np.sqrt(n * (n - 1.0)) / (n - 2.0)
        kurtosis = ((n + 1.0) * g2 + 6) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
    skew = np.where(flat | (n < 3), np.nan, skew)
    return n, skew, np.where(flat | (n < 4), np.nan, kurtosis)


def passes(skew: np.ndarray, kurtosis: np.ndarray, max_skew: float, max_kurtosis: float) -> np.ndarray:
    """Return where |G₁| < max_skew or G₂ < max_kurtosis; values without a moment pass, there is nothing to treat."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.isnan(skew) | np.isnan(kurtosis) | (np.abs(skew) < max_skew) | (kurtosis < max_kurtosis))
