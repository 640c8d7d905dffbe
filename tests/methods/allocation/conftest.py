"""Programmes the tests share, and a slow oracle that knows nothing of nodes, merging or vectors."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from biaochi.methods.allocation import Programme
from biaochi.methods.allocation.irt import TEAM_CLASS, irt_pass


def random_programme(seed: int, *, factors: bool = False) -> Programme:
    """Return a small random programme: up to three routes, five teams, three stages."""
    rng = np.random.default_rng(seed)
    R, S = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    T = int(rng.integers(S, S + 3))
    K, J = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    n = [int(x) for x in rng.integers(1, 4, size=R)]
    while sum(n) > 5:
        n[int(np.argmax(n))] -= 1
    cost = np.sort(rng.integers(1, 10, size=S)).astype(float)
    programme = Programme.from_tables(
        [rng.dirichlet(np.ones(K)) for _ in range(R)],
        [np.stack([rng.dirichlet(np.ones(J)) for _ in range(K)]) for _ in range(R)],
        [np.sort(rng.random((S, K, J)), axis=1) for _ in range(R)],
        cost,
        n,
        rng.uniform(0.3, 1, R),
        B=float(rng.integers(int(cost.sum()), int(cost.sum() * sum(n)) + 2)),
        T=T,
        V=100,
        beta=float(rng.random()),
        lam=float(rng.choice([0, 0, 0.5, 1])),
        delta=float(rng.choice([1, 0.9])),
    )
    if factors:
        priors = tuple(tuple(rng.dirichlet(np.ones(K)) for _ in range(R)) for _ in range(2))
        weights = rng.dirichlet(np.ones(2))
        programme = Programme(**{**_fields(programme), "factors": tuple(weights), "factor_priors": priors})
    return programme


def _fields(programme: Programme) -> dict[str, Any]:
    return {name: getattr(programme, name) for name in Programme.__dataclass_fields__}


def oracle_value(p: Programme) -> float:
    """Return the optimum by brute force over labelled histories, in plain Python."""
    teams = [(r, i) for r, route in enumerate(p.routes) for i in range(len(route.teams))]
    passing = [route.passing for route in p.routes]

    def weight(history: tuple[tuple[tuple[int, bool], ...], ...]) -> float:
        """Prior probability of every team's record: a tuple of (stage, passed) a team."""
        total = 0.0
        for pf, priors in zip(p.factors, p.factor_priors, strict=True):
            product = pf
            for r, route in enumerate(p.routes):
                over_k = 0.0
                for k, pk in enumerate(priors[r]):
                    term = pk
                    for t, (rr, _) in enumerate(teams):
                        if rr == r:
                            term *= sum(
                                route.team_class[k][j] * _likelihood(passing[r], k, j, history[t])
                                for j in range(route.team_class.shape[1])
                            )
                    over_k += term
                product *= over_k
            total += product
        return total

    def worth(history: tuple[tuple[tuple[int, bool], ...], ...]) -> float:
        left = 1.0
        for r, route in enumerate(p.routes):
            n = sum(_stage(history[t]) == len(p.stages) for t, (rr, _) in enumerate(teams) if rr == r)
            for m in range(1, n + 1):
                beta = p.payoff.overlap ** (m - 1) if m > 1 else 1.0
                left *= 1 - route.coverage * beta
        return p.payoff.value * (1 - left)

    @cache
    def best(t: int, history: tuple[tuple[tuple[int, bool], ...], ...]) -> float:
        if t == p.rounds:
            return 0.0
        spent = sum(p.routes[r].cost[s] for n, (r, _) in enumerate(teams) for s, _ in history[n])
        able = [n for n in range(len(teams)) if _stage(history[n]) < len(p.stages)]
        here, before = weight(history), worth(history)
        top = -np.inf
        for size in range(len(able) + 1):
            for chosen in itertools.combinations(able, size):
                cost = sum(p.routes[teams[n][0]].cost[_stage(history[n])] for n in chosen)
                if cost > min(p.budget - spent, p.caps[t]) + 1e-9:
                    continue
                value = -p.return_value * cost
                for outcome in itertools.product((False, True), repeat=size):
                    after = list(history)
                    for n, passed in zip(chosen, outcome, strict=True):
                        after[n] = (*history[n], (_stage(history[n]), passed))
                    new = tuple(tuple(sorted(h)) for h in after)
                    chance = weight(new) / here
                    if chance > 0:
                        value += p.discount * chance * (worth(new) - before + best(t + 1, new))
                top = max(top, value)
        return top

    return best(0, tuple(() for _ in teams))


def _stage(record: tuple[tuple[int, bool], ...]) -> int:
    return sum(passed for _, passed in record)


def _likelihood(passing: np.ndarray, k: int, j: int, record: tuple[tuple[int, bool], ...]) -> float:
    value = 1.0
    for s, passed in record:
        value *= passing[s][k][j] if passed else 1 - passing[s][k][j]
    return value


@pytest.fixture
def bench() -> Callable[..., Programme]:
    """Return the bench programme of four routes with four teams each."""

    def make(budget: float = 60.0, rounds: int = 6) -> Programme:
        q = irt_pass([-0.3, 0.4, 1], false_pass=0.1, false_miss=0.1)
        pi = [(0.35, 0.4, 0.25), (0.45, 0.35, 0.2), (0.5, 0.3, 0.2), (0.6, 0.25, 0.15)]
        tau = np.tile(TEAM_CLASS, (3, 1))
        return Programme.from_tables(
            pi, [tau] * 4, [q] * 4, [1, 3, 8], 4, [0.5, 0.6, 0.7, 0.9], B=budget, T=rounds, V=100, beta=0.3, lam=0
        )

    return make


@pytest.fixture
def randomly() -> Callable[..., Programme]:
    """Return the maker of small random programmes."""
    return random_programme


@pytest.fixture
def oracle() -> Callable[[Programme], float]:
    """Return the slow optimum."""
    return oracle_value


@pytest.fixture
def worked() -> dict[str, Any]:
    """Return the programme file of the worked example: a review, then a pilot, one observation."""
    return {
        "schema": "biaochi.fund.programme/1",
        "stages": [{"code": "review", "cost": 1}, {"code": "pilot", "cost": 10}],
        "rounds": {"count": 3, "caps": [5, None, None]},
        "budget": 21,
        "payoff": {"kind": "coverage", "value": 100, "overlap": 0.3},
        "objective": {"return_value": 1, "discount": 1},
        "routes": [
            {
                "code": "a",
                "class_prior": [0.5, 0.5],
                "team_class": [[1], [1]],
                "pass": [[[0.2], [0.8]], [[0], [0.5]]],
                "coverage": 0.8,
                "teams": ["a1"],
            }
        ],
        "observations": [{"round": 1, "team": "a1", "outcome": "pass"}],
    }
