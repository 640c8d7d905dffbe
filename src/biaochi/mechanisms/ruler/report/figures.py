"""Charts of the ruler as specifications: intervals, tiers, a profile, the waterfall of its gap, levers, trajectory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.ruler.model import Audit, Profile
from biaochi.methods.composite import Composite
from biaochi.methods.composite.dataset import units_mapping

Row = dict[str, object]
_SCORE = Text("得分与区间", "score and interval")


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in record.items()} for record in frame.to_dict("records")]


def _names(composite: Composite, lang: Lang) -> dict[str, str]:
    names = units_mapping(composite.dataset.context)
    return {u: names[u].within(lang) if u in names else u for u in composite.dataset.units}


def _node(composite: Composite, code: str, lang: Lang) -> str:
    node = composite.dataset.framework.by_code.get(code)
    return node.name.within(lang) if node else Text("数据覆盖差异", "coverage").within(lang)


def _spec(rows: Sequence[Mapping[str, object]], *layers: Mapping[str, object]) -> dict[str, object]:
    return {"data": {"values": list(rows)}, "layer": list(layers)}


def _layer(mark: Mapping[str, object], **encoding: object) -> dict[str, object]:
    return {"mark": dict(mark), "encoding": encoding}


def _field(name: str, kind: str, title: Text | None, lang: Lang, **more: object) -> dict[str, object]:
    axis: dict[str, object] = {"title": title.within(lang) if title else None}
    return {"field": name, "type": kind, "axis": axis, **more}


def _down(field: str, rows: Sequence[Mapping[str, object]], lang: Lang) -> dict[str, object]:
    """The vertical axis, in the order of the rows (charts would sort by the alphabet)."""
    return _field(field, "nominal", None, lang, sort=[r[field] for r in rows])


def interval_dots(audit: Audit, composite: Composite, lang: Lang) -> Figure:
    """Return every unit's score with its interval, ordered by code, never by rank."""
    names, tiers = _names(composite, lang), audit.tiers
    rows: list[Row] = [
        {
            "unit": names[line["unit"]],
            "score": line["nominal"],
            "low": line["median_lo"],
            "high": line["median_hi"],
            "top": int(tiers.top[i]),
            "bottom": int(tiers.bottom[i]),
        }
        for i, line in enumerate(_records(audit.intervals))
        if math.isfinite(line["median"])
    ]
    y = _down("unit", rows, lang)
    x = _field("low", "quantitative", _SCORE, lang, scale={"zero": False})
    spec = _spec(
        rows,
        _layer({"type": "rule", "color": "token:own"}, y=y, x=x, x2={"field": "high"}),
        _layer(
            {"type": "point", "filled": True, "color": "token:own"},
            y=y,
            x=_field("score", "quantitative", _SCORE, lang),
        ),
    )
    decided = audit.tiers.decided_share
    share = f"{decided:.0%}" if math.isfinite(decided) else "–"
    said = Text(
        f"{len(rows)} 个单位的得分与 {audit.level:.0%} 区间，按代码排列；{share} 的单位两两可分出先后。",
        f"Scores of {len(rows)} units with {audit.level:.0%} intervals, ordered by code; "
        f"{share} of pairs can be told apart.",
    )
    title = Text("得分与区间", "Scores with intervals")
    return Figure("ruler-intervals", title.within(lang), said.within(lang), spec, tuple(rows))


def tier_strip(audit: Audit, composite: Composite, lang: Lang) -> Figure:
    """Return the range of tiers each unit can lie in; wide means undetermined."""
    names, tiers = _names(composite, lang), audit.tiers
    rows: list[Row] = [
        {"unit": names[u], "from": int(t) - 0.45, "to": int(b) + 0.45, "tiers": f"{t}–{b}" if t != b else f"{t}"}
        for u, t, b in zip(tiers.units, tiers.top, tiers.bottom, strict=True)
        if t > 0
    ]
    x = _field("from", "quantitative", Text("层级（1 为最高）", "tier (1 = highest)"), lang, scale={"zero": False})
    bar = {"type": "bar", "color": "token:tier-3", "height": {"band": 0.6}}
    spec = _spec(rows, _layer(bar, y=_down("unit", rows, lang), x=x, x2={"field": "to"}))
    wide, height = int(((tiers.bottom > tiers.top) & (tiers.top > 0)).sum()), int(tiers.bottom.max(initial=0))
    said = Text(f"共 {height} 层；{wide} 个单位的层级尚难确定。", f"{height} tiers; {wide} units are undetermined.")
    title = Text("层级区间", "Tier intervals")
    return Figure("ruler-tiers", title.within(lang), said.within(lang), spec, tuple(rows))


def profile_dots(found: Profile, composite: Composite, lang: Lang) -> Figure:
    """Return a unit's scores with intervals beside its reference; what is too early to judge is named, not drawn."""
    nodes = _records(found.nodes)
    rows: list[Row] = [
        {
            "node": _node(composite, line["node"], lang),
            "score": line["score"],
            "low": line["score_lo"],
            "high": line["score_hi"],
            "reference": line["reference"] if math.isfinite(line["reference"]) else None,
        }
        for line in nodes
        if math.isfinite(line["score"])
    ]
    early = [_node(composite, line["node"], lang) for line in nodes if line["state"] == "too_early"]
    y = _down("node", rows, lang)
    x = _field("low", "quantitative", _SCORE, lang, scale={"zero": False})
    spec = _spec(
        rows,
        _layer({"type": "rule", "color": "token:own"}, y=y, x=x, x2={"field": "high"}),
        _layer(
            {"type": "tick", "color": "token:target", "thickness": 2},
            y=y,
            x=_field("reference", "quantitative", _SCORE, lang),
        ),
        _layer(
            {"type": "point", "filled": True, "color": "token:own"},
            y=y,
            x=_field("score", "quantitative", _SCORE, lang),
        ),
    )
    ahead = sum(bool(line["score_lo"] > line["reference"]) for line in nodes)
    later = Text(f";{'、'.join(early)}尚早", f"; too early: {', '.join(early)}") if early else None
    said = Text(
        f"{len(rows)} 项中 {ahead} 项高于参照且区间不含参照{later.zh if later else ''}。",
        f"{ahead} of {len(rows)} scores lie above the reference with their whole interval{later.en if later else ''}.",
    )
    title = Text("画像", "Profile")
    return Figure("ruler-profile", title.within(lang), said.within(lang), spec, tuple(rows))


def waterfall(found: Profile, composite: Composite, lang: Lang) -> Figure:
    """Return what the gap to the reference is made of, largest part first, adding up to the whole."""
    parts = [p for p in _records(found.contributions.frame) if abs(p["contribution"]) > 1e-9]
    rows: list[Row] = []
    level = 0.0
    for part in sorted(parts, key=lambda p: -abs(p["contribution"])):
        step = float(part["contribution"])
        name = _node(composite, part["indicator"], lang)
        sign = "up" if step > 0 else "down"
        rows.append({"indicator": name, "from": level, "to": level + step, "part": step, "sign": sign})
        level += step
    first = str(rows[0]["indicator"]) if rows else ""
    total = Text("合计", "total").within(lang)
    rows.append({"indicator": total, "from": 0.0, "to": level, "part": level, "sign": "total"})
    scale = {"domain": ["up", "down", "total"], "range": ["token:met", "token:unmet", "token:past"]}
    spec = _spec(
        rows,
        _layer(
            {"type": "bar", "height": {"band": 0.6}},
            y=_down("indicator", rows, lang),
            x=_field("from", "quantitative", Text("与参照之差", "difference from the reference"), lang),
            x2={"field": "to"},
            color={"field": "sign", "type": "nominal", "scale": scale, "legend": None},
        ),
    )
    said = Text(
        f"与参照之差 {level:+.1f} 分" + (f"，最大的一项是{first}。" if first else "。"),
        f"The difference from the reference is {level:+.1f} points"
        + (f"; its largest part is {first}." if first else "."),
    )
    title = Text("差距的构成", "What the gap is made of")
    return Figure("ruler-gap", title.within(lang), said.within(lang), spec, tuple(rows))


def lever_bars(found: Profile, composite: Composite, lang: Lang) -> Figure:
    """Return the levers with a gain, largest first, with intervals."""
    rows: list[Row] = [
        {
            "indicator": _node(composite, line["indicator"], lang),
            "gain": line["gain"],
            "low": line["gain_lo"],
            "high": line["gain_hi"],
        }
        for line in _records(found.levers)
        if line["gain"] > 0
    ]
    y = _down("indicator", rows, lang)
    gain = Text("好年景一年的得分增量", "points gained by a good year's step")
    spec = _spec(
        rows,
        _layer(
            {"type": "bar", "color": "token:band", "height": {"band": 0.6}},
            y=y,
            x=_field("gain", "quantitative", gain, lang),
        ),
        _layer(
            {"type": "rule", "color": "token:own"},
            y=y,
            x=_field("low", "quantitative", gain, lang),
            x2={"field": "high"},
        ),
    )
    said = (
        Text(f"推动最大的是{rows[0]['indicator']}。", f"{rows[0]['indicator']} moves the score most.")
        if rows
        else Text("没有可用的历史来估计步长。", "There is no history to size a step from.")
    )
    title = Text("抓手", "Levers")
    return Figure("ruler-levers", title.within(lang), said.within(lang), spec, tuple(rows))
