"""Figures of forecasts and coordination: what differing costs, whether probabilities were right."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.report.figures.labels import WORDS, Record, labelled


def trade_figure(steps: Sequence[Record], lang: Lang, *, simulated: bool = False) -> Figure:
    """Return what differing costs: entries lost against overcapacity avoided, both against each region for itself.

    Parameters
    ----------
    steps : sequence of records
        ``lost``, ``avoided``, ``price``, ``tracks``, ``max_regions`` and ``kind``: ``own`` (each region for itself),
        ``price`` (a price of duplication, no cap) or ``plan`` (the plan that menus come from).
    """
    rows = [{k: s[k] for k in ("kind", "price", "lost", "avoided", "tracks", "max_regions")} for s in steps]
    along = [r for r in rows if r["kind"] != "plan"]
    x = {"field": "avoided", "type": "quantitative", "title": WORDS["avoided"].within(lang)}
    y = {"field": "lost", "type": "quantitative", "title": WORDS["lost"].within(lang)}
    tips = [{"field": k, "title": WORDS[k].within(lang)} for k in ("price", "lost", "avoided", "tracks", "max_regions")]
    spec: dict[str, object] = {
        "width": 560,
        "height": 240,
        "layer": [
            {
                "data": {"values": along},
                "mark": {"type": "line", "point": {"filled": True, "size": 45}, "color": "token:past"},
                "encoding": {"x": x, "y": y, "order": {"field": "avoided"}, "tooltip": tips},
            },
            {
                "data": {"values": [r for r in rows if r["kind"] == "plan"]},
                "mark": {"type": "point", "filled": True, "color": "token:own", "size": 160},
                "encoding": {"x": x, "y": y, "tooltip": tips},
            },
        ],
    }
    plan = next((r for r in rows if r["kind"] == "plan"), None)
    if plan is None:
        said = Text("没有可行的方案", "there is no feasible plan")
    else:
        lost, avoided = float(str(plan["lost"])), int(str(plan["avoided"]))
        said = Text(
            f"横轴向右：少几处过剩；纵轴向上：预期少几次进入。大圆点是菜单所依据的方案：少 {avoided} 处过剩，"
            f"预期{_change_zh(lost)}；小圆点是重复越贵时的情形",
            f"Rightwards: overcapacity avoided; upwards: entries lost. The large dot is the plan the menus come from: "
            f"{avoided} places of overcapacity avoided, {_change_en(lost)} expected; small dots: duplication dearer",
        )
    title = Text("错位要付出什么", "What differing costs")
    shown = labelled([{k: v for k, v in r.items() if k != "kind"} for r in rows], lang)
    return Figure("trade", title.within(lang), said.within(lang), spec, shown, simulated)


def _change_zh(lost: float) -> str:
    return f"少 {lost:.1f} 次进入" if lost >= 0 else f"多 {-lost:.1f} 次进入"


def _change_en(lost: float) -> str:
    return f"{lost:.1f} entries fewer" if lost >= 0 else f"{-lost:.1f} entries more"


def frontier_figure(frontier: Sequence[Record], lang: Lang) -> Figure:
    """Return what spreading costs: expected value against the most regions on one track, one mark a price."""
    rows = [dict(r) for r in frontier]
    spec: dict[str, object] = {
        "data": {"values": rows},
        "width": 420,
        "height": 260,
        "mark": {"type": "line", "point": True, "color": "token:own"},
        "encoding": {
            "x": {
                "field": "jaccard",
                "type": "quantitative",
                "scale": {"zero": False},
                "title": Text("地区间相似度", "similarity of regions").within(lang),
            },
            "y": {
                "field": "expected",
                "type": "quantitative",
                "scale": {"zero": False},
                "title": Text("预期命中", "expected entries").within(lang),
            },
            "order": {"field": "price"},
            "tooltip": [{"field": k} for k in ("price", "expected", "tracks", "max_regions", "overload")],
        },
    }
    if rows:
        first, last = rows[0], rows[-1]
        lost = float(str(first["expected"])) - float(str(last["expected"]))
        said = Text(
            f"价格最高时预期少 {lost:.2f} 次进入，单条赛道由至多 "
            f"{first['max_regions']} 个地区降为 {last['max_regions']} 个",
            f"at the highest price {lost:.2f} entries fewer are expected; the most regions on one track fall from "
            f"{first['max_regions']} to {last['max_regions']}",
        )
    else:
        said = Text("没有可行的方案", "there is no feasible plan")
    title = Text("错位要付出什么", "What differing costs")
    return Figure("frontier", title.within(lang), said.within(lang), spec, labelled(rows, lang))


def reliability_figure(reliability: pd.DataFrame, model: str, lang: Lang, *, name: Text | None = None) -> Figure:
    """Return forecasts against what came, for the chosen model (called ``name``), with the diagonal."""
    called = name or Text.same(model)
    chosen = reliability[reliability["model"] == model]
    rows: list[dict[str, object]] = [
        {"forecast": round(float(f), 4), "frequency": round(float(q), 4), "n": int(n)}
        for f, q, n in zip(chosen["forecast"], chosen["frequency"], chosen["n"], strict=True)
    ]
    top = max([float(str(r[k])) for r in rows for k in ("forecast", "frequency")], default=1.0)
    diagonal = [{"forecast": 0.0, "frequency": 0.0}, {"forecast": top, "frequency": top}]
    spec: dict[str, object] = {
        "width": 320,
        "height": 320,
        "layer": [
            {
                "data": {"values": diagonal},
                "mark": {"type": "line", "color": "token:past", "strokeDash": [4, 3]},
                "encoding": {
                    "x": {"field": "forecast", "type": "quantitative"},
                    "y": {"field": "frequency", "type": "quantitative"},
                },
            },
            {
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "color": "token:own", "size": 60},
                "encoding": {
                    "x": {
                        "field": "forecast",
                        "type": "quantitative",
                        "title": Text("预测概率", "forecast").within(lang),
                    },
                    "y": {
                        "field": "frequency",
                        "type": "quantitative",
                        "title": Text("实际频率", "frequency").within(lang),
                    },
                    "tooltip": [{"field": "forecast"}, {"field": "frequency"}, {"field": "n"}],
                },
            },
        ],
    }
    worst = max((abs(float(str(r["forecast"])) - float(str(r["frequency"]))) for r in rows), default=0.0)
    said = Text(
        f"{called.zh}：预测概率与实际频率最多相差 {worst:.2f}",
        f"{called.en}: forecasts and frequencies differ by {worst:.2f} at most",
    )
    title = Text("说的概率准不准", "Were the probabilities right")
    return Figure("reliability", title.within(lang), said.within(lang), spec, labelled(rows, lang))
