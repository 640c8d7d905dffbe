"""What spreading costs: the same number of picks under a rising price of duplication.

For each λ: expected value, the hit rate such layouts had at earlier origins, and how spread the picks are.  The
automatic λ is the largest that lost no more than allowed at *earlier* origins, so that it uses nothing it could not
have known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from biaochi.methods.specialisation.coordination.assignment import assign
from biaochi.methods.specialisation.coordination.problem import Problem
from biaochi.methods.specialisation.coordination.replay import describe

FRONTIER_FIELDS = ("price", "expected", "rate_earlier", "tracks", "max_regions", "overload", "jaccard")
PRICE_SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True)
class EarlierOrigin:
    """Probabilities forecast at an earlier origin, and what came."""

    p: pd.DataFrame
    came: pd.DataFrame


def price_grid(p: pd.DataFrame, value: pd.Series | None = None) -> tuple[float, ...]:
    """Return prices from zero to where a second place is hardly ever worth it: shares of the 90 % quantile of v·p."""
    gain = p if value is None else p * value.reindex(p.columns)
    known = gain.to_numpy()[~np.isnan(gain.to_numpy())]
    scale = float(np.quantile(known, 0.9)) if known.size else 0.0
    return tuple(s * scale for s in PRICE_SHARES)


def frontier(
    p: pd.DataFrame,
    value: pd.Series | None,
    problem: Problem,
    prices: Sequence[float],
    earlier: Sequence[EarlierOrigin] = (),
    *,
    cap: int,
) -> pd.DataFrame:
    """Return one row a price.

    Parameters
    ----------
    p, value, problem
        As for :func:`assign`; the problem's own price is replaced.
    prices : sequence of float
        λ in increasing order, starting with 0.
    earlier : sequence of EarlierOrigin
        For the rate; fixed, excluded and existing cells are left out there.
    cap : int
        Places a track carries, for the overload.

    Returns
    -------
    DataFrame
        price, expected, rate_earlier, tracks, max_regions, overload, jaccard.
    """
    rows = []
    for price in prices:
        found = assign(p, value, replace(problem, price=price))
        if not found.solved:
            continue
        seen = describe(found.chosen.to_numpy(), cap)
        gain = p if value is None else p * value.reindex(p.columns)
        rows.append(
            {
                "price": price,
                "expected": float(gain.where(found.chosen).sum().sum()),
                "rate_earlier": _rate(earlier, value, problem, price),
                "tracks": seen.tracks,
                "max_regions": seen.max_regions,
                "overload": seen.overload,
                "jaccard": seen.jaccard,
            }
        )
    return pd.DataFrame(rows, columns=list(FRONTIER_FIELDS))


def automatic_price(rows: pd.DataFrame, max_loss: float) -> float:
    """Return the largest price that lost at most ``max_loss`` of the rate at earlier origins; 0 when none is known."""
    rates = rows["rate_earlier"]
    if rows.empty or pd.isna(rates.iloc[0]):
        return 0.0
    kept = rows[rates >= rates.iloc[0] - max_loss - 1e-12]
    return float(kept["price"].max())


def _rate(earlier: Sequence[EarlierOrigin], value: pd.Series | None, problem: Problem, price: float) -> float:
    plain = Problem(k=problem.k, cap=problem.cap, price=price)
    hits = picks = 0
    for origin in earlier:
        found = assign(origin.p, value, plain)
        if found.solved:
            chosen = found.chosen.to_numpy()
            hits += int((chosen & origin.came.to_numpy(dtype=bool)).sum())
            picks += int(chosen.sum())
    return hits / picks if picks else float("nan")
