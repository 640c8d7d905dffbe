"""Charts of the ruler as specifications; numbers come from results, never from a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text


def trajectory_figure(points: Sequence[Mapping[str, Any]], name: Text, lang: Lang) -> Figure:
    """Return the linked index of one unit over its periods.

    Parameters
    ----------
    points : sequence of mapping
        Records ``period, index, link``; ``link`` differs from 1 where the basket changed.
    """
    period, index = Text("时期", "period").within(lang), Text("指数", "index").within(lang)
    rows = tuple({period: p["period"], index: round(float(p["index"]), 2)} for p in points)
    first, last = points[0], points[-1]
    change = float(last["index"]) - float(first["index"])
    linked = sum(1 for p in points if abs(float(p["link"]) - 1) > 1e-9)
    sentence = Text(
        f"{name.zh}的链接指数从 {first['period']} 年的 {float(first['index']):.0f} 到 {last['period']} 年的"
        f" {float(last['index']):.1f}，变动 {change:+.1f}；{linked} 处因口径变动作了链接。",
        f"{name.en}: linked index from {float(first['index']):.0f} in {first['period']} to "
        f"{float(last['index']):.1f} in {last['period']}, a change of {change:+.1f}; linked {linked} times.",
    ).within(lang)
    spec: dict[str, object] = {
        "data": {"values": [dict(r) for r in rows]},
        "width": 640,
        "height": 200,
        "layer": [
            {"mark": {"type": "line", "color": "token:own", "strokeWidth": 2}},
            {"mark": {"type": "point", "color": "token:own", "filled": True, "size": 40, "tooltip": True}},
        ],
        "encoding": {
            "x": {"field": period, "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "y": {"field": index, "type": "quantitative", "title": index, "scale": {"zero": False}},
        },
    }
    title = Text(f"{name.zh}：链接指数", f"{name.en}: linked index").within(lang)
    return Figure("trajectory", title, sentence, spec, rows)
