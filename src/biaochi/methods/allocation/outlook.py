"""What an action means for each team: success with and without funding, marginal value, later funding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.batch import BoolArray, Policy
from biaochi.methods.allocation.candidates import Bench
from biaochi.methods.allocation.evaluate import evaluate
from biaochi.methods.allocation.expansion import TooLargeError
from biaochi.methods.allocation.flips import Flip
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.simulate import Estimate, Runs, draw, run

WALKED = 40_000


@dataclass(frozen=True, eq=False)
class Candidate:
    """One action: whom it funds, what that costs, and what it is expected to bring."""

    mask: BoolArray
    fund: tuple[str, ...]
    cost: float
    value: Estimate
    p_no_success: float
    spend: float


@dataclass(frozen=True)
class TeamOutlook:
    """What the recommended action means for one team.

    ``marginal`` is the value lost by doing the opposite with this team (``None`` when that cannot be paid);
    ``p_later`` is the chance that it is funded in a later round.
    """

    team: str
    funded: bool
    succeeded: bool
    tried: bool
    missed: bool
    stage: int
    marginal: float | None
    cost_to_completion: float
    p_success_if_funded: float | None
    p_success_if_not: float | None
    p_later: float
    flip: Flip


@dataclass(frozen=True, eq=False)
class Outcome:
    """What follows an action under a policy: success and later funding by team (R, M)."""

    value: Estimate
    p_no_success: float
    spend: float
    success: FloatArray
    later: FloatArray


def outcome_of(programme: Programme, policy: Policy, first: BoolArray, rng: np.random.Generator) -> Outcome:
    """Follow a policy after an action: exactly where that is quick, else on 4,000 simulated paths."""
    if not programme.rounds_left:
        none = np.zeros(first.shape)
        won = programme.graph.done[programme.tables.start]
        return Outcome(Estimate(0.0, 0.0), float(not won.any()), 0.0, won.astype(np.float64), none)
    try:
        found = evaluate(programme, policy, first=first, limit=WALKED)
        return Outcome(Estimate(found.value, 0.0), found.p_no_success, found.spend, found.success, found.tried_later)
    except TooLargeError:
        return outcome_of_runs(run(programme, policy, draw(programme, programme, 4000, rng), first=first[None]))


def outcome_of_runs(runs: Runs) -> Outcome:
    """Return what simulated runs come to."""
    return Outcome(runs.estimate, runs.p_no_success, runs.spend, runs.success.mean(axis=0), runs.later.mean(axis=0))


def label_of(candidate: Candidate) -> tuple[bool, ...]:
    """Return what tells an action from another."""
    return tuple(candidate.mask.ravel().tolist())


def team_outlooks(
    programme: Programme,
    bench: Bench,
    candidates: Sequence[Candidate],
    outcomes: dict[tuple[bool, ...], Outcome],
    policy: Policy,
    rng: np.random.Generator,
    found: dict[tuple[int, int], Flip],
    chosen: Candidate | None = None,
) -> tuple[TeamOutlook, ...]:
    """Return what the chosen action means for every team; like teams with the same fate share their numbers."""
    best = chosen if chosen is not None else candidates[0]
    values = {label_of(c): c.value.mean for c in candidates}
    tables, graph = programme.tables, programme.graph
    here = outcomes[label_of(best)]
    known: dict[tuple[int, bool], tuple[float | None, Outcome | None, BoolArray | None]] = {}
    teams = []
    for r, route in enumerate(programme.routes):
        for i, team in enumerate(route.teams):
            node = int(tables.start[r, i])
            funded = bool(best.mask[r, i])
            if (node, funded) not in known and bench.open[r, i]:
                known[(node, funded)] = _opposite(programme, bench, best, (r, i), values, outcomes, policy, rng)
            marginal, other, mask = known.get((node, funded), (None, None, None))
            like = bench.code == node
            mine = _mean(here.success, like & (best.mask if funded else ~best.mask))
            against = None
            if other is not None and mask is not None:
                against = _mean(other.success, like & (~mask if funded else mask))
            stage = int(graph.stage[node])
            attempts = int(graph.attempts[node])
            at_stage = int(graph.misses[node, stage]) if stage < graph.stages else 0
            teams.append(
                TeamOutlook(
                    team,
                    funded,
                    bool(graph.done[node]),
                    attempts > 0,
                    at_stage > 0,
                    stage,
                    marginal,
                    float(tables.stage_cost[node, stage:].sum()),
                    mine if funded else against,
                    against if funded else mine,
                    _mean(here.later, like & (best.mask if funded else ~best.mask)) or 0.0,
                    found.get((r, i), Flip(None, None)),
                )
            )
    return tuple(teams)


def _mean(values: FloatArray, where: BoolArray) -> float | None:
    return float(values[where].mean()) if where.any() else None


def _opposite(
    programme: Programme,
    bench: Bench,
    best: Candidate,
    place: tuple[int, int],
    values: dict[tuple[bool, ...], float],
    outcomes: dict[tuple[bool, ...], Outcome],
    policy: Policy,
    rng: np.random.Generator,
) -> tuple[float | None, Outcome | None, BoolArray | None]:
    """Return the marginal value of one team, and what follows the opposite choice."""
    mask = best.mask.copy()
    mask[place] ^= True
    if float(bench.cost[mask].sum()) > bench.limit + 1e-9:
        return None, None, None
    mask = bench.tidy(mask)
    label = tuple(mask.ravel().tolist())
    outcome = outcomes.get(label)
    if outcome is None:
        outcome = outcome_of(programme, policy, mask, rng)
    value = values.get(label, outcome.value.mean)
    return best.value.mean - value, outcome, mask
