"""Proximity of tracks: how often the same regions are active in both.

``conditional`` is the smaller of the two conditional probabilities; ``correlation`` compares ln(1+RCA) profiles;
``association``, ``cosine`` and ``jaccard`` normalise co-occurrence counts the way EconGeo does, with a zero diagonal
before the sums are taken.

Sources
-------
Hidalgo, Klinger, Barabási, Hausmann (2007), doi 10.1126/science.1144581; Balland (2017), EconGeo.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.conventions import Conventions, Diagonal, ProximityKind
from biaochi.methods.specialisation.location_quotient import location_quotient

Array = NDArray[np.float64]
BLOCK = 128


def activity(quotient: pd.DataFrame, threshold: float = 1.0) -> pd.DataFrame:
    """Return M: where the unrounded quotient reaches the threshold; False where it is unknown."""
    return quotient >= threshold


def proximity(x: pd.DataFrame, conventions: Conventions | None = None) -> pd.DataFrame:
    """Return the proximity of every two tracks.

    Parameters
    ----------
    x : DataFrame, regions × tracks
        Activity X ≥ 0, no gaps.
    conventions : Conventions
        Kind, diagonal and threshold.

    Returns
    -------
    DataFrame, tracks × tracks
        Symmetric; 0..1 except ``association``, which is 1 at random and has no upper bound.

    Examples
    --------
    >>> table = pd.DataFrame([[9, 9, 1], [1, 1, 9]], columns=list("pqr"))
    >>> float(proximity(table).loc["p", "q"])
    1.0
    """
    rules = conventions or Conventions()
    quotient = location_quotient(x)
    if rules.proximity == "correlation":
        phi = correlation(quotient.to_numpy())
    else:
        phi = co_occurrence(activity(quotient, rules.threshold).to_numpy(), rules.proximity)
    set_diagonal(phi, rules.diagonal)
    return pd.DataFrame(phi, index=x.columns, columns=x.columns)


def co_occurrence(active: NDArray[np.bool_], kind: ProximityKind) -> Array:
    """Return a proximity of 0/1 columns with a zero diagonal; tracks held nowhere are at distance."""
    held = active.astype(np.float32)
    # Counts up to 2**24 are exact in single precision, and the product is twice as fast.
    exact = held.T @ held
    if kind == "conditional":
        return _conditional(exact)
    common = exact.astype(np.float64)
    np.fill_diagonal(common, 0.0)
    sums = common.sum(axis=0)
    scale = {
        "association": lambda: (sums[:, None] * sums[None, :]) / max(sums.sum(), 1.0),
        "cosine": lambda: np.sqrt(sums[:, None] * sums[None, :]),
        "jaccard": lambda: sums[:, None] + sums[None, :] - common,
    }[kind]()
    return np.asarray(np.divide(common, scale, out=np.zeros_like(common), where=scale > 0), dtype=float)


def _conditional(common: NDArray[np.float32]) -> Array:
    """Divide by the larger ubiquity, some rows at a time, so that no second table of that size is needed."""
    ubiquity = np.maximum(np.diag(common).astype(np.float64), 1.0)
    phi = np.empty(common.shape)
    for start in range(0, len(common), BLOCK):
        rows = slice(start, start + BLOCK)
        np.divide(common[rows], np.maximum(ubiquity[rows, None], ubiquity[None, :]), out=phi[rows])
    np.fill_diagonal(phi, 0.0)
    return phi


def correlation(quotient: Array) -> Array:
    """Return (1+r)/2 of the columns of ln(1+RCA); a column that does not vary is related to nothing (0.5)."""
    profile = np.log1p(np.nan_to_num(quotient))
    centred = profile - profile.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    scaled = np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-12)
    phi = (1 + np.clip(scaled.T @ scaled, -1.0, 1.0)) / 2
    np.fill_diagonal(phi, 0.0)
    return np.asarray(phi, dtype=float)


def set_diagonal(phi: Array, diagonal: Diagonal) -> None:
    """Set a track's proximity to itself in place."""
    np.fill_diagonal(phi, 1.0 if diagonal == "one" else 0.0)
