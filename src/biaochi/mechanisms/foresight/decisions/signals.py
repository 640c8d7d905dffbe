"""Rising terms: found with their back-test, and which of them go on the watch list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from biaochi.core.decision import Decision
from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.mechanisms.foresight.decisions.rounds import decide_watch
from biaochi.mechanisms.foresight.model import SignalResult
from biaochi.methods.forecasting.emergence import signals

TOP = 50


@dataclass(frozen=True, eq=False)
class Watched:
    """Rising terms with the decision on each candidate shown."""

    result: SignalResult
    decisions: dict[str, Decision]


def run_signals(
    counts: pd.DataFrame, totals: pd.Series, *, at: date, parameters: Snapshot, rng: np.random.Generator
) -> Watched:
    """Find rising terms, back-test the finding, and decide on each candidate among the first fifty.

    Parameters
    ----------
    counts : DataFrame
        Terms × periods.
    totals : Series
        All records by period.

    Raises
    ------
    UsageError
        With fewer than ten periods.
    """
    try:
        found = signals(counts, totals, rng, top=TOP)
    except ValueError as error:
        raise UsageError(
            Text("时期不足十个（三个基期、七个活跃期）", "fewer than ten periods (three base, seven active)")
        ) from error
    past = found.backtest
    grows = float(past["p_grows"].mean()) if len(past) else None
    chance = float(past["null_high"].mean()) if len(past) else None
    made = {
        str(r["term"]): decide_watch(
            float(r["percentile"]), bool(r["candidate"]), grows, chance, at=at, parameters=parameters
        )
        for r in found.terms[found.terms["candidate"]].head(TOP).to_dict("records")
    }
    return Watched(SignalResult(found, TOP), made)
