"""Figures of declared plans: the crowding strip, who named what, who is like whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.model.plans import Declarations, PlanState
from biaochi.mechanisms.layout.report.figures.labels import ROW_HEIGHT, Record, labelled

_STATE_WORDS = {
    PlanState.DECLARED.value: Text("已提出", "declared"),
    PlanState.UNKNOWN.value: Text("不明", "unknown"),
    PlanState.ABSENT.value: Text("未提出", "absent"),
}
_VERDICTS = {
    "crowded": Text("拥挤", "crowded"),
    "clear": Text("宽裕", "clear"),
    "unknown": Text("不明", "unknown"),
}
_STATE_COLOURS = {
    PlanState.DECLARED.value: "token:own",
    PlanState.UNKNOWN.value: "token:peer",
    PlanState.ABSENT.value: "token:paper",
}


def crowding_strip(tracks: Sequence[Record], names: Mapping[str, Text], lang: Lang) -> Figure:
    """Return the strip of tracks: regions that named it solid, those that may have hatched, demand as a mark."""
    word = {
        "named": Text("已提出的地区", "regions that named it"),
        "possible": Text("至多（含不明）", "at most, unknown included"),
    }
    shown = sorted((t for t in tracks if t["named"]), key=lambda t: -int(str(t["named"])))
    rows = [
        {
            "track": names[str(t["track"])].within(lang),
            "named": t["named"],
            "possible": t["possible"],
            "demand": t["demand"],
            "verdict": _VERDICTS[str(t["verdict"])].within(lang),
        }
        for t in shown
    ]
    order = [r["track"] for r in rows]
    y = {"field": "track", "type": "nominal", "sort": order, "title": None}
    x_title = Text("地区数", "regions").within(lang)
    spec: dict[str, object] = {
        "data": {"values": rows},
        "height": {"step": ROW_HEIGHT},
        "width": 420,
        "layer": [
            {
                "mark": {"type": "bar", "color": "token:peer"},
                "encoding": {
                    "y": y,
                    "x": {"field": "possible", "type": "quantitative", "title": x_title},
                    "tooltip": [{"field": "possible", "title": word["possible"].within(lang)}],
                },
            },
            {
                "mark": {"type": "bar", "color": "token:own"},
                "encoding": {
                    "y": y,
                    "x": {"field": "named", "type": "quantitative"},
                    "tooltip": [{"field": "named", "title": word["named"].within(lang)}],
                },
            },
            {
                "transform": [{"filter": "isValid(datum.demand)"}],
                "mark": {"type": "tick", "color": "token:threshold", "thickness": 3},
                "encoding": {"y": y, "x": {"field": "demand", "type": "quantitative"}},
            },
        ],
    }
    first = rows[0] if rows else None
    said = (
        Text(
            f"{first['track']} 提出最多：{first['named']} 个地区，至多 {first['possible']} 个",
            f"{first['track']} is named most: by {first['named']} regions, at most {first['possible']}",
        )
        if first
        else Text("没有赛道被提出", "no track was named")
    )
    title = Text("各赛道有多少地区提出", "How many regions name each track")
    return Figure("crowding-strip", title.within(lang), said.within(lang), spec, labelled(rows, lang))


def plan_heat_map(
    declared: Declarations,
    names: Mapping[str, Text],
    lang: Lang,
    *,
    regions: Sequence[str] | None = None,
    tracks: Sequence[str] | None = None,
    places: Mapping[str, Text] | None = None,
) -> Figure:
    """Return region × track: declared, absent, unknown; tracks nobody named and silent regions left out.

    ``regions`` and ``tracks`` give the order of rows and columns, for instance that of :func:`clustered`; ``places``
    names regions where their names in the plans are not to be shown.
    """
    called = {r: (places or {}).get(r, Text.same(r)).within(lang) for r in declared.universe}
    heard = list(regions) if regions else [r for r in declared.universe if r not in declared.silent]
    used = list(tracks) if tracks else [t for t in declared.tracks if declared.named[t] > 0]
    rows = [
        {
            "region": called[region],
            "track": names[track].within(lang),
            "state": _STATE_WORDS[str(declared.state.loc[region, track])].within(lang),
        }
        for region in heard
        for track in used
    ]
    domain = [_STATE_WORDS[s].within(lang) for s in _STATE_WORDS]
    spec: dict[str, object] = {
        "data": {"values": rows},
        "mark": {"type": "rect", "stroke": "token:grid", "strokeWidth": 0.5},
        "height": {"step": ROW_HEIGHT},
        "width": {"step": ROW_HEIGHT},
        "encoding": {
            "y": {"field": "region", "type": "nominal", "sort": [called[r] for r in heard], "title": None},
            "x": {
                "field": "track",
                "type": "nominal",
                "sort": [names[t].within(lang) for t in used],
                "title": None,
                "axis": {"labelAngle": -60, "labelLimit": 220},
            },
            "color": {
                "field": "state",
                "type": "nominal",
                "title": None,
                "scale": {"domain": domain, "range": [_STATE_COLOURS[s] for s in _STATE_WORDS]},
            },
        },
    }
    said = Text(
        f"{len(heard)} 个地区、{len(used)} 条赛道；{len(declared.partial)} 个地区只有部分清单，其余赛道不明",
        f"{len(heard)} regions, {len(used)} tracks; {len(declared.partial)} regions have partial lists only, "
        "so the rest is unknown",
    )
    title = Text("谁提出了什么", "Who named what")
    return Figure("declared", title.within(lang), said.within(lang), spec, labelled(rows, lang))


def similarity_heat_map(pairs: pd.DataFrame, measure: str, lang: Lang) -> Figure:
    """Return region × region, each pair twice, like regions side by side."""
    both = pd.concat([pairs[["a", "b", "value"]], pairs.rename(columns={"a": "b", "b": "a"})[["a", "b", "value"]]])
    known = both.dropna(subset=["value"])
    order = clustered(known, far=measure == "krugman")
    rows: list[dict[str, object]] = [
        {"a": str(a), "b": str(b), "value": round(float(v), 4)}
        for a, b, v in zip(known["a"], known["b"], known["value"], strict=True)
    ]
    spec: dict[str, object] = {
        "data": {"values": rows},
        "mark": "rect",
        "height": {"step": ROW_HEIGHT},
        "width": {"step": ROW_HEIGHT},
        "encoding": {
            "y": {"field": "a", "type": "nominal", "sort": order, "title": None},
            "x": {"field": "b", "type": "nominal", "sort": order, "title": None, "axis": {"labelAngle": -60}},
            "color": {
                "field": "value",
                "type": "quantitative",
                "title": measure,
                "scale": {"type": "quantize", "range": [f"token:tier-{n}" for n in range(5, 0, -1)]},
            },
        },
    }
    top = pairs.dropna(subset=["value"]).sort_values("value", ascending=measure == "krugman").head(1)
    if len(top):
        a, b, v = top.iloc[0]["a"], top.iloc[0]["b"], float(top.iloc[0]["value"])
        said = Text(f"最相似的一对：{a} 与 {b}，{measure} = {v:.3f}", f"most alike: {a} and {b}, {measure} = {v:.3f}")
    else:
        said = Text("没有可比较的地区", "no regions can be compared")
    title = Text("两两相似度", "Similarity of pairs")
    return Figure("similarity", title.within(lang), said.within(lang), spec, labelled(rows, lang))


def clustered(pairs: pd.DataFrame, *, far: bool = False) -> list[str]:
    """Return regions so that like ones stand together: average linkage on 1 − similarity (or on a distance)."""
    table = pairs.pivot(index="a", columns="b", values="value")
    names = [str(n) for n in table.index]
    if len(names) < 3:
        return names
    values = table.reindex(columns=table.index).fillna(0.0 if far else 1.0).to_numpy()
    apart = values if far else 1.0 - values
    condensed = apart[np.triu_indices(len(names), 1)].clip(min=0.0)
    return [names[k] for k in leaves_list(linkage(condensed, method="average"))]
