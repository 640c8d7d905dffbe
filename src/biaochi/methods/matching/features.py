"""How well a firm fits a scene, part by part in 0..1; a part whose facts are missing is left out, never counted as
zero."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEATURES: tuple[str, ...] = ("text", "cosine", "track", "trl", "date", "capacity")
Floats = NDArray[np.float64]


def level_fit(level: ArrayLike, least: ArrayLike, most: ArrayLike) -> Floats:
    """Return how far a level reaches into the range asked for: 0 below it, 1 at its top or above; NaN where unknown.

    Examples
    --------
    >>> level_fit([5, 6, 7, 8, 9], [6] * 5, [8] * 5).round(4).tolist()
    [0.0, 0.3333, 0.6667, 1.0, 1.0]
    """
    x, low, high = (np.asarray(v, dtype=float) for v in (level, least, most))
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = (x - low + 1) / (high - low + 1)
    return np.asarray(np.clip(fit, 0.0, 1.0), dtype=np.float64)


def overlap_share(start: ArrayLike, end: ArrayLike, from_: ArrayLike, to: ArrayLike) -> Floats:
    """Return the share of ``[start, end]`` (days, both included) that ``[from_, to]`` covers; open ends are NaN and
    reach as far as needed."""
    a, b, c, d = (np.asarray(v, dtype=float) for v in (start, end, from_, to))
    c, d = np.where(np.isnan(c), a, c), np.where(np.isnan(d), b, d)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (np.minimum(b, d) - np.maximum(a, c) + 1) / (b - a + 1)
    return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float64)


def weighted(features: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Return Σ w·f over the known features of each pair, divided by the weights of the known ones.

    Examples
    --------
    >>> weighted({"text": np.array([0.5, 1.0]), "trl": np.array([1.0, np.nan])}, {"text": 0.6, "trl": 0.4}).tolist()
    [0.7, 1.0]
    """
    total = np.zeros(len(next(iter(features.values()))))
    known = np.zeros_like(total)
    for name, weight in weights.items():
        part = features[name]
        here = ~np.isnan(part)
        total[here] += weight * part[here]
        known += weight * here
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(known > 0, total / known, 0.0)
    return found
