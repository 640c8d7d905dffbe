"""Marginal gains of one more funded path, for both payoffs, kept up to date while a greedy choice grows."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from biaochi.methods.allocation.batch import BoolArray
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.payoff import uncovered_table
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.weights import Weights


class Gains(Protocol):
    """Gains of all candidates of n states; candidates are teams with a patience."""

    def all(self) -> FloatArray:
        """Return the gain of each candidate, shape (n, R, M, P)."""
        ...

    def take(self, r: IntArray, i: IntArray, m: IntArray) -> None:
        """Count one candidate of each state as chosen."""
        ...

    def keep(self, rows: BoolArray) -> None:
        """Forget the states not kept."""
        ...


def gains_of(programme: Programme, code: IntArray, weights: Weights, success: FloatArray) -> Gains:
    """Return the gains of the programme's payoff; ``success`` is Π of stage passes by node, (N, P, K, J)."""
    if programme.payoff.kind == "best_prize":
        return PrizeGains(programme, code, weights, success)
    return CoverageGains(programme, code, weights, success)


class CoverageGains:
    """gain = V·Σ_f p_f Π_{r'≠r}E[g]·Σ_k w P_i[k] Σ_n D_rk[n](g(n0+n)−g(n0+n+1))."""

    def __init__(self, programme: Programme, code: IntArray, weights: Weights, success: FloatArray) -> None:
        n, R, M = code.shape
        chance = np.einsum("nkj,npkj->npk", programme.tables.b, success)
        self.P = chance[code]
        self.factors, self.given = weights.factors, weights.given
        self.value = programme.payoff.value
        done = programme.graph.done[code].sum(axis=2)
        table = uncovered_table(programme)
        table = np.concatenate([table, np.repeat(table[:, -1:], M + 1, axis=1)], axis=1)
        reach = done[:, :, None] + np.arange(M + 1)[None, None, :]
        self.g = table[np.arange(R)[None, :, None], reach]
        self.step = self.g[:, :, :-1] - self.g[:, :, 1:]
        K = self.given.shape[3]
        self.D = np.zeros((n, R, K, M))
        self.D[..., 0] = 1.0

    def all(self) -> FloatArray:
        """Return the gain of each candidate."""
        coefficient = self.coefficient()
        return np.asarray(np.einsum("nrk,nrmpk->nrmp", coefficient, self.P))

    def coefficient(self) -> FloatArray:
        """Return what a unit of success probability given each class is worth, shape (n, R, K)."""
        left = np.einsum("nrkm,nrm->nrk", self.D, self.g[:, :, :-1])
        step = np.einsum("nrkm,nrm->nrk", self.D, self.step)
        expected = np.einsum("nfrk,nrk->nfr", self.given, left)
        others = _product_of_others(expected)
        return np.asarray(self.value * np.einsum("nf,nfr,nfrk,nrk->nrk", self.factors, others, self.given, step))

    def take(self, r: IntArray, i: IntArray, m: IntArray) -> None:
        """Add one Bernoulli to the number of successes of the chosen route, given each class."""
        rows = np.arange(r.size)
        p = self.P[rows, r, i, m][:, :, None]
        before = self.D[rows, r]
        after = before * (1 - p)
        after[..., 1:] += before[..., :-1] * p
        after[..., -1:] += before[..., -1:] * p
        self.D[rows, r] = after

    def keep(self, rows: BoolArray) -> None:
        """Forget the states not kept."""
        for name in ("P", "factors", "given", "g", "step", "D"):
            setattr(self, name, getattr(self, name)[rows])


class PrizeGains:
    """gain = Σ over prize levels above the best so far of (level − level below)·ΔP(best ≥ level)."""

    def __init__(self, programme: Programme, code: IntArray, weights: Weights, success: FloatArray) -> None:
        prizes = np.unique(np.concatenate([r.prizes for r in programme.routes if r.prizes is not None]))
        self.levels = prizes[prizes > 0]
        self.width = np.diff(self.levels, prepend=0.0)
        self.P = _chance_at_least(programme, success, self.levels)[code]
        self.factors, self.given = weights.factors, weights.given
        best = programme.tables.prize[code].max(axis=(1, 2))
        self.open = (self.levels[None, :] > best[:, None]).astype(np.float64)
        above = np.clip(self.levels[None, :] - best[:, None], 0.0, self.width[None, :])
        self.worth = self.open * above
        n, R, _ = code.shape
        self.none = np.ones((n, R, self.given.shape[3], self.levels.size))

    def all(self) -> FloatArray:
        """Return the gain of each candidate."""
        expected = np.einsum("nfrk,nrkl->nfrl", self.given, self.none)
        others = _product_of_others(expected, axis=2)
        coefficient = np.einsum("nf,nfrl,nfrk,nrkl,nl->nrkl", self.factors, others, self.given, self.none, self.worth)
        return np.asarray(np.einsum("nrkl,nrmpkl->nrmp", coefficient, self.P))

    def take(self, r: IntArray, i: IntArray, m: IntArray) -> None:
        """Multiply in the chance that the chosen path does not reach each level."""
        rows = np.arange(r.size)
        self.none[rows, r] *= 1 - self.P[rows, r, i, m]

    def keep(self, rows: BoolArray) -> None:
        """Forget the states not kept."""
        for name in ("P", "factors", "given", "open", "worth", "none"):
            setattr(self, name, getattr(self, name)[rows])


def _chance_at_least(programme: Programme, success: FloatArray, levels: FloatArray) -> FloatArray:
    """Return P(success with a prize of at least each level) by node, patience and class: (N, P, K, L)."""
    tables, graph = programme.tables, programme.graph
    n, _, K, J = tables.passing.shape
    share = np.zeros((n, K, J, levels.size))
    for index, route in enumerate(programme.routes):
        nodes = np.flatnonzero((graph.route == index) & (np.arange(n) > 0))
        table, prizes = route.outcomes[-1], route.prizes
        if prizes is None:
            continue
        passes = np.arange(table.shape[0]) >= route.gate[-1]
        wins = passes[:, None] & (prizes[:, None] >= levels[None, :])
        reached = np.einsum("ykj,yl->kjl", table, wins.astype(np.float64))
        q = table[passes].sum(axis=0)[..., None]
        k, j = q.shape[:2]
        share[nodes, :k, :j] = np.where(q > 0, reached / np.where(q > 0, q, 1.0), 0.0)[None]
    return np.asarray(np.einsum("nkj,npkj,nkjl->npkl", tables.b, success, share))


def _product_of_others(values: FloatArray, axis: int = 2) -> FloatArray:
    """Return for each entry along an axis the product of all the others, without dividing."""
    moved = np.moveaxis(values, axis, -1)
    ones = np.ones_like(moved[..., :1])
    before = np.cumprod(np.concatenate([ones, moved[..., :-1]], axis=-1), axis=-1)
    reverse = moved[..., ::-1]
    after = np.cumprod(np.concatenate([ones, reverse[..., :-1]], axis=-1), axis=-1)[..., ::-1]
    return np.moveaxis(before * after, -1, axis)
