"""Figures of what regions really do: relatedness and complexity, declared against real."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.model.real import Standing
from biaochi.mechanisms.layout.report.figures.labels import ROW_HEIGHT, WORDS, labelled


def relatedness_quadrant(
    cells: pd.DataFrame, tracks: pd.DataFrame, lang: Lang, *, names: Mapping[str, Text] | None = None
) -> Figure:
    """Return density against complexity of tracks regions are not yet active in, one mark a region and track.

    ``names`` spells out tracks where their codes are not to be shown.

    Source: Balland, Boschma, Crespo, Rigby (2019), doi 10.1080/00343404.2018.1437900.
    """
    called = {code: name.within(lang) for code, name in (names or {}).items()}
    # A stored reading says None where complexity is unknown.
    pci = dict(zip(tracks["track"], pd.to_numeric(tracks["pci"]), strict=True))
    open_cells = cells[cells["active"].isin([False]) & cells["density"].notna()]
    rows: list[dict[str, object]] = [
        {
            "region": str(r),
            "track": called.get(str(t), str(t)),
            "density": round(float(d), 4),
            "pci": round(float(pci[t]), 4),
        }
        for r, t, d in zip(open_cells["region"], open_cells["track"], open_cells["density"], strict=True)
        if not math.isnan(float(pci[t]))
    ]
    spec: dict[str, object] = {
        "data": {"values": rows},
        "mark": {"type": "point", "color": "token:own", "opacity": 0.5, "size": 18},
        "width": 420,
        "height": 320,
        "encoding": {
            "x": {"field": "density", "type": "quantitative", "title": Text("关联密度", "relatedness").within(lang)},
            "y": {"field": "pci", "type": "quantitative", "title": Text("复杂度", "complexity").within(lang)},
            "tooltip": [{"field": k, "title": WORDS[k].within(lang)} for k in ("region", "track", "density", "pci")],
        },
    }
    said = Text(
        f"{len(rows)} 个尚未专业化的地区—赛道组合；右上角既邻近又复杂",
        f"{len(rows)} pairs of region and track not yet specialised; the upper right is both near and complex",
    )
    title = Text("关联与复杂度", "Relatedness and complexity")
    return Figure("quadrant", title.within(lang), said.within(lang), spec, labelled(rows, lang))


_STANDS = {
    Standing.BACKED: (Text("点名，已有专业化基础", "named, and specialised"), "token:own"),
    Standing.BARE: (Text("点名，基础尚弱", "named, not yet specialised"), "token:threshold"),
    Standing.UNNAMED: (Text("已专业化，没有点名", "specialised, not named"), "token:tier-4"),
    Standing.UNSAID: (Text("已专业化，是否点名不明", "specialised, naming unknown"), "token:peer"),
}


def real_heat_map(
    against: pd.DataFrame, names: Mapping[str, Text], places: Mapping[str, Text], lang: Lang, *, simulated: bool = False
) -> Figure:
    """Return region × track: what is named and done, named only, done only; cells with neither stay empty.

    Parameters
    ----------
    against : DataFrame
        Columns region, track, standing, quotient, as from :func:`~biaochi.mechanisms.layout.model.real.stand_against`.
    names, places : mapping
        Names of tracks and regions.
    """
    called = {s: text.within(lang) for s, (text, _) in _STANDS.items()}
    seen = against[against["standing"].isin([s.value for s in _STANDS])]
    rows: list[dict[str, object]] = [
        {
            "region": places.get(str(r), Text.same(str(r))).within(lang),
            "track": names.get(str(t), Text.same(str(t))).within(lang),
            "state": called[Standing(s)],
            "quotient": None if math.isnan(float(q)) else round(float(q), 2),
        }
        for r, t, s, q in zip(seen["region"], seen["track"], seen["standing"], seen["quotient"], strict=True)
    ]
    spec: dict[str, object] = {
        "data": {"values": rows},
        "mark": {"type": "rect", "stroke": "token:grid", "strokeWidth": 0.5},
        "height": {"step": ROW_HEIGHT},
        "width": {"step": ROW_HEIGHT},
        "encoding": {
            "y": {"field": "region", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "track",
                "type": "nominal",
                "sort": [t.within(lang) for t in names.values()],
                "title": None,
                "axis": {"labelAngle": -60, "labelLimit": 220},
            },
            "color": {
                "field": "state",
                "type": "nominal",
                "title": None,
                "legend": {"columns": 2},
                "scale": {"domain": list(called.values()), "range": [colour for _, colour in _STANDS.values()]},
            },
            "tooltip": [{"field": k, "title": WORDS[k].within(lang)} for k in ("region", "track", "state", "quotient")],
        },
    }
    n = {s: int((seen["standing"] == s.value).sum()) for s in Standing}
    said = Text(
        f"点名且已有基础 {n[Standing.BACKED]} 处，点名而基础尚弱 {n[Standing.BARE]} 处，"
        f"有基础而没有点名 {n[Standing.UNNAMED]} 处",
        f"{n[Standing.BACKED]} named and specialised, {n[Standing.BARE]} named and not yet, "
        f"{n[Standing.UNNAMED]} specialised and not named",
    )
    title = Text("点名与实际", "Declared against real")
    return Figure("real", title.within(lang), said.within(lang), spec, labelled(rows, lang), simulated)
