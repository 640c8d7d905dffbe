"""How well forecasts knew their own error: scores, PIT, coverage, and the normalised error Ξ.

Gneiting and Raftery (2007, doi 10.1198/016214506000001437) for scores; Farmer and Lafond (2016,
doi 10.1016/j.respol.2015.11.001) for Ξ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from biaochi.methods.forecasting.series import Floats

COVERAGE_LEVELS = (0.5, 0.8, 0.9, 0.95)


def log_density_student(z: ArrayLike, df: ArrayLike) -> Floats:
    """Return the log density of the standard Student law."""
    z, df = np.asarray(z, dtype=np.float64), np.asarray(df, dtype=np.float64)
    constant = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * np.log(df * np.pi)
    return np.asarray(constant - (df + 1) / 2 * np.log1p(z**2 / df))


def crps_student(z: ArrayLike, df: ArrayLike) -> Floats:
    """Return the CRPS of the standard Student law at z; multiply by the scale (df > 1).

    Closed form of Jordan, Krüger and Lerch (2019, doi 10.18637/jss.v090.i12).

    Examples
    --------
    >>> round(float(crps_student(0.0, 5.0)), 4)
    0.257
    """
    z, df = np.asarray(z, dtype=np.float64), np.asarray(df, dtype=np.float64)
    density = np.exp(log_density_student(z, df))
    spread = 2 * np.sqrt(df) / (df - 1) * np.exp(special.betaln(0.5, df - 0.5) - 2 * special.betaln(0.5, df / 2))
    return np.asarray(z * (2 * special.stdtr(df, z) - 1) + 2 * density * (df + z**2) / (df - 1) - spread)


def crps_sample(draws: Floats, y: Floats, weights: Floats | None = None) -> Floats:
    """Return the CRPS of weighted draws, shape (rows, n), sorted along the last axis when unweighted.

    Parameters
    ----------
    draws : array, shape (rows, n)
        Draws; must be sorted along the last axis.
    y : array, shape (rows,)
        What came.
    weights : array, shape (rows, n), or None
        Weights of the sorted draws, summing to one a row; equal by default.
    """
    n = draws.shape[-1]
    w = np.full((1, n), 1.0 / n) if weights is None else weights
    before = np.cumsum(w, axis=-1) - w
    distance = np.sum(w * np.abs(draws - y[:, None]), axis=-1)
    half_spread = np.sum(w * draws * (2 * before + w - 1.0), axis=-1)
    return np.asarray(distance - half_spread)


def pinball(y: ArrayLike, quantile: ArrayLike, level: ArrayLike) -> Floats:
    """Return the pinball loss of a quantile."""
    error = np.asarray(y, dtype=np.float64) - np.asarray(quantile, dtype=np.float64)
    level = np.asarray(level, dtype=np.float64)
    return np.asarray(np.maximum(level * error, (level - 1) * error))


def covered(pit: ArrayLike, level: float) -> np.ndarray:
    """Return whether the equal-tailed interval of this level held the outcome, from the PIT."""
    return np.asarray(np.abs(np.asarray(pit) - 0.5) <= level / 2)


def kolmogorov_smirnov(pit: ArrayLike) -> float:
    """Return the largest distance between the PIT's distribution and the uniform."""
    ordered = np.sort(np.asarray(pit, dtype=np.float64))
    n = len(ordered)
    if n == 0:
        return float("nan")
    steps = np.arange(1, n + 1) / n
    return float(max(np.max(steps - ordered), np.max(ordered - steps + 1 / n)))


def calibration_table(scores: pd.DataFrame, by: Sequence[str] = ("model",)) -> pd.DataFrame:
    """Summarise scored forecasts.

    Parameters
    ----------
    scores : DataFrame
        Columns ``crps, log_score, error, pit, normalised2`` and those of ``by``.
    by : sequence of str
        Grouping columns.

    Returns
    -------
    DataFrame
        ``n, crps, log_score, rmse, mae, xi, mean_pit, ks, coverage_0.5, …`` one row a group.
    """
    rows = []
    for key, group in scores.groupby(list(by), sort=False):
        pit, error = group["pit"].to_numpy(), group["error"].to_numpy()
        row: dict[str, object] = dict(zip(by, key, strict=True))
        row |= {
            "n": len(group),
            "crps": group["crps"].mean(),
            "log_score": group["log_score"].mean(),
            "rmse": float(np.sqrt(np.mean(error**2))),
            "mae": float(np.mean(np.abs(error))),
            "xi": group["normalised2"].mean(),
            "mean_pit": float(np.mean(pit)),
            "ks": kolmogorov_smirnov(pit),
        }
        row |= {f"coverage_{level:g}": float(np.mean(covered(pit, level))) for level in COVERAGE_LEVELS}
        rows.append(row)
    return pd.DataFrame(rows)


def pit_histogram(pit: ArrayLike, bins: int = 10) -> pd.DataFrame:
    """Return counts of the PIT in equal bins, with the 90 % band expected of a calibrated forecast."""
    counts, edges = np.histogram(np.asarray(pit), bins=bins, range=(0.0, 1.0))
    n = int(counts.sum())
    half = 1.6448536269514722 * np.sqrt(n * (1 / bins) * (1 - 1 / bins))
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "n": counts,
            "expected_low": n / bins - half,
            "expected_high": n / bins + half,
        }
    )
