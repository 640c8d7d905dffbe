"""Weights from dispersion: entropy (熵权法) and CRITIC.  They reward dispersion, which is not importance.

Sources: Shannon (1948), doi 10.1002/j.1538-7305.1948.tb01338.x; Diakoulaki et al. (1995), doi
10.1016/0305-0548(94)00059-H.
"""

from __future__ import annotations

import numpy as np


def entropy_weights(z: np.ndarray) -> np.ndarray:
    """Return weights ∝ 1 + Σ p ln p / ln n with p = z / Σz.

    Parameters
    ----------
    z : ndarray, shape (n, k)
        Normalised scores, not negative; rows with a missing value are left out column by column.

    Returns
    -------
    ndarray, shape (k,)
        Sums to one; equal when no indicator varies.

    Examples
    --------
    >>> X = np.array([[.1, .9, .5], [.4, .6, .5], [.7, .2, .8], [1, .4, .9]])
    >>> entropy_weights(X).round(8).tolist()
    [0.57034356, 0.33575031, 0.09390613]
    """
    if (z < 0).any():
        raise ValueError("entropy weights need scores that are not negative")
    divergence = np.zeros(z.shape[1])
    for j in range(z.shape[1]):
        column = z[np.isfinite(z[:, j]), j]
        if column.size < 2 or column.sum() <= 0:
            continue
        p = column / column.sum()
        inner = p[p > 0]
        divergence[j] = max(1 + float((inner * np.log(inner)).sum()) / np.log(column.size), 0.0)
    return _shares(divergence)


def critic_weights(z: np.ndarray) -> np.ndarray:
    """Return weights ∝ σ_j Σ_k (1 − r_jk), ddof 1, on pairwise complete rows.

    Examples
    --------
    >>> X = np.array([[.1, .9, .5], [.4, .6, .5], [.7, .2, .8], [1, .4, .9]])
    >>> critic_weights((X - X.min(0)) / np.ptp(X, axis=0)).round(8).tolist()
    [0.24450706, 0.46619892, 0.28929402]
    """
    k = z.shape[1]
    sd = np.array([_spread(column) for column in z.T])
    r = np.eye(k)
    for a in range(k):
        for b in range(a):
            both = np.isfinite(z[:, a]) & np.isfinite(z[:, b])
            x, y = z[both, a], z[both, b]
            flat = both.sum() < 3 or np.ptp(x) == 0 or np.ptp(y) == 0
            r[a, b] = r[b, a] = 0.0 if flat else float(np.corrcoef(x, y)[0, 1])
    return _shares(sd * (1 - r).sum(1))


def _spread(column: np.ndarray) -> float:
    held = column[np.isfinite(column)]
    return float(held.std(ddof=1)) if held.size > 1 else 0.0


def _shares(amounts: np.ndarray) -> np.ndarray:
    total = amounts.sum()
    return amounts / total if total > 0 else np.full(len(amounts), 1 / len(amounts))
