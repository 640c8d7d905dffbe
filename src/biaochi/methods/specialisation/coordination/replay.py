"""Layouts held against what happened: how many picks came true, how spread they were, how many places too many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.crowding import jaccard

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LayoutRecord:
    """A layout described.

    Attributes
    ----------
    picks : int
    rate : float
        Share of picks that came true; NaN when that is not known.
    tracks, max_regions : int
        Tracks picked at least once; most regions on one track.
    hhi, jaccard : float
        Concentration of picks over tracks; mean similarity of regions' picks.
    overload : int
        Places above the cap, over all tracks.
    covered : int
        Tracks in which at least one pick came true.
    """

    picks: int
    rate: float
    tracks: int
    hhi: float
    jaccard: float
    max_regions: int
    overload: int
    covered: int

    def to_dict(self) -> dict[str, object]:
        """Return the record as results carry it."""
        return {name: getattr(self, name) for name in self.__slots__}


def describe(chosen: Flags, cap: int, came: Flags | None = None) -> LayoutRecord:
    """Return the record of one layout.

    Parameters
    ----------
    chosen : array of bool, regions × tracks
    cap : int
        Places a track carries.
    came : array of bool, or None
        What happened.

    Examples
    --------
    >>> picks = np.array([[1, 0], [1, 0]], dtype=bool)
    >>> describe(picks, 1, picks).overload, describe(picks, 1, picks).rate
    (1, 1.0)
    """
    n = chosen.sum(axis=0)
    picks = int(n.sum())
    hits = chosen & came if came is not None else None
    share = n / picks if picks else n * np.nan
    pairs = jaccard(chosen)[np.triu_indices(len(chosen), 1)]
    known = pairs[~np.isnan(pairs)]
    return LayoutRecord(
        picks,
        float(hits.sum() / picks) if hits is not None and picks else float("nan"),
        int((n > 0).sum()),
        float((share**2).sum()),
        float(known.mean()) if known.size else float("nan"),
        int(n.max(initial=0)),
        int(np.maximum(n - cap, 0).sum()),
        int(hits.any(axis=0).sum()) if hits is not None else 0,
    )


def top_k(score: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return each region's k highest scores; equal scores in the order of the columns; NaN is no candidate.

    Examples
    --------
    >>> top_k(pd.DataFrame([[0.2, 0.9, float("nan")]]), 1).to_numpy().tolist()
    [[False, True, False]]
    """
    values = score.to_numpy(dtype=float)
    order = np.argsort(-np.where(np.isnan(values), -np.inf, values), axis=1, kind="stable")[:, :k]
    chosen = np.zeros(values.shape, dtype=bool)
    np.put_along_axis(chosen, order, True, axis=1)
    return pd.DataFrame(chosen & ~np.isnan(values), index=score.index, columns=score.columns)
