"""Relatedness density: how near a track lies to what a region already does.

w_ij = Σ_k φ_jk M_ik / Σ_k φ_jk; the relative form compares a region's tracks with one another, among those it is not
yet specialised in.

Sources
-------
Hidalgo, Klinger, Barabási, Hausmann (2007), doi 10.1126/science.1144581; relative density: Pinheiro, Balland, Boschma,
Hartmann (2022), doi 10.1016/j.respol.2022.104546.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.conventions import Conventions
from biaochi.methods.specialisation.location_quotient import location_quotient
from biaochi.methods.specialisation.proximity import activity, proximity

Array = NDArray[np.float64]


def density(x: pd.DataFrame, conventions: Conventions | None = None) -> pd.DataFrame:
    """Return the relatedness density of every region and track.

    Parameters
    ----------
    x : DataFrame, regions × tracks
        Activity X ≥ 0, no gaps.
    conventions : Conventions
        With ``correlation``, ln(1+RCA) stands for M.

    Returns
    -------
    DataFrame
        0..1 (not bounded for ``correlation``); NaN for a track that is near nothing.

    Examples
    --------
    >>> table = pd.DataFrame([[9, 9, 1], [1, 1, 9]], columns=list("pqr"))
    >>> float(density(table).loc[0, "p"])
    1.0
    """
    rules = conventions or Conventions()
    quotient = location_quotient(x)
    phi = proximity(x, rules).to_numpy()
    if rules.proximity == "correlation":
        held = np.log1p(np.nan_to_num(quotient.to_numpy()))
    else:
        held = activity(quotient, rules.threshold).to_numpy().astype(float)
    return pd.DataFrame(weighted(held, phi), index=x.index, columns=x.columns)


def weighted(held: Array, phi: Array) -> Array:
    """Return Σ_k φ_jk h_ik / Σ_k φ_jk; NaN where nothing is near."""
    return over_near(held @ phi, phi)


def over_near(product: Array, phi: Array) -> Array:
    """Return a product with proximity divided by what is near each track; NaN where nothing is."""
    near = phi.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(product / np.where(near > 0, near, np.nan), dtype=float)


def relative_density(density: Array, quotient: Array, threshold: float = 1.0) -> Array:
    """Return each density's distance, in standard deviations (ddof 1), from the mean of the region's open tracks.

    Open tracks are those below the threshold; a region with fewer than two of them, or with no spread, is NaN.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        open_cells = np.where((quotient < threshold) & ~np.isnan(density), density, np.nan)
    n = (~np.isnan(open_cells)).sum(axis=1)
    total = np.nansum(open_cells, axis=1)
    mean = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
    squares = np.nansum((open_cells - mean[:, None]) ** 2, axis=1)
    sd = np.sqrt(np.divide(squares, n - 1, out=np.full(len(n), np.nan), where=n > 1))
    spread = np.where(sd > 1e-12, sd, np.nan)
    return np.asarray((density - mean[:, None]) / spread[:, None], dtype=float)
