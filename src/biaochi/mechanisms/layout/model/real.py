"""Declared against real: what regions name beside what they are specialised in.

A quotient of 1 or more counts as specialised; it is *sure* when its whole interval lies there.  Where tracks are not
counted themselves, a concordance says which classes they grow out of, and their quotient is imputed from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from biaochi.mechanisms.layout.model.plans import PlanState
from biaochi.methods.specialisation.concordance import impute
from biaochi.methods.specialisation.location_quotient import location_quotient, quotient_interval, shrunk_quotient
from biaochi.methods.specialisation.panel import Panel

AGAINST_FIELDS = (
    "region",
    "track",
    "plan",
    "standing",
    "share",
    "quotient",
    "centre",
    "low",
    "high",
    "sure",
    "imputed",
)


class Standing(StrEnum):
    """How a region's plan and its activity in one track stand to one another."""

    BACKED = "backed"
    BARE = "bare"
    UNNAMED = "unnamed"
    UNSAID = "unsaid"
    NEITHER = "neither"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class RealActivity:
    """What regions do in one period.

    Attributes
    ----------
    period : str
    share, quotient : DataFrame, regions × tracks
        Share of the region; location quotient.
    centre, low, high : DataFrame, regions × tracks
        The estimate an interval belongs to (for counts the shrunk quotient) and its ends, NaN where none is known.
    imputed : frozenset of str
        Tracks whose values come from their parent classes; they have no share of their own.
    excluded : tuple of str
        Regions left out because a cell is missing.
    """

    period: str
    share: pd.DataFrame
    quotient: pd.DataFrame
    centre: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    imputed: frozenset[str]
    excluded: tuple[str, ...]


def real_activity(panel: Panel, weights: pd.DataFrame | None = None, *, level: float = 0.9) -> RealActivity:
    """Return what regions do in the newest period.

    Parameters
    ----------
    panel : Panel
        Activity.
    weights : DataFrame or None
        Tracks × classes, rows summing to 1 (see :func:`biaochi.methods.specialisation.concordance.weights`); its tracks
        are added, the classes stay.
    level : float
        Probability of the intervals: from the prior of the shrunk quotient for counts, from standard errors where
        given, else none.
    """
    period = panel.periods[-1]
    x, excluded = panel.complete(period)
    quotient = location_quotient(x)
    nothing = pd.DataFrame(np.nan, x.index, x.columns)
    centre, low, high = quotient, nothing, nothing
    errors = panel.standard_errors(period, list(x.index))
    if panel.counts:
        found = shrunk_quotient(x, level=level)
        centre, low, high = found.value, found.low, found.high
    elif errors is not None and not errors.isna().any(axis=None):
        low, high = quotient_interval(x, errors, level=level)
    share = x.div(x.sum(axis=1).where(lambda s: s > 0), axis=0)
    new: list[str] = []
    if weights is not None:
        new = [str(t) for t in weights.index if t not in x.columns]
        rows = weights.loc[new]
        tables = (quotient, centre, low, high)
        quotient, centre, low, high = (pd.concat([t, pd.DataFrame(impute(rows, t))], axis=1) for t in tables)
        share = share.reindex(columns=quotient.columns)
    return RealActivity(period, share, quotient, centre, low, high, frozenset(new), excluded)


def stand_against(state: pd.DataFrame, real: RealActivity) -> pd.DataFrame:
    """Return every region and track that plans or activity speak of.

    Parameters
    ----------
    state : DataFrame of str, regions × tracks
        ``declared``, ``absent`` or ``unknown``, as in :class:`~biaochi.mechanisms.layout.model.plans.Declarations`.
    real : RealActivity

    Returns
    -------
    DataFrame
        Columns :data:`AGAINST_FIELDS`; regions in the order of the activity; tracks in that of the taxonomy, then
        others.  A track nobody counted is ``unseen``: named it stands without comparison, and nothing is concluded.
    """
    columns = [*state.columns, *(t for t in real.quotient.columns if t not in state.columns)]
    regions = list(real.quotient.index)
    plan = state.reindex(index=regions, columns=columns).fillna(PlanState.UNKNOWN.value).to_numpy()
    tables = (real.share, real.quotient, real.centre, real.low, real.high)
    share, quotient, centre, low, high = (t.reindex(columns=columns).to_numpy(dtype=float) for t in tables)
    rows = []
    for i, region in enumerate(regions):
        for j, track in enumerate(columns):
            standing = _standing(str(plan[i, j]), float(quotient[i, j]))
            if standing is Standing.UNSEEN and plan[i, j] != PlanState.DECLARED.value:
                continue
            sure = bool(low[i, j] >= 1.0)
            values = (float(v[i, j]) for v in (share, quotient, centre, low, high))
            rows.append(
                (str(region), str(track), str(plan[i, j]), standing.value, *values, sure, track in real.imputed)
            )
    return pd.DataFrame(rows, columns=list(AGAINST_FIELDS))


def _standing(plan: str, quotient: float) -> Standing:
    if np.isnan(quotient):
        return Standing.UNSEEN
    if quotient >= 1.0:
        return {
            PlanState.DECLARED.value: Standing.BACKED,
            PlanState.ABSENT.value: Standing.UNNAMED,
        }.get(plan, Standing.UNSAID)
    return Standing.BARE if plan == PlanState.DECLARED.value else Standing.NEITHER
