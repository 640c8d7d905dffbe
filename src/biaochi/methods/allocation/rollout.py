"""Rollout: try each candidate action now, then follow a simple rule; take the action that does best.

Parallel rollout over several base rules: Bertsekas & Castañon 1999, doi:10.1023/A:1009634810396.  Where a base rule
meets few enough histories its value is summed exactly; elsewhere it is simulated with common random numbers, the base
of each action picked on one half of the paths and the action valued on the other, so that picking does not flatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.batch import BatchState, BoolArray, Policy, canonical
from biaochi.methods.allocation.candidates import first_candidates, with_swaps
from biaochi.methods.allocation.commit import Commit
from biaochi.methods.allocation.evaluate import walk
from biaochi.methods.allocation.exact import unsorted_mask
from biaochi.methods.allocation.expansion import (
    Actions,
    TooLargeError,
    all_actions,
    check_size,
    count_actions,
    count_edges,
)
from biaochi.methods.allocation.lookahead import action_values, preferred
from biaochi.methods.allocation.plain import PLAIN
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.simulate import Draws, Runs, draw, run

BASES: tuple[Policy, ...] = (
    *(Commit(w, phi) for w in (1.0, 2.0, 3.0, 4.0, np.inf) for phi in (1.0, 1.5, 3.0)),
    *(p for p in PLAIN if p.name == "stop_refill"),
)
SUMMED = 20_000
TRIED_ALL = 64
DEEP_ACTIONS = 60_000
DEPTH = 2
FINALISTS = 2


def summed_values(
    programme: Programme, state: BatchState, limit: int = SUMMED, *, by_base: bool = True
) -> tuple[Actions, FloatArray]:
    """Return the actions tried in each state, and the exact value of each under every base and looking deeper.

    All actions are tried where there are at most 64 a state, else the candidates.  The last column looks further ahead:
    all actions of the next rounds are tried as well, while they are few, before a base rule takes over.

    Returns
    -------
    actions, values
        Ordered by state; values (A, B + 1), or (A, 1) without ``by_base``.

    Raises
    ------
    TooLargeError
        When a base rule meets more than ``limit`` histories.
    """
    check_size(programme)
    n, R, M = state.code.shape
    code, _ = canonical(state.code)
    flat = code.reshape(n, R * M)
    if count_actions(programme, flat, False).max() <= TRIED_ALL:
        actions = all_actions(programme, flat, state.limit(programme))
    else:
        actions = _candidates(programme, BatchState(state.t, code))

    def ahead(after: BatchState) -> FloatArray:
        deeper = _deeper(programme, after, limit, DEPTH)[:, None]
        return np.concatenate([_base_values(programme, after, limit), deeper], axis=1) if by_base else deeper

    return actions, action_values(programme, state.t, flat, actions, ahead)


def _candidates(programme: Programme, state: BatchState) -> Actions:
    slots = np.arange(state.code[0].size)
    states, bits, costs = [], [], []
    for row in range(len(state)):
        bench = first_candidates(programme, BatchState(state.t, state.code[row : row + 1]))
        with_swaps(bench, list(bench.masks.values()))
        for mask in bench.masks.values():
            states.append(row)
            bits.append(int((mask.ravel().astype(np.int64) << slots).sum()))
            costs.append(float(bench.cost[mask].sum()))
    return Actions(np.array(states), np.array(bits, dtype=np.int64), np.array(costs))


def _base_values(programme: Programme, after: BatchState, limit: int) -> FloatArray:
    if after.t >= programme.rounds or not len(after):
        return np.zeros((len(after), len(BASES)))
    return np.stack([walk(programme, base, after, limit=limit).values() for base in BASES], axis=1)


def _deeper(programme: Programme, state: BatchState, limit: int, depth: int) -> FloatArray:
    """Return the value of trying every action for some rounds more, then the best base; at least the best base's."""
    if state.t >= programme.rounds or not len(state):
        return np.zeros(len(state))
    flat = canonical(state.code)[0].reshape(len(state), -1)
    last = state.t == programme.rounds - 1
    actions = None
    if depth and count_actions(programme, flat, last).sum() <= DEEP_ACTIONS:
        actions = all_actions(programme, flat, state.limit(programme), last)
    if actions is None or count_edges(programme, flat, actions, merged=True).sum() > 10 * DEEP_ACTIONS:
        return np.asarray(_base_values(programme, state, limit).max(axis=1))

    def ahead(after: BatchState) -> FloatArray:
        return _deeper(programme, after, limit, depth - 1)[:, None]

    values = action_values(programme, state.t, flat, actions, ahead)[:, 0]
    starts = np.searchsorted(actions.state, np.arange(len(state)))
    return np.asarray(np.maximum.reduceat(values, starts))


@dataclass(frozen=True)
class Trial:
    """One candidate that was simulated.

    Attributes
    ----------
    mask : ndarray of bool, shape (R, M)
    base : Policy
        The base rule picked for it.
    runs : Runs
        The paths it was valued on, common to all candidates.
    """

    mask: BoolArray
    base: Policy
    runs: Runs


def simulated_trials(
    programme: Programme, state: BatchState, *, rng: np.random.Generator, paths: int
) -> tuple[list[Trial], Draws]:
    """Simulate the candidates of one state: a few under every base, all under the best bases, then swaps of the best.

    Parameters
    ----------
    paths : int
        Half pick the base of each candidate, half value it.

    Returns
    -------
    trials, draws
        The candidates, and the draws they were valued on.
    """
    half = max(paths // 2, 1)
    picking, valuing = draw(programme, programme, half, rng), draw(programme, programme, max(paths - half, 1), rng)
    bench = first_candidates(programme, state)
    means: dict[tuple[bool, ...], FloatArray] = {}
    labels = list(bench.masks)
    heats = {labels[at]: bench.masks[labels[at]] for at in {len(labels) // 2, len(labels) - 1}}
    quarter = Draws(picking.thresholds[: max(half // 2, 1)], picking.luck[: max(half // 2, 1)])
    _pick(programme, quarter, heats, means, BASES)
    ranked = np.argsort(-np.stack(list(means.values())).max(axis=0), kind="stable")
    finalists = [BASES[b] for b in ranked[:FINALISTS]]
    means.clear()
    _pick(programme, picking, bench.masks, means, finalists)
    best = max(means, key=lambda label: float(np.nanmax(means[label])))
    with_swaps(bench, [bench.masks[best]])
    _pick(programme, picking, _new(bench.masks, means), means, finalists)
    chosen = {label: BASES[int(np.nanargmax(means[label]))] for label in bench.masks}
    return _valued(programme, valuing, bench.masks, chosen), valuing


def _new(
    masks: dict[tuple[bool, ...], BoolArray], means: dict[tuple[bool, ...], FloatArray]
) -> dict[tuple[bool, ...], BoolArray]:
    return {label: mask for label, mask in masks.items() if label not in means}


def _pick(
    programme: Programme,
    draws: Draws,
    masks: dict[tuple[bool, ...], BoolArray],
    means: dict[tuple[bool, ...], FloatArray],
    bases: Sequence[Policy],
) -> None:
    if not masks:
        return
    for label in masks:
        means[label] = np.full(len(BASES), np.nan)
    for base in bases:
        for label, runs in zip(masks, run_together(programme, base, draws, list(masks.values())), strict=True):
            means[label][BASES.index(base)] = float(runs.value.mean())


def _valued(
    programme: Programme,
    draws: Draws,
    masks: dict[tuple[bool, ...], BoolArray],
    chosen: dict[tuple[bool, ...], Policy],
) -> list[Trial]:
    trials: dict[tuple[bool, ...], Trial] = {}
    for base in BASES:
        labels = [label for label in masks if chosen[label] is base]
        for label, runs in zip(labels, run_together(programme, base, draws, [masks[x] for x in labels]), strict=True):
            trials[label] = Trial(masks[label], base, runs)
    return [trials[label] for label in masks]


def run_together(programme: Programme, base: Policy, draws: Draws, masks: Sequence[BoolArray]) -> list[Runs]:
    """Run several first actions through the same draws at once, so that states they share are decided once."""
    if not masks:
        return []
    n, count = draws.luck.shape[0], len(masks)
    tiled = Draws(np.concatenate([draws.thresholds] * count), np.concatenate([draws.luck] * count))
    runs = run(programme, base, tiled, first=np.repeat(np.stack(masks), n, axis=0))
    return [
        Runs(*(getattr(runs, name)[c * n : (c + 1) * n] for name in Runs.__dataclass_fields__)) for c in range(count)
    ]


@dataclass(frozen=True)
class Rollout:
    """The policy ``rollout``: summed where that is possible, else simulated state by state."""

    paths: int = 1000
    seed: int = 0
    name: str = "rollout"
    symmetric: bool = True

    def __call__(self, programme: Programme, state: BatchState) -> BoolArray:
        """Return whom to fund, shape (n, R, M)."""
        n, R, M = state.code.shape
        _, order = canonical(state.code)
        try:
            actions, values = summed_values(programme, state, by_base=False)
        except TooLargeError:
            return np.stack([self._simulated(programme, BatchState(state.t, state.code[i : i + 1])) for i in range(n)])
        return unsorted_mask(preferred(actions, values.max(axis=1), n), order, R, M)

    def _simulated(self, programme: Programme, state: BatchState) -> BoolArray:
        rng = np.random.default_rng([self.seed, int(state.code.sum()), state.t])
        here = programme.at(state.t, state.code[0])
        trials, _ = simulated_trials(here, state, rng=rng, paths=self.paths)
        return max(trials, key=lambda trial: float(trial.runs.value.mean())).mask
