"""Class probabilities and pass chances of many states at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray


@dataclass(frozen=True, eq=False)
class Weights:
    """Posterior of the factors (n, F), of the route classes given each factor (n, F, R, K), and marginal (n, R, K)."""

    factors: FloatArray
    given: FloatArray
    marginal: FloatArray


def route_weights(programme: Programme, code: IntArray) -> Weights:
    """Return w for each run from the nodes (n, R, M)."""
    tables = programme.tables
    like = tables.zhat[code].prod(axis=2)
    joint = tables.prior[None] * like[:, None]
    evidence = joint.sum(axis=3)
    positive = evidence > 0
    given = np.where(positive[..., None], joint / np.where(positive, evidence, 1.0)[..., None], tables.prior[None])
    if tables.factor.size == 1:
        factors = np.ones((code.shape[0], 1))
        return Weights(factors, given, given[:, 0])
    factors = tables.factor[None] * evidence.prod(axis=2)
    total = factors.sum(axis=1, keepdims=True)
    factors = np.where(total > 0, factors / np.where(total > 0, total, 1.0), tables.factor[None])
    return Weights(factors, given, np.einsum("nf,nfrk->nrk", factors, given))


def evidence(programme: Programme, code: IntArray) -> FloatArray:
    """Return the prior probability of each run's histories, team labels kept, shape (n,)."""
    tables = programme.tables
    like = tables.z[code].prod(axis=2)
    return np.asarray(np.einsum("frk,nrk->nfr", tables.prior, like).prod(axis=2) @ tables.factor)


def rest_first_time(programme: Programme) -> FloatArray:
    """Return Π of the pass probabilities from the present stage on by node and route class, shape (N, K)."""
    tables, graph = programme.tables, programme.graph
    stages = np.arange(graph.stages)
    ahead = np.where((stages[None, :] >= graph.stage[:, None])[..., None, None], tables.passing, 1.0).prod(axis=1)
    whole = (tables.b * ahead).sum(axis=2)
    whole[0] = 0.0
    return np.asarray(whole)


def team_passes(programme: Programme, code: IntArray, weights: Weights) -> tuple[FloatArray, FloatArray]:
    """Return P(pass the next stage) and P(pass all the rest first time), each (n, R, M); 0 and 1 for a success."""
    tables, graph = programme.tables, programme.graph
    stage = np.minimum(graph.stage, graph.stages - 1)
    q = tables.passing[np.arange(stage.size), stage]
    following = (tables.b * q).sum(axis=2)
    following[graph.stage == graph.stages] = 0.0
    first = np.einsum("nrk,nrmk->nrm", weights.marginal, following[code])
    whole = np.einsum("nrk,nrmk->nrm", weights.marginal, rest_first_time(programme)[code])
    return first, whole
