"""One simulated year at three stations: regions choose tracks, a fund explores routes, a sandbox guards cases.

Every station draws its luck from its own generator, so that all policies meet the same years.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from biaochi.methods.allocation.policies import policy_named
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import World
from biaochi.methods.allocation.simulate import Runs, simulate
from biaochi.methods.specialisation.coordination.congestion import Congestion, play, welfare
from biaochi.methods.surveillance.replay import replay
from biaochi.methods.surveillance.rule import Method, Rule
from biaochi.programme.simulation.assumptions import Assumptions

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """What the regions' choices of all years came to: true welfare a year, and places nobody needed a year."""

    welfare: float
    overcapacity: float


def choose(ruler: bool, disclosure: bool, assumed: Assumptions, years: int, seed: np.random.SeedSequence) -> Layout:
    """Let the regions choose for some years, by what they believe (ruler) and know of one another (disclosure)."""
    rng = np.random.default_rng(seed)
    shape = (assumed.regions, assumed.tracks)
    own, common = rng.normal(size=shape), rng.normal(size=assumed.tracks)
    ability = own + common
    truth = expit(ability)
    demand = np.clip(rng.normal(assumed.demand, assumed.demand / 2, assumed.tracks), 0.5, None)
    market = Congestion(demand, np.ones(assumed.tracks), np.full(assumed.tracks, assumed.loss))
    found = []
    for year in range(years):
        error = rng.normal(size=shape)
        spread = assumed.noise_without
        if ruler:
            spread = assumed.noise_with / np.sqrt(1 + assumed.learning * year)
        believed = pd.DataFrame(expit(ability + spread * error))
        outcome = play(believed, market, game="nash" if disclosure else "herd", k=assumed.picks)
        unneeded = np.maximum(outcome.n - demand, 0.0).sum()
        found.append((welfare(truth, outcome.chosen, market), float(unneeded)))
    mean = np.mean(found, axis=0)
    return Layout(float(mean[0]), float(mean[1]))


def fund_of(routes: int, assumed: Assumptions) -> Programme:
    """Return the fund's programme with its teams spread over so many routes; the same teams and money for each."""
    counts = [assumed.teams // routes + (r < assumed.teams % routes) for r in range(routes)]
    passing = [[[0.15], [0.55], [0.85]], [[0.05], [0.45], [0.8]], [[0.02], [0.35], [0.7]]]
    return Programme.from_tables(
        [[0.4, 0.35, 0.25]] * routes,
        [[[1.0]] * 3] * routes,
        [passing] * routes,
        [1.0, 3.0, 8.0],
        counts,
        0.8,
        float(assumed.budget),
        assumed.rounds,
        V=1.0,
        beta=0.3,
        lam=0.0,
    )


def explore(
    routes: int,
    review_noise: float,
    assumed: Assumptions,
    runs: int,
    seed: np.random.SeedSequence,
    executor: Executor | None = None,
) -> Runs:
    """Run the fund many times under the rule "stop what misses, refill", with reviews as noisy as the policy says."""
    programme = fund_of(routes, assumed)
    world = World("reviews", false_pass=review_noise, false_miss=review_noise)
    rule = policy_named("stop_refill", programme)
    found = simulate(programme, [rule], n=runs, worlds=[world], rng=seed, executor=executor)
    return found[rule.name, world.code]


@dataclass(frozen=True)
class Guarded:
    """What a year of sandbox cases came to.

    ``harm``: events above the permitted number before harmful cases were paused; ``false_pauses``: share of harmless
    cases that were paused; ``missed``: share of harmful cases never paused.
    """

    harm: float
    false_pauses: float
    missed: float


def guard(alpha: float, assumed: Assumptions, seed: np.random.SeedSequence) -> Guarded:
    """Watch one year of cases, each with a registered e-process on its rate of harm."""
    rng = np.random.default_rng(seed)
    harmful = rng.random(assumed.cases) < assumed.harmful_share
    rate = assumed.cap * np.where(harmful, assumed.harmful_rate, assumed.harmless_rate)
    events = (rng.random((assumed.cases, assumed.readings)) < rate[:, None]).astype(float)
    rule = Rule(Method.BETA, cap=assumed.cap, alpha=alpha)
    alarm = replay(events, rule).alarm_index
    until = np.where(alarm == 0, assumed.readings, alarm)
    seen = np.array([row[:end].sum() for row, end in zip(events, until, strict=True)])
    excess = np.where(harmful, seen - assumed.cap * until, 0.0).sum()
    return Guarded(
        float(max(excess, 0.0)),
        float((alarm[~harmful] > 0).mean()) if (~harmful).any() else 0.0,
        float((alarm[harmful] == 0).mean()) if harmful.any() else 0.0,
    )
