"""Comparing users with non-users of something that starts late, without immortal time.

A user counts as "without" until the first use; in a landmark analysis only cases still open at the landmark are
compared, by what they had used until then.  Source: Anderson, Cain and Gelber 1983, doi:10.1200/JCO.1983.1.11.710;
Suissa 2008, doi:10.1093/aje/kwm324.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biaochi.methods.survival.kaplan_meier import checked


@dataclass(frozen=True)
class Spells:
    """Cases split at first use: each part with its entry, end, event and whether the thing was in use."""

    entry: NDArray[np.float64]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    used: NDArray[np.bool_]
    case: NDArray[np.int64]


def split_at_use(time: ArrayLike, event: ArrayLike, first_use: ArrayLike) -> Spells:
    """Split every case at its first use.

    Parameters
    ----------
    time, event : arrays, shape (n,)
        As in :func:`kaplan_meier`.
    first_use : array, shape (n,)
        When use began; NaN for never.  Use at or before 0 counts from the start, use after the end not at all.

    Returns
    -------
    Spells
        One or two parts a case; the event belongs to the last part.

    Examples
    --------
    >>> parts = split_at_use([5.0, 3.0], [1, 1], [2.0, np.nan])
    >>> parts.used.tolist(), parts.event.tolist()
    ([False, False, True], [False, True, True])
    """
    ends, seen, _ = checked(time, event, None)
    start = np.asarray(first_use, dtype=float)
    user = ~np.isnan(start) & (start < ends)
    early = user & (start <= 0)
    split = user & ~early
    case = np.arange(ends.size)
    first_end = np.where(split, start, ends)
    return Spells(
        np.concatenate([np.zeros(ends.size), start[split]]),
        np.concatenate([first_end, ends[split]]),
        np.concatenate([seen & ~split, seen[split]]),
        np.concatenate([early, np.ones(int(split.sum()), dtype=bool)]),
        np.concatenate([case, case[split]]),
    )


@dataclass(frozen=True)
class Landmark:
    """Cases still open at the landmark: their remaining time, event, and whether they had used by then."""

    kept: NDArray[np.bool_]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    used: NDArray[np.bool_]


def at_landmark(time: ArrayLike, event: ArrayLike, first_use: ArrayLike, landmark: float) -> Landmark:
    """Keep the cases still open at a landmark and sort them by what they had used until then.

    Examples
    --------
    >>> at_landmark([1.0, 5.0, 6.0], [1, 1, 0], [np.nan, 2.0, 4.0], 3.0).used.tolist()
    [True, False]
    """
    ends, seen, _ = checked(time, event, None)
    start = np.asarray(first_use, dtype=float)
    kept = ends > landmark
    used = ~np.isnan(start) & (start <= landmark)
    return Landmark(kept, ends[kept] - landmark, seen[kept], used[kept])
