"""What a window of a series says at each origin: the sufficient statistics that all random-walk models share.

One row is one origin: the series was seen up to there and no further.  Statistics are computed for all origins at
once; a model turns rows and horizons into locations and scales, so a whole hindcast is a few array operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from biaochi.methods.forecasting.series import Floats, Ints, Series

FLOOR = 1e-12  # variance of a series without any noise: keeps a band of one millionth


@dataclass(frozen=True, eq=False)
class Windows:
    """Statistics of windows, one entry a row.

    Attributes
    ----------
    member, step : array of int
        Position of the series in the list; index of the origin within the series.
    year, m : array of int
        Year of the origin; number of increments in the window.
    last, mu, k2, msq : array of float
        y at the origin; mean increment; variance of increments (ddof 1); mean squared increment.
    level, slope, residual2, centre, spread : array of float
        Ordinary least squares of y on year over the m+1 points: fitted value at the origin, slope, residual
        variance (m−1 degrees of freedom), origin minus mean year, sum of squared deviations of the years.
    s, b, s2, p, dx_last, g, g2 : array of float
        Wright's regression of Δy on Δx without intercept: ΣΔx², slope, residual variance (m−1), ΣΔxᵢΔxᵢ₊₁, last Δx,
        mean Δx, variance of Δx (ddof 1); NaN without experience.
    """

    member: Ints
    step: Ints
    year: Ints
    m: Ints
    last: Floats
    mu: Floats
    k2: Floats
    msq: Floats
    level: Floats
    slope: Floats
    residual2: Floats
    centre: Floats
    spread: Floats
    s: Floats
    b: Floats
    s2: Floats
    p: Floats
    dx_last: Floats
    g: Floats
    g2: Floats

    def __len__(self) -> int:
        return len(self.m)

    def take(self, rows: Ints) -> Windows:
        """Return some rows."""
        return Windows(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def windows(series: Sequence[Series], *, length: int | None = None, minimum: int = 5) -> Windows:
    """Return the windows at every origin with at least ``minimum`` increments.

    Parameters
    ----------
    series : sequence of Series
        All technologies.
    length : int or None
        Number of increments of a moving window; None for all increments so far.
    minimum : int
        Fewest increments, at least 2.
    """
    if minimum < 2 or (length is not None and length < 2):
        raise ValueError("a window needs at least two increments")
    parts = [_of_one(i, one, length, minimum) for i, one in enumerate(series)]
    names = [f.name for f in fields(Windows)]
    return Windows(**{n: np.concatenate([p[n] for p in parts]) if parts else np.array([]) for n in names})


def _of_one(member: int, series: Series, length: int | None, minimum: int) -> dict[str, np.ndarray]:
    y, n = series.y, len(series)
    first = max(minimum, length or 0)
    steps = np.arange(first, n)
    m = np.full(len(steps), length) if length else steps.copy()
    inside = _inside(steps, m, n - 1)
    dy = np.diff(y)
    mu = inside @ dy / np.maximum(m, 1)
    k2 = np.sum(inside * (dy - mu[:, None]) ** 2, axis=1) / np.maximum(m - 1, 1)
    rows: dict[str, np.ndarray] = {
        "member": np.full(len(steps), member),
        "step": steps,
        "year": series.years[steps],
        "m": m,
        "last": y[steps],
        "mu": mu,
        "k2": np.maximum(k2, FLOOR),
        "msq": np.maximum(inside @ dy**2 / np.maximum(m, 1), FLOOR),
    }
    return rows | _trend(y, steps, m) | _wright(series.x, dy, steps, m, inside)


def _inside(steps: np.ndarray, m: np.ndarray, width: int) -> Floats:
    position = np.arange(width)
    inside = (position < steps[:, None]) & (position >= (steps - m)[:, None])
    return np.asarray(inside, dtype=np.float64)


def _trend(y: Floats, steps: np.ndarray, m: np.ndarray) -> dict[str, np.ndarray]:
    position = np.arange(len(y))
    inside = ((position <= steps[:, None]) & (position >= (steps - m)[:, None])).astype(np.float64)
    n = m + 1.0
    away = position - (steps - m / 2.0)[:, None]
    mean = inside @ y / n
    spread = np.sum(inside * away**2, axis=1)
    slope = np.sum(inside * away * (y - mean[:, None]), axis=1) / spread
    residual = inside * (y - mean[:, None] - slope[:, None] * away)
    return {
        "level": mean + slope * m / 2.0,
        "slope": slope,
        "residual2": np.maximum(np.sum(residual**2, axis=1) / (m - 1), FLOOR),
        "centre": m / 2.0,
        "spread": spread,
    }


def _wright(x: Floats | None, dy: Floats, steps: np.ndarray, m: np.ndarray, inside: Floats) -> dict[str, np.ndarray]:
    names = ("s", "b", "s2", "p", "dx_last", "g", "g2")
    if x is None or len(steps) == 0:
        return {name: np.full(len(steps), np.nan) for name in names}
    dx = np.diff(x)
    pairs = inside[:, 1:] * inside[:, :-1]
    s = inside @ dx**2
    b = inside @ (dx * dy) / np.where(s > 0, s, np.nan)
    g = inside @ dx / m
    return {
        "s": s,
        "b": b,
        "s2": np.maximum(np.sum(inside * (dy - np.nan_to_num(b)[:, None] * dx) ** 2, axis=1) / (m - 1), FLOOR),
        "p": pairs @ (dx[1:] * dx[:-1]),
        "dx_last": dx[steps - 1],
        "g": g,
        "g2": np.sum(inside * (dx - g[:, None]) ** 2, axis=1) / (m - 1),
    }
