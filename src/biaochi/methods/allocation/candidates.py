"""The actions worth trying: nobody, prefixes of the greedy choice, what plain rules would do, and single swaps."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from biaochi.methods.allocation.batch import MONEY_EPS, BatchState, BoolArray
from biaochi.methods.allocation.commit import commit
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.plain import PLAIN
from biaochi.methods.allocation.programme import Programme

PREFIX_PHI = 3.0
REPLACED = 3


class Bench:
    """The distinct actions of one state; like teams are told apart only by how many of them are funded."""

    def __init__(self, programme: Programme, state: BatchState) -> None:
        self.programme = programme
        self.code: IntArray = state.code[0]
        self.limit = float(state.limit(programme)[0])
        self.cost = np.where(np.isfinite(programme.tables.cost[self.code]), programme.tables.cost[self.code], 0.0)
        self.open = np.isfinite(programme.tables.cost[self.code])
        self.masks: dict[tuple[bool, ...], BoolArray] = {}
        self.order: list[int] = []

    def tidy(self, mask: BoolArray) -> BoolArray:
        """Return the same action with the first of like teams funded."""
        tidied = np.zeros_like(mask)
        for node in np.unique(self.code[mask]):
            places = np.argwhere(self.code == node)[: int((mask & (self.code == node)).sum())]
            tidied[places[:, 0], places[:, 1]] = True
        return tidied

    def add(self, mask: BoolArray) -> None:
        """Keep an action if it can be paid and is new."""
        if float(self.cost[mask].sum()) <= self.limit + MONEY_EPS and not (mask & ~self.open).any():
            tidied = self.tidy(mask)
            self.masks.setdefault(tuple(tidied.ravel().tolist()), tidied)

    def swaps(self, mask: BoolArray) -> Iterable[BoolArray]:
        """Yield the action with one team more, one team fewer, or one replaced by another; one of like teams each."""
        groups = [np.argwhere((self.code == node) & self.open) for node in np.unique(self.code[self.open])]
        joins, leaves = [], []
        for places in groups:
            inside = [p for p in places if mask[p[0], p[1]]]
            outside = [p for p in places if not mask[p[0], p[1]]]
            joins += outside[:1]
            leaves += inside[-1:]
        for place in [*joins, *leaves]:
            changed = mask.copy()
            changed[tuple(place)] ^= True
            yield changed
        strong = sorted(joins, key=self._place)[:REPLACED]
        weak = sorted(leaves, key=self._place, reverse=True)[:REPLACED]
        for gone in weak:
            for new in strong:
                if self.code[tuple(gone)] != self.code[tuple(new)]:
                    changed = mask.copy()
                    changed[tuple(gone)], changed[tuple(new)] = False, True
                    yield changed

    def _place(self, place: IntArray) -> tuple[int, int, int]:
        """Return where the greedy would choose a team: its order, then those it leaves out."""
        node = int(self.code[tuple(place)])
        return (self.order.index(node) if node in self.order else len(self.order), int(place[0]), int(place[1]))


def first_candidates(programme: Programme, state: BatchState) -> Bench:
    """Return nobody, the greedy prefixes at φ=3 and the plain rules' actions of a batch of one."""
    bench = Bench(programme, state)
    _, R, M = state.code.shape
    mask = np.zeros((R, M), dtype=bool)
    bench.add(mask)
    for slot in commit(programme, state, phi=PREFIX_PHI).order[0]:
        if slot < 0:
            break
        bench.order.append(int(state.code[0][divmod(int(slot), M)]))
        mask = mask.copy()
        mask[divmod(int(slot), M)] = True
        bench.add(mask)
    for rule in PLAIN:
        bench.add(rule(programme, state)[0])
    return bench


def with_swaps(bench: Bench, around: Iterable[BoolArray]) -> Bench:
    """Add the single-team swaps of some actions."""
    for mask in list(around):
        for changed in bench.swaps(mask):
            bench.add(changed)
    return bench
