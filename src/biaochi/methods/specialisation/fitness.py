"""Fitness of regions and complexity of tracks, by the non-linear map.

F = M Q, Q = 1 / (Mᵀ(1/F)) with the old F, each divided by its mean, until nothing moves by more than 1e-12.  In some
tables the fitness of a few regions runs to zero; the non-homogeneous form keeps them apart.

Sources
-------
Tacchella, Cristelli, Caldarelli, Gabrielli, Pietronero (2012), doi 10.1038/srep00723; non-homogeneous form:
Servedio, Buttà, Mazzilli, Tacchella, Pietronero (2018), doi 10.3390/e20100783.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

Array = NDArray[np.float64]
VANISHED = 1e-9
LARGE, THIN = 100_000, 0.4


@dataclass(frozen=True)
class Fitness:
    """Fitness of regions and complexity of tracks, mean 1; inactive ones NaN.

    ``converged`` is False when the map still moved after the last step; ``vanishing`` names regions whose fitness runs
    to zero, which only :func:`steady_fitness` can tell apart.
    """

    fitness: pd.Series
    complexity: pd.Series
    steps: int
    converged: bool
    vanishing: tuple[str, ...]


def fitness(active: pd.DataFrame, *, tolerance: float = 1e-12, max_steps: int = 20_000) -> Fitness:
    """Return fitness and complexity by the homogeneous map.

    Parameters
    ----------
    active : DataFrame of bool, regions × tracks
    tolerance : float
        Greatest change of any value between two steps.
    max_steps : int
        Where to stop a map that creeps.

    Examples
    --------
    >>> m = pd.DataFrame([[1, 1], [1, 0]], index=["a", "b"], columns=["p", "q"], dtype=bool)
    >>> bool(fitness(m).fitness["a"] > fitness(m).fitness["b"])
    True
    """
    table, regions, tracks = _reduced(active)
    forth, back = _both_ways(table)
    f, q = np.ones(table.shape[0]), np.ones(table.shape[1])
    steps, moved = 0, np.inf
    while table.size and steps < max_steps and moved > tolerance:
        new_f = forth @ q
        with np.errstate(divide="ignore"):
            new_q = 1.0 / (back @ (1.0 / np.maximum(f, 1e-300)))
        new_f, new_q = new_f / new_f.mean(), new_q / new_q.mean()
        moved = float(max(np.abs(new_f - f).max(), np.abs(new_q - q).max()))
        f, q, steps = new_f, new_q, steps + 1
    whole_f, whole_q = _spread(active, regions, f, tracks, q)
    gone = tuple(str(r) for r in whole_f.index[whole_f < VANISHED])
    return Fitness(whole_f, whole_q, steps, moved <= tolerance, gone)


def steady_fitness(
    active: pd.DataFrame, *, delta: float = 1e-3, tolerance: float = 1e-12, max_steps: int = 200_000
) -> Fitness:
    """Return fitness by the non-homogeneous map, which never runs to zero.

    F = δ² + M (1/P), P = 1 + Mᵀ(1/F); the complexity of a track is 1/P.  Values are divided by their mean.
    """
    if not delta > 0:
        raise ValueError(f"delta must be above 0, seen {delta}")
    table, regions, tracks = _reduced(active)
    forth, back = _both_ways(table)
    f, p = np.ones(table.shape[0]), np.ones(table.shape[1])
    steps, moved = 0, np.inf
    while table.size and steps < max_steps and moved > tolerance:
        new_f = delta**2 + forth @ (1.0 / p)
        new_p = 1.0 + back @ (1.0 / f)
        moved = float(max(np.abs(new_f / f - 1).max(), np.abs(new_p / p - 1).max()))
        f, p, steps = new_f, new_p, steps + 1
    q = 1.0 / p
    if table.size:
        f, q = f / f.mean(), q / q.mean()
    whole_f, whole_q = _spread(active, regions, f, tracks, q)
    return Fitness(whole_f, whole_q, steps, moved <= tolerance, ())


def _reduced(active: pd.DataFrame) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    table = active.to_numpy(dtype=float)
    regions, tracks = np.asarray(table.any(axis=1)), np.asarray(table.any(axis=0))
    return table[np.ix_(regions, tracks)], regions, tracks


def _both_ways(table: Array) -> tuple[Any, Any]:
    """Return the table and its transpose for products; large thin ones as sparse, which halves what is read a step."""
    if table.size < LARGE or table.mean() > THIN:
        return table, table.T
    forth = csr_array(table)
    return forth, forth.T.tocsr()


def _spread(
    active: pd.DataFrame, regions: NDArray[np.bool_], f: Array, tracks: NDArray[np.bool_], q: Array
) -> tuple[pd.Series, pd.Series]:
    whole_f, whole_q = np.full(len(regions), np.nan), np.full(len(tracks), np.nan)
    whole_f[regions], whole_q[tracks] = f, q
    return pd.Series(whole_f, index=active.index), pd.Series(whole_q, index=active.columns)
