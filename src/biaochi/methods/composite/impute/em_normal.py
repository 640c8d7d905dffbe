"""Fill by the multivariate normal fitted with EM.

Source: Dempster, Laird & Rubin (1977), doi 10.1111/j.2517-6161.1977.tb01600.x.

The fill is the conditional mean given the unit's own observed indicators; with draws, a sample from the conditional
distribution, so that imputation feeds the uncertainty.  A small ridge keeps wide tables (more indicators than units)
invertible; it is the price of using all indicators, and shrinks towards the column means.
"""

from __future__ import annotations

import numpy as np

RIDGE = 0.1
STEPS = 200
TOLERANCE = 1e-8


def em_normal(x: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
    """Return values with missing cells filled, shape (…, I, R); columns without any value stay missing."""
    flat = x.reshape(-1, *x.shape[-2:])
    draws = None if noise is None else np.broadcast_to(noise, x.shape).reshape(flat.shape)
    filled = [_one(table, None if draws is None else draws[b]) for b, table in enumerate(flat)]
    return np.stack(filled).reshape(x.shape)


def _one(table: np.ndarray, noise: np.ndarray | None) -> np.ndarray:
    result = table.copy()
    usable = np.isfinite(table).sum(-1) > 1
    data = table[usable].T
    rows = np.isfinite(data).any(-1)
    data = data[rows]
    if np.isfinite(data).all() or not data.size:
        return result
    centre, spread = np.nanmean(data, axis=0), np.nanstd(data, axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    z = (data - centre) / spread
    fill, root = _fit(z)
    if noise is not None:
        local = noise[usable].T[rows]
        fill = fill + np.einsum("rij,rj->ri", root, np.where(np.isfinite(z), 0.0, local))
    block = result[usable].T
    block[rows] = np.where(np.isfinite(data), data, fill * spread + centre)
    result[usable] = block.T
    return result


def _fit(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return conditional means and roots of the conditional covariance for every row."""
    n, k = z.shape
    known = np.isfinite(z)
    mean, cov = np.zeros(k), np.eye(k)
    fill = np.where(known, z, 0.0)
    patterns, inverse = np.unique(known, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    for step in range(STEPS):
        spare = np.zeros((k, k))
        previous = fill.copy()
        for p, pattern in enumerate(patterns):
            rows = inverse == p
            beta, rest = _conditional(cov, pattern)
            fill[np.ix_(rows, ~pattern)] = mean[~pattern] + (z[np.ix_(rows, pattern)] - mean[pattern]) @ beta
            spare[np.ix_(~pattern, ~pattern)] += rows.sum() * rest
        mean = fill.mean(axis=0)
        centred = fill - mean
        cov = (centred.T @ centred + spare) / n + RIDGE * np.eye(k)
        if step and np.abs(fill - previous).max() < TOLERANCE:
            break
    roots = np.zeros((n, k, k))
    for p, pattern in enumerate(patterns):
        _, rest = _conditional(cov, pattern)
        if rest.size:
            value, vector = np.linalg.eigh(rest)
            roots[np.ix_(inverse == p, ~pattern, ~pattern)] = vector * np.sqrt(np.maximum(value, 0.0)) @ vector.T
    return fill, roots


def _conditional(cov: np.ndarray, pattern: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return regression of the unknown on the known, and the covariance that is left."""
    within, across = cov[np.ix_(pattern, pattern)], cov[np.ix_(pattern, ~pattern)]
    beta = np.linalg.solve(within, across) if pattern.any() else np.zeros((0, int((~pattern).sum())))
    return beta, cov[np.ix_(~pattern, ~pattern)] - across.T @ beta
