"""Worlds that differ from the model, to see which rule bears being wrong.

``tilt`` tilts every prior, ``shift`` moves the logits of every pass probability, ``false_pass``, ``false_miss`` and
``gaming`` blind the reviews, ``reverse`` gives the routes one another's priors in reverse order.  A world that is not
``known`` is true while the rules go on believing the model.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import expit, logit

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.methods.allocation.bands import blinded, regraded, tilted
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray, Route, World

BUILT_IN: tuple[World, ...] = (
    World("base"),
    World("noisy", false_pass=0.2, false_miss=0.15),
    World("gamed", gaming_top=0.5),
    World("optimistic", tilt=-1.0),
    World("harder", shift=-0.7),
    World("reversed", reverse=True),
)


def worlds_of(programme: Programme) -> dict[str, World]:
    """Return the built-in worlds and the programme's own, by code; its own win."""
    return {w.code: w for w in (*BUILT_IN, *programme.worlds)}


def truth(programme: Programme, world: World) -> Programme:
    """Return the programme as it is in a world.

    Raises
    ------
    UsageError
        When priors are to be reversed between routes with different numbers of classes.

    Examples
    --------
    >>> p = Programme.from_tables([[.5, .5]], [[[1], [1]]], [[[[.2], [.8]], [[.1], [.5]]]], [1, 2], 1)
    >>> float(truth(p, World("w", false_pass=.1)).routes[0].passing[0, 0, 0].round(3))
    0.28
    """
    routes = [_changed(route, world) for route in programme.routes]
    priors = programme.factor_priors
    if world.reverse:
        sizes = [r.prior.size for r in routes]
        if sizes != sizes[::-1]:
            raise UsageError(
                Text(
                    f"世界“{world.code}”要求对调的路线类别数相同",
                    f"world {world.code} needs as many classes on the routes that exchange priors",
                )
            )
        priors = tuple(factor[::-1] for factor in priors)
        routes = [replace(r, prior=o.prior) for r, o in zip(routes, programme.routes[::-1], strict=True)]
    if world.tilt:
        priors = tuple(tuple(tilted(p, world.tilt) for p in factor) for factor in priors)
        routes = [replace(r, prior=tilted(r.prior, world.tilt)) for r in routes]
    return programme.with_model(routes, factor_priors=priors)


def _changed(route: Route, world: World) -> Route:
    changed = route
    if world.shift:
        outcomes = []
        for table, gate in zip(route.outcomes, route.gate, strict=True):
            q = np.clip(table[gate:].sum(axis=0), 0.0, 1.0)
            outcomes.append(regraded(table, gate, expit(logit(q) + world.shift)))
        changed = replace(changed, outcomes=tuple(outcomes))
    f = world.false_pass + _gaming(world, route.team_class.shape[1])
    if np.any(f > 0) or world.false_miss > 0:
        changed = blinded(changed, np.minimum(f, 1 - world.false_miss), world.false_miss)
    return changed


def _gaming(world: World, J: int) -> FloatArray:
    """Return gaming by team class: given, or falling evenly from ``gaming_top`` in the worst class to 0 in the best."""
    if world.gaming is not None:
        return np.array(world.gaming)
    return world.gaming_top * (np.linspace(1.0, 0.0, J) if J > 1 else np.ones(1))
