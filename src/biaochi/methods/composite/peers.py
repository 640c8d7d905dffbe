"""Peers: the k units most alike in context, never in scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

K = 5


def peers(context: pd.DataFrame, unit: str, *, k: int = K, columns: list[str] | None = None) -> pd.DataFrame:
    """Return ``unit, distance`` of the k nearest units.

    Parameters
    ----------
    context : DataFrame, indexed by unit
        Numbers are standardised; text counts 1 when different and 0 when equal.  Columns without any value for the
        unit drop out.
    columns : list of str or None
        Context to use; all but names by default.

    Notes
    -----
    Distance is the root mean square over the columns both units have.

    Examples
    --------
    >>> table = pd.DataFrame({"size": [1.0, 1.1, 9.0]}, index=["a", "b", "c"])
    >>> peers(table, "a", k=1)["unit"].tolist()
    ['b']
    """
    used = columns if columns is not None else [c for c in context.columns if c not in ("name_zh", "name_en")]
    squares, counted = np.zeros(len(context)), np.zeros(len(context))
    place = list(context.index).index(unit)
    for column in used:
        gap = _gaps(context[column], place)
        held = np.isfinite(gap)
        squares += np.where(held, gap, 0.0) ** 2
        counted += held
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.sqrt(squares / counted)
    away[place] = np.nan
    order = [i for i in np.argsort(away, kind="stable") if np.isfinite(away[i])][:k]
    return pd.DataFrame({"unit": [str(context.index[i]) for i in order], "distance": away[order]})


def _gaps(column: pd.Series, place: int) -> np.ndarray:
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    filled = column.map(lambda v: v is not None and v == v and str(v) != "").to_numpy(dtype=bool)
    if filled.any() and np.isfinite(numbers[filled]).all():
        sd = np.nanstd(numbers[filled])
        return np.asarray((numbers - numbers[place]) / sd if sd > 0 else np.where(filled, 0.0, np.nan))
    text = column.astype(str).to_numpy()
    if not filled[place]:
        return np.full(len(column), np.nan)
    return np.where(filled, (text != text[place]).astype(float), np.nan)
