"""Fill along time: the latest earlier value, a constant, or a straight line between observations."""

from __future__ import annotations

import numpy as np


def along_time(cube: np.ndarray, method: str, max_back: float | None = None) -> np.ndarray:
    """Return values carried along the period axis.

    Parameters
    ----------
    cube : ndarray, shape (…, P, U)
        NaN = missing.
    method : str
        ``latest`` last earlier value at most ``max_back`` time points back; ``constant`` last earlier, the first value
        held backwards; ``linear`` straight between observations, ends held, one point only: missing;
        ``linear_constant`` the same, one point held everywhere.
    """
    last = np.moveaxis(cube, -2, -1)
    filled = last.copy().reshape(-1, last.shape[-1])
    for line in filled:
        seen = np.flatnonzero(np.isfinite(line))
        if seen.size == 0 or seen.size == line.size:
            continue
        _fill(line, seen, method, max_back)
    return np.moveaxis(filled.reshape(last.shape), -1, -2)


def _fill(line: np.ndarray, seen: np.ndarray, method: str, max_back: float | None) -> None:
    places = np.arange(line.size)
    if method in ("linear", "linear_constant"):
        if seen.size > 1 or method == "linear_constant":
            line[:] = np.interp(places, seen, line[seen])
        return
    before = np.searchsorted(seen, places, side="right") - 1
    values = line[seen[np.maximum(before, 0)]]
    if method == "latest":
        back = places - seen[np.maximum(before, 0)]
        usable = (before >= 0) & (back <= (np.inf if max_back is None else max_back))
        line[:] = np.where(usable, values, line)
    else:
        line[:] = values
