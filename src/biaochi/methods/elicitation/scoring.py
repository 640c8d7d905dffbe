"""Scores of probabilities and years, reliability tables, and track records shrunk to the panel.

Brier (1950); Gneiting and Raftery (2007, doi 10.1198/016214506000001437); shrinkage by the method of moments (Efron
and Morris 1975, doi 10.1080/01621459.1975.10479864).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from biaochi.methods.elicitation.answers import Floats


def brier(probability: ArrayLike, happened: ArrayLike) -> Floats:
    """Return the Brier score of each forecast.

    Examples
    --------
    >>> brier([0.8, 0.2], [1, 0]).round(2).tolist()
    [0.04, 0.04]
    """
    return np.asarray((np.asarray(probability, dtype=np.float64) - np.asarray(happened, dtype=np.float64)) ** 2)


def reliability(probability: ArrayLike, happened: ArrayLike, bins: int = 5) -> pd.DataFrame:
    """Return forecast probability against observed frequency in equal bins; empty bins are left out.

    Returns
    -------
    DataFrame
        ``low, high, n, forecast, frequency``.
    """
    p, y = np.asarray(probability, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    edges = np.linspace(0, 1, bins + 1)
    which = np.clip(np.digitize(p, edges[1:-1]), 0, bins - 1)
    rows = [
        {
            "low": float(edges[k]),
            "high": float(edges[k + 1]),
            "n": int(np.sum(which == k)),
            "forecast": float(p[which == k].mean()),
            "frequency": float(y[which == k].mean()),
        }
        for k in range(bins)
        if np.any(which == k)
    ]
    return pd.DataFrame(rows, columns=["low", "high", "n", "forecast", "frequency"])


def shrunk_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return each expert's mean score, and the same shrunk to the panel's mean by how much experts truly differ.

    Parameters
    ----------
    scores : DataFrame
        Columns ``expert, item, score``; items differ in difficulty, so each item's mean is taken out first.

    Returns
    -------
    DataFrame
        ``expert, n, score, shrunk``, ordered by ``shrunk`` (less is better).
    """
    centred = scores["score"] - scores.groupby("item")["score"].transform("mean")
    overall = float(scores["score"].mean())
    table = (
        scores.assign(relative=centred)
        .groupby("expert")
        .agg(n=("score", "count"), score=("score", "mean"), relative=("relative", "mean"), spread=("relative", "var"))
    )
    within = float(np.nanmean(table["spread"])) if table["spread"].notna().any() else 0.0
    noise = within / table["n"]
    between = max(float(table["relative"].var(ddof=1) - noise.mean()), 0.0) if len(table) > 1 else 0.0
    weight = between / (between + noise) if between > 0 else 0.0 * noise
    table["shrunk"] = overall + weight.fillna(0.0) * table["relative"]
    return (
        table.reset_index()[["expert", "n", "score", "shrunk"]].sort_values(["shrunk", "expert"]).reset_index(drop=True)
    )
