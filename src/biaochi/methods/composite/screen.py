"""Screen: which units have enough data to be scored.

The order of screening and imputing matters: on the ASEM data at 0.90 five units fall out before imputation and none
after it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np


def screen(
    x: np.ndarray,
    applicable: np.ndarray,
    *,
    min_available: float | None,
    min_nonzero: float | None = None,
    units: Sequence[str] = (),
    keep: Collection[str] = (),
    drop: Collection[str] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Return the observed share of each unit and whether it is included.

    Parameters
    ----------
    x : ndarray, shape (…, I, R)
        Values, NaN = missing.
    applicable : ndarray of bool, shape (I, R)
        Cells that count at all; not applicable and too early ones do not.
    min_available, min_nonzero : float or None
        Smallest share (0..1) of applicable cells observed, and of observed cells that are not zero.
    units : sequence of str, length R
        Unit of each row, for ``keep`` and ``drop``, which overrule the shares.

    Returns
    -------
    available, included : ndarray, shape (…, R)
    """
    present = np.isfinite(x) & applicable
    filled = present.sum(-2)
    total = np.maximum(applicable.sum(-2), 1)
    available = filled / total
    included = filled > 0
    if min_available is not None:
        included &= available >= min_available - 1e-12
    if min_nonzero is not None:
        zeros = ((x == 0) & applicable).sum(-2)
        included &= 1 - zeros / np.maximum(filled, 1) >= min_nonzero - 1e-12
    if keep or drop:
        forced = np.array([u in keep for u in units])
        barred = np.array([u in drop for u in units])
        included = (included | (forced & (filled > 0))) & ~barred
    return available, included
