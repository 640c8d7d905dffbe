"""Tables that could have been: what declared portfolios would look like if nobody looked at a neighbour.

Two nulls for a 0/1 table of regions × tracks.  *Uniform* keeps each region's number of tracks and draws the tracks
evenly.  *Popularity* keeps both margins — how many tracks a region names and how many regions name a track — and
shuffles everything else, by the curveball algorithm.

Sources
-------
Strona, Nappo, Boccacci, Fattorini, San-Miguel-Ayanz (2014), doi 10.1038/ncomms5114.  Trades of all regions at once
(global trades) keep the same stationary law: Carstens, Berger, Strona (2018), doi 10.1016/j.mex.2018.06.018.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.bool_]
TRADES_PER_REGION = 5
WARM_UP_PER_REGION = 20


def uniform_tables(plans: Table, n: int, rng: np.random.Generator) -> Iterator[Table]:
    """Yield ``n`` tables with the portfolio sizes of ``plans`` and tracks drawn evenly.

    Parameters
    ----------
    plans : array of bool, shape (regions, tracks)
        The observed table.
    n : int
        Number of tables.
    rng : numpy.random.Generator
        Source of randomness.

    Yields
    ------
    array of bool, shape (regions, tracks)
    """
    sizes = plans.sum(axis=1)
    for _ in range(n):
        yield _smallest(rng.random(plans.shape), sizes)


def curveball(plans: Table, n: int, rng: np.random.Generator) -> Iterator[Table]:
    """Yield ``n`` tables with both margins of ``plans``.

    Each region trades 20 times before the first table and 5 times between two tables; in a trade two regions pool
    the tracks only one of them holds and deal them out again, each keeping its number.

    Parameters
    ----------
    plans : array of bool, shape (regions, tracks)
        The observed table.
    n : int
        Number of tables.
    rng : numpy.random.Generator
        Source of randomness.

    Yields
    ------
    array of bool, shape (regions, tracks)
        A fresh copy each time.

    Examples
    --------
    >>> table = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 0]], dtype=bool)
    >>> drawn = next(curveball(table, 1, np.random.default_rng(0)))
    >>> drawn.sum(axis=0).tolist(), drawn.sum(axis=1).tolist()
    ([2, 2, 1], [2, 2, 1])
    """
    table = np.array(plans, dtype=np.bool_)
    for number in range(n):
        for _ in range(TRADES_PER_REGION if number else WARM_UP_PER_REGION):
            _trade_all(table, rng)
        yield table.copy()


def _trade_all(table: Table, rng: np.random.Generator) -> None:
    """Pair all regions at random and let every pair trade once; of an odd number one region rests."""
    half = len(table) // 2
    if half == 0:
        return
    order = rng.permutation(len(table))
    first, second = order[:half], order[half : 2 * half]
    a, b = table[first], table[second]
    pool = a != b
    keys = np.where(pool, rng.random(pool.shape), 2.0)
    dealt = _smallest(keys, (a & pool).sum(axis=1))
    table[first] = np.where(pool, dealt, a)
    table[second] = np.where(pool, ~dealt, b)


def _smallest(keys: NDArray[np.float64], counts: NDArray[np.int_]) -> Table:
    """Mark the ``counts[i]`` smallest keys of row i."""
    ordered = np.sort(keys, axis=1)
    rows = np.arange(len(keys))
    limit = np.where(counts > 0, ordered[rows, np.maximum(counts - 1, 0)], -1.0)
    return np.asarray(keys <= limit[:, None], dtype=np.bool_)
