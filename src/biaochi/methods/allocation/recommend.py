"""Whom to fund now: the exact optimum where it can be had, rollout elsewhere, with what the advice rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from biaochi.methods.allocation.bands import variants
from biaochi.methods.allocation.batch import BatchState, BoolArray, Policy, canonical, present
from biaochi.methods.allocation.candidates import Bench, first_candidates
from biaochi.methods.allocation.commit import Commit
from biaochi.methods.allocation.exact import LIMIT, TIE, Optimal, Solution, choice, revalue, solve, unsorted_mask
from biaochi.methods.allocation.expansion import TooLargeError
from biaochi.methods.allocation.flips import COARSE, STEPS, flips
from biaochi.methods.allocation.outlook import (
    Candidate,
    Outcome,
    TeamOutlook,
    label_of,
    outcome_of,
    outcome_of_runs,
    team_outlooks,
)
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.rollout import BASES, run_together, simulated_trials, summed_values
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.simulate import Estimate, draw, run

BAND_PATHS = 300
FLIPPED = 25_000
LISTED = 30


@dataclass(frozen=True)
class Recommendation:
    """The advice for this round.

    Attributes
    ----------
    method : {"exact", "rollout"}
    recommended : Candidate
    clear : bool
        Whether no other action ties with it.
    tied : tuple of tuple of str
        Every action that ties, the recommended one among them.
    candidates : tuple of Candidate
        Best first.
    teams : tuple of TeamOutlook
    band : tuple of float
        Least and greatest value of the recommended action over the changes of :mod:`bands`.
    base : str
        Rule followed after this round: ``exact``, or the base of the rollout.
    lottery : bool
        Whether only some of several like teams are funded, so that a lot must choose among them.
    states : int
        Histories enumerated; 0 for rollout.
    """

    method: Literal["exact", "rollout"]
    recommended: Candidate
    clear: bool
    tied: tuple[tuple[str, ...], ...]
    candidates: tuple[Candidate, ...]
    teams: tuple[TeamOutlook, ...]
    band: tuple[float, float]
    base: str
    lottery: bool
    states: int


def recommend(
    programme: Programme, *, rng: np.random.Generator | int = 0, paths: int = 2000, limit: int = LIMIT
) -> Recommendation:
    """Return the advice for the present round.

    Parameters
    ----------
    programme : Programme
    rng : numpy.random.Generator or int
        For rollout and for the lots of simulated shares.
    paths : int
        Simulated paths of rollout.
    limit : int
        Most histories for the exact solver; 0 never solves.

    Returns
    -------
    Recommendation

    Examples
    --------
    >>> p = Programme.from_tables([[.5, .5]], [[[1], [1]]], [[[[0], [.5]]]], [10], 1, [.9], B=30, T=2, V=100, lam=1)
    >>> advice = recommend(p)
    >>> advice.method, advice.recommended.fund, advice.clear
    ('exact', ('a-1',), True)
    """
    source = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
    if limit > 0:
        try:
            return _exact(programme, solve(programme, limit=limit), source, limit)
        except TooLargeError:
            pass
    return _rollout(programme, source, paths)


def _exact(programme: Programme, solution: Solution, rng: np.random.Generator, limit: int) -> Recommendation:
    policy = Optimal(solution, programme.elapsed)
    best = solution.best
    bench = Bench(programme, present(programme))
    known = {tuple(c.mask.ravel().tolist()): c for c in solution.actions}
    wanted = [best.mask, *bench.swaps(best.mask)]
    wanted += [c.mask for c in solution.actions if c.tie] + [c.mask for c in solution.actions[:LISTED]]
    wanted += list(first_candidates(programme, present(programme)).masks.values()) if programme.rounds_left else []
    for mask in wanted:
        bench.add(mask)
    candidates = []
    outcomes: dict[tuple[bool, ...], Outcome] = {}
    for label, mask in bench.masks.items():
        if label not in known:
            continue
        found = known[label]
        outcome = outcome_of(programme, policy, mask, rng)
        outcomes[label] = outcome
        candidates.append(
            Candidate(mask, found.fund, found.cost, Estimate(found.value, 0.0), outcome.p_no_success, outcome.spend)
        )
    candidates.sort(key=lambda c: [x.fund for x in solution.actions].index(c.fund))
    tied = tuple(c.fund for c in solution.actions if c.tie)
    small = solution.states <= 2_000
    advice = (
        flips(
            programme,
            lambda p: _advised(p, solution, limit),
            best.mask,
            precision=24 if small else 5,
            steps=STEPS if small else COARSE,
        )
        if solution.states <= FLIPPED
        else {}
    )
    return Recommendation(
        "exact",
        candidates[0],
        len(tied) == 1,
        tied,
        tuple(candidates),
        team_outlooks(programme, bench, candidates, outcomes, policy, rng, advice),
        _exact_band(programme, solution, limit),
        "exact",
        _lottery(bench, best.mask),
        solution.states,
    )


def _advised(programme: Programme, solution: Solution, limit: int) -> BoolArray:
    same_costs = (
        all(np.array_equal(s.actions.cost, c) for s, c in ((solution.tree[0], _costs(programme, solution)),))
        if solution.tree
        else True
    )
    solved = revalue(programme, solution, limit=limit) if same_costs else solve(programme, limit=limit * 4)
    return solved.best.mask


def _costs(programme: Programme, solution: Solution) -> FloatArray:
    """Return what the present actions cost under a programme's own costs."""
    first = solution.tree[0]
    slots = np.arange(first.code.shape[1])
    cost = programme.tables.cost[first.code[0]]
    taken = (first.actions.bits[:, None] >> slots) & 1 == 1
    return np.asarray(np.where(taken, cost, 0.0).sum(axis=1))


def _exact_band(programme: Programme, solution: Solution, limit: int) -> tuple[float, float]:
    best = solution.best
    values = [best.value]
    for variant in variants(programme):
        solved = revalue(variant, solution, limit=limit * 4)
        values += [c.value for c in solved.actions if c.fund == best.fund]
    return min(values), max(values)


def _rollout(programme: Programme, rng: np.random.Generator, paths: int) -> Recommendation:
    state = present(programme)
    if not programme.rounds_left:
        return _exact(programme, solve(programme), rng, LIMIT)
    try:
        return _summed(programme, state, rng)
    except TooLargeError:
        return _simulated(programme, state, rng, paths)


def _summed(programme: Programme, state: BatchState, rng: np.random.Generator) -> Recommendation:
    actions, values = summed_values(programme, state)
    bench = Bench(programme, state)
    _, sorting = canonical(state.code)
    R, M = programme.tables.start.shape
    masks = [bench.tidy(unsorted_mask(bits[None], sorting, R, M)[0]) for bits in actions.bits]
    top = float(values.max())
    order = np.argsort(-values.max(axis=1), kind="stable")
    outcomes, candidates = {}, []
    for a in order:
        base = BASES[int(values[a, : len(BASES)].argmax())]
        made = choice(programme, masks[a], float(actions.cost[a]), float(values[a].max()), top)
        outcome = outcome_of(programme, base, masks[a], rng)
        outcomes[tuple(masks[a].ravel().tolist())] = outcome
        estimate = Estimate(made.value, 0.0)
        candidates.append(Candidate(masks[a], made.fund, made.cost, estimate, outcome.p_no_success, outcome.spend))
    tied = [c for c in candidates if c.value.mean >= top - TIE * max(1.0, abs(top))]
    chosen = _preferred(tied)
    at = next(i for i, mask in enumerate(masks) if mask is chosen.mask)
    base = BASES[int(values[at, : len(BASES)].argmax())]
    return _advice(programme, bench, chosen, tied, candidates, outcomes, base, rng, 0)


def _simulated(programme: Programme, state: BatchState, rng: np.random.Generator, paths: int) -> Recommendation:
    trials, valuing = simulated_trials(programme, state, rng=rng, paths=paths)
    outcomes, candidates, runs_of = {}, [], {}
    cost = np.where(np.isfinite(programme.tables.cost[state.code[0]]), programme.tables.cost[state.code[0]], 0.0)
    for trial in trials:
        made = choice(programme, trial.mask, float(cost[trial.mask].sum()), float(trial.runs.value.mean()), 0.0)
        outcome = outcome_of_runs(trial.runs)
        label = tuple(trial.mask.ravel().tolist())
        outcomes[label], runs_of[label] = outcome, trial
        candidates.append(
            Candidate(trial.mask, made.fund, made.cost, outcome.value, outcome.p_no_success, outcome.spend)
        )
    candidates.sort(key=lambda c: -c.value.mean)
    lead = runs_of[label_of(candidates[0])].runs.value
    tied = []
    for c in candidates:
        gap = Estimate.of(lead - runs_of[label_of(c)].runs.value)
        if c is candidates[0] or gap.mean < 2 * gap.se or gap.mean <= TIE * max(1.0, abs(float(lead.mean()))):
            tied.append(c)
    chosen = _preferred(tied)
    base = runs_of[label_of(chosen)].base
    bench = Bench(programme, state)
    missing = [m for m in _toggles(bench, chosen.mask) if tuple(m.ravel().tolist()) not in outcomes]
    for mask, runs in zip(missing, run_together(programme, base, valuing, missing), strict=True):
        outcomes[tuple(mask.ravel().tolist())] = outcome_of_runs(runs)
    return _advice(programme, bench, chosen, tied, candidates, outcomes, base, rng, min(max(paths // 2, 1), BAND_PATHS))


def _toggles(bench: Bench, mask: BoolArray) -> list[BoolArray]:
    """Return the affordable actions that do the opposite with one team of each kind."""
    found: dict[tuple[bool, ...], BoolArray] = {}
    for r, i in np.argwhere(bench.open):
        changed = mask.copy()
        changed[r, i] ^= True
        if float(bench.cost[changed].sum()) <= bench.limit + 1e-9:
            changed = bench.tidy(changed)
            found.setdefault(tuple(changed.ravel().tolist()), changed)
    return list(found.values())


def _preferred(tied: Sequence[Candidate]) -> Candidate:
    return min(tied, key=lambda c: (-len(c.fund), c.cost, c.fund))


def _advice(
    programme: Programme,
    bench: Bench,
    chosen: Candidate,
    tied: Sequence[Candidate],
    candidates: Sequence[Candidate],
    outcomes: dict[tuple[bool, ...], Outcome],
    base: Policy,
    rng: np.random.Generator,
    simulated: int,
) -> Recommendation:
    """Put a rollout's advice together; its flips are those of the base rule that was picked."""
    state = present(programme)
    rule = base if isinstance(base, Commit) else Commit()

    def advised(p: Programme) -> BoolArray:
        return bench.tidy(rule(p, state)[0])

    found = flips(
        programme, advised, advised(programme), precision=4 if simulated else 8, steps=COARSE if simulated else STEPS
    )
    return Recommendation(
        "rollout",
        chosen,
        len(tied) == 1,
        tuple(c.fund for c in sorted(tied, key=lambda c: (-len(c.fund), c.cost, c.fund))),
        tuple(candidates),
        team_outlooks(programme, bench, candidates, outcomes, base, rng, found, chosen),
        _rollout_band(programme, base, chosen, rng, simulated),
        base.name,
        _lottery(bench, chosen.mask),
        0,
    )


def _rollout_band(
    programme: Programme, base: Policy, chosen: Candidate, rng: np.random.Generator, simulated: int
) -> tuple[float, float]:
    """Return the value under every change; simulated ones as differences on the same draws."""
    value = chosen.value.mean
    if not simulated:
        values = [value, *(outcome_of(v, base, chosen.mask, rng).value.mean for v in variants(programme))]
        return min(values), max(values)
    seed = int(rng.integers(2**32))

    def mean(p: Programme) -> float:
        draws = draw(p, p, simulated, np.random.default_rng(seed))
        return float(run(p, base, draws, first=chosen.mask[None]).value.mean())

    here = mean(programme)
    shifts = [0.0, *(mean(v) - here for v in variants(programme))]
    return value + min(shifts), value + max(shifts)


def _lottery(bench: Bench, mask: BoolArray) -> bool:
    """Whether some but not all of like teams are funded."""
    return any(
        bool(mask[bench.code == node].any() and not mask[bench.code == node].all())
        for node in np.unique(bench.code[bench.open])
    )
