"""Many hypotheses at one moment: the e-BH procedure.

Source: Wang and Ramdas (2022), doi:10.1111/rssb.12489.  It needs no independence between the members.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

BoolArray = NDArray[np.bool_]


def e_bh(e: ArrayLike, alpha: float) -> BoolArray:
    """Return which hypotheses are rejected at false discovery rate ``alpha``.

    Parameters
    ----------
    e : array_like
        Current e-values of all K members, ≥ 0, the last axis running over members; 1 where there are no data.
    alpha : float
        Level, in (0, 1).

    Examples
    --------
    >>> e_bh([150, 3, 80, 0.2, 41, 60, 1.1, 25, 500, 0.7], 0.05).nonzero()[0].tolist()
    [0, 2, 4, 5, 8]
    """
    values = np.asarray(e, dtype=float)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, seen {alpha}")
    if np.isnan(values).any() or (values < 0).any():
        raise ValueError("e-values are numbers of at least 0")
    members = values.shape[-1] if values.ndim else 0
    if members == 0:
        return np.zeros(values.shape, dtype=bool)
    order = np.argsort(-values, axis=-1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=-1)
    rank = np.arange(1, members + 1)
    enough = ranked >= members / (alpha * rank)
    last = np.max(np.where(enough, rank, 0), axis=-1, keepdims=True)
    rejected = np.zeros(values.shape, dtype=bool)
    np.put_along_axis(rejected, order, rank <= last, axis=-1)
    return rejected
