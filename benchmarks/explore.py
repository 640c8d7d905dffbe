"""Numbers and speeds of allocation, run by hand.

    python benchmarks/explore.py [--shared ../shared] [--part bench|speed|rollout|traps|sbir]

Prints one line a claim of the documentation; processor seconds of this machine, ratios to a naive twin in the same run.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from biaochi.methods.allocation import (
    PLAIN,
    Commit,
    Programme,
    Rollout,
    TooLargeError,
    evaluate,
    policy_named,
    recommend,
    simulate,
    solve,
    worlds_of,
)
from biaochi.methods.allocation.batch import present
from biaochi.methods.allocation.commit import commit
from biaochi.methods.allocation.irt import TEAM_CLASS, irt_pass

PRIORS = [(0.35, 0.4, 0.25), (0.45, 0.35, 0.2), (0.5, 0.3, 0.2), (0.6, 0.25, 0.15)]
COVERAGE = [0.5, 0.6, 0.7, 0.9]


def bench_programme(budget: float = 60.0, rounds: int = 6, routes: int = 4, teams: int = 4) -> Programme:
    """Return the bench: four routes, four teams each, three stages."""
    q = irt_pass([-0.3, 0.4, 1], false_pass=0.1, false_miss=0.1)
    tau = np.tile(TEAM_CLASS, (3, 1))
    return Programme.from_tables(
        PRIORS[:routes],
        [tau] * routes,
        [q] * routes,
        [1, 3, 8],
        teams,
        COVERAGE[:routes],
        B=budget,
        T=rounds,
        V=100,
        beta=0.3,
        lam=0,
    )


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Return processor seconds and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def bench(_: Path) -> None:
    """Values of the rules on the bench."""
    p = bench_programme()
    chosen = commit(p, present(p))
    print("commit:inf:1 first funds", chosen.mask(4, 4).sum(axis=2)[0].tolist(), f"value {chosen.value(0.0)[0]:.4f}")
    for budget in (60.0, 15.0):
        here = bench_programme(budget)
        policies = [*PLAIN, Commit(4, 1), Commit(np.inf, 3)]
        for (name, _), runs in simulate(here, policies, n=100_000, rng=1).items():
            print(f"B={budget:g} {name:14s} {runs.estimate.mean:6.2f} se {runs.estimate.se:.2f}")


def speed(_: Path) -> None:
    """Seconds of the big runs, and the ratio to a scalar twin."""
    p = bench_programme()
    seconds, _ = timed(lambda: simulate(p, [Commit(4, 1)], n=100_000, rng=1))
    print(f"100,000 runs of commit:4:1: {seconds:.1f} s")
    seconds, _ = timed(lambda: recommend(p, paths=1000))
    print(f"a review with 1,000 paths: {seconds:.1f} s")
    small = bench_programme(30.0, 5, 2, 2)
    seconds, solution = timed(lambda: solve(small))
    print(f"{solution.states:,} states solved: {seconds:.1f} s")  # type: ignore[attr-defined]
    together, _ = timed(lambda: simulate(p, [Commit(4, 1)], n=50_000, rng=1))
    alone, _ = timed(lambda: [simulate(p, [Commit(4, 1)], n=1, rng=k) for k in range(40)])
    print(
        f"commit:4:1 run by run {alone / 40 * 1e3:.1f} ms, together {together / 50_000 * 1e6:.0f} us a run: "
        f"{alone / 40 / (together / 50_000):.0f} times"
    )
    fast, _ = timed(lambda: simulate(p, [PLAIN[1]], n=50_000, rng=1))
    slow, mean = timed(lambda: scalar_stop(p, 500))
    print(
        f"stop: scalar twin {slow / 500 * 1e6:.0f} us a run, here {fast / 50_000 * 1e6:.1f} us: "
        f"{slow / 500 / (fast / 50_000):.0f} times; means {mean:.1f}"
    )


def scalar_stop(p: Programme, n: int) -> float:
    """Simulate the rule ``stop`` run by run, in plain Python."""
    rng = np.random.default_rng(2)
    S = len(p.stages)
    by_worth = sorted(
        range(len(p.routes)), key=lambda r: -p.routes[r].coverage * float(p.routes[r].prior @ np.arange(3))
    )
    order = [(r, i) for i in range(4) for r in by_worth][: int(p.budget // float(p.routes[0].cost.sum()))]
    total = 0.0
    for _ in range(n):
        classes = [rng.choice(3, p=route.prior) for route in p.routes]
        teams = {(r, i): rng.choice(3, p=p.routes[r].team_class[classes[r]]) for r, i in order}
        stage = dict.fromkeys(order, 0)
        alive = set(order)
        left = p.budget
        for _ in range(p.rounds):
            for key in sorted(alive, key=lambda k: -stage[k]):
                r, _i = key
                s = stage[key]
                if s == S or p.routes[r].cost[s] > left:
                    continue
                left -= p.routes[r].cost[s]
                if rng.random() < p.routes[r].passing[s, classes[r], teams[key]]:
                    stage[key] += 1
                else:
                    alive.discard(key)
        uncovered = 1.0
        for r, route in enumerate(p.routes):
            for m in range(sum(stage[k] == S for k in order if k[0] == r)):
                uncovered *= 1 - route.coverage * p.payoff.overlap**m
        total += p.payoff.value * (1 - uncovered)
    return total / n


def random_programme(seed: int) -> Programme:
    """Return a small random programme: up to three routes, five teams, three stages."""
    rng = np.random.default_rng(seed)
    R, S = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    T = int(rng.integers(S, S + 3))
    K, J = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    n = [int(x) for x in rng.integers(1, 4, size=R)]
    while sum(n) > 5:
        n[int(np.argmax(n))] -= 1
    cost = np.sort(rng.integers(1, 10, size=S)).astype(float)
    return Programme.from_tables(
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


def rollout(_: Path, wanted: int = 200) -> None:
    """Rollout against the exact optimum on small random programmes."""
    actions, values, policies = [], [], []
    seed = 0
    while len(actions) < wanted:
        p = random_programme(seed)
        seed += 1
        try:
            solution = solve(p, limit=60_000)
        except TooLargeError:
            continue
        if solution.value < 1e-9:
            continue
        advice = recommend(p, limit=0)
        exact = {a.fund: a.value for a in solution.actions}
        actions.append(exact[advice.recommended.fund] / solution.value)
        values.append(advice.recommended.value.mean / solution.value)
        policies.append(evaluate(p, Rollout()).value / solution.value)
    for name, ratios in (("action recommended", actions), ("value stated", values), ("followed to the end", policies)):
        print(
            f"rollout, {name}: mean {np.mean(ratios):.4f}, worst {min(ratios):.4f} of the optimum, {wanted} programmes"
        )
    tight = bench_programme(15.0)
    best = max(r.estimate.mean for r in simulate(tight, list(PLAIN), n=20_000, rng=1).values())
    advice = recommend(tight, limit=0, paths=4000)
    print(
        f"tight budget: rollout {advice.recommended.value.mean:.2f} se {advice.recommended.value.se:.2f}, "
        f"best plain rule {best:.2f}"
    )


def traps(_: Path) -> None:
    """What goes wrong when the model is believed too much."""
    p = bench_programme()
    worlds = list(worlds_of(p).values())
    runs = simulate(
        p, [policy_named(n, p) for n in ("commit:4:1", "stop_refill", "halving")], n=50_000, worlds=worlds, rng=1
    )
    for (name, world), found in runs.items():
        print(f"{world:10s} {name:12s} {found.estimate.mean:6.2f} se {found.estimate.se:.2f}")


def sbir(shared: Path) -> None:
    """Phase I awards of 1984-96 that were followed by Phase II: the base rate of a first stage."""
    first = linked = 0
    with gzip.open(shared / "data" / "d_projects" / "sbir_awards_1983_2018.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["phase"] == "1" and 1984 <= int(row["year"]) <= 1996:
                first += 1
                linked += bool(row["phase2_award_id"])
    print(f"SBIR 1984-96: {linked:,} of {first:,} Phase I awards linked to Phase II ({linked / first:.1%})")


PARTS = {"bench": bench, "speed": speed, "rollout": rollout, "traps": traps, "sbir": sbir}


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("--part", choices=sorted(PARTS))
    options = parser.parse_args()
    for name, part in PARTS.items():
        if options.part in (None, name):
            part(options.shared)


if __name__ == "__main__":
    main()
