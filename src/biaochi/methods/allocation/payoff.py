"""What successes are worth.

``coverage``: g(n)=Π_{m=1..n}(1−ρβ^(m−1)) is the share of the value a route leaves uncovered after n successes, and
F=V(1−Πg); with 0⁰=1, so β=0 means that only a first success on a route counts.  ``best_prize``: F is the best prize
of the successes (Weitzman 1979, doi:10.2307/1910412).
"""

from __future__ import annotations

import numpy as np

from biaochi.methods.allocation.batch import BatchState
from biaochi.methods.allocation.histories import IntArray
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import FloatArray


def uncovered(rho: float, beta: float, n: int) -> FloatArray:
    """Return g(0..n).

    Examples
    --------
    >>> uncovered(0.8, 0.5, 2).round(3).tolist()
    [1.0, 0.2, 0.12]
    """
    powers = np.ones(n)
    powers[1:] = float(beta) ** np.arange(1, n)
    return np.concatenate([[1.0], np.cumprod(1 - rho * powers)])


def uncovered_table(programme: Programme) -> FloatArray:
    """Return g_r(n) for every route, shape (R, M + 2); the last column repeats the limit of the padding."""
    size = programme.tables.start.shape[1] + 1
    return np.stack([uncovered(r.coverage, programme.payoff.overlap, size) for r in programme.routes])


def payoff(programme: Programme, code: IntArray) -> FloatArray:
    """Return F for each run, shape (n,), from the nodes (n, R, M)."""
    if programme.payoff.kind == "best_prize":
        return np.asarray(programme.tables.prize[code].max(axis=(1, 2)))
    n = programme.graph.done[code].sum(axis=2)
    table = uncovered_table(programme)
    left = table[np.arange(table.shape[0])[None, :], n].prod(axis=1)
    return np.asarray(programme.payoff.value * (1 - left))


def payoff_of(programme: Programme, state: BatchState) -> FloatArray:
    """Return F of a batch."""
    return payoff(programme, state.code)
