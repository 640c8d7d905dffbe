"""What the observed attempts say about every route and team; exact, by Bayes' rule over the hidden classes.

L_i[k,j] is the likelihood of team i's history, z_i[k]=Σ_j τL_i, w_r[k] ∝ π_r[k] Π z_i[k] and b_i[j|k]=τL_i/z_i;
factors are updated by the evidence of all routes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.bands import variants
from biaochi.methods.allocation.batch import BatchState, present
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.weights import route_weights, team_passes

Range = tuple[float, float]


@dataclass(frozen=True)
class RoutePosterior:
    """A route's class probabilities before and after, and how far the after moves within the band."""

    route: str
    prior: tuple[float, ...]
    posterior: tuple[float, ...]
    band: tuple[Range, ...]


@dataclass(frozen=True)
class TeamPosterior:
    """A team's class probabilities, its chance at the next stage and of passing all the rest first time."""

    team: str
    route: str
    stage: str | None
    misses: tuple[int, ...]
    team_class: tuple[float, ...]
    pass_next: float | None
    pass_all: float
    band_next: Range | None
    band_all: Range


@dataclass(frozen=True)
class Posterior:
    """Everything the observations say; ``factors`` are p_f after them."""

    routes: tuple[RoutePosterior, ...]
    teams: tuple[TeamPosterior, ...]
    factors: tuple[float, ...]


@dataclass(frozen=True)
class _Numbers:
    """Class probabilities (R, K), team classes (R, M, J), pass_next and pass_all (R, M), factors (F,)."""

    routes: FloatArray
    classes: FloatArray
    next: FloatArray
    all: FloatArray
    factors: FloatArray


def posterior(programme: Programme, *, bands: bool = True) -> Posterior:
    """Return the posterior of the programme's present state; without ``bands`` they close on the value.

    Examples
    --------
    >>> from biaochi.methods.allocation import Observation, Programme
    >>> from dataclasses import replace
    >>> p = Programme.from_tables([[.5, .5]], [[[.5, .5], [.5, .5]]], [[[[.2, .4], [.5, .9]]]], [1], 2, [1], T=2)
    >>> after = posterior(replace(p, observations=(Observation(1, "a-1", 1),), elapsed=1))
    >>> round(after.routes[0].posterior[1], 12), round(after.teams[1].pass_all, 12)
    (0.7, 0.58)
    """
    base = _numbers(programme)
    others = [_numbers(v) for v in variants(programme)] if bands else []
    stack = [base, *others]
    low = _Numbers(*(np.min([getattr(s, f) for s in stack], axis=0) for f in _Numbers.__dataclass_fields__))
    high = _Numbers(*(np.max([getattr(s, f) for s in stack], axis=0) for f in _Numbers.__dataclass_fields__))
    return Posterior(
        tuple(_route(programme, r, base, low, high) for r in range(len(programme.routes))),
        tuple(
            _team(programme, r, i, base, low, high)
            for r, route in enumerate(programme.routes)
            for i in range(len(route.teams))
        ),
        tuple(float(p) for p in base.factors),
    )


def _numbers(programme: Programme) -> _Numbers:
    state: BatchState = present(programme)
    code: IntArray = state.code
    weights = route_weights(programme, code)
    tables = programme.tables
    classes = np.einsum("rk,rmkj->rmj", weights.marginal[0], tables.b[code[0]])
    first, whole = team_passes(programme, code, weights)
    return _Numbers(weights.marginal[0], classes, first[0], whole[0], weights.factors[0])


def _route(programme: Programme, r: int, base: _Numbers, low: _Numbers, high: _Numbers) -> RoutePosterior:
    route = programme.routes[r]
    K = route.prior.size
    prior = np.einsum("f,fk->k", programme.tables.factor, programme.tables.prior[:, r, :K])
    return RoutePosterior(
        route.code,
        tuple(prior.tolist()),
        tuple(base.routes[r, :K].tolist()),
        tuple((float(a), float(b)) for a, b in zip(low.routes[r, :K], high.routes[r, :K], strict=True)),
    )


def _team(programme: Programme, r: int, i: int, base: _Numbers, low: _Numbers, high: _Numbers) -> TeamPosterior:
    route = programme.routes[r]
    node = int(programme.tables.start[r, i])
    s = int(programme.graph.stage[node])
    running = s < len(programme.stages)
    J = route.team_class.shape[1]
    return TeamPosterior(
        route.teams[i],
        route.code,
        programme.stages[s] if running else None,
        tuple(int(m) for m in programme.graph.misses[node]),
        tuple(base.classes[r, i, :J].tolist()),
        float(base.next[r, i]) if running else None,
        float(base.all[r, i]),
        (float(low.next[r, i]), float(high.next[r, i])) if running else None,
        (float(low.all[r, i]), float(high.all[r, i])),
    )
