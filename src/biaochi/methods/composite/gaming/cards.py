"""One table of all tests for all indicators: what an auditor looks at first."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from biaochi.methods.composite.gaming.digits import bunching, heaping
from biaochi.methods.composite.gaming.gains import gain_concentration, growth_split, reporting_advantage, worst_case
from biaochi.methods.composite.gaming.shadow import LIMIT, cusum
from biaochi.methods.composite.levers import slopes
from biaochi.methods.composite.pipeline import Composite

CHECK, CLEAR, UNKNOWN = "check", "clear", "unknown"
P_LOW = 0.01
ADVANTAGE = 5.0
CONCENTRATED = 0.5


def gaming_cards(composite: Composite, period: str) -> pd.DataFrame:
    """Return ``indicator, test, value, verdict`` for every test that has the data it needs.

    Tests: ``reporting_advantage`` (doing ÷ reporting cost), ``gain_concentration`` (HHI of the last gains), ``heaping``
    and ``bunching`` (p-values), ``shadow`` (largest CUSUM over units), ``denominator_growth`` (share of the last median
    growth made by a falling denominator), ``worst_case`` (largest loss of score in the misreport range, in standard
    deviations of the scores).  Verdict ``check``: a person should look; it accuses nobody.
    """
    rows: list[tuple[str, str, float, str]] = []
    for i, n in enumerate(composite.frame.leaves):
        raw = composite.dataset.values[..., i]
        advantage = reporting_advantage(n.cost, n.cost_reporting)
        _note(rows, n.code, "reporting_advantage", advantage, advantage > ADVANTAGE)
        p = heaping(raw.ravel())
        _note(rows, n.code, "heaping", p, p < P_LOW)
        for threshold in (n.target,):
            if threshold is not None:
                p = bunching(composite.stages["denominated"][0][i], threshold)
                _note(rows, n.code, "bunching", p, p < P_LOW)
        _history(composite, i, rows)
        if n.misreport:
            loss = _worst(composite, i, period, n.misreport)
            _note(rows, n.code, "worst_case", loss, loss > 0.5)
    return pd.DataFrame(rows, columns=["indicator", "test", "value", "verdict"])


def _note(rows: list[tuple[str, str, float, str]], code: str, test: str, value: float, check: bool) -> None:
    if math.isfinite(value):
        rows.append((code, test, value, CHECK if check else CLEAR))


def _history(composite: Composite, i: int, rows: list[tuple[str, str, float, str]]) -> None:
    dataset, n = composite.dataset, composite.frame.leaves[i]
    if len(dataset.periods) < 2:
        return
    x = composite.frame.directions.directed(composite.stages["denominated"])[0][i].reshape(len(dataset.periods), -1)
    hhi = gain_concentration(x[-1] - x[-2])
    _note(rows, n.code, "gain_concentration", hhi, hhi > CONCENTRATED)
    if n.denominator:
        bottoms = [d.code for d in dataset.framework.denominators]
        below = dataset.denominators[..., bottoms.index(n.denominator)]
        top, bottom = growth_split(dataset.values[-2:, :, i], below[-2:])
        both = np.isfinite(top) & np.isfinite(bottom)
        if both.any():
            growth, part = float(np.median((top + bottom)[both])), float(np.median(bottom[both]))
            share = part / growth if growth > 0 else 0.0
            _note(rows, n.code, "denominator_growth", share, share > 0.5)
    for code in n.shadows:
        peak = _shadow_peak(composite, i, code)
        _note(rows, n.code, f"shadow:{code}", peak, peak > LIMIT)


def _shadow_peak(composite: Composite, i: int, code: str) -> float:
    dataset = composite.dataset
    own = dataset.values[..., i]
    bottoms = [d.code for d in dataset.framework.denominators]
    other = (
        dataset.denominators[..., bottoms.index(code)]
        if code in bottoms
        else dataset.values[..., dataset.framework.leaves.index(code)]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.diff(np.log(np.where(own > 0, own, np.nan)), axis=0)
        shadow = np.diff(np.log(np.where(other > 0, other, np.nan)), axis=0)
    gap = (growth - shadow)[np.isfinite(growth - shadow)]
    if gap.size < 4:
        return math.nan
    scale = float(np.std(gap, ddof=1))
    return max(cusum(growth[:, u], shadow[:, u], scale=scale).peak for u in range(own.shape[1]))


def _worst(composite: Composite, i: int, period: str, misreport: float) -> float:
    dataset = composite.dataset
    size = len(dataset.units)
    start = dataset.periods.index(period) * size
    slope = np.array([slopes(composite, start + u)[0][i] for u in range(size)])
    loss = worst_case(slope, dataset.values[dataset.periods.index(period), :, i], misreport)
    scores = composite.table[composite.frame.column[dataset.framework.root], start : start + size]
    held = scores[np.isfinite(scores)]
    sd = float(held.std(ddof=1)) if held.size > 1 else math.nan
    return float(np.nanmax(loss) / sd) if np.isfinite(loss).any() and sd > 0 else math.nan
