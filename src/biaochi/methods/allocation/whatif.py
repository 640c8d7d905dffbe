"""Policies against worlds and budgets: what each rule brings where, and which one is regretted least."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.batch import Policy
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import World
from biaochi.methods.allocation.simulate import Estimate, Runs, simulate


@dataclass(frozen=True)
class Cell:
    """One policy in one world with one budget."""

    policy: str
    world: str
    budget: float
    value: Estimate
    p_no_success: float
    p10: float
    spend: float
    stopped: float
    spent_on_stopped: float
    regret: float


@dataclass(frozen=True)
class Regret:
    """The policy whose greatest regret over the worlds is least, at one budget."""

    budget: float
    policy: str
    regret: float


@dataclass(frozen=True)
class Call:
    """Money called by a policy in one round, in the first world and budget."""

    policy: str
    round: int
    p50: float
    p90: float


@dataclass(frozen=True)
class Whatif:
    """Everything simulated."""

    results: tuple[Cell, ...]
    minimax_regret: tuple[Regret, ...]
    calls: tuple[Call, ...]


def whatif(
    programme: Programme,
    policies: Sequence[str],
    worlds: Sequence[World],
    budgets: Sequence[float],
    *,
    named: Callable[[str, Programme], Policy],
    n: int,
    seed: int = 0,
    executor: Executor | None = None,
) -> Whatif:
    """Simulate policies in worlds with budgets, common random numbers throughout.

    Parameters
    ----------
    policies : sequence of str
    worlds : sequence of World
    budgets : sequence of float
        Total budgets, ``inf`` for none.
    named : callable
        (name, programme) → Policy.
    n : int
        Runs of each.
    """
    cells: list[Cell] = []
    calls: list[Call] = []
    regrets: list[Regret] = []
    for budget in budgets:
        here = programme.with_budget(budget)
        rules = [named(name, here) for name in policies]
        worst: dict[str, float] = dict.fromkeys((r.name for r in rules), 0.0)
        for world in worlds:
            runs = simulate(here, rules, n=n, worlds=(world,), rng=np.random.SeedSequence(seed), executor=executor)
            means = {rule.name: float(runs[(rule.name, world.code)].value.mean()) for rule in rules}
            best = max(means.values())
            for rule in rules:
                found = runs[(rule.name, world.code)]
                cells.append(_cell(rule.name, world.code, budget, found, best - means[rule.name]))
                worst[rule.name] = max(worst[rule.name], best - means[rule.name])
                if budget == budgets[0] and world is worlds[0]:
                    calls += _calls(rule.name, found, programme.elapsed)
        least = min(worst, key=lambda name: worst[name])
        regrets.append(Regret(budget, least, worst[least]))
    return Whatif(tuple(cells), tuple(regrets), tuple(calls))


def _cell(policy: str, world: str, budget: float, runs: Runs, regret: float) -> Cell:
    return Cell(
        policy,
        world,
        budget,
        runs.estimate,
        runs.p_no_success,
        float(np.quantile(runs.payoff, 0.1)),
        runs.spend,
        runs.stopped,
        runs.spent_on_stopped,
        regret,
    )


def _calls(policy: str, runs: Runs, elapsed: int) -> list[Call]:
    middle, high = np.quantile(runs.calls, [0.5, 0.9], axis=0)
    return [Call(policy, elapsed + t + 1, float(middle[t]), float(high[t])) for t in range(middle.size)]
