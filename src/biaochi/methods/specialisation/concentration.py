"""How specialised a region is, and how concentrated a track.

Krugman Σ|s_ij − s_j| (0..2); Herfindahl–Hirschman Σs² (1/J..1) and normalised (0..1); Hachman 1/Σ RCA·s (0..1, 1 for a
region like the whole); Shannon entropy in bits (0..log2 J); for a track Σ_i (X_ij/x_j)².

Sources
-------
Krugman (1991), Geography and Trade, MIT Press; Hirschman (1964); Hachman index: University of Utah, Bureau of Economic
and Business Research; Shannon (1948), doi 10.1002/j.1538-7305.1948.tb01338.x.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from biaochi.methods.specialisation.location_quotient import location_quotient


def concentration(x: pd.DataFrame) -> pd.DataFrame:
    """Return the concentration of every region.

    Parameters
    ----------
    x : DataFrame, regions × tracks
        Activity X ≥ 0, no gaps.

    Returns
    -------
    DataFrame
        Columns krugman, hhi, hhi_normalised, hachman, entropy; a region without activity is NaN.

    Examples
    --------
    >>> table = pd.DataFrame([[1, 1], [2, 2]], index=["a", "b"])
    >>> concentration(table).loc["a"].tolist()
    [0.0, 0.5, 0.0, 1.0, 1.0]
    """
    values = x.to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = values / values.sum(axis=1, keepdims=True)
        whole = values.sum(axis=0) / values.sum()
        hhi = (share**2).sum(axis=1)
        n = values.shape[1]
        logs = np.log2(share, out=np.zeros_like(share), where=share > 0)
        entropy = np.where(np.isnan(hhi), np.nan, -(share * logs).sum(axis=1))
        quotient = location_quotient(x).to_numpy()
        held = np.where(share > 0, quotient * share, 0.0).sum(axis=1)
        frame = {
            "krugman": np.abs(share - whole).sum(axis=1),
            "hhi": hhi,
            "hhi_normalised": (hhi - 1 / n) / (1 - 1 / n) if n > 1 else np.full(len(hhi), np.nan),
            "hachman": np.where(np.isnan(hhi), np.nan, 1.0 / held),
            "entropy": entropy,
        }
    return pd.DataFrame(frame, index=x.index)


def track_concentration(x: pd.DataFrame) -> pd.Series:
    """Return each track's Herfindahl–Hirschman index over regions; NaN for a track without activity."""
    total = x.sum(axis=0)
    return ((x / total.where(total > 0)) ** 2).sum(axis=0, min_count=1)
