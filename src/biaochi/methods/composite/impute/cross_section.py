"""Fill from the same period: column mean or median, group mean or median, or the unit's own other indicators."""

from __future__ import annotations

import warnings

import numpy as np


def _centre(x: np.ndarray, statistic: str) -> np.ndarray:
    """Mean or median along the last axis, NaN where nothing is there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(x, axis=-1) if statistic == "mean" else np.nanmedian(x, axis=-1))


def by_column(cube: np.ndarray, statistic: str) -> np.ndarray:
    """Return, for every cell, its column's mean or median within the period; shape (…, P, U)."""
    return np.broadcast_to(_centre(cube, statistic)[..., None], cube.shape)


def by_group(cube: np.ndarray, groups: np.ndarray, statistic: str) -> np.ndarray:
    """Return, for every cell, the mean or median of its group within the period; an empty group stays missing."""
    filled = np.full(cube.shape, np.nan)
    for label in np.unique(groups):
        members = groups == label
        filled[..., members] = _centre(cube[..., members], statistic)[..., None]
    return filled


def by_row(x: np.ndarray, direction: np.ndarray | None, parents: np.ndarray | None) -> np.ndarray:
    """Return, for every cell, the mean of the unit's own other indicators on a directed 0–1 scale, put back.

    Parameters
    ----------
    x : ndarray, shape (…, I, R)
    direction : ndarray, shape (I,)
        +1 or −1.
    parents : ndarray or None, shape (I,)
        Only indicators of the same parent serve; ``None`` takes all.
    """
    signs = np.ones(x.shape[-2]) if direction is None else direction
    directed = x * signs[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        low, high = np.nanmin(directed, axis=-1), np.nanmax(directed, axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            unit = (directed - low[..., None]) / (high - low)[..., None]
        means = np.empty(x.shape)
        labels = np.zeros(x.shape[-2]) if parents is None else parents
        for label in np.unique(labels):
            members = labels == label
            means[..., members, :] = np.nanmean(unit[..., members, :], axis=-2)[..., None, :]
    return np.asarray((means * (high - low)[..., None] + low[..., None]) * signs[:, None])
