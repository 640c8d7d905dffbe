"""The exact solver against hand-worked examples, a slow oracle, and what must hold of any optimum."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from biaochi.methods.allocation import (
    PLAIN,
    Commit,
    Lookahead,
    Observation,
    Programme,
    TooLargeError,
    evaluate,
    pandora,
    policy_named,
    simulate,
    solve,
)

ONE = [[[1], [1]]]
HALF = [[[[0], [0.5]]]]


def single(pi, q, cost, n, rho, **rest):
    return Programme.from_tables([pi], ONE, q, cost, n, [rho], **rest)


def test_a_single_team_may_be_tried_until_its_chance_no_longer_pays():
    p = single((0.5, 0.5), HALF, [10], 1, 0.9, B=30, T=3, V=100, lam=1)
    assert solve(p).value == pytest.approx(16.25, abs=1e-9)


@pytest.mark.parametrize(("rounds", "value"), [(1, 10.0), (2, 12.0)])
def test_with_a_second_round_the_second_team_waits_for_what_the_first_teaches(rounds, value):
    solution = solve(single((0.6, 0.4), HALF, [10], 2, 1.0, B=20, T=rounds, V=100, lam=1))
    assert solution.value == pytest.approx(value, abs=1e-9)
    both = next(a for a in solution.actions if len(a.fund) == 2)
    assert both.value == pytest.approx(10, abs=1e-9)


def test_two_routes_are_worth_more_than_two_teams_on_one():
    one = single((0.6, 0.4), HALF, [10], 2, 1.0, B=20, T=1, V=1, lam=0)
    two = Programme.from_tables([(0.6, 0.4)] * 2, ONE * 2, HALF * 2, [10], 1, [1, 1], B=20, T=1, V=1, lam=0)
    assert solve(one).value == pytest.approx(0.30, abs=1e-12)
    assert solve(two).value == pytest.approx(0.36, abs=1e-12)


def test_the_worked_file_after_a_pass_a_miss_and_unobserved(worked):
    assert solve(Programme.from_json(worked)).value == pytest.approx(32, abs=1e-9)
    worked["observations"][0]["outcome"] = "miss"
    assert solve(Programme.from_json(worked)).value == pytest.approx(2.2, abs=1e-9)
    worked["observations"] = []
    fresh = Programme.from_json(worked)
    assert solve(fresh).value == pytest.approx(16.1, abs=1e-9)
    best = {a.fund: a.value for a in solve(fresh).actions}
    assert best[("a1",)] == pytest.approx(16.1, abs=1e-9)


def test_without_a_second_review_the_worked_example_is_worth_fifteen(worked):
    """A miss of the review ends it: .5·32−1 with the review once; tried twice it is 16.1."""
    worked["observations"] = []
    p = Programme.from_json(worked)
    assert evaluate(p, policy_named("stop", p)).value < 15
    once = 0.5 * 32 - 1
    assert once == pytest.approx(15)
    assert solve(p).value == pytest.approx(once + 0.5 * 2.2, abs=1e-9)


def test_weitzman_boxes_by_formula_and_by_induction():
    boxes = pandora([2, 1, 3], [[10], [4], [20]], [[0.5], [0.5], [0.25]])
    assert boxes.reservation == (6.0, 2.0, 8.0)
    assert boxes.value == pytest.approx(4.625, abs=1e-12)
    routes = [
        {
            "code": code,
            "class_prior": [1 - q, q],
            "team_class": [[1], [1]],
            "pass": [[[0], [1]]],
            "cost": [cost],
            "prizes": [0, prize],
            "teams": 1,
        }
        for code, cost, prize, q in (("a", 2, 10, 0.5), ("b", 1, 4, 0.5), ("c", 3, 20, 0.25))
    ]
    p = Programme.from_json(
        {
            "schema": "biaochi.fund.programme/1",
            "stages": [{"code": "open", "cost": 1}],
            "rounds": {"count": 3},
            "budget": None,
            "payoff": {"kind": "best_prize"},
            "routes": routes,
        }
    )
    assert solve(p).value == pytest.approx(4.625, abs=1e-9)


@pytest.mark.parametrize("seed", [0, 2, 3, 5, 7, 8, 10, 24, 35, 43])
def test_the_solver_agrees_with_brute_force(seed, randomly, oracle):
    p = randomly(seed)
    p = replace(p, rounds=min(p.rounds, 3), caps=p.caps[: min(p.rounds, 3)])
    if sum(len(r.teams) for r in p.routes) > 4:
        p = replace(p, routes=p.routes[:1], factor_priors=())
    assert solve(p).value == pytest.approx(oracle(p), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_solver_agrees_with_brute_force_when_factors_mix_the_routes(seed, randomly, oracle):
    p = randomly(seed, factors=True)
    p = replace(p, rounds=min(p.rounds, 2), caps=p.caps[:2])
    assert solve(p).value == pytest.approx(oracle(p), abs=1e-9)


@pytest.mark.parametrize("seed", range(0, 40, 3))
def test_no_policy_beats_the_optimum_and_the_optimal_policy_reaches_it(seed, randomly):
    p = randomly(seed)
    try:
        solution = solve(p, limit=2_000)
    except TooLargeError:
        return
    top = solution.value + 1e-9
    for policy in (*PLAIN, Commit(2, 1.5), Lookahead(1.0)):
        assert evaluate(p, policy).value <= top
    assert evaluate(p, policy_named("exact", p)).value == pytest.approx(solution.value, abs=1e-9)


@pytest.mark.parametrize("seed", range(1, 40, 3))
def test_more_money_never_hurts_and_the_order_of_routes_does_not_matter(seed, randomly):
    p = randomly(seed)
    try:
        value = solve(p, limit=2_000).value
        richer = solve(p.with_budget(p.budget + 7), limit=20_000).value
    except TooLargeError:
        return
    assert richer >= value - 1e-9
    turned = replace(p, routes=p.routes[::-1], factor_priors=())
    assert solve(turned, limit=2_000).value == pytest.approx(value, abs=1e-9)


def test_the_present_state_restarts_the_clock_and_forgets_past_money(worked):
    data = copy.deepcopy(worked)
    data["objective"]["discount"] = 0.5
    p = Programme.from_json(data)
    first = 0.4 * 80
    second = (0.8 * 0.5 / 0.6) * 0.5 * 80
    again = 0.6 * 0.5 * max(0.0, 0.5 * second - 10)
    assert solve(p).value == pytest.approx(0.5 * first - 10 + again, abs=1e-9)


def test_a_limit_refuses_instead_of_running_away(bench):
    with pytest.raises(TooLargeError):
        solve(bench(), limit=5_000)


def test_exact_values_lie_within_four_standard_errors_of_simulated_ones(randomly):
    for seed in (0, 10, 35):
        p = randomly(seed)
        policies = [*PLAIN, Commit(2, 1), policy_named("exact", p)]
        runs = simulate(p, policies, n=8_000, rng=seed)
        for policy in policies:
            found = runs[(policy.name, "base")].estimate
            assert abs(found.mean - evaluate(p, policy).value) <= 4 * found.se + 1e-9


def test_observations_move_the_optimum_as_the_tree_says(randomly):
    """The value before a round is the mean of the values after it."""
    p = Programme.from_tables([(0.5, 0.5)], ONE, [[[[0.3], [0.8]], [[0.1], [0.6]]]], [2, 5], 1, [0.9], B=30, T=4, V=100)
    best = solve(p).best
    assert best.fund == ("a-1",)
    q = 0.5 * 0.3 + 0.5 * 0.8
    after = [solve(replace(p, observations=(Observation(1, "a-1", y),), elapsed=1)).value for y in (0, 1)]
    assert best.value == pytest.approx(-2 + (1 - q) * after[0] + q * after[1], abs=1e-9)
