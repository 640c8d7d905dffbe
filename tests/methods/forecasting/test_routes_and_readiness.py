"""Readiness graphs, rising terms and route portfolios: golden values and the properties they must keep."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.burst import burst
from biaochi.methods.forecasting.emergence import candidates, emergence_scores, signals
from biaochi.methods.forecasting.moore import Moore
from biaochi.methods.forecasting.readiness import Elicited, Graph, GraphError, Node, Stage, ready_by
from biaochi.methods.forecasting.routes import (
    Dependence,
    Function,
    Route,
    residual_correlation,
    route_outlook,
)
from biaochi.methods.forecasting.series import Series

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def lognormal(mean: float, sd: float) -> Distribution:
    return Distribution(LEVELS, tuple(float(np.exp(mean + sd * norm.ppf(p))) for p in LEVELS))


def function(routes: list[Route], **change: Any) -> Function:
    facts: dict[str, Any] = {"reference_cost": 1000.0, "demand": {2030: 1.0}, "discount": 0.0, "origin": 2030}
    return Function("f", "t", "u", routes=tuple(routes), **{**facts, **change})


def test_three_published_routes(golden: dict[str, Any]) -> None:
    case = golden["routes"]["three_routes"]
    routes = [
        Route(c, {2030: lognormal(m, s)}, {2030: 1.0})
        for c, m, s in zip("abc", case["ln_cost_mean"], case["ln_cost_sd"], strict=True)
    ]
    found = route_outlook(function(routes), np.random.default_rng(1), 300_000, dependence=Dependence(0.0, "given"))
    assert [r.p_cheapest[2030] for r in found.routes] == pytest.approx(case["p_cheapest"], abs=0.003)
    best = [1000 - k.estimate for k in found.keep]
    assert best == pytest.approx(case["expected_best_cost_keep_1_12_123"], abs=0.003)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_the_least_of_exchangeable_normals(golden: dict[str, Any], rho: float) -> None:
    for k, d in golden["routes"]["E_min_of_k_iid_standard_normals_is_minus"].items():
        spread = 1e-4  # small, so that the exponential is linear
        routes = [Route(f"r{i}", {2030: lognormal(0, spread)}, {2030: 1.0}) for i in range(int(k))]
        found = route_outlook(function(routes), np.random.default_rng(0), 60_000, dependence=Dependence(rho, "given"))
        least = (1000 - found.keep[-1].estimate - 1) / spread
        assert -least == pytest.approx(d * np.sqrt(1 - rho), abs=0.03)


def random_function(seed: int, n: int) -> Function:
    rng = np.random.default_rng(seed)
    routes = [
        Route(
            f"r{i}",
            {2027: lognormal(rng.normal(0, 0.4), 0.3), 2032: lognormal(rng.normal(-0.5, 0.4), 0.5)},
            {2027: float(rng.uniform(0, 0.5)), 2032: float(rng.uniform(0.5, 1))},
        )
        for i in range(n)
    ]
    return function(
        routes, reference_cost=1.2, demand=dict.fromkeys(range(2027, 2033), 1.0), discount=0.05, origin=2026
    )


@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from([0.0, 0.3, 0.6]))
def test_gross_value_is_monotone_and_marginal_gains_fall(seed: int, n: int, rho: float) -> None:
    found = route_outlook(
        random_function(seed, n), np.random.default_rng(seed), 400, dependence=Dependence(rho, "given")
    )
    gains = [k.marginal for k in found.keep]
    assert all(g >= -1e-6 for g in gains)
    # The best sets of a monotone submodular value gain no more than k times the best single route.
    assert found.keep[-1].estimate <= n * found.keep[0].estimate + 1e-6
    for year, none in found.p_none_ready.items():
        assert sum(r.p_cheapest[year] for r in found.routes) + none == pytest.approx(1)
    assert all(0 <= r.p_regret <= 1 and 1 <= r.expected_rank <= n for r in found.routes)
    assert 0 <= found.diversity <= 1


def test_the_best_single_route_has_the_best_payoff() -> None:
    found = route_outlook(random_function(3, 4), np.random.default_rng(9), 2000, dependence=Dependence(0.3, "given"))
    levels = np.linspace(0.005, 0.995, 100)
    means = {r.route: float(np.mean([r.payoff.quantile(float(q)) for q in levels])) for r in found.routes}
    assert means[found.keep[0].set[0]] == pytest.approx(max(means.values()), rel=0.01)
    assert found.keep[0].estimate == pytest.approx(max(means.values()), rel=0.05)


def test_values_are_submodular_over_all_subsets() -> None:
    rng = np.random.default_rng(0)
    savings = rng.exponential(size=(4, 300))
    value = {
        s: float(savings[list(s)].max(axis=0).mean()) if s else 0.0 for k in range(5) for s in combinations(range(4), k)
    }
    for s in value:
        for t in value:
            if set(s) <= set(t):
                for i in set(range(4)) - set(t):
                    gain_s = value[tuple(sorted({*s, i}))] - value[s]
                    assert gain_s >= value[tuple(sorted({*t, i}))] - value[t] - 1e-12


def test_eleven_routes_are_kept_greedily() -> None:
    found = route_outlook(random_function(1, 11), np.random.default_rng(0), 200)
    assert [k.k for k in found.keep] == list(range(1, 12))
    assert all(set(a.set) < set(b.set) for a, b in zip(found.keep, found.keep[1:], strict=False))


def test_a_never_ready_route_is_worth_nothing_and_is_dominated() -> None:
    routes = [Route("a", {2030: lognormal(0, 0.2)}, {2030: 1.0}), Route("b", {2030: lognormal(0, 0.2)}, {2030: 0.0})]
    found = route_outlook(function(routes), np.random.default_rng(0), 2000)
    assert found.routes[1].payoff.quantile(0.99) == 0
    assert found.routes[1].dominated_by == ("a",)
    assert found.keep[1].marginal == pytest.approx(0)
    assert found.joint == ((2030, ("a",), 1.0),)


def test_forecasts_serve_as_costs_and_their_correlation_is_estimated() -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(size=29)
    series = []
    for i in range(3):
        dy = -0.05 + 0.1 * (np.sqrt(0.5) * common + np.sqrt(0.5) * rng.normal(size=29))
        series.append(Series(f"s{i}", range(1997, 2027), np.exp(np.concatenate([[0], np.cumsum(dy)]))))
    rho = residual_correlation(series)
    assert rho is not None
    assert 0.25 < rho < 0.8
    assert residual_correlation([s.upto(2003) for s in series]) is None
    routes = [Route(s.technology, Moore().fit(s).predict(10), {2027: 1.0}) for s in series]
    found = route_outlook(function(routes, demand={2030: 1.0, 2036: 1.0}, origin=2026), np.random.default_rng(0), 4000)
    own = Moore().fit(series[0]).predict(10).marginal(10)
    assert found.routes[0].cost[2036].median == pytest.approx(own.median, rel=0.05)
    assert found.routes[0].cost[2036].quantile(0.9) == pytest.approx(own.quantile(0.9), rel=0.08)
    with pytest.raises(ValueError, match="readiness draws"):
        route_outlook(function([Route("x", {2030: lognormal(0, 1)}, np.zeros(5))]), rng, 100)


def test_lomax(golden: dict[str, Any]) -> None:
    case = golden["readiness"]["lomax"]
    stage = Stage(case["prior_shape"], case["prior_rate"])
    assert float(stage.longer_than(4)) == case["p_longer_than_4"]
    graph = Graph((Node("a", trl=6, target=7),), {6: stage}, 2026.0)
    found = ready_by(graph, [2030], np.random.default_rng(0), 100_000)
    assert found.nodes[0].p_ready[2030] == pytest.approx(0.75, abs=0.005)


def exponential_graph(gate: str | int, n: int) -> Graph:
    sure = Stage(1e8, 1e8)  # a rate known to be one
    parts = tuple(Node(f"c{i}", trl=6, target=7) for i in range(n))
    return Graph((*parts, Node("system", gate, tuple(p.code for p in parts))), {6: sure}, 0.0)


@pytest.mark.parametrize(
    ("gate", "n", "key"),
    [("and", 2, "mean_AND"), ("or", 2, "mean_OR"), (2, 3, "two_of_three_iid_unit_exponentials_mean")],
)
def test_gates(golden: dict[str, Any], gate: str | int, n: int, key: str) -> None:
    cases = golden["readiness"]
    wanted = cases["two_iid_unit_exponentials"].get(key, cases.get(key))
    times = ready_by(exponential_graph(gate, n), [1], np.random.default_rng(0), 200_000).times
    assert times["system"].mean() == pytest.approx(wanted, abs=0.01)


def test_and_is_never_before_or_and_criticality_is_shared() -> None:
    strict = ready_by(exponential_graph("and", 3), [1, 2], np.random.default_rng(5), 20_000)
    loose = ready_by(exponential_graph("or", 3), [1, 2], np.random.default_rng(5), 20_000)
    assert np.all(strict.times["system"] >= loose.times["system"])
    shares = [n.criticality for n in strict.nodes if n.node != "system"]
    assert sum(shares) == pytest.approx(1)
    assert shares == pytest.approx([1 / 3] * 3, abs=0.02)
    assert all(n.leverage > 0 for n in strict.nodes if n.node != "system")


def test_exposure_slows_and_passages_speed_up() -> None:
    assert Stage(2, 4, 0, 6).longer_than(4) > Stage(2, 4).longer_than(4) > Stage(2, 4, 5, 6).longer_than(4)


def test_elicited_years_and_never() -> None:
    node = Node("a", elicited=Elicited(2030, 2034, 2040, 0.25))
    found = ready_by(Graph((node,), {}, 2026.0), [2030, 2034, 2040], np.random.default_rng(0), 100_000).nodes[0]
    assert list(found.p_ready.values()) == pytest.approx([0.075, 0.375, 0.675], abs=0.006)
    assert found.p_never == pytest.approx(0.25, abs=0.006)
    assert found.year.quantile(0.9) == np.inf


def test_graphs_that_contradict_themselves() -> None:
    with pytest.raises(GraphError, match="a → b → a") as caught:
        Graph((Node("a", needs=("b",)), Node("b", needs=("a",))), {}, 0.0)
    assert caught.value.code == "graph_cycle"
    with pytest.raises(GraphError, match="not there"):
        Graph((Node("a", needs=("zz",)),), {}, 0.0)
    with pytest.raises(GraphError, match="impossible"):
        Graph((Node("a", 3, ("b",)), Node("b")), {}, 0.0)
    with pytest.raises(GraphError, match="no stage"):
        Graph((Node("a", trl=3, target=5),), {3: Stage(2, 4)}, 0.0)
    with pytest.raises(GraphError, match="above the target"):
        Graph((Node("a", trl=8, target=5),), {}, 0.0)


def test_burst_by_exhaustive_search() -> None:
    rng = np.random.default_rng(0)
    from_all = [tuple((k >> i) & 1 for i in range(6)) for k in range(64)]
    for _ in range(20):
        d = rng.integers(20, 60, 6)
        r = rng.binomial(d, rng.choice([0.05, 0.3], 6))
        if r.sum() == 0:
            continue
        p0 = r.sum() / d.sum()
        p = (p0, min(2 * p0, 0.9999))

        def cost(states: tuple[int, ...], r: Any = r, d: Any = d, p: Any = p) -> float:
            total = 0.0
            before = 0
            for t, q in enumerate(states):
                total -= r[t] * np.log(p[q]) + (d[t] - r[t]) * np.log(1 - p[q])
                total += np.log(6) * max(q - before, 0)
                before = q
            return total

        best = min(cost(s) for s in from_all)
        assert cost(burst(r, d).states) == pytest.approx(best)
    with pytest.raises(ValueError, match="more than all"):
        burst([5], [3])


def test_large_counts_do_not_break_the_binomial() -> None:
    found = burst([10_000, 10_000, 90_000, 10_000], [1_000_000] * 4)
    assert found.intervals == ((2, 2),)
    assert np.isfinite(found.weight)


def test_candidates_count_records_not_periods() -> None:
    counts = np.array(
        [
            [1, 0, 0, 1, 1, 1, 1, 1, 1, 1],  # eight records, ten periods
            [1, 0, 0, 0, 0, 0, 1, 1, 1, 1],  # five records only
            [0, 0, 0, 5, 5, 5, 5, 5, 5, 5],  # nothing in the base
            [3, 3, 3, 3, 3, 3, 3, 3, 3, 3],  # a bit more than twice the base
            [9, 9, 9, 30, 30, 30, 30, 30, 30, 30],  # too large a share of the base
        ],
        dtype=float,
    )
    assert candidates(counts, np.full(10, 40.0)).tolist() == [True, False, False, True, False]
    assert emergence_scores(counts[:, 3:], np.full(7, 100.0))[2] == pytest.approx(0)


def test_signals_find_what_rises_and_back_test_it() -> None:
    rng = np.random.default_rng(0)
    years = list(range(2000, 2020))
    flat = rng.poisson(6, size=(200, 20))
    rising = rng.poisson(0.7 * 1.28 ** np.arange(20), size=(10, 20))
    table = pd.DataFrame(np.vstack([flat, rising]), index=[f"t{i}" for i in range(210)], columns=years)
    totals = pd.Series(3000, index=years)
    found = signals(table, totals, rng, top=10, null=200)
    top = found.terms.head(10)["term"].tolist()
    assert sum(int(t[1:]) >= 200 for t in top) >= 8
    assert found.terms["percentile"].dropna().between(0, 1).all()
    assert found.backtest["p_stays"].mean() > found.backtest["null_stays"].mean()
    with pytest.raises(ValueError, match="10 periods"):
        signals(table, totals, rng, until=2005)
