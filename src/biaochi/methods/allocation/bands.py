"""How far conclusions move when the judgements behind them move a little: a band, not a credible interval.

One route at a time: its prior tilted by ε=±1, mixed with a tenth of certainty for each class, and its reviews made a
little blinder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray, Route

TILTS = (-1.0, 1.0)
MIXTURE = 0.1
BLINDNESS = ((0.1, 0.0), (0.0, 0.1), (0.1, 0.1))


def tilted(prior: FloatArray, amount: float) -> FloatArray:
    """Return π with weights π_k e^(εk/(K−1)).

    Examples
    --------
    >>> tilted(np.array([0.5, 0.5]), 0.0).tolist()
    [0.5, 0.5]
    """
    if prior.size == 1:
        return prior
    steps = np.arange(prior.size) / (prior.size - 1)
    weights = prior * np.exp(amount * (steps - steps.mean()))
    return np.asarray(weights / weights.sum())


def regraded(table: FloatArray, gate: int, passing: FloatArray) -> FloatArray:
    """Return a grade table whose pass probability is ``passing``; within pass and miss the grades keep their shares."""
    before = table[gate:].sum(axis=0)
    changed = np.empty_like(table)
    changed[gate:] = _rescaled(table[gate:], before, passing)
    if gate:
        changed[:gate] = _rescaled(table[:gate], 1 - before, 1 - passing, at=-1)
    return changed


def _rescaled(part: FloatArray, before: FloatArray, after: FloatArray, at: int = 0) -> FloatArray:
    fallback = np.zeros_like(part)
    fallback[at] = after
    known = before > 0
    return np.where(known[None], part * (after / np.where(known, before, 1.0))[None], fallback)


def blinded(route: Route, false_pass: float | FloatArray, false_miss: float) -> Route:
    """Return the route with q←f+(1−f−n)q on its reviews; f may differ by team class."""
    outcomes = []
    for s, (table, gate) in enumerate(zip(route.outcomes, route.gate, strict=True)):
        if s == len(route.outcomes) - 1:
            outcomes.append(table)
            continue
        q = table[gate:].sum(axis=0)
        f = np.asarray(false_pass)
        outcomes.append(regraded(table, gate, np.clip(f + (1 - f - false_miss) * q, 0.0, 1.0)))
    return replace(route, outcomes=tuple(outcomes))


def variants(programme: Programme) -> Iterator[Programme]:
    """Yield the programme under each change of one route."""
    for r, route in enumerate(programme.routes):
        K = route.prior.size
        for amount in TILTS if K > 1 else ():
            yield reprior(programme, r, lambda p, a=amount: tilted(p, a))  # type: ignore[misc]
        for k in range(K) if K > 1 else ():
            yield reprior(programme, r, lambda p, k=k: (1 - MIXTURE) * p + MIXTURE * np.eye(p.size)[k])  # type: ignore[misc]
        for f, n in BLINDNESS if len(programme.stages) > 1 else ():
            changed = [blinded(x, f, n) if i == r else x for i, x in enumerate(programme.routes)]
            yield programme.with_model(changed)


def reprior(programme: Programme, r: int, change: Callable[[FloatArray], FloatArray]) -> Programme:
    """Return the programme with one route's prior changed, under every factor."""
    routes = [replace(x, prior=change(x.prior)) if i == r else x for i, x in enumerate(programme.routes)]
    priors = tuple(
        tuple(change(p) if i == r else p for i, p in enumerate(factor)) for factor in programme.factor_priors
    )
    return programme.with_model(routes, factor_priors=priors)
