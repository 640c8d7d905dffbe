"""Who reviews what: the best fit that respects conflicts and loads, then the most even load.

A transport problem, whose linear programme has whole-number vertices (Hoffman & Kruskal 1956); solved with HiGHS
through scipy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

TIE = 1e-9


def assign_reviewers(fit: ArrayLike, forbidden: ArrayLike, need: int, load: int) -> NDArray[np.bool_]:
    """Return who reviews what: the greatest total fit, then the least largest load.

    Parameters
    ----------
    fit : array_like of shape (reviewers, bids)
        How well each reviewer fits each bid.
    forbidden : array_like of bool, same shape
        Pairs that may not be (conflict of interest, own organisation).
    need : int
        Reviewers a bid needs.
    load : int
        Most bids a reviewer may take.

    Returns
    -------
    ndarray of bool, shape (reviewers, bids)

    Raises
    ------
    ValueError
        When no assignment exists.

    Examples
    --------
    >>> assign_reviewers([[3, 3], [2, 0]], [[0, 0], [0, 0]], need=1, load=2).astype(int).tolist()
    [[1, 1], [0, 0]]
    """
    weights = np.asarray(fit, dtype=np.float64)
    barred = np.asarray(forbidden, dtype=bool)
    if weights.ndim != 2 or weights.shape != barred.shape or not np.isfinite(weights).all():
        raise ValueError("fit and forbidden must be tables of the same shape, fit without missing values")
    if need < 1 or load < 1:
        raise ValueError("need and load must be at least 1")
    best = _assign(weights, barred, need, load)
    if best is None:
        raise ValueError(
            "no assignment gives every bid its reviewers: ease a conflict, add reviewers or raise the load"
        )
    top = float(weights[best].sum())
    tolerance = TIE * max(1.0, abs(top))
    low, high = int(-(-need * weights.shape[1] // weights.shape[0])), int(best.sum(axis=1).max())
    while low < high:
        middle = (low + high) // 2
        found = _assign(weights, barred, need, middle)
        if found is not None and float(weights[found].sum()) >= top - tolerance:
            best, high = found, int(found.sum(axis=1).max())
        else:
            low = middle + 1
    return best


def _assign(fit: NDArray[np.float64], barred: NDArray[np.bool_], need: int, load: int) -> NDArray[np.bool_] | None:
    reviewers, bids = fit.shape
    r, b = np.nonzero(~barred)
    if not bids:
        return np.zeros((reviewers, 0), dtype=bool)
    if np.any(np.bincount(b, minlength=bids) < need):
        return None
    columns = np.arange(r.size)
    ones = np.ones(r.size)
    rows = csr_array(
        (np.append(ones, ones), (np.append(r, reviewers + b), np.append(columns, columns))),
        shape=(reviewers + bids, r.size),
    )
    low = np.append(np.zeros(reviewers), np.full(bids, need))
    high = np.append(np.full(reviewers, load), np.full(bids, need))
    answer = milp(
        -fit[r, b],
        constraints=LinearConstraint(rows, low, high),
        bounds=Bounds(0, 1),
        integrality=np.zeros(r.size, dtype=np.int64),
    )
    if not answer.success:
        return None
    chosen = np.zeros(fit.shape, dtype=bool)
    chosen[r, b] = answer.x > 0.5
    return chosen
