"""Routes to one function: which is ready, which is cheapest, and what it is worth to keep several.

Costs of routes are drawn jointly: √ρ of a common shock and √(1−ρ) of the route's own; readiness likewise, with a common
factor of its own.  ρ is mostly assumed, so its effect is always shown.  V(S) = E Σ δᵗ·D_t·(C_ref − min over ready
routes of S)⁺ − Σ upkeep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.predictive import StudentForecast
from biaochi.methods.forecasting.readiness import LEVELS
from biaochi.methods.forecasting.series import Floats, Ints, Series

ASSUMED_RHO = (0.0, 0.3, 0.6)
MIN_SHARED = 10
ALL_SUBSETS_UPTO = 10


@dataclass(frozen=True, eq=False)
class Route:
    """One route.

    Parameters
    ----------
    code : str
        Key.
    cost : StudentForecast or mapping of int to Distribution
        A forecast, or distributions by year (linear in between, held beyond).
    p_ready : mapping of int to float, or array
        Probability of being ready by year (not falling, linear in between, 0 before the first), or draws of the ready
        year from a readiness graph, shape (draws,), infinity for never.
    upkeep : float
        Present value of keeping the route.
    attributes : mapping
        What tells routes apart, for the diversity.
    """

    code: str
    cost: StudentForecast | Mapping[int, Distribution]
    p_ready: Mapping[int, float] | Floats
    upkeep: float = 0.0
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Function:
    """A function several routes may serve.

    Parameters
    ----------
    code, track, unit : str
        Keys and the unit of costs.
    reference_cost : float
        What the function costs without any of the routes.
    demand : mapping of int to float
        Units by year.
    discount : float
        Yearly rate, 0..1.
    origin : int
        Year the value is counted from.
    routes : tuple of Route
    """

    code: str
    track: str
    unit: str
    reference_cost: float
    demand: Mapping[int, float]
    discount: float
    origin: int
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Dependence:
    """Correlation between routes and where it comes from: ``estimated``, ``given`` or ``assumed``."""

    rho: float
    source: str


@dataclass(frozen=True, eq=False)
class RouteView:
    """One route beside the others."""

    route: str
    p_ready: Mapping[int, float]
    cost: Mapping[int, Distribution]
    p_cheapest: Mapping[int, float]
    expected_rank: float
    p_regret: float
    dominated_by: tuple[str, ...]
    payoff: Distribution


@dataclass(frozen=True, slots=True)
class Keep:
    """The best set of k routes: net value with its 90 % range over draws, and the gain over k−1."""

    k: int
    set: tuple[str, ...]
    estimate: float
    low: float
    high: float
    marginal: float


@dataclass(frozen=True, eq=False)
class Crossover:
    """Year in which a first becomes cheaper than b."""

    a: str
    b: str
    year: Distribution
    p_never: float


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What another correlation would say."""

    rho: float
    p_cheapest: Mapping[str, float]
    keep: tuple[Keep, ...]


@dataclass(frozen=True, eq=False)
class FunctionOutlook:
    """The outlook of one function's routes."""

    function: str
    track: str
    unit: str
    dependence: Dependence
    routes: tuple[RouteView, ...]
    p_none_ready: Mapping[int, float]
    joint: tuple[tuple[int, tuple[str, ...], float], ...]
    crossover: tuple[Crossover, ...]
    keep: tuple[Keep, ...]
    value: Distribution
    diversity: float
    sensitivity: tuple[Sensitivity, ...]


@dataclass(frozen=True, eq=False)
class _Worlds:
    """Joint draws: cost and readiness, shape (routes, draws, years)."""

    years: NDArray[np.int64]
    cost: NDArray[np.float32]
    ready: NDArray[np.bool_]


def residual_correlation(series: Sequence[Series]) -> float | None:
    """Return the mean correlation of yearly residuals over pairs with at least ten shared years; None without any.

    Negative means are taken as 0: one common shock cannot carry them.
    """
    found = []
    for one, other in combinations(series, 2):
        left = dict(zip(one.years[1:].tolist(), np.diff(one.y) - np.diff(one.y).mean(), strict=True))
        right = dict(zip(other.years[1:].tolist(), np.diff(other.y) - np.diff(other.y).mean(), strict=True))
        shared = sorted(set(left) & set(right))
        if len(shared) >= MIN_SHARED:
            a, b = np.array([left[y] for y in shared]), np.array([right[y] for y in shared])
            if a.std() > 0 and b.std() > 0:
                found.append(float(np.corrcoef(a, b)[0, 1]))
    return min(max(float(np.mean(found)), 0.0), 0.95) if found else None


def route_outlook(
    function: Function,
    rng: np.random.Generator,
    draws: int = 20_000,
    *,
    dependence: Dependence | None = None,
    by: Sequence[int] = (),
) -> FunctionOutlook:
    """Simulate the routes of one function.

    Parameters
    ----------
    function : Function
        At least one route and one year of demand.
    rng : numpy.random.Generator
        For the draws.
    draws : int
        Number of draws; routes that bring readiness draws must bring as many.
    dependence : Dependence or None
        Correlation; assumed 0.3 by default.
    by : sequence of int
        Years to report; every year of demand by default.

    Returns
    -------
    FunctionOutlook
        ``p_cheapest`` is among routes ready that year: with ``p_none_ready`` it sums to one.  No winner is named.
    """
    chosen = dependence or Dependence(ASSUMED_RHO[1], "assumed")
    reported = sorted(set(by)) or sorted(function.demand)
    seeds = np.random.SeedSequence(int(rng.integers(0, 2**63)))
    worlds = _worlds(function, chosen.rho, np.random.default_rng(seeds), draws, reported)
    keep, value = _keep(function, worlds)
    sensitivity = []
    for rho in ASSUMED_RHO:
        # Half of the draws show what another correlation would say.
        fewer = max(draws // 2, 1)
        other = worlds if rho == chosen.rho else _worlds(function, rho, np.random.default_rng(seeds), fewer, reported)
        cheapest = _p_cheapest(other)[:, _at(other, reported)[-1]]
        kept = keep if rho == chosen.rho else _keep(function, other)[0]
        shares = {r.code: float(p) for r, p in zip(function.routes, cheapest, strict=True)}
        sensitivity.append(Sensitivity(rho, shares, kept))
    positions = _at(worlds, reported)
    cheapest = _p_cheapest(worlds)
    final = cheapest[:, positions[-1]]
    return FunctionOutlook(
        function.code,
        function.track,
        function.unit,
        chosen,
        _views(function, worlds, cheapest, reported),
        {y: float(np.mean(~worlds.ready[:, :, p].any(axis=0))) for y, p in zip(reported, positions, strict=True)},
        _joint(function, worlds, reported),
        _crossovers(function, worlds),
        keep,
        value,
        _diversity(function, final),
        tuple(sensitivity),
    )


def _at(worlds: _Worlds, years: Sequence[int]) -> list[int]:
    return [int(np.flatnonzero(worlds.years == y)[0]) for y in years]


def _worlds(function: Function, rho: float, rng: np.random.Generator, draws: int, reported: Sequence[int]) -> _Worlds:
    years = np.array(sorted({*function.demand, *reported}), dtype=np.int64)
    span = np.arange(min(int(years[0]), function.origin + 1), int(years[-1]) + 1, dtype=np.int64)
    common = rng.standard_normal((draws, len(span)))
    common_ready = rng.standard_normal(draws)
    cost = np.empty((len(function.routes), draws, len(years)), dtype=np.float32)
    ready = np.empty((len(function.routes), draws, len(years)), dtype=bool)
    for i, route in enumerate(function.routes):
        shocks = np.sqrt(rho) * common + np.sqrt(1 - rho) * rng.standard_normal((draws, len(span)))
        cost[i] = _costs(route, years, span, shocks, rng)
        own = np.sqrt(rho) * common_ready + np.sqrt(1 - rho) * rng.standard_normal(draws)
        ready[i] = _ready(route, years, own)
    return _Worlds(years, cost, ready)


def _costs(route: Route, years: Ints, span: Ints, shocks: Floats, rng: np.random.Generator) -> Floats:
    if isinstance(route.cost, StudentForecast):
        law = route.cost
        root = np.linalg.cholesky(law.scale2 + 1e-12 * np.trace(law.scale2) * np.eye(len(law.horizons)))
        where = {int(y): k for k, y in enumerate(span)}
        columns = [where.get(int(y)) for y in law.years]
        fresh = rng.standard_normal((len(shocks), len(columns)))
        normal = np.stack([fresh[:, k] if c is None else shocks[:, c] for k, c in enumerate(columns)], axis=1)
        mixing = np.sqrt(law.df / rng.chisquare(law.df, len(shocks)))[:, None]
        path = np.exp(law.sign * (law.location + mixing * (normal @ root.T)))
        position = np.clip(np.searchsorted(law.years, years), 0, len(law.years) - 1)
        return np.asarray(path[:, position])
    # One standing of the route for all years: its place in each year's distribution.
    standing = shocks.sum(axis=1) / np.sqrt(shocks.shape[1])
    given = sorted(route.cost)
    table = np.stack([_log_quantile(route.cost[y], standing) for y in given], axis=1)
    return np.asarray(np.exp(_between(np.array(given), table, years)))


def _log_quantile(law: Distribution, standing: Floats) -> Floats:
    """Return ln cost at normal scores: linear between the given quantiles, the end slopes going on."""
    levels, values = np.array(law.levels), np.log(np.array(law.values))
    inner = (levels > 0) & (levels < 1)
    if inner.sum() < 2:
        return np.full(len(standing), float(np.log(law.median)))
    z, v = special.ndtri(levels[inner]), values[inner]
    i = np.clip(np.searchsorted(z, standing), 1, len(z) - 1)
    return np.asarray(v[i - 1] + (standing - z[i - 1]) / (z[i] - z[i - 1]) * (v[i] - v[i - 1]))


def _between(given: Ints, table: Floats, years: Ints) -> Floats:
    right = np.clip(np.searchsorted(given, years), 0, len(given) - 1)
    left = np.where(given[right] > years, np.maximum(right - 1, 0), right)
    width = np.where(given[right] > given[left], given[right] - given[left], 1)
    share = np.clip((years - given[left]) / width, 0.0, 1.0)
    return np.asarray(table[:, left] + share * (table[:, right] - table[:, left]))


def _ready(route: Route, years: Ints, standing: Floats) -> NDArray[np.bool_]:
    if not isinstance(route.p_ready, Mapping):
        if len(route.p_ready) < len(standing):
            raise ValueError(f"route {route.code}: {len(route.p_ready)} readiness draws, {len(standing)} needed")
        return np.asarray(route.p_ready[: len(standing), None] <= years)
    given = np.array(sorted(route.p_ready))
    p = np.interp(years, given, [route.p_ready[int(y)] for y in given], left=0.0)
    return np.asarray(special.ndtr(standing)[:, None] <= np.where(p <= 0, -1.0, p))


def _p_cheapest(worlds: _Worlds) -> Floats:
    """Return P(cheapest among ready), shape (routes, years)."""
    shown = np.where(worlds.ready, worlds.cost, np.float32(np.inf))
    best = np.argmin(shown, axis=0)
    some = worlds.ready.any(axis=0)
    return np.stack([np.mean((best == i) & some, axis=0) for i in range(len(shown))])


def _weights(function: Function, years: Ints) -> Floats:
    demand = np.array([function.demand.get(int(y), 0.0) for y in years])
    return np.asarray(demand * (1 + function.discount) ** -(years - function.origin).astype(np.float64))


def _savings(function: Function, worlds: _Worlds) -> NDArray[np.float32]:
    """Return discounted demand-weighted savings, shape (routes, draws, years); a set's is their maximum."""
    weights = _weights(function, worlds.years).astype(np.float32)
    saved = np.maximum(np.float32(function.reference_cost) - worlds.cost, np.float32(0))
    saved *= worlds.ready
    saved *= weights
    return np.asarray(saved, dtype=np.float32)


def _keep(function: Function, worlds: _Worlds) -> tuple[tuple[Keep, ...], Distribution]:
    savings = _savings(function, worlds)
    n, draws = savings.shape[0], savings.shape[1]
    flat = savings.reshape(n, -1)
    upkeep = np.array([r.upkeep for r in function.routes])
    sets = _best_sets(flat, upkeep, draws) if n <= ALL_SUBSETS_UPTO else _greedy_sets(flat, upkeep, draws)
    found: list[Keep] = []
    best_value, best_draws = -np.inf, np.zeros(1)
    for k, members in enumerate(sets, start=1):
        total = np.max(savings[list(members)], axis=0).sum(axis=1, dtype=np.float64) - upkeep[list(members)].sum()
        estimate = float(total.mean())
        low, high = (float(v) for v in np.quantile(total, [0.05, 0.95]))
        gain = estimate - (found[-1].estimate if found else 0.0)
        found.append(Keep(k, tuple(function.routes[i].code for i in members), estimate, low, high, gain))
        if estimate > best_value:
            best_value, best_draws = estimate, total
    return tuple(found), _law(best_draws)


def _best_sets(flat: NDArray[np.float32], upkeep: Floats, draws: int) -> list[tuple[int, ...]]:
    """Return the best set of each size over all subsets; each subset costs one maximum with its parent's."""
    n = len(flat)
    best: list[tuple[float, tuple[int, ...]]] = [(-np.inf, ())] * (n + 1)
    buffers = [np.empty_like(flat[0]) for _ in range(n)]

    def visit(start: int, members: tuple[int, ...], held: NDArray[np.float32] | None) -> None:
        for i in range(start, n):
            inner = (*members, i)
            now = flat[i] if held is None else np.maximum(held, flat[i], out=buffers[len(members)])
            value = float(now.sum(dtype=np.float64 if now.size < 4096 else None)) / draws - float(
                upkeep[list(inner)].sum()
            )
            if value > best[len(inner)][0]:
                best[len(inner)] = (value, inner)
            visit(i + 1, inner, now)

    visit(0, (), None)
    return [members for _, members in best[1:]]


def _greedy_sets(flat: NDArray[np.float32], upkeep: Floats, draws: int) -> list[tuple[int, ...]]:
    held, left = np.zeros_like(flat[0]), set(range(len(flat)))
    members: tuple[int, ...] = ()
    found: list[tuple[int, ...]] = []
    while left:
        gains = {i: float(np.maximum(held, flat[i]).sum()) / draws - float(upkeep[i]) for i in sorted(left)}
        best = max(gains, key=gains.__getitem__)
        held, members = np.maximum(held, flat[best]), (*members, best)
        left.remove(best)
        found.append(members)
    return found


def _law(values: Floats) -> Distribution:
    quantiles = np.quantile(values, LEVELS)
    return Distribution(LEVELS, tuple(np.maximum.accumulate(quantiles).tolist()))


def _views(function: Function, worlds: _Worlds, cheapest: Floats, reported: Sequence[int]) -> tuple[RouteView, ...]:
    positions = _at(worlds, reported)
    upkeep = np.array([r.upkeep for r in function.routes])
    payoff = _savings(function, worlds).sum(axis=2, dtype=np.float64) - upkeep[:, None]
    last = positions[-1]
    shown = np.where(worlds.ready[:, :, last], worlds.cost[:, :, last], np.float32(np.inf))
    rank = 1 + np.mean(np.sum(shown[:, None, :] > shown[None, :, :], axis=1), axis=1)
    regret = np.mean(payoff < payoff.max(axis=0), axis=1)
    dominated = _dominated(function, payoff, worlds)
    return tuple(
        RouteView(
            route.code,
            {y: float(worlds.ready[i, :, p].mean()) for y, p in zip(reported, positions, strict=True)},
            {y: _law(worlds.cost[i, :, p].astype(np.float64)) for y, p in zip(reported, positions, strict=True)},
            {y: float(cheapest[i, p]) for y, p in zip(reported, positions, strict=True)},
            float(rank[i]),
            float(regret[i]),
            dominated[i],
            _law(payoff[i]),
        )
        for i, route in enumerate(function.routes)
    )


def _dominated(function: Function, payoff: Floats, worlds: _Worlds) -> list[tuple[str, ...]]:
    """Return for each route those that pay at least as much at every quantile and are ready at least as surely."""
    curves = np.quantile(payoff, LEVELS, axis=1).T
    ready = worlds.ready.mean(axis=1)
    found = []
    for i in range(len(curves)):
        better = [
            function.routes[j].code
            for j in range(len(curves))
            if j != i
            and np.all(curves[j] >= curves[i])
            and np.all(ready[j] >= ready[i])
            and (np.any(curves[j] > curves[i]) or np.any(ready[j] > ready[i]))
        ]
        found.append(tuple(better))
    return found


def _joint(
    function: Function, worlds: _Worlds, reported: Sequence[int]
) -> tuple[tuple[int, tuple[str, ...], float], ...]:
    codes = [r.code for r in function.routes]
    powers = 2 ** np.arange(len(codes), dtype=np.int64)
    found = []
    for year, position in zip(reported, _at(worlds, reported), strict=True):
        patterns, counts = np.unique(powers @ worlds.ready[:, :, position], return_counts=True)
        for pattern, count in zip(patterns.tolist(), counts.tolist(), strict=True):
            members = tuple(c for k, c in enumerate(codes) if pattern >> k & 1)
            found.append((year, members, count / worlds.ready.shape[1]))
    return tuple(found)


def _crossovers(function: Function, worlds: _Worlds) -> tuple[Crossover, ...]:
    medians = np.median(worlds.cost[:, :, 0], axis=1)
    order = np.argsort(medians, kind="stable")
    found = []
    for first, second in combinations(order.tolist(), 2):
        below = worlds.cost[second] < worlds.cost[first]
        happened = below.any(axis=1)
        year = np.where(happened, worlds.years[np.argmax(below, axis=1)].astype(np.float64), np.inf)
        quantiles = np.quantile(year, LEVELS, method="inverted_cdf")
        found.append(
            Crossover(
                function.routes[second].code,
                function.routes[first].code,
                Distribution(LEVELS, tuple(quantiles.tolist())),
                float(np.mean(~happened)),
            )
        )
    return tuple(found)


def _diversity(function: Function, share: Floats) -> float:
    """Return Rao's Σpᵢpⱼdᵢⱼ; d is the share of attributes that differ, 1 where routes have none."""
    total = share.sum()
    p = share / total if total > 0 else np.full(len(share), 1 / len(share))
    value = 0.0
    for i, j in combinations(range(len(p)), 2):
        left, right = function.routes[i].attributes, function.routes[j].attributes
        keys = set(left) | set(right)
        distance = np.mean([left.get(k) != right.get(k) for k in keys]) if keys else 1.0
        value += 2 * p[i] * p[j] * float(distance)
    return float(value)
