"""One exact step, then a value: what each action brings if the rest is worth what a rule of thumb says.

``lookahead:phi`` uses the commit value of the next state (Σ(gain−λC) of the expected-commitment greedy) as that value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.batch import BatchState, BoolArray, canonical
from biaochi.methods.allocation.commit import commit
from biaochi.methods.allocation.exact import TIE, unsorted_mask
from biaochi.methods.allocation.expansion import (
    Actions,
    all_actions,
    children,
    chunks,
    count_actions,
    count_edges,
    outcomes,
)
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.payoff import payoff
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.weights import evidence

Ahead = Callable[[BatchState], FloatArray]


def action_values(programme: Programme, t: int, code: IntArray, actions: Actions, ahead: Ahead) -> FloatArray:
    """Return the value of each action, shape (A, B).

    Parameters
    ----------
    code : ndarray of shape (n, R·M)
        Sorted codes of the states the actions belong to.
    ahead : callable
        Value to go of the next states, shape (n', B), one column a way of going on.

    Notes
    -----
    In a state the model holds impossible nothing can be expected, and only the cost counts.
    """
    R, M = programme.tables.start.shape
    cube = code.reshape(-1, R, M)
    likely, worth = evidence(programme, cube), payoff(programme, cube)
    parts = []
    for low, high in chunks(count_edges(programme, code, actions, merged=True)):
        part = actions.part(low, high)
        edges = outcomes(programme, code, part)
        _, first, inverse = np.unique(edges.key, return_index=True, return_inverse=True)
        after = children(programme, code, part, edges, first).reshape(-1, R, M)
        goal = _goal(programme, t, after, ahead)
        width = goal.shape[1]
        total = np.zeros((high - low, width))
        for column in range(width):
            weights = edges.ways * goal[inverse, column]
            total[:, column] = np.bincount(edges.action, weights=weights, minlength=high - low)
        here = likely[part.state, None]
        mean = np.where(here > 0, total / np.where(here > 0, here, 1.0) - worth[part.state, None], 0.0)
        parts.append(programme.discount * mean - programme.return_value * part.cost[:, None])
    return np.concatenate(parts)


def _goal(programme: Programme, t: int, after: IntArray, ahead: Ahead) -> FloatArray:
    likely = evidence(programme, after)
    alive = np.flatnonzero(likely > 0)
    value = ahead(BatchState(t + 1, after[alive]))
    goal = np.zeros((after.shape[0], value.shape[1]))
    goal[alive] = likely[alive, None] * (payoff(programme, after[alive])[:, None] + value)
    return goal


def preferred(actions: Actions, values: FloatArray, n: int) -> IntArray:
    """Return the bits of the preferred action of each state: best, then more teams, then lower cost."""
    starts = np.searchsorted(actions.state, np.arange(n))
    top = np.maximum.reduceat(values, starts)
    near = values >= (top - TIE * np.maximum(1.0, np.abs(top)))[actions.state]
    teams = np.bitwise_count(actions.bits).astype(np.int64)
    order = np.lexsort((actions.cost, -teams, ~near, actions.state))
    return np.asarray(actions.bits[order[starts]])


@dataclass(frozen=True)
class Lookahead:
    """The policy ``lookahead:phi``."""

    phi: float = 1.0
    symmetric: bool = True

    @property
    def name(self) -> str:
        """The name used on the command line."""
        return f"lookahead:{self.phi:g}"

    def __call__(self, programme: Programme, state: BatchState) -> BoolArray:
        """Return whom to fund, shape (n, R, M)."""
        n, R, M = state.code.shape
        code, order = canonical(state.code)
        flat = code.reshape(n, R * M)
        limit = state.limit(programme)
        bits = np.zeros(n, dtype=np.int64)
        for low, high in chunks(count_actions(programme, flat, False), 200_000):
            actions = all_actions(programme, flat[low:high], limit[low:high])
            values = action_values(programme, state.t, flat[low:high], actions, self._ahead(programme))
            bits[low:high] = preferred(actions, values[:, 0], high - low)
        return unsorted_mask(bits, order, R, M)

    def _ahead(self, programme: Programme) -> Ahead:
        def value(state: BatchState) -> FloatArray:
            if state.t >= programme.rounds:
                return np.zeros((len(state), 1))
            chosen = commit(programme, state, phi=self.phi)
            return chosen.value(programme.return_value)[:, None]

        return value
