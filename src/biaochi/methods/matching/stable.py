"""Stable matching: firms propose, scenes hold the best so far; start-ups first on reserved slots, empty ones to anyone.

Source: Gale and Shapley 1962, doi:10.2307/2312726; soft (minority) reserves: Hafalir, Yenmez and Yildirim 2013,
doi:10.3982/TE1135.  Ties are broken by a seeded lottery before this function is called (:func:`strict`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
FREE = -1


@dataclass(frozen=True)
class Proposals:
    """Preferences as arrays: row ``i`` says that ``firm[i]`` accepts ``scene[i]``.

    Parameters
    ----------
    firm, scene : array of int, shape (k,)
        Positions; only pairs acceptable to both sides.
    firm_rank, scene_rank : array, shape (k,)
        The firm's place for the scene and the scene's place for the firm; smaller is better, strict within each.
    """

    firm: Ints
    scene: Ints
    firm_rank: NDArray[np.float64]
    scene_rank: NDArray[np.float64]


def strict(rank: ArrayLike, within: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return ranks 0, 1, 2 … within each holder, ties broken by lottery.

    Examples
    --------
    >>> strict([2, 1, 1], [0, 0, 1], np.random.default_rng(0)).tolist()
    [1.0, 0.0, 0.0]
    """
    ranks, holder = np.asarray(rank, dtype=float), np.asarray(within)
    order = np.lexsort((rng.random(ranks.size), ranks, holder))
    sorted_holder = holder[order]
    first = np.r_[True, sorted_holder[1:] != sorted_holder[:-1]] if ranks.size else np.zeros(0, dtype=bool)
    start = np.maximum.accumulate(np.where(first, np.arange(ranks.size), 0)) if ranks.size else np.zeros(0)
    found = np.empty(ranks.size)
    found[order] = np.arange(ranks.size) - start
    return found


def deferred_acceptance(
    proposals: Proposals,
    firms: int,
    slots: ArrayLike,
    reserved: ArrayLike | None = None,
    startup: ArrayLike | None = None,
) -> Ints:
    """Return the scene of each firm (−1 for none): the firm-optimal stable matching.

    Parameters
    ----------
    proposals : Proposals
        Acceptable pairs.
    firms : int
        Number of firms.
    slots : array of int, shape (scenes,)
        Places of each scene.
    reserved : array of int, shape (scenes,), optional
        Of these, places where start-ups come first.
    startup : array of bool, shape (firms,), optional
        Who is a start-up.

    Returns
    -------
    array of int, shape (firms,)
    """
    places = np.asarray(slots, dtype=np.int64)
    kept_back = np.zeros_like(places) if reserved is None else np.minimum(np.asarray(reserved, dtype=np.int64), places)
    young = np.zeros(firms, dtype=bool) if startup is None else np.asarray(startup).astype(bool)
    order = np.lexsort((proposals.firm_rank, proposals.firm))
    firm, scene, rank = proposals.firm[order], proposals.scene[order], proposals.scene_rank[order]
    begin = np.searchsorted(firm, np.arange(firms))
    end = np.searchsorted(firm, np.arange(firms), side="right")
    following = begin.copy()
    held = np.full(firms, FREE, dtype=np.int64)
    held_rank = np.zeros(firms)
    asking = np.flatnonzero(following < end)
    while asking.size:
        rows = following[asking]
        following[asking] += 1
        asked = np.zeros(places.size, dtype=bool)
        asked[scene[rows]] = True
        staying = np.flatnonzero(held != FREE)
        staying = staying[asked[held[staying]]]
        who = np.concatenate([asking, staying])
        where = np.concatenate([scene[rows], held[staying]])
        order_of = np.concatenate([rank[rows], held_rank[staying]])
        kept = _choice(where, order_of, young[who], places, kept_back)
        held[who] = np.where(kept, where, FREE)
        held_rank[who] = order_of
        free = who[~kept]
        asking = free[following[free] < end[free]]
    return held


def _choice(
    where: Ints, rank: NDArray[np.float64], young: NDArray[np.bool_], places: Ints, kept_back: Ints
) -> NDArray[np.bool_]:
    """Return whom each scene keeps: up to its reserve the best start-ups, then the best of the rest."""
    kept = np.zeros(where.size, dtype=bool)
    if kept_back.any():
        candidates = np.flatnonzero(young)
        kept[candidates] = _place(where[candidates], rank[candidates]) < kept_back[where[candidates]]
    left = places - np.bincount(where[kept], minlength=places.size)
    rest = np.flatnonzero(~kept)
    kept[rest] = _place(where[rest], rank[rest]) < left[where[rest]]
    return kept


def _place(where: Ints, rank: NDArray[np.float64]) -> Ints:
    order = np.lexsort((rank, where))
    ordered = where[order]
    start = np.searchsorted(ordered, ordered)
    found = np.empty(where.size, dtype=np.int64)
    found[order] = np.arange(where.size) - start
    return found


def blocking_pairs(
    proposals: Proposals,
    held: Ints,
    slots: ArrayLike,
    reserved: ArrayLike | None = None,
    startup: ArrayLike | None = None,
) -> Ints:
    """Return the rows of acceptable pairs that would rather have each other than what they hold; none if stable."""
    places = np.asarray(slots, dtype=np.int64)
    firms = held.size
    kept_back = np.zeros_like(places) if reserved is None else np.minimum(np.asarray(reserved, dtype=np.int64), places)
    young = np.zeros(firms, dtype=bool) if startup is None else np.asarray(startup).astype(bool)
    own = np.full(firms, np.inf)
    matched = proposals.scene == held[proposals.firm]
    own[proposals.firm[matched]] = proposals.firm_rank[matched]
    where, rank, who = proposals.scene[matched], proposals.scene_rank[matched], proposals.firm[matched]
    top = np.zeros(who.size, dtype=bool)
    mine = np.flatnonzero(young[who])
    top[mine] = _place(where[mine], rank[mine]) < kept_back[where[mine]]
    worst_rest, worst_top = np.full(places.size, -np.inf), np.full(places.size, -np.inf)
    np.maximum.at(worst_rest, where[~top], rank[~top])
    np.maximum.at(worst_top, where[top], rank[top])
    open_ = np.bincount(where, minlength=places.size) < places
    reserve_open = np.bincount(where[top], minlength=places.size) < kept_back
    wants = proposals.firm_rank < own[proposals.firm]
    s, r = proposals.scene, proposals.scene_rank
    admitted = open_[s] | (r < worst_rest[s]) | (young[proposals.firm] & (reserve_open[s] | (r < worst_top[s])))
    admitted &= places[s] > 0
    return np.flatnonzero(wants & admitted)


def assign_stable(
    firm_prefs: Mapping[str, Sequence[str]],
    scene_prefs: Mapping[str, Sequence[str]],
    slots: Mapping[str, int],
    *,
    reserves: Mapping[str, int] | None = None,
    startups: Collection[str] = (),
) -> dict[str, list[str]]:
    """Match firms and scenes by name; lists are best first and hold whom each side accepts.

    Examples
    --------
    >>> prefs = {"L1": ["s"], "L2": ["s"], "S1": ["s"]}
    >>> assign_stable(prefs, {"s": ["L1", "L2", "S1"]}, {"s": 2}, reserves={"s": 1}, startups=["S1"])
    {'s': ['L1', 'S1']}
    """
    firms, scenes = list(firm_prefs), list(slots)
    firm_at, scene_at = {f: i for i, f in enumerate(firms)}, {s: i for i, s in enumerate(scenes)}
    place = {(s, f): i for s, listed in scene_prefs.items() for i, f in enumerate(listed)}
    rows = [
        (firm_at[f], scene_at[s], i, place[(s, f)])
        for f, listed in firm_prefs.items()
        for i, s in enumerate(listed)
        if s in scene_at and (s, f) in place
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    proposals = Proposals(table[:, 0], table[:, 1], table[:, 2].astype(float), table[:, 3].astype(float))
    held = deferred_acceptance(
        proposals,
        len(firms),
        [slots[s] for s in scenes],
        [(reserves or {}).get(s, 0) for s in scenes],
        [f in set(startups) for f in firms],
    )
    chosen: dict[str, list[tuple[int, str]]] = {s: [] for s in scenes}
    for f, h in zip(firms, held.tolist(), strict=True):
        if h != FREE:
            chosen[scenes[h]].append((place[(scenes[h], f)], f))
    return {s: [f for _, f in sorted(listed)] for s, listed in chosen.items()}
