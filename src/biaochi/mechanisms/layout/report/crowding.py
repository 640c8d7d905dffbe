"""The crowding of declared plans as tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from biaochi.core.text import Text
from biaochi.mechanisms.layout.decisions.crowding import decide_crowding
from biaochi.mechanisms.layout.model.crowding import CrowdingReading
from biaochi.mechanisms.layout.model.menu import Demand
from biaochi.mechanisms.layout.report.figures import clustered
from biaochi.methods.specialisation.crowding import CrowdingParts, jaccard
from biaochi.methods.specialisation.location_quotient import location_quotient
from biaochi.methods.specialisation.panel import Panel


def crowding_body(reading: CrowdingReading, demands: Mapping[str, Demand]) -> dict[str, object]:
    """Return the keys of ``biaochi.layout.crowding/1``."""
    declared = reading.declared
    return {
        "conventions": {
            "measure": "jaccard",
            "level": declared.level.value,
            "documents": declared.documents.value,
            "nulls": ["uniform", "popularity"],
        },
        "regions": {
            "universe": len(declared.universe),
            "complete": len(declared.complete),
            "partial": len(declared.partial),
            "silent": len(declared.silent),
        },
        "tracks": crowding_tracks(reading, demands),
        "parts": reading.whole.parts.to_dict(),
        "confirmed": {"n": reading.confirmed_regions, **reading.confirmed.to_dict()},
        "without_national": {
            "mean": reading.without_national,
            "codes": [t for t in declared.tracks if t in reading.national],
        },
        "direction_mean": reading.by_direction,
        "national": dict(reading.hindsight),
        "status": "confirmed" if reading.verified else "unverified",
    }


def crowding_tracks(reading: CrowdingReading, demands: Mapping[str, Demand]) -> list[dict[str, object]]:
    """Return one record a track, in the order of the taxonomy."""
    declared = reading.declared
    named, possible = declared.named, declared.possible
    records: list[dict[str, object]] = []
    for track in declared.tracks:
        demand = demands.get(track)
        decision = decide_crowding(track, int(named[track]), int(possible[track]), demand, at=declared.at)
        records.append(
            {
                "track": track,
                "named": int(named[track]),
                "possible": int(possible[track]),
                "share": float(reading.shares[track]),
                "national_since": reading.national.get(track),
                "demand": None if demand is None else demand.central,
                "verdict": decision.outcome,
            }
        )
    return records


def crowding_summary(reading: CrowdingReading) -> Text:
    """Return what the numbers say, in one sentence a minister understands."""
    parts, n = reading.whole.parts, len(reading.declared.complete)
    if n < 2 or parts.observed != parts.observed:
        return Text(
            "有完整清单的地区不足两个，不能比较相似程度",
            "fewer than two regions have a complete list, so similarity cannot be compared",
        )
    copied = parts.popularity.p < 0.05
    zh = "此外还有成对相仿的迹象" if copied else "看不出地区之间相互照抄"
    en = "and there are signs of pairwise copying" if copied else "with no sign that regions copy one another"
    return Text(
        f"{n} 个有完整清单的地区平均相似度 {parts.observed:.3f}：清单长短占 {parts.size:.3f}，"
        f"少数热门赛道占 {parts.popular:.3f}，其余 {parts.copying:+.3f}；{zh}",
        f"{n} regions with complete lists are {parts.observed:.3f} "
        f"alike on average: {parts.size:.3f} from the length of "
        f"lists, {parts.popular:.3f} from a few popular tracks, {parts.copying:+.3f} left, {en}",
    )


def local_summary(parts: CrowdingParts) -> Text:
    """Return how alike plans are without the nationally named tracks, against both nulls."""
    if parts.observed != parts.observed:
        return Text("去掉国家点名的赛道后没有可比较的", "without nationally named tracks nothing is left to compare")
    return Text(
        f"去掉国家点名的赛道，平均相似度 {parts.observed:.3f}：清单长短占 {parts.size:.3f}，"
        f"热门赛道占 {parts.popular:.3f}，其余 {parts.copying:+.3f}（p = {parts.popularity.p:.2f}）",
        f"without nationally named tracks plans are {parts.observed:.3f} alike: {parts.size:.3f} from the length of "
        f"lists, {parts.popular:.3f} from popular tracks, {parts.copying:+.3f} left (p = {parts.popularity.p:.2f})",
    )


def crowding_page(
    reading: CrowdingReading, demands: Mapping[str, Demand], local: CrowdingParts, names: Mapping[str, Text]
) -> dict[str, object]:
    """Return everything the crowding page shows, as plain records: the verb's keys, and what only a page needs.

    Adds ``at``, ``heading``, ``said``, ``local`` (parts without nationally named tracks), ``places`` (demand in
    places, where given) and ``order`` and ``track_order``: like regions, and tracks named together, side by side.
    """
    declared = reading.declared
    body = crowding_body(reading, demands)
    used = [t for t in declared.tracks if declared.named[t] > 0]
    by_track = alike_pairs(declared.complete[used].T)
    return {
        **body,
        "at": declared.at,
        "heading": crowding_heading(reading, names).to_dict(),
        "said": crowding_summary(reading).to_dict(),
        "local": local.to_dict(),
        "places": {t: [d.places_low, d.places_high] for t, d in demands.items()},
        "order": [*clustered(alike_pairs(declared.complete)), *declared.partial],
        "track_order": clustered(by_track),
        "pairs": reading.whole.pairs[["a", "b", "value"]],
        "silent": list(declared.silent),
        "partial": list(declared.partial),
    }


def alike_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the Jaccard similarity of every two rows, both ways round: columns a, b, value."""
    values = jaccard(table.to_numpy(dtype=bool))
    labels = [str(n) for n in table.index]
    frame = pd.DataFrame(values, index=labels, columns=labels).fillna(0.0)
    return frame.rename_axis("a").reset_index().melt("a", var_name="b", value_name="value")


def crowding_heading(reading: CrowdingReading, names: Mapping[str, Text]) -> Text:
    """Return the page's answer: the tracks named most, by how many regions, and whether regions copy one another."""
    declared = reading.declared
    most = int(declared.named.max()) if len(declared.tracks) else 0
    if not most:
        return Text("还没有地区点名任何赛道", "no region has named any track yet")
    top = [t for t in declared.tracks if int(declared.named[t]) == most]
    possible = max(int(declared.possible[t]) for t in top)
    total = len(declared.universe)
    zh, en = "、".join(names[t].zh for t in top[:3]), ", ".join(names[t].en for t in top[:3])
    each_zh, each_en = ("各" if len(top) > 1 else "", " each" if len(top) > 1 else "")
    return Text(
        f"{zh}{each_zh}有 {most} 个地区点名，全部 {total} 个地区中至多 {possible} 个",
        f"{en}: named by {most} regions{each_en}, at most {possible} of all {total}",
    )


def real_shares(panel: Panel) -> pd.DataFrame:
    """Return what regions really do, in the newest period: share of the region and location quotient.

    Declared is not real: this stands beside the named tracks.  Columns region, track, share, lq.
    """
    table = panel.table(panel.periods[-1])
    share = table.div(table.sum(axis=1), axis=0)
    quotient = location_quotient(table)
    long = pd.DataFrame({"share": share.stack(future_stack=True), "lq": quotient.stack(future_stack=True)}).reset_index(
        names=["region", "track"]
    )
    return long[(long["share"] > 0) | long["share"].isna()].reset_index(drop=True)
