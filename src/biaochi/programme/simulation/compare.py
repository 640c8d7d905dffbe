"""Run every policy through the same simulated worlds and compare outcome by outcome, with intervals.

A world's seed depends on its number only, so the executor and the number of workers change no digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from biaochi.core.text import Text
from biaochi.programme.simulation.assumptions import Assumptions
from biaochi.programme.simulation.policy import Policy
from biaochi.programme.simulation.stations import choose, explore, guard

Array = NDArray[np.float64]
CHUNK = 25

OUTCOMES: Mapping[str, Text] = {
    "welfare": Text(
        "布局的净收益（每年，以最适合的一处为 1）", "net gain of the layout, a year (a perfectly suited place = 1)"
    ),
    "overcapacity": Text("没有需求的布点（每年）", "places nobody needs, a year"),
    "success": Text("基金攻克目标的价值（每年，满分 1）", "value the fund reaches, a year (at most 1)"),
    "spend": Text("基金花掉的钱（每年，以第一阶段成本计）", "money the fund spends, a year (first-stage costs)"),
    "harm": Text(
        "有害案例叫停前超出允许的事件（每年）", "events above the permitted before harmful cases pause, a year"
    ),
    "false_pauses": Text("无害案例被误停的占比", "share of harmless cases paused"),
    "missed": Text("有害案例始终未被叫停的占比", "share of harmful cases never paused"),
}


@dataclass(frozen=True)
class Estimate:
    """The mean over worlds with its interval, and the 5 % and 95 % quantiles of single worlds."""

    mean: float
    low: float
    high: float
    p05: float
    p95: float


@dataclass(frozen=True)
class Comparison:
    """Outcomes of every policy in every world.

    Attributes
    ----------
    policies : tuple of Policy
    outcomes : mapping of str to ndarray, shape (policies, worlds)
    confidence : float
    assumed : Assumptions
    years : int
    """

    policies: tuple[Policy, ...]
    outcomes: Mapping[str, Array]
    confidence: float
    assumed: Assumptions
    years: int

    def estimate(self, policy: int, outcome: str) -> Estimate:
        """Return one policy's outcome."""
        return self._of(self.outcomes[outcome][policy])

    def difference(self, policy: int, against: int, outcome: str) -> Estimate:
        """Return one policy's outcome less another's, world by world."""
        values = self.outcomes[outcome]
        return self._of(values[policy] - values[against])

    def _of(self, values: Array) -> Estimate:
        n, mean = values.size, float(values.mean())
        half = (
            float(ndtri((1 + self.confidence) / 2)) * float(values.std(ddof=1)) / np.sqrt(n) if n > 1 else float("inf")
        )
        p05, p95 = np.quantile(values, [0.05, 0.95])
        return Estimate(mean, mean - half, mean + half, float(p05), float(p95))


def compare(
    policies: Sequence[Policy],
    *,
    years: int,
    worlds: int,
    seed: int,
    assumed: Assumptions | None = None,
    confidence: float = 0.9,
    executor: Executor | None = None,
) -> Comparison:
    """Simulate every policy in the same worlds.

    Parameters
    ----------
    policies : sequence of Policy
    years : int
        Length of each simulated programme.
    worlds : int
        Number of simulated worlds.
    seed : int
        Seed of all of them.
    assumed : Assumptions or None
        The simulated world.
    confidence : float
        Level of the intervals of means.
    executor : concurrent.futures.Executor or None
        Where chunks of worlds run; results do not depend on it.

    Examples
    --------
    >>> quiet = Policy("quiet", False, False, 1, 0.2, 0.05)
    >>> open_ = Policy("open", True, True, 3, 0.1, 0.05)
    >>> found = compare([quiet, open_], years=1, worlds=8, seed=0)
    >>> found.difference(1, 0, "overcapacity").mean < 0
    True
    """
    known = assumed or Assumptions()
    chosen = tuple(policies)
    chunks = [range(at, min(at + CHUNK, worlds)) for at in range(0, worlds, CHUNK)]
    if executor is None:
        parts = [_chunk(chosen, known, years, seed, c) for c in chunks]
    else:
        futures = [executor.submit(_chunk, chosen, known, years, seed, c) for c in chunks]
        parts = [f.result() for f in futures]
    layout_and_sandbox = np.concatenate(parts, axis=2)
    fund = _funds(chosen, known, years, seed, worlds, executor)
    values = np.concatenate([layout_and_sandbox[:2], fund, layout_and_sandbox[2:]])
    return Comparison(chosen, dict(zip(OUTCOMES, values, strict=True)), confidence, known, years)


def _funds(
    policies: Sequence[Policy], assumed: Assumptions, years: int, seed: int, worlds: int, executor: Executor | None
) -> Array:
    """Return value and money of the fund, shape (2, policies, worlds); equal settings are run once."""
    done: dict[tuple[int, float], Array] = {}
    for p in policies:
        key = (p.routes, p.review_noise)
        if key not in done:
            runs = explore(*key, assumed, worlds * years, np.random.SeedSequence([seed, 1]), executor)
            both = np.stack([runs.payoff, runs.calls.sum(axis=1)])
            done[key] = both.reshape(2, worlds, years).mean(axis=2)
    return np.stack([done[p.routes, p.review_noise] for p in policies], axis=1)


def _chunk(policies: Sequence[Policy], assumed: Assumptions, years: int, seed: int, worlds: range) -> Array:
    """Return layout and sandbox outcomes, shape (5, policies, worlds); equal settings are run once a world."""
    values = np.empty((5, len(policies), len(worlds)))
    for w, world in enumerate(worlds):
        layout, sandbox = np.random.SeedSequence([seed, 0, world]).spawn(2)
        cases = sandbox.spawn(years)
        chosen = {key: choose(*key, assumed, years, layout) for key in {(p.ruler, p.disclosure) for p in policies}}
        guarded = {alpha: [guard(alpha, assumed, s) for s in cases] for alpha in {p.sandbox_alpha for p in policies}}
        for i, p in enumerate(policies):
            found, years_of = chosen[p.ruler, p.disclosure], guarded[p.sandbox_alpha]
            means = np.mean([(c.harm, c.false_pauses, c.missed) for c in years_of], axis=0)
            values[:, i, w] = (found.welfare, found.overcapacity, *means)
    return values
