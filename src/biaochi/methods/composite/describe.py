"""What each indicator's column looks like, and where one unit stands among the others on each: before any scoring.

Skewness and kurtosis are of type 2 (Joanes & Gill 1998, doi 10.1111/1467-9884.00122).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from biaochi.methods.composite.pipeline import Composite
from biaochi.methods.composite.treat import shape_moments
from biaochi.methods.composite.treat.moments import passes


def statistics(
    table: pd.DataFrame,
    *,
    available: float = 0.65,
    nonzero: float = 0.5,
    unique: float = 0.5,
    skew: float = 2.0,
    kurtosis: float = 3.5,
) -> pd.DataFrame:
    """Describe every column of a stage.

    Parameters
    ----------
    table : DataFrame
        One row a unit (and period), one column an indicator; ``unit`` and ``period`` are left out.  NaN = missing.
    available, nonzero, unique : float
        Smallest share of values that are there, that are not zero, and that are different; below it a flag is set.
    skew, kurtosis : float
        A column whose |G₁| and G₂ reach both is flagged as having outliers.

    Returns
    -------
    DataFrame
        ``indicator, min, max, mean, median, sd, skew, kurtosis, available, nonzero, unique, same`` (counts),
        ``share_available, share_nonzero, share_unique, share_same``, and ``flags`` (a tuple of ``available``,
        ``nonzero``, ``unique``, ``outliers``).

    Examples
    --------
    >>> found = statistics(pd.DataFrame({"x": [1.0, 0.0, 0.0, None]}))
    >>> found[["available", "nonzero", "same", "share_nonzero"]].iloc[0].round(3).tolist()
    [3.0, 1.0, 2.0, 0.333]
    """
    rows = []
    for code in [c for c in table.columns if c not in ("unit", "period")]:
        column = table[code].to_numpy(dtype=float)
        held = column[np.isfinite(column)]
        counts = np.unique(held, return_counts=True)[1]
        n = len(held)
        _, g1, g2 = shape_moments(held[None]) if n else (None, np.full(1, np.nan), np.full(1, np.nan))
        shares = {
            "share_available": n / len(column) if len(column) else np.nan,
            "share_nonzero": float((held != 0).sum()) / n if n else np.nan,
            "share_unique": len(counts) / n if n else np.nan,
            "share_same": float(counts.max()) / n if n else np.nan,
        }
        limits = {"available": available, "nonzero": nonzero, "unique": unique}
        flags = [name for name, least in limits.items() if shares[f"share_{name}"] < least]
        if not passes(g1, g2, skew, kurtosis)[0]:
            flags.append("outliers")
        rows.append(
            {
                "indicator": code,
                "min": held.min() if n else np.nan,
                "max": held.max() if n else np.nan,
                "mean": held.mean() if n else np.nan,
                "median": float(np.median(held)) if n else np.nan,
                "sd": held.std(ddof=1) if n > 1 else np.nan,
                "skew": float(g1[0]),
                "kurtosis": float(g2[0]),
                "available": n,
                "nonzero": int((held != 0).sum()),
                "unique": len(counts),
                "same": int(counts.max()) if n else 0,
                **shares,
                "flags": tuple(flags),
            }
        )
    return pd.DataFrame(rows)


def strengths(composite: Composite, unit: str, period: str, *, n: int = 5) -> pd.DataFrame:
    """Return where a unit stands highest and lowest among all units, by raw values.

    Parameters
    ----------
    n : int
        How many indicators of either kind; ties are kept in the framework's order.

    Returns
    -------
    DataFrame
        ``indicator, side (strength|weakness), rank, of, value``; ranks descending in the good direction, ties min.
        Indicators the unit has no value of are left out.
    """
    dataset = composite.dataset
    p, u = dataset.periods.index(period), dataset.units.index(unit)
    raw = dataset.values[p].T
    directed = composite.frame.directions.directed(raw[None])[0]
    ranks = pd.DataFrame(directed.T).rank(ascending=False, method="min").to_numpy()[u]
    counted = np.isfinite(directed).sum(1)
    found = pd.DataFrame(
        {"indicator": dataset.framework.leaves, "rank": ranks, "of": counted, "value": raw[:, u]}
    ).dropna(subset="rank")
    best = found.sort_values("rank", kind="stable").head(n)
    worst = found.sort_values("rank", kind="stable").tail(n)
    both = pd.concat([best.assign(side="strength"), worst.assign(side="weakness")], ignore_index=True)
    return both.astype({"rank": int})[["indicator", "side", "rank", "of", "value"]]
