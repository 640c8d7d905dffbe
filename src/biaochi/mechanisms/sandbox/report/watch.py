"""The picture of one guardrail on a case's page: rate with its band and cap, the statistic, and what arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import Point


def watch_figure(
    points: Sequence[Point],
    name: str,
    lang: Lang,
    *,
    cap: float | None,
    threshold: float,
    alarm_at: datetime | None,
    level: float,
    simulated: bool,
) -> Figure:
    """Return the figure; nothing but the axis when no reading has arrived."""
    when, rate = Text("时间", "time").within(lang), Text("估计", "estimate").within(lang)
    low, high = Text("下限", "lower end").within(lang), Text("上限", "upper end").within(lang)
    stat, count = Text("统计量", "statistic").within(lang), Text("读数", "readings").within(lang)
    rows = tuple(
        {
            when: p.at.isoformat(timespec="minutes") if p.at is not None else "",
            count: p.readings,
            rate: _short(p.estimate),
            low: _short(p.low),
            high: _short(p.high),
            stat: _short(p.statistic),
        }
        for p in points
    )
    x = {"field": when, "type": "temporal", "title": None}
    band = [r for r in rows if r[low] is not None and r[rate] is not None]
    top: list[dict[str, object]] = [
        {
            "data": {"values": band},
            "mark": {"type": "area", "color": "token:band", "opacity": 1},
            "encoding": {"x": x, "y": {"field": low, "type": "quantitative", "title": rate}, "y2": {"field": high}},
        },
        {
            "mark": {"type": "line", "color": "token:own"},
            "encoding": {"x": x, "y": {"field": rate, "type": "quantitative", "title": rate}},
        },
    ]
    if cap is not None:
        top.append(_rule(rate, cap, dashed=True))
    bottom: list[dict[str, object]] = [
        {
            "mark": {"type": "line", "color": "token:own", "interpolate": "step-after"},
            "encoding": {"x": x, "y": {"field": stat, "type": "quantitative", "title": stat}},
        },
        _rule(stat, threshold),
    ]
    if alarm_at is not None:
        mark = {"type": "rule", "color": "token:unmet", "strokeDash": [2, 3]}
        line = {"data": {"values": [{when: alarm_at.isoformat()}]}, "mark": mark, "encoding": {"x": x}}
        top, bottom = [*top, line], [*bottom, line]
    strip = {"mark": {"type": "tick", "color": "token:peer-mark", "thickness": 2}, "encoding": {"x": x}, "height": 14}
    spec: dict[str, object] = {
        "data": {"values": [dict(r) for r in rows]},
        "vconcat": [
            {"layer": top, "width": 620, "height": 118},
            {"layer": bottom, "width": 620, "height": 118},
            {**strip, "width": 620},
        ],
        "resolve": {"scale": {"x": "shared"}},
    }
    return Figure("watch", name, _sentence(points, name, cap, threshold, alarm_at, level, lang), spec, rows, simulated)


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


def _rule(field: str, value: float, *, dashed: bool = False) -> dict[str, object]:
    mark: dict[str, object] = {"type": "rule", "color": "token:threshold"}
    if dashed:
        mark["strokeDash"] = [6, 4]
    return {
        "data": {"values": [{field: value}]},
        "mark": mark,
        "encoding": {"y": {"field": field, "type": "quantitative"}},
    }


def _sentence(
    points: Sequence[Point],
    name: str,
    cap: float | None,
    threshold: float,
    alarm_at: datetime | None,
    level: float,
    lang: Lang,
) -> str:
    if not points:
        return Text(f"{name}：还没有读数。", f"{name}: no reading yet.").within(lang)
    last = points[-1]
    zh, en = f"{name}：{last.readings} 次读数", f"{name}: {last.readings} readings"
    if last.estimate is not None:
        zh, en = f"{zh}，估计 {last.estimate:.3g}", f"{en}, estimate {last.estimate:.3g}"
    if last.low is not None and last.high is not None:
        zh += f"（{level:.0%} 区间 {last.low:.3g}–{last.high:.3g}）"
        en += f" ({level:.0%} interval {last.low:.3g}–{last.high:.3g})"
    if cap is not None:
        zh, en = f"{zh}，上限 {cap:g}", f"{en}, cap {cap:g}"
    if alarm_at is None:
        zh += f"；统计量 {last.statistic:.3g}，未越过界限 {threshold:.3g}。"
        en += f"; statistic {last.statistic:.3g}, threshold {threshold:.3g} not crossed."
    else:
        zh += f"；统计量于 {alarm_at:%m-%d} 越过界限 {threshold:.3g}。"
        en += f"; the statistic crossed its threshold {threshold:.3g} on {alarm_at:%Y-%m-%d}."
    return Text(zh, en).within(lang)


def simulation_rows(simulation: Mapping[str, Mapping[str, object]], lang: Lang) -> list[dict[str, str]]:
    """Return what was simulated of each guardrail, one row each, shares with their interval, delays as 10–50–90 %."""
    return [_row(name, found, lang) for name, found in simulation.items()]


def _row(name: str, found: Mapping[str, object], lang: Lang) -> dict[str, str]:
    if "false_alarm" not in found:
        why = Text("这种方法的读数没有可抽取的分布", "readings of this method have no distribution to draw from")
        return {"guardrail": name, "why": why.within(lang)}

    def share(key: str) -> str:
        value, low, high = (float(str(found[k])) for k in (key, f"{key}_low", f"{key}_high"))
        return f"{value:.1%} [{low:.1%}, {high:.1%}]"

    delays = found["delay"]
    none = Text("未报警", "none").within(lang)
    shown = [none if d is None else f"{float(str(d)):g}" for d in (delays if isinstance(delays, list) else [])]
    return {
        "guardrail": name,
        "false_alarm": share("false_alarm"),
        "detected": share("detected"),
        "delay": " · ".join(shown),
        "worse": f"{float(str(found['worse'])):g}",
    }
