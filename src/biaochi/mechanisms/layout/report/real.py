"""Declared against real as records and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.mechanisms.layout.model.real import RealActivity, Standing


def real_page(real: RealActivity, said: Text, unit: str) -> dict[str, object]:
    """Return what the pages of real activity rest on, as plain records; plans are held against it when it is shown."""
    return {
        "period": real.period,
        "unit": unit,
        "said": said.to_dict(),
        "regions": [str(r) for r in real.quotient.index],
        "tracks": [str(t) for t in real.quotient.columns],
        "share": real.share.to_numpy().tolist(),
        "quotient": real.quotient.to_numpy().tolist(),
        "centre": real.centre.to_numpy().tolist(),
        "low": real.low.to_numpy().tolist(),
        "high": real.high.to_numpy().tolist(),
        "imputed": sorted(real.imputed),
        "excluded": list(real.excluded),
    }


def real_of(record: Mapping[str, object]) -> RealActivity:
    """Return the activity that :func:`real_page` wrote."""

    regions, tracks = _texts(record, "regions"), _texts(record, "tracks")

    def table(key: str) -> pd.DataFrame:
        return pd.DataFrame(np.array(record[key], dtype=float).reshape(len(regions), len(tracks)), regions, tracks)

    return RealActivity(
        str(record["period"]),
        table("share"),
        table("quotient"),
        table("centre"),
        table("low"),
        table("high"),
        frozenset(_texts(record, "imputed")),
        tuple(_texts(record, "excluded")),
    )


def _texts(record: Mapping[str, object], key: str) -> list[str]:
    found = record[key]
    return [str(v) for v in found] if isinstance(found, Sequence) else []


def standing_counts(against: pd.DataFrame) -> dict[str, int]:
    """Return how many cells have each standing, and how many namings there are."""
    found = {s.value: int((against["standing"] == s.value).sum()) for s in Standing}
    return {**found, "named": int((against["plan"] == "declared").sum())}


def real_heading(against: pd.DataFrame, where: Text | None = None) -> Text:
    """Return the answer: how many namings rest on a specialisation, how many strengths go unnamed.

    ``where`` is the region's name; without it all regions are meant.
    """
    n = standing_counts(against)
    place = where or Text("各地", "Regions")
    if not n["named"]:
        strong = n["unsaid"] + n["unnamed"]
        return Text(
            f"{place.zh}有 {strong} 处已专业化的赛道；规划点名什么，不明",
            f"{place.en}: {strong} specialisations; what plans name is unknown",
        )
    compared = n["backed"] + n["bare"]
    if not compared:
        return Text(
            f"{place.zh}点名 {n['named']} 处，但这张表没有统计这些赛道，无法对照",
            f"{place.en}: {n['named']} namings, but this table counts none of these tracks",
        )
    unseen = n["named"] - compared
    gap_zh = f"（另有 {unseen} 处表中没有统计）" if unseen else ""
    gap_en = f" ({unseen} more are not counted here)" if unseen else ""
    return Text(
        f"{place.zh}点名的 {compared} 处赛道中，{n['backed']} 处已有专业化基础{gap_zh}；"
        f"另有 {n['unnamed']} 处强项没有点名",
        f"{place.en}: of {compared} tracks named, {n['backed']} rest on a specialisation{gap_en}; "
        f"{n['unnamed']} strengths go unnamed",
    )


def real_by(against: pd.DataFrame, by: str) -> list[dict[str, object]]:
    """Return the counts of standings of each region, or of each track, in order of appearance."""
    return [{by: key, **standing_counts(rows)} for key, rows in against.groupby(by, sort=False)]
