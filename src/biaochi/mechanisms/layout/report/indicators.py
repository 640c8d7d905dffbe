"""Indicators and similarity as the records of their verbs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.mechanisms.layout.model.similarity import SimilarityReading
from biaochi.methods.specialisation.concordance import impute
from biaochi.methods.specialisation.indicators import Indicators
from biaochi.methods.specialisation.location_quotient import ShrunkQuotient

CELL_FIELDS = [
    "region",
    "track",
    "period",
    "value",
    "rca",
    "shrunk",
    "low",
    "high",
    "active",
    "density",
    "relative_density",
    "cog",
]


def indicators_body(
    found: Sequence[Indicators],
    values: Sequence[pd.DataFrame],
    shrunk: Sequence[ShrunkQuotient | None],
    intervals: Sequence[tuple[pd.DataFrame, pd.DataFrame] | None],
    weights: pd.DataFrame | None,
) -> dict[str, object]:
    """Return the keys of ``biaochi.layout.indicators/1``.

    Parameters
    ----------
    found : sequence of Indicators
        One a period, newest last; direction, proximity and shrinkage are those of the newest.
    values : sequence of DataFrame
        Activity of the same periods.
    shrunk : sequence of ShrunkQuotient or None
        For counts.
    intervals : sequence of (low, high) or None
        For values with standard errors.
    weights : DataFrame or None
        Concordance, future tracks × classes.
    """
    newest, k = found[-1], shrunk[-1]
    cells = [_cells(*part) for part in zip(found, values, shrunk, intervals, strict=True)]
    tracks = [_tracks(one) for one in found]
    if weights is not None:
        cells += [_imputed_cells(one, weights) for one in found]
        tracks += [_imputed_tracks(one, weights) for one in found]
    return {
        "conventions": newest.conventions.to_dict(),
        "cells": pd.concat(cells, ignore_index=True),
        "regions": pd.concat([_regions(one) for one in found], ignore_index=True),
        "tracks": pd.concat(tracks, ignore_index=True),
        "direction": newest.direction.to_dict(),
        "proximity": proximity_pairs(newest.proximity),
        "shrinkage": {"k": None if k is None else k.k},
        "excluded": [
            {"unit": region, "period": one.period, "reason": "missing_cell"} for one in found for region in one.excluded
        ],
    }


def indicators_summary(found: Indicators) -> Text:
    """Return what the reader must know first: how many regions, and whether complexity has a direction."""
    n, out = len(found.regions), len(found.excluded)
    left = Text(f"，{out} 个因缺数据未计", f", {out} left out for gaps") if out else Text("，无缺漏", ", none left out")
    if found.direction.determined:
        sign = Text("复杂度方向已定", "the direction of complexity is determined")
    else:
        sign = Text(
            "复杂度方向未定：数值的正负号不能解读，请给出 --anchor",
            "the direction of complexity is undetermined: do not read its sign, give --anchor",
        )
    return Text(f"{found.period}：{n} 个地区{left.zh}；{sign.zh}", f"{found.period}: {n} regions{left.en}; {sign.en}")


def proximity_pairs(phi: pd.DataFrame) -> pd.DataFrame:
    """Return each pair of tracks once with its proximity: a, b, phi."""
    values = phi.to_numpy()
    a, b = np.triu_indices(len(values), 1)
    names = phi.index.to_numpy()
    return pd.DataFrame({"a": names[a], "b": names[b], "phi": values[a, b]})


def similarity_body(reading: SimilarityReading) -> dict[str, object]:
    """Return the keys of ``biaochi.layout.similarity/1``."""
    return {
        "conventions": {"measure": reading.measure, "granularity": reading.granularity},
        "measure": reading.measure,
        "granularity": reading.granularity,
        "mean": {"estimate": reading.mean, "low": reading.low, "high": reading.high},
        "pairs": reading.pairs,
        "regions": reading.regions,
        "trend": reading.trend,
        "tracks": reading.tracks,
        "excluded": [{"unit": u, "period": p, "reason": r} for u, p, r in reading.excluded],
    }


def similarity_summary(reading: SimilarityReading) -> Text:
    """Return the mean with its interval and the level it holds for."""
    at = {"track": Text("赛道", "tracks"), "direction": Text("六大方向", "six directions")}[reading.granularity]
    return Text(
        f"按{at.zh}比较，{len(reading.regions)} 个地区两两平均 {reading.measure} = {reading.mean:.3f}"
        f"（区间 {reading.low:.3f} 至 {reading.high:.3f}）；越粗的分类越相似",
        f"{reading.measure} over {at.en}, mean of all pairs of {len(reading.regions)} regions: {reading.mean:.3f} "
        f"({reading.low:.3f} to {reading.high:.3f}); coarser classes always look more alike",
    )


def _cells(
    one: Indicators,
    value: pd.DataFrame,
    shrunk: ShrunkQuotient | None,
    interval: tuple[pd.DataFrame, pd.DataFrame] | None,
) -> pd.DataFrame:
    frame = one.to_frame().assign(period=one.period, value=value.to_numpy().ravel())
    low, high = (shrunk.low, shrunk.high) if shrunk is not None else interval or (None, None)
    frame["shrunk"] = np.nan if shrunk is None else shrunk.value.to_numpy().ravel()
    frame["low"] = np.nan if low is None else low.to_numpy().ravel()
    frame["high"] = np.nan if high is None else high.to_numpy().ravel()
    return frame[CELL_FIELDS]


def _regions(one: Indicators) -> pd.DataFrame:
    frame = one.regions.reset_index(names="region")
    frame.insert(1, "period", one.period)
    return frame


def _tracks(one: Indicators) -> pd.DataFrame:
    frame = one.tracks.reset_index(names="track")
    frame.insert(1, "period", one.period)
    return frame.assign(imputed=False)


def _imputed_tracks(one: Indicators, weights: pd.DataFrame) -> pd.DataFrame:
    pci = impute(weights, one.tracks["pci"])
    frame = pd.DataFrame({"track": list(weights.index), "period": one.period, "ubiquity": None, "pci": pci.to_numpy()})
    return frame.assign(complexity=np.nan, hhi=np.nan, imputed=True)


def _imputed_cells(one: Indicators, weights: pd.DataFrame) -> pd.DataFrame:
    table = impute(weights, one.density)
    r, t = table.shape
    frame = pd.DataFrame(
        {
            "region": np.repeat(table.index.to_numpy(), t),
            "track": np.tile(table.columns.to_numpy(), r),
            "period": one.period,
            "density": table.to_numpy().ravel(),
        }
    )
    return frame.reindex(columns=CELL_FIELDS)
