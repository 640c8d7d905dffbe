"""Levers: what moves a unit's score most for what it costs.

Slope ∂S/∂x of the score by a raw value with everything learnt held fixed; 0, flagged, where the value is capped, inside
its band or winsorised.  The step is what like units achieve in a good year: the upper quartile of their yearly
improvement.  Gain = slope · step (÷ cost of the step when a cost is known); its interval is a bootstrap of that
quartile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from biaochi.core.period import Period
from biaochi.methods.composite.aggregate import gradient, name_of
from biaochi.methods.composite.normalise import Scale, scale_slope
from biaochi.methods.composite.pipeline import Composite
from biaochi.methods.composite.treat import Treatment
from biaochi.methods.composite.treat.treatment import apply_treatment
from biaochi.methods.composite.treat.treatment import slope as treatment_slope

LearntT = TypeVar("LearntT", Treatment, Scale)


def leaf_gradient(composite: Composite, row: int, *, node: str = "") -> np.ndarray:
    """Return ∂S/∂z of a node's score by every normalised leaf score, shape (I,); 0 for leaves elsewhere or missing."""
    tree, frame = composite.dataset.framework, composite.frame
    target = node or tree.root
    result = np.zeros(len(tree.leaves))
    pending = [(target, 1.0)]
    while pending:
        code, slope = pending.pop()
        if code not in tree.children:
            result[tree.leaves.index(code)] = slope
            continue
        children = tree.children[code]
        z = composite.table[[frame.column[c] for c in children], row]
        spec = composite.method.aggregator(code, tree.levels[code])
        if name_of(spec) == "copeland" or composite.compares:
            return np.full(len(tree.leaves), np.nan)
        parts = gradient(z, composite.used_weights[code][0], spec, composite.common(code))
        pending += [(c, slope * float(g)) for c, g in zip(children, parts, strict=True) if math.isfinite(g)]
    return result


def slopes(composite: Composite, row: int, *, node: str = "") -> tuple[np.ndarray, list[list[str]]]:
    """Return ∂S/∂x by every raw value of a row, shape (I,), and flags for each.

    A window (long cycle) is taken to shift as a whole.
    """
    frame, fitted = composite.frame, composite.fitted
    x = composite.stages["screened"][0]
    flags: list[list[str]] = [[] for _ in frame.leaves]
    step = np.ones(x.shape)
    treated, edge = x, np.zeros(x.shape, dtype=bool)
    if fitted.treatment is not None:
        single = _first(fitted.treatment)
        edge = (x == single.high[:, None]) | (x == single.low[:, None])
        step = treatment_slope(x, single)
        treated = apply_treatment(x, single)
    outer = scale_slope(treated, _first(fitted.scale), frame.directions)
    total = leaf_gradient(composite, row, node=node) * outer[:, row] * step[:, row] * frame.factors[:, row]
    for i in range(len(frame.leaves)):
        if not math.isfinite(x[i, row]):
            flags[i].append("missing")
        elif composite.status[i, row] == 2:
            flags[i].append("imputed")
            total[i] = 0.0
        elif step[i, row] == 0:
            flags[i].append("winsorised")
        elif edge[i, row]:
            flags[i].append("at_cap")
            total[i] *= _open_end(composite, i, row)
        elif outer[i, row] == 0:
            flags[i].append("capped")
        if not math.isfinite(total[i]) and math.isfinite(x[i, row]):
            flags[i].append("not_applicable")
    return total, flags


def _open_end(composite: Composite, leaf: int, row: int) -> float:
    """Return 1 if a value exactly at a winsorising cap can improve away from it, else 0."""
    treatment, directions = composite.fitted.treatment, composite.frame.directions
    assert treatment is not None
    x = composite.stages["screened"][0][leaf, row]
    upward = directions.sign[leaf] > 0 if not np.isfinite(directions.low[leaf]) else x < directions.low[leaf]
    return 0.0 if (x == treatment.high[0, leaf]) == upward else 1.0


def _first(learnt: LearntT) -> LearntT:
    """Return what was learnt without its leading axis of one state."""
    arrays = {f.name: getattr(learnt, f.name) for f in fields(learnt)}
    return replace(learnt, **{k: v[0] for k, v in arrays.items() if isinstance(v, np.ndarray)})


def yearly_steps(composite: Composite, rows_of: Sequence[int], leaf: int) -> np.ndarray:
    """Return yearly improvements of raw-scale (denominated) values of some units, in the good direction."""
    frame = composite.frame
    x = frame.directions.directed(composite.stages["denominated"])[0][leaf]
    cube = x.reshape(frame.periods, -1)[:, list(rows_of)]
    per_year = 12 // Period.parse(composite.dataset.periods[0]).months
    if len(cube) <= per_year:
        return np.empty(0)
    change = (cube[per_year:] - cube[:-per_year]).ravel()
    return np.asarray(change[np.isfinite(change)])


def levers(
    composite: Composite,
    unit: str,
    period: str,
    like: Sequence[str],
    *,
    rng: np.random.Generator,
    node: str = "",
    level: float = 0.9,
    resamples: int = 500,
) -> pd.DataFrame:
    """Return ``indicator, slope, step, gain, gain_lo, gain_hi, flags``, the largest gain first.

    Parameters
    ----------
    like : sequence of str
        Units whose yearly improvements set the step.
    """
    dataset, frame = composite.dataset, composite.frame
    row = dataset.periods.index(period) * len(dataset.units) + dataset.units.index(unit)
    total, flags = slopes(composite, row, node=node)
    places = [dataset.units.index(u) for u in like] or list(range(len(dataset.units)))
    tail = (1 - level) / 2
    rows = []
    for i, n in enumerate(frame.leaves):
        factor = frame.factors[i, row]
        changes = yearly_steps(composite, places, i)
        step = gain = low = high = math.nan
        if changes.size >= 4 and math.isfinite(factor) and factor != 0:
            sign = -1.0 if n.polarity == "negative" else _side(composite, i, row)
            scaled = sign * np.maximum(changes, 0.0) / factor
            step = float(np.quantile(np.maximum(changes, 0.0), 0.75)) * sign / factor
            price = abs(step) * n.cost if n.cost else 1.0
            drawn = rng.choice(scaled, size=(resamples, scaled.size))
            quartiles = np.quantile(np.abs(drawn), 0.75, axis=1) * sign
            if price > 0:
                gain = total[i] * step / price
                ends = np.quantile(total[i] * quartiles / price, [tail, 1 - tail])
                low, high = float(min(ends)), float(max(ends))
        else:
            flags[i].append("no_history")
        rows.append((n.code, total[i], step, gain, low, high, flags[i]))
    frame_out = pd.DataFrame(rows, columns=["indicator", "slope", "step", "gain", "gain_lo", "gain_hi", "flags"])
    order = frame_out["gain"].fillna(-np.inf).to_numpy()
    return frame_out.iloc[np.argsort(-order, kind="stable")].reset_index(drop=True)


def _side(composite: Composite, leaf: int, row: int) -> float:
    """Direction in which a band indicator improves: down when above its band, else up."""
    directions = composite.frame.directions
    above = composite.stages["screened"][0][leaf, row] > directions.high[leaf]
    return -1.0 if above else 1.0
