"""Marginal gains of one more funded path, for both payoffs, kept up to date while a greedy choice grows."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.payoff import uncovered_table
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray
from biaochi.methods.allocation.weights import Weights


class Gains(Protocol):
    """Gains of further paths in n states: gain = Σ_x chance[x]·weights[x], x a class (and a prize level)."""

    def chance(self, node: IntArray, m: IntArray) -> FloatArray:
        """Return the chance of success of paths from the nodes with the patience given, shape (E, X)."""
        ...

    def weights(self) -> FloatArray:
        """Return what a unit of chance is worth in each state and route, shape (n, R, X)."""
        ...

    def take(self, rows: IntArray, r: IntArray, chance: FloatArray) -> None:
        """Count one path in each of the states ``rows`` as chosen."""
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
        self.success = np.einsum("nkj,npkj->npk", programme.tables.b, success)
        self.factors, self.given = weights.factors, weights.given
        self.value = programme.payoff.value
        done = programme.graph.done[code].sum(axis=2)
        table = uncovered_table(programme)
        table = np.concatenate([table, np.repeat(table[:, -1:], M + 1, axis=1)], axis=1)
        reach = done[:, :, None] + np.arange(M + 1)[None, None, :]
        self.g = table[np.arange(R)[None, :, None], reach]
        K = self.given.shape[3]
        self.D: FloatArray | None = None
        self.shape = (n, R, K, M)
        self.left = np.repeat(self.g[:, :, :1], K, axis=2)
        self.step = np.repeat(self.g[:, :, :1] - self.g[:, :, 1:2], K, axis=2)

    def chance(self, node: IntArray, m: IntArray) -> FloatArray:
        """Return P_i[k]."""
        return np.asarray(self.success[node, m])

    def weights(self) -> FloatArray:
        """Return what a unit of success probability given each class is worth, shape (n, R, K)."""
        expected = (self.given * self.left[:, None]).sum(axis=3)
        others = _product_of_others(expected)
        if self.factors.shape[1] == 1:
            return np.asarray(self.value * others[:, 0, :, None] * self.given[:, 0] * self.step)
        mixed = np.einsum("nf,nfr,nfrk->nrk", self.factors, others, self.given)
        return np.asarray(self.value * mixed * self.step)

    def take(self, rows: IntArray, r: IntArray, chance: FloatArray) -> None:
        """Add one Bernoulli to the number of successes of the chosen route, given each class."""
        if self.D is None:
            self.D = np.zeros(self.shape)
            self.D[..., 0] = 1.0
        p = chance[:, :, None]
        before = self.D[rows, r]
        after = before * (1 - p)
        after[..., 1:] += before[..., :-1] * p
        self.D[rows, r] = after
        g = self.g[rows, r][:, None, :]
        self.left[rows, r] = (after * g[..., :-1]).sum(axis=2)
        self.step[rows, r] = (after * (g[..., :-1] - g[..., 1:])).sum(axis=2)


class PrizeGains:
    """gain = Σ over prize levels above the best so far of (level − level below)·ΔP(best ≥ level)."""

    def __init__(self, programme: Programme, code: IntArray, weights: Weights, success: FloatArray) -> None:
        prizes = np.unique(np.concatenate([r.prizes for r in programme.routes if r.prizes is not None]))
        levels = prizes[prizes > 0]
        self.success = _chance_at_least(programme, success, levels)
        self.factors, self.given = weights.factors, weights.given
        best = programme.tables.prize[code].max(axis=(1, 2))
        self.worth = np.clip(levels[None, :] - best[:, None], 0.0, np.diff(levels, prepend=0.0)[None, :])
        n, R, _ = code.shape
        self.none = np.ones((n, R, self.given.shape[3], levels.size))

    def chance(self, node: IntArray, m: IntArray) -> FloatArray:
        """Return P(success with a prize of at least each level), classes and levels in one axis."""
        found = self.success[node, m]
        return np.asarray(found.reshape(found.shape[0], -1))

    def weights(self) -> FloatArray:
        """Return what a unit of that chance is worth, shape (n, R, K·L)."""
        expected = np.einsum("nfrk,nrkl->nfrl", self.given, self.none)
        others = _product_of_others(expected)
        worth = np.einsum("nf,nfrl,nfrk,nrkl,nl->nrkl", self.factors, others, self.given, self.none, self.worth)
        return np.asarray(worth.reshape(*worth.shape[:2], -1))

    def take(self, rows: IntArray, r: IntArray, chance: FloatArray) -> None:
        """Multiply in the chance that the chosen path does not reach each level."""
        self.none[rows, r] *= 1 - chance.reshape(chance.shape[0], *self.none.shape[2:])


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
