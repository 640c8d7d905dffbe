"""Complexity outlook: what a region could reach from where it stands.

COI = Σ_j (1−M) w·PCI, z-scored; the gain of one track, COG_ij = (1−M_ij) Σ_k (1−M_ik) PCI_k φ_kj / Σ_l φ_kl, in
standard deviations of ECI.  Both use raw PCI and proximity with diagonal one.

Source
------
Hausmann, Hidalgo, Bustos, Coscia, Simoes, Yildirim (2014), The Atlas of Economic Complexity, MIT Press.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Outlook:
    """COI of regions, shape (regions,), and COG of cells, shape (regions, tracks)."""

    coi: Array
    cog: Array


def outlook(
    active: NDArray[np.bool_], phi: Array, raw_pci: Array, raw_eci: Array, held_near: Array | None = None
) -> Outlook:
    """Return the outlook index and gains.

    Parameters
    ----------
    active : array of bool, shape (regions, tracks)
    phi : array, shape (tracks, tracks)
        Proximity; its diagonal is taken as one whatever it holds.
    raw_pci, raw_eci : array
        Unscaled complexity with a common sign; unknown tracks count for nothing, unknown regions are NaN.
    held_near : array, shape (regions, tracks), or None
        ``active @ phi``, when it was computed before.
    """
    held = active.astype(float)
    missing = 1.0 - held
    pci = np.nan_to_num(raw_pci)
    own = np.diag(phi)
    near = phi.sum(axis=0) - own + 1.0
    open_value = missing * pci
    open_value /= near
    product = held @ phi if held_near is None else held_near
    within = (product + held * (1.0 - own)) / near
    gain = missing * (open_value @ phi + open_value * (1.0 - own))
    known = ~np.isnan(raw_eci)
    raw = np.where(known, (missing * within) @ pci, np.nan)
    spread = np.nanstd(raw_eci) if known.any() else np.nan
    if not known.any():
        return Outlook(np.full(len(held), np.nan), np.full(active.shape, np.nan))
    coi = (raw - np.nanmean(raw)) / np.nanstd(raw)
    return Outlook(coi, np.where(known[:, None], gain / spread, np.nan))
