"""Normalise: put indicators on one directed scale, learnt on base rows and never re-fitted.

Sources: OECD/JRC (2008), Handbook on Constructing Composite Indicators, doi 10.1787/9789264043466-en.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from biaochi.methods.composite.tree import Node, Polarity

AFFINE = frozenset({"minmax", "zscore", "scaled", "dist2max", "dist2ref", "dist2targ", "goalposts", "fracmax"})
NEEDS_SPREAD = frozenset({"minmax", "zscore", "dist2max", "dist2ref", "dist2targ", "prank"})


@dataclass(frozen=True)
class Directions:
    """Polarity of the indicators as arrays of shape (I,): ``sign`` ±1 (1 for a band), ``band`` ends or NaN."""

    sign: np.ndarray
    low: np.ndarray
    high: np.ndarray
    worst: np.ndarray
    best: np.ndarray
    target: np.ndarray

    @classmethod
    def of(cls, leaves: Sequence[Node]) -> Directions:
        """Collect from nodes."""
        nan = float("nan")
        bands = [n.band if n.band is not None else (nan, nan) for n in leaves]
        return cls(
            np.array([-1.0 if n.polarity is Polarity.NEGATIVE else 1.0 for n in leaves]),
            np.array([b[0] for b in bands]),
            np.array([b[1] for b in bands]),
            np.array([nan if n.worst is None else n.worst for n in leaves]),
            np.array([nan if n.best is None else n.best for n in leaves]),
            np.array([nan if n.target is None else n.target for n in leaves]),
        )

    def directed(self, x: np.ndarray) -> np.ndarray:
        """Return x so that more is better: x, −x, or minus the distance from the band; shape (…, I, R)."""
        y = x * self.sign[:, None]
        banded = np.isfinite(self.low)
        if banded.any():
            part = x[..., banded, :]
            low, high = self.low[banded, None], self.high[banded, None]
            y[..., banded, :] = -np.maximum(np.maximum(low - part, 0.0), part - high)
        return np.asarray(y)

    def slope(self, x: np.ndarray) -> np.ndarray:
        """Return the derivative of the directed by the treated value; 0 inside a band."""
        y = np.broadcast_to(self.sign[:, None], x.shape).copy()
        inside = (x >= self.low[:, None]) & (x <= self.high[:, None])
        above = x > self.high[:, None]
        return np.where(inside, 0.0, np.where(above, -1.0, y))


@dataclass(frozen=True)
class Scale:
    """What was learnt: z = clip((y − centre) · factor + offset); or, for ranks, the sorted base sample.

    Arrays have shape (…, I).  ``low`` and ``high`` are the ends z is clipped to.
    """

    method: str
    centre: np.ndarray
    factor: np.ndarray
    offset: np.ndarray
    low: float
    high: float
    directed: bool
    sample: np.ndarray | None = None
    ties: str = "min"


def learn_scale(
    x: np.ndarray,
    params: Mapping[str, Any],
    directions: Directions,
    *,
    reference: np.ndarray | None = None,
    directed: np.ndarray | None = None,
) -> Scale:
    """Learn on base rows.

    Parameters
    ----------
    x : ndarray, shape (…, I, n)
        Treated values, undirected, of the base rows.
    params : mapping
        The step's parameters.
    reference : ndarray or None, shape (…, I)
        Treated values of the reference unit, for ``dist2ref``.
    directed : ndarray or None
        The directed values, where the caller has them already.
    """
    method = params["method"]
    y = directions.directed(x) if directed is None else directed
    shape = y.shape[:-1]
    zeros, ones = np.zeros(shape), np.ones(shape)
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        if method in ("rank", "borda", "prank"):
            return Scale(method, zeros, ones, zeros, -np.inf, np.inf, True, np.sort(y, axis=-1), params["ties"])
        if method == "zscore":
            sd = np.nanstd(y, axis=-1, ddof=1)
            factor = params["sd"] / np.where(sd > 0, sd, np.nan)
            return Scale(method, np.nanmean(y, axis=-1), factor, zeros + params["mean"], -np.inf, np.inf, True)
        if method == "scaled":
            factor = ones * params["factor"] / (params["upper"] - params["lower"])
            return Scale(method, zeros + params["lower"], factor, zeros, -np.inf, np.inf, True)
        if method == "goalposts":
            low, high = params["to"]
            factor = (high - low) / (directions.best - directions.worst) * ones
            return Scale(method, directions.worst * ones, factor, zeros + low, low, high, False)
        if method == "fracmax":
            top = np.nanmax(x, axis=-1)
            negative = directions.sign < 0
            factor = np.where(negative, -1.0, 1.0) / np.where(top > 0, top, np.nan)
            return Scale(method, zeros, factor, np.where(negative, 1.0, 0.0) * ones, -np.inf, np.inf, False)
        bottom, top = np.nanmin(y, axis=-1), np.nanmax(y, axis=-1)
        low, high, cap = 0.0, 1.0, np.inf
        if method == "minmax":
            low, high = params["to"]
        elif method == "dist2ref":
            assert reference is not None
            top = directions.directed(reference[..., None])[..., 0]
        elif method == "dist2targ":
            top = directions.sign * directions.target * ones
            cap = 1.0 if params["cap"] else np.inf
        spread = top - bottom
        return Scale(
            method, bottom, (high - low) / np.where(spread != 0, spread, np.nan), zeros + low, -np.inf, cap, True
        )


def apply_scale(
    x: np.ndarray, scale: Scale, directions: Directions, *, directed: np.ndarray | None = None
) -> np.ndarray:
    """Return normalised values, shape (…, I, R); ``directed`` are the directed values where they are known already."""
    y = x if not scale.directed else directions.directed(x) if directed is None else directed
    if scale.sample is not None:
        return _ranked(y, scale)
    z = y - scale.centre[..., None]
    z *= scale.factor[..., None]
    z += scale.offset[..., None]
    if np.isfinite(scale.low) or np.isfinite(scale.high):
        np.clip(z, scale.low, scale.high, out=z)
    return np.asarray(z)


def scale_slope(x: np.ndarray, scale: Scale, directions: Directions) -> np.ndarray:
    """Return the derivative of normalised by treated values, shape (I, R); NaN for ranks, 0 where clipped."""
    if scale.sample is not None:
        return np.full(x.shape, np.nan)
    inner = directions.slope(x) if scale.directed else np.ones(x.shape)
    y = directions.directed(x) if scale.directed else x
    z = (y - scale.centre[..., None]) * scale.factor[..., None] + scale.offset[..., None]
    clipped = (z < scale.low) | (z > scale.high)
    return np.where(np.isfinite(x), np.where(clipped, 0.0, inner * scale.factor[..., None]), np.nan)


def _ranked(y: np.ndarray, scale: Scale) -> np.ndarray:
    assert scale.sample is not None
    sample = np.broadcast_to(scale.sample, (*y.shape[:-1], scale.sample.shape[-1]))
    flat, base = y.reshape(-1, y.shape[-1]), sample.reshape(-1, sample.shape[-1])
    count = np.isfinite(base).sum(-1)
    ranks = np.full(flat.shape, np.nan)
    for line in range(len(flat)):
        known = base[line, : count[line]]
        here = np.isfinite(flat[line])
        below = np.searchsorted(known, flat[line, here], side="left")
        same = np.searchsorted(known, flat[line, here], side="right") - below
        ranks[line, here] = 1 + below + (np.maximum(same, 1) - 1) / 2 * (scale.ties == "average")
    shaped = ranks.reshape(y.shape)
    if scale.method == "rank":
        return shaped
    shaped -= 1
    if scale.method == "borda":
        return shaped
    n = count.reshape(y.shape[:-1])
    return shaped / np.where(n > 1, n - 1.0, np.nan)[..., None]
