"""Rules against hand-checked choices and bench values; simulation that workers cannot change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biaochi.core.errors import UsageError
from biaochi.methods.allocation import (
    PLAIN,
    BatchState,
    Commit,
    Programme,
    World,
    policy_named,
    simulate,
    whatif,
    worlds_of,
)
from biaochi.methods.allocation.batch import decide, present
from biaochi.methods.allocation.commit import commit
from biaochi.methods.allocation.plain import roster
from biaochi.methods.allocation.weights import route_weights


def test_the_bench_first_funds_one_one_two_three_and_is_worth_what_it_should(bench):
    p = bench()
    chosen = commit(p, present(p), phi=1.0)
    assert chosen.mask(4, 4).sum(axis=2).tolist() == [[1, 1, 2, 3]]
    assert chosen.value(0.0)[0] == pytest.approx(59.1928, abs=5e-5)


def test_bench_values_of_the_rules(bench):
    p = bench()
    policies = [*PLAIN, Commit(4, 1)]
    runs = simulate(p, policies, n=10_000, rng=1)
    for name, value in (("commit:4:1", 57.9), ("stop_refill", 48.3), ("halving", 42.6), ("equal", 26.6)):
        assert abs(runs[(name, "base")].estimate.mean - value) < 4 * 0.38


def test_tight_money_breaks_the_formula_and_not_the_plain_rule(bench):
    p = bench(15.0)
    runs = simulate(p, [policy_named("commit:inf:3", p), PLAIN[2]], n=20_000, rng=1)
    assert runs[("commit:inf:3", "base")].estimate.mean == 0
    assert abs(runs[("stop_refill", "base")].estimate.mean - 13.5) < 1.0


def test_the_roster_takes_one_team_of_each_route_in_turn(bench):
    plan = roster(bench())
    assert plan.n == 5
    routes = [int(slot) // 4 for slot in plan.order[:4]]
    assert sorted(routes) == [0, 1, 2, 3]


def test_a_slow_greedy_finds_the_same_commitment(bench):
    p = bench()
    assert slow_greedy(p) == commit(p, present(p)).order[0][:7].tolist()


def slow_greedy(p: Programme) -> list[int]:
    """The greedy of the definition, one state, no vectors."""
    w = route_weights(p, present(p).code).marginal[0]
    q = [r.passing for r in p.routes]
    tau = [r.team_class for r in p.routes]
    chosen: list[tuple[int, np.ndarray]] = []
    order: list[int] = []
    left, room, T = p.budget, p.budget, p.rounds
    S = len(p.stages)
    while True:
        best: tuple[float, int, np.ndarray, float] | None = None
        for r in range(len(p.routes)):
            others = 1.0
            for o in range(len(p.routes)):
                if o != r:
                    others *= sum(w[o][k] * mean_g(p, o, [a[k] for x, a in chosen if x == o]) for k in range(3))
            for i in range(len(p.routes[r].teams)):
                slot = r * 4 + i
                if slot in order:
                    continue
                for m in range(min(3, T - S) + 1):
                    P = np.zeros(3)
                    C = 0.0
                    for k in range(3):
                        for j in range(3):
                            chain, spent = 1.0, 0.0
                            for s in range(S):
                                a = 1 - (1 - q[r][s, k, j]) ** (m + 1)
                                spent += chain * p.routes[r].cost[s] * a / q[r][s, k, j]
                                chain *= a
                            P[k] += tau[r][k, j] * chain
                            C += w[r][k] * tau[r][k, j] * spent
                    mine = [[a[k] for x, a in chosen if x == r] for k in range(3)]
                    gain = sum(w[r][k] * P[k] * (mean_g(p, r, mine[k]) - mean_g(p, r, mine[k], 1)) for k in range(3))
                    gain *= p.payoff.value * others
                    if room + 1e-9 >= C and p.routes[r].cost[0] <= left + 1e-9 and gain > 0:
                        score = gain / C
                        if best is None or score > best[0] + 1e-12:
                            best = (score, slot, P, C)
        if best is None:
            return order
        _, slot, P, C = best
        order.append(slot)
        chosen.append((slot // 4, P))
        room -= C
        left -= 1.0


def mean_g(p: Programme, r: int, chances: list[float], extra: int = 0) -> float:
    """E g(n + extra) with n Poisson-binomial."""
    law = np.ones(1)
    for c in chances:
        law = np.convolve(law, [1 - c, c])
    rho, beta = p.routes[r].coverage, p.payoff.overlap
    g = [float(np.prod([1 - rho * (beta ** (m - 1) if m > 1 else 1) for m in range(1, n + 1)])) for n in range(9)]
    return float(sum(law[n] * g[n + extra] for n in range(law.size)))


def test_workers_never_change_a_result(bench):
    p = bench()
    alone = simulate(p, [Commit(4, 1)], n=30_000, rng=3)[("commit:4:1", "base")]
    with ThreadPoolExecutor(2) as pool:
        shared = simulate(p, [Commit(4, 1)], n=30_000, rng=3, executor=pool)[("commit:4:1", "base")]
    assert np.array_equal(alone.value, shared.value)


def test_deciding_once_for_each_distinct_state_changes_nothing(bench):
    p = bench()
    rng = np.random.default_rng(5)
    code = np.broadcast_to(p.tables.start, (400, 4, 4)).copy()
    for _ in range(2):
        fund = rng.random(code.shape) < 0.4
        grade = (rng.random(code.shape) < 0.5).astype(int)
        after = p.graph.following[code, grade]
        code = np.where(fund & (after > 0), after, code)
    state = BatchState(2, code)
    for policy in (*PLAIN, Commit(3, 1.5)):
        spread = decide(policy, p, state)
        one_by_one = np.concatenate([policy(p, BatchState(2, code[i : i + 1])) for i in range(len(code))])
        cost = np.where(np.isfinite(p.tables.cost[code]), p.tables.cost[code], 0.0)
        assert np.allclose((spread * cost).sum(axis=(1, 2)), (one_by_one * cost).sum(axis=(1, 2)))
        if not policy.symmetric:
            assert np.array_equal(spread, one_by_one)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_rule_overspends_or_funds_what_cannot_be_funded(seed, randomly):
    p = randomly(seed)
    for policy in (*PLAIN, Commit(2, 1), Commit(np.inf, 3)):
        runs = simulate(p, [policy], n=60, rng=seed)[(policy.name, "base")]
        assert (runs.calls.sum(axis=1) <= p.budget + 1e-6).all()
        assert (runs.payoff <= p.payoff.value + 1e-9).all()


def test_worlds_change_the_truth_and_not_the_belief(bench):
    p = bench()
    codes = ("base", "noisy", "gamed", "optimistic", "harder", "reversed")
    assert tuple(worlds_of(p)) == codes
    runs = simulate(p, [Commit(4, 1)], n=3_000, worlds=list(worlds_of(p).values()), rng=1)
    means = {c: runs[("commit:4:1", c)].estimate.mean for c in codes}
    assert all(means["base"] > means[c] for c in codes[1:5])
    known = simulate(p, [Commit(4, 1)], n=3_000, worlds=[World("w", shift=-0.7, known=True)], rng=1)
    assert known[("commit:4:1", "w")].estimate.mean != means["harder"]


def test_whatif_finds_the_least_regretted_rule(bench):
    p = bench()
    found = whatif(
        p,
        ["equal", "stop_refill", "commit:4:1"],
        list(worlds_of(p).values())[:3],
        [30.0, 60.0],
        named=policy_named,
        n=2_000,
    )
    assert len(found.results) == 3 * 3 * 2
    assert [r.policy for r in found.minimax_regret] == ["commit:4:1", "commit:4:1"]
    assert {c.round for c in found.calls} == {1, 2, 3, 4, 5, 6}
    assert all(c.regret >= 0 for c in found.results)


@pytest.mark.parametrize("name", ["nonsense", "commit", "commit:0:1", "commit:2:-1", "commit:a:b", "lookahead:inf"])
def test_unknown_policies_are_wrong_usage(name, bench):
    with pytest.raises(UsageError):
        policy_named(name, bench())
