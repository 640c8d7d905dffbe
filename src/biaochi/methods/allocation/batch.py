"""Many copies of a programme at once, and the rules that act on them.

A batch holds one node number a team and run.  Many runs share a state, so a rule is asked once for each distinct
state: like teams are exchangeable, and a *symmetric* rule treats them so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray

BoolArray = NDArray[np.bool_]
MONEY_EPS = 1e-9
EMPTY_LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class BatchState:
    """The state of n runs at one round.

    Attributes
    ----------
    t : int
        Round, from 0.
    code : ndarray of shape (n, R, M)
        Node of each team; 0 where there is none.
    """

    t: int
    code: IntArray

    def __len__(self) -> int:
        return int(self.code.shape[0])

    def spent(self, programme: Programme) -> FloatArray:
        """Return the money spent so far, shape (n,)."""
        return np.asarray(programme.tables.spent[self.code].sum(axis=(1, 2)))

    def limit(self, programme: Programme) -> FloatArray:
        """Return what may be spent this round: the least of what is left and the cap, shape (n,)."""
        return np.minimum(programme.budget - self.spent(programme), programme.cap(self.t))

    def successes(self, programme: Programme) -> IntArray:
        """Return the successful teams of each route, shape (n, R)."""
        return np.asarray(programme.graph.done[self.code].sum(axis=2))


class Policy(Protocol):
    """A rule for spending.

    ``symmetric`` says that like teams in the same state are treated alike except for ties, which go to the first.
    """

    @property
    def name(self) -> str:
        """The name used on the command line."""
        ...

    @property
    def symmetric(self) -> bool:
        """Whether like teams are treated alike."""
        ...

    def __call__(self, programme: Programme, state: BatchState) -> BoolArray:
        """Return whom to fund, shape (n, R, M)."""
        ...


def present(programme: Programme) -> BatchState:
    """Return the programme's own state as a batch of one."""
    return BatchState(programme.elapsed, programme.tables.start[None])


def canonical(code: IntArray) -> tuple[IntArray, IntArray]:
    """Return the codes sorted within each route, empty places last, and the order that sorts them.

    Ties keep the first team first.
    """
    order = np.argsort(np.where(code == 0, EMPTY_LAST, code), axis=2, kind="stable")
    return np.take_along_axis(code, order, axis=2), order


def merged_key(programme: Programme, code: IntArray) -> NDArray[np.uint64]:
    """Return a number a run that is equal for states that differ only in which of the like teams is which."""
    return np.asarray(programme.graph.key[code].sum(axis=(1, 2), dtype=np.uint64))


def exact_key(programme: Programme, code: IntArray) -> NDArray[np.uint64]:
    """Return a number a run that names every team's own state."""
    _, R, M = code.shape
    place = np.arange(R * M, dtype=np.uint64).reshape(R, M) * np.uint64(2) + np.uint64(0x9E3779B97F4A7C15)
    mixed = programme.graph.key[code] * place[None]
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray(mixed.sum(axis=(1, 2), dtype=np.uint64))


def decide(policy: Policy, programme: Programme, state: BatchState) -> BoolArray:
    """Return whom the policy funds, asking it once for each distinct state."""
    if len(state) < 2:
        return policy(programme, state)
    key = merged_key(programme, state.code) if policy.symmetric else exact_key(programme, state.code)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    if not policy.symmetric:
        return np.asarray(policy(programme, BatchState(state.t, state.code[first]))[inverse])
    chosen, _ = canonical(state.code[first])
    fund = policy(programme, BatchState(state.t, chosen))[inverse]
    _, order = canonical(state.code)
    answer = np.empty_like(fund)
    np.put_along_axis(answer, order, fund, axis=2)
    return answer
