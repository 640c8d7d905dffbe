"""Which of the figures handed in moved unlike anything before: for the person who validates, never a refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd

LEAST_CHANGES = 8
COLUMNS = ["unit", "indicator", "period", "value", "previous", "change", "usual"]


def unusual_changes(history: pd.DataFrame, new: pd.DataFrame, *, limit: float) -> pd.DataFrame:
    """Return the new figures whose step from the unit's last period is far from the usual steps of the indicator.

    Parameters
    ----------
    history, new : DataFrame
        ``unit, indicator, period, value``; periods of one kind, which sort as text.
    limit : float
        How many robust standard deviations (1.4826 · MAD of logarithmic steps) from the median step are far.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`; ``change`` and ``usual`` (the largest step not called unusual) in per cent; farthest first.
        Indicators with fewer than :data:`LEAST_CHANGES` steps in the history, and figures that are not positive, are
        left out.

    Examples
    --------
    >>> old = pd.DataFrame([(f"u{i}", "x", str(2015 + t), 100 * 1.02**t + i) for i in range(4) for t in range(5)],
    ...                    columns=["unit", "indicator", "period", "value"])
    >>> new = pd.DataFrame([("u1", "x", "2020", 400.0)], columns=["unit", "indicator", "period", "value"])
    >>> unusual_changes(old, new, limit=5)[["unit", "period", "previous"]].values.tolist()
    [['u1', '2020', 109.243216]]
    """
    found = []
    past = history[history["value"] > 0].drop_duplicates(["unit", "indicator", "period"], keep="last")
    for indicator, cells in new[new["value"] > 0].groupby("indicator"):
        own = past[past["indicator"] == indicator].sort_values(["unit", "period"])
        steps = np.log(own["value"]).groupby(own["unit"]).diff().dropna().to_numpy()
        if len(steps) < LEAST_CHANGES:
            continue
        middle = float(np.median(steps))
        spread = max(1.4826 * float(np.median(np.abs(steps - middle))), 0.005)
        for unit, period, value in zip(cells["unit"], cells["period"], cells["value"].astype(float), strict=True):
            before = own[(own["unit"] == unit) & (own["period"] < period)]
            if before.empty:
                continue
            previous = float(before["value"].iloc[-1])
            step = float(np.log(value / previous))
            far = abs(step - middle) / spread
            if far > limit:
                usual = 100 * (np.exp(abs(middle) + limit * spread) - 1)
                line = (unit, indicator, period, value, previous, 100 * np.expm1(step), usual)
                found.append((far, line))
    ordered = sorted(found, key=lambda pair: -pair[0])
    return pd.DataFrame([line for _, line in ordered], columns=COLUMNS)
