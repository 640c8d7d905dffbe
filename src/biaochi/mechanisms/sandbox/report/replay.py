"""The picture of a replay: estimates with interval and cap, statistics against their threshold, alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import Point, Run

MOST_RUNS = 6
LIMIT = Text(
    "e 过程检验自开始以来的平均；没有越界不证明安全，越界不说明原因。",
    "An e-process tests the average since the start; that nothing crossed is no proof of safety, and a crossing "
    "tells no cause.",
)


def replay_figure(runs: Sequence[Run], lang: Lang) -> Figure:
    """Return the figure of up to six runs; time is the horizontal axis where every reading has one."""
    several = len({run.guardrail for run in runs}) > 1
    timed = all(p.at is not None for run in runs for p in run.points)
    words = _Words(lang, timed, several)
    rows = tuple(words.row(run, p) for run in runs for p in run.points)
    names = [words.name(run) for run in runs]
    colours = [f"token:{i + 1}" for i in range(len(runs))]
    x = {"field": words.when, "type": "temporal" if timed else "quantitative", "title": None if timed else words.when}
    colour: Mapping[str, object] = {
        "field": words.run,
        "type": "nominal",
        "scale": {"domain": names, "range": colours},
        "title": None,
        "legend": {"orient": "top", "symbolType": "stroke", "symbolOpacity": 1, "symbolStrokeWidth": 3},
    }
    band = [r for r in rows if r[words.low] is not None]
    top: list[object] = [
        {
            "data": {"values": band},
            "mark": {"type": "area", "opacity": 0.16},
            "encoding": {
                "x": x,
                "y": {"field": words.low, "type": "quantitative", "title": words.rate, "scale": {"domainMin": 0}},
                "y2": {"field": words.high},
                "color": colour,
            },
        },
        {
            "mark": {"type": "line"},
            "encoding": {"x": x, "y": {"field": words.rate, "type": "quantitative"}, "color": colour},
        },
        *[_rule(words.rate, cap) for cap in dict.fromkeys(run.cap for run in runs) if cap is not None],
    ]
    bottom: list[object] = [
        {
            "mark": {"type": "line", "interpolate": "step-after"},
            "encoding": {"x": x, "y": {"field": words.stat, "type": "quantitative"}, "color": colour},
        },
        *[_rule(words.stat, limit) for limit in dict.fromkeys(run.threshold for run in runs)],
        {
            "data": {"values": [words.alarm(run) for run in runs if run.alarm]},
            "mark": {"type": "point", "filled": True, "size": 80},
            "encoding": {"x": x, "y": {"field": words.stat, "type": "quantitative"}, "color": colour},
        },
    ]
    spec: dict[str, object] = {
        "data": {"values": [dict(r) for r in rows]},
        "vconcat": [
            {"layer": top, "width": 620, "height": 190},
            {"layer": bottom, "width": 620, "height": 150},
        ],
        "resolve": {"scale": {"x": "shared"}},
    }
    title = Text("重放：护栏会怎样说", "Replay: what the guardrails would have said").within(lang)
    told = [*(_told(run, words.name(run), lang) for run in runs), LIMIT.within(lang)]
    return Figure("replay", title, ("" if lang == "zh" else " ").join(told), spec, rows)


class _Words:
    """Column labels of the figure in one language, and its records."""

    def __init__(self, lang: Lang, timed: bool, several: bool) -> None:
        zh = lang == "zh"
        self.timed, self.several = timed, several
        self.when = ("时间" if timed else "读数") if zh else ("time" if timed else "reading")
        self.run = "流与护栏" if zh else "stream and guardrail"
        self.rate, self.stat = ("估计", "统计量") if zh else ("estimate", "statistic")
        self.low, self.high = ("下限", "上限") if zh else ("lower end", "upper end")

    def name(self, run: Run) -> str:
        """Return what a run is called: its stream, with its guardrail where there are several."""
        return f"{run.stream} · {run.guardrail}" if self.several else run.stream

    def row(self, run: Run, point: Point) -> dict[str, object]:
        """Return one record of the data table."""
        at = point.at.isoformat(timespec="minutes") if self.timed and point.at is not None else point.readings
        return {
            self.when: at,
            self.run: self.name(run),
            self.rate: _short(point.estimate),
            self.low: _short(point.low),
            self.high: _short(point.high),
            self.stat: _short(point.statistic),
        }

    def alarm(self, run: Run) -> dict[str, object]:
        """Return the mark of a first alarm."""
        at = next((p.at for p in run.points if p.readings == run.alarm), None)
        shown = at.isoformat(timespec="minutes") if self.timed and at is not None else run.alarm
        return {self.when: shown, self.run: self.name(run), self.stat: _short(run.statistic)}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


def _rule(field: str, value: float) -> dict[str, object]:
    return {
        "data": {"values": [{field: value}]},
        "mark": {"type": "rule", "color": "token:threshold", "strokeDash": [5, 4]},
        "encoding": {"y": {"field": field, "type": "quantitative"}},
    }


def _told(run: Run, name: str, lang: Lang) -> str:
    if not run.points:
        return Text(f"{name}：没有读数。", f"{name}: no reading.").within(lang)
    last = run.points[-1]
    zh, en = f"{name}：{last.readings} 个读数", f"{name}: {last.readings} readings"
    if last.estimate is not None:
        zh, en = f"{zh}，估计 {last.estimate:.3g}", f"{en}, estimate {last.estimate:.3g}"
    if last.low is not None and last.high is not None:
        zh += f"（区间 {last.low:.3g} 至 {last.high:.3g}）"
        en += f" (interval {last.low:.3g} to {last.high:.3g})"
    if run.cap is not None:
        zh, en = f"{zh}，上限 {run.cap:g}", f"{en}, cap {run.cap:g}"
    if run.alarm:
        at = run.alarm_at or str(run.alarm)
        return Text(
            f"{zh}；{at}（第 {run.alarm} 个读数）越过界限 {run.threshold:.3g}。",
            f"{en}; crossed its threshold {run.threshold:.3g} at {at} (reading {run.alarm}).",
        ).within(lang)
    return Text(f"{zh}；未越过界限 {run.threshold:.3g}。", f"{en}; threshold {run.threshold:.3g} not crossed.").within(
        lang
    )
