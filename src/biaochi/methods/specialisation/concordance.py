"""From classes that are counted to tracks that are not yet: imputed values of future tracks.

A future track has no statistics of its own.  A concordance says which classes it grows out of, with weights; its
complexity and density are the weighted means of theirs, and are marked ``imputed`` wherever they appear.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def weights(concordance: pd.DataFrame) -> pd.DataFrame:
    """Return W, tracks × classes, rows summing to 1.

    Parameters
    ----------
    concordance : DataFrame
        Columns track, class, weight ≥ 0; each pair once; each track with a weight above 0.

    Examples
    --------
    >>> rows = pd.DataFrame({"track": ["bci", "bci"], "class": ["med", "chips"], "weight": [3, 1]})
    >>> weights(rows).loc["bci"].tolist()
    [0.75, 0.25]
    """
    if (concordance["weight"] < 0).any():
        raise ValueError("weights must not be negative")
    table = concordance.pivot(index="track", columns="class", values="weight").fillna(0.0)
    table = table.loc[list(dict.fromkeys(concordance["track"])), list(dict.fromkeys(concordance["class"]))]
    total = table.sum(axis=1)
    if (total <= 0).any():
        raise ValueError(f"a track needs a weight above 0: {', '.join(map(str, total.index[total <= 0]))}")
    return table.div(total, axis=0)


def impute(w: pd.DataFrame, by_class: pd.Series | pd.DataFrame) -> pd.Series | pd.DataFrame:
    """Return values of tracks from values of classes.

    Parameters
    ----------
    w : DataFrame, tracks × classes
        From :func:`weights`.
    by_class : Series indexed by class, or DataFrame regions × classes
        Values; a class that is not there or is unknown makes its tracks unknown.

    Returns
    -------
    Series indexed by track, or DataFrame regions × tracks
    """
    if isinstance(by_class, pd.Series):
        values = by_class.reindex(w.columns).to_numpy(dtype=float)
        return pd.Series(_weighted(w, values[None, :])[0], index=w.index)
    table = by_class.reindex(columns=w.columns).to_numpy(dtype=float)
    return pd.DataFrame(_weighted(w, table), index=by_class.index, columns=w.index)


def _weighted(w: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    matrix = w.to_numpy()
    found = np.nan_to_num(values) @ matrix.T
    unknown = np.isnan(values).astype(float) @ (matrix > 0).T.astype(float) > 0
    return np.where(unknown, np.nan, found)
