"""Impute: fill missing cells, never those that do not apply or are too early; every filled cell is marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from biaochi.methods.composite.impute.cross_section import by_column, by_group, by_row
from biaochi.methods.composite.impute.em_normal import em_normal
from biaochi.methods.composite.impute.panel import along_time

__all__ = ["along_time", "by_column", "by_group", "by_row", "em_normal", "impute"]


def impute(
    x: np.ndarray,
    fillable: np.ndarray,
    params: Mapping[str, Any],
    *,
    periods: int,
    groups: np.ndarray | None = None,
    siblings: np.ndarray | None = None,
    direction: np.ndarray | None = None,
    noise: np.ndarray | None = None,
) -> np.ndarray:
    """Return the values with missing cells filled as far as the method can.

    Parameters
    ----------
    x : ndarray, shape (…, I, R)
        Rows period by period, R = periods × units.
    fillable : ndarray of bool, shape (I, R)
        Cells that may be filled.
    params : mapping
        The step's parameters.
    groups : ndarray, shape (U,)
        Group label of each unit, for the group methods.
    siblings : ndarray, shape (I,)
        Parent number of each indicator, for ``row_mean`` over siblings.
    direction : ndarray, shape (I,)
        +1 or −1.
    noise : ndarray or None, shape (…, I, R)
        Standard normal draws; ``em_normal`` then draws from the conditional distribution instead of taking its mean.
    """
    holes = fillable & ~np.isfinite(x)
    if not holes.any():
        return x
    method = params["method"]
    if method in ("mean", "median", "group_mean", "group_median"):
        # Only columns with a hole need their statistics.
        columns = holes.any(axis=tuple(i for i in range(holes.ndim) if i != holes.ndim - 2))
        part = x[..., columns, :]
        cube = part.reshape(*part.shape[:-1], periods, -1)
        if method in ("mean", "median"):
            filled = by_column(cube, method)
        else:
            assert groups is not None
            filled = by_group(cube, groups, method.removeprefix("group_"))
        result = x.copy()
        result[..., columns, :] = np.where(holes[..., columns, :], filled.reshape(part.shape), part)
        return result
    cube = x.reshape(*x.shape[:-1], periods, -1)
    if method == "row_mean":
        over = siblings if params["over"] == "siblings" else None
        filled = by_row(x, direction, over)
    elif method == "em_normal":
        filled = em_normal(x, noise)
    else:
        filled = along_time(cube, method, params.get("max_back")).reshape(x.shape)
    return np.where(holes, filled, x)
