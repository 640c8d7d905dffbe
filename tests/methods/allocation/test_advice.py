"""Recommendation: exact and by rollout, ties, flips, bands; rollout against the optimum on random programmes."""

from __future__ import annotations

import numpy as np
import pytest

from biaochi.methods.allocation import Programme, Rollout, TooLargeError, evaluate, recommend, solve


def test_the_worked_file_continues_and_flips_when_the_pilot_costs_twice(worked):
    advice = recommend(Programme.from_json(worked))
    assert (advice.method, advice.recommended.fund, advice.clear) == ("exact", ("a1",), True)
    assert advice.recommended.value.mean == pytest.approx(32)
    team = advice.teams[0]
    assert team.marginal == pytest.approx(10)
    assert team.p_success_if_funded == pytest.approx(0.6)
    assert team.p_success_if_not == pytest.approx(0.4)
    assert team.flip.cost_factor == pytest.approx(2.0, abs=1e-6)
    assert team.flip.tilt is not None
    assert advice.band[0] < 32 < advice.band[1]


def test_like_teams_leave_a_lottery():
    p = Programme.from_tables([(0.6, 0.4)], [[[1], [1]]], [[[[0], [0.5]]]], [10], 2, [1], B=20, T=2, V=100, lam=1)
    advice = recommend(p)
    assert advice.lottery
    assert advice.recommended.fund == ("a-1",)
    first, second = advice.teams
    assert (first.funded, second.funded) == (True, False)
    assert second.p_later == pytest.approx(0.8)
    assert second.marginal == pytest.approx(2.0)


def test_ties_are_listed_and_more_teams_preferred():
    p = Programme.from_tables([(1.0,)] * 2, [[[1]]] * 2, [[[[0.5]]]] * 2, [1], 1, [1, 1], B=1, T=1, V=10, lam=0)
    advice = recommend(p)
    assert not advice.clear
    assert set(advice.tied) == {("a-1",), ("b-1",)}
    assert advice.recommended.fund == ("a-1",)


def test_without_rounds_there_is_nothing_to_fund(worked):
    worked["elapsed"] = 3
    for limit in (0, 250_000):
        advice = recommend(Programme.from_json(worked), limit=limit)
        assert advice.recommended.fund == ()
        assert advice.recommended.value.mean == 0


def test_rollout_simulated_gives_standard_errors_and_compares_on_the_same_paths(bench):
    advice = recommend(bench(), limit=0, paths=60, rng=1)
    assert advice.method == "rollout"
    assert advice.recommended.value.se > 0
    assert () in {c.fund for c in advice.candidates}
    again = recommend(bench(), limit=0, paths=60, rng=1)
    assert again.recommended.fund == advice.recommended.fund
    assert again.recommended.value == advice.recommended.value


def test_rollout_comes_within_a_few_hundredths_of_the_optimum_on_random_programmes(randomly):
    chosen, valued = [], []
    for seed in range(26):
        p = randomly(seed)
        try:
            solution = solve(p, limit=700)
        except TooLargeError:
            continue
        if solution.value < 1e-6:
            continue
        advice = recommend(p, limit=0)
        exact = {a.fund: a.value for a in solution.actions}
        chosen.append(exact[advice.recommended.fund] / solution.value)
        valued.append(advice.recommended.value.mean / solution.value)
    assert len(chosen) >= 12
    for ratios in (chosen, valued):
        assert np.mean(ratios) >= 0.97
        assert min(ratios) >= 0.93


def test_rollout_as_a_policy_is_never_below_the_plain_rules(randomly):
    for seed in (0, 24, 35):
        p = randomly(seed)
        value = evaluate(p, Rollout()).value
        assert value >= 0.97 * solve(p).value - 1e-9


@pytest.mark.parametrize(
    "changes",
    [
        {"budget": None, "caps": None},
        {"budget": 0},
        {"costs": 0},
        {"value": 0},
        {"teams": 3},
        {"pass": [[[1], [1]], [[1], [1]]]},
        {"pass": [[[0], [0]], [[0], [0]]]},
        {"teams": 70},
    ],
    ids=str,
)
def test_extreme_programmes_are_advised_on_without_a_crash_or_a_warning(changes, worked, recwarn):
    worked["observations"] = []
    if "budget" in changes:
        worked["budget"] = changes["budget"]
    if "caps" in changes:
        worked["rounds"]["caps"] = changes["caps"]
    if "costs" in changes:
        worked["stages"] = [{"code": c, "cost": changes["costs"]} for c in ("review", "pilot")]
    if "value" in changes:
        worked["payoff"]["value"] = changes["value"]
    worked["routes"][0]["pass"] = changes.get("pass", worked["routes"][0]["pass"])
    worked["routes"][0]["teams"] = changes.get("teams", 2)
    p = Programme.from_json(worked)
    advice = recommend(p, limit=0, paths=20)
    assert advice.recommended.cost <= min(p.left, p.caps[0]) + 1e-9
    assert np.isfinite(advice.recommended.value.mean)
    if changes.get("teams") != 70:
        assert advice.recommended.value.mean == pytest.approx(solve(p).value, abs=1e-6)
    assert not [w for w in recwarn.list if issubclass(w.category, RuntimeWarning)]
