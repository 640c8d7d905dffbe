"""Results as text, tables and figures, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from biaochi.core.canonical import Json
from biaochi.core.document import Grid
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.lifecycle import CASE
from biaochi.mechanisms.sandbox.model import Alarm, Case, FeedStatus, GuardrailStatus, Supervision
from biaochi.mechanisms.sandbox.report.names import ALARM_KINDS, METHODS

LIMITS: tuple[Text, ...] = (
    Text(
        "e 过程检验自开始以来的平均值，检测器看的是变化；二者都不证明安全。",
        "The e-process tests the average since the start, the detector looks for a change; neither proves safety.",
    ),
    Text("α 按单个护栏计，平均运行长度是平均数。", "α is per guardrail; a run length is an average."),
    Text("保证以数据如实、方案如登记为前提。", "Guarantees assume honest data and the registered plan."),
    Text("地方豁免不得免除上位法。", "No local waiver relieves higher law."),
)
HEALTH = {"green": Text("正常", "normal"), "amber": Text("注意", "attention"), "red": Text("停用", "held")}
STATUS = {
    "clear": Text("未越过", "not crossed"),
    "alarm": Text("已越过", "crossed"),
    "waiting": Text("数据不足", "too few readings"),
    "no_data": Text("没有数据", "no data"),
    "on_time": Text("按时", "on time"),
    "amber": Text("迟到", "late"),
    "suspend": Text("失联", "silent"),
    "pending": Text("未生效", "not yet in force"),
    "active": Text("生效", "in force"),
    "suspended": Text("暂停", "suspended"),
    "expired": Text("已到期", "ended"),
}


def headline(found: Supervision, lang: Lang) -> str:
    """Return the answer in one sentence."""
    alarms = len(found.alarms)
    due = CASE.state(found.due_state).name
    text = Text(
        f"{found.case}：{HEALTH[found.health].zh}，{alarms} 次报警，应处状态“{due.zh}”。",
        f"{found.case}: {HEALTH[found.health].en}, {alarms} alarms, due state “{due.en}”.",
    )
    return text.within(lang)


def public_summary(case: Case, found: Supervision, lang: Lang) -> str:
    """Return what the public reads: what was waived until when, what was seen, what was learnt and what not."""
    zh = lang == "zh"
    name = case.applicant.name or case.id
    lines = [f"# {case.id} {name}", "", headline(found, lang), "", "## 豁免" if zh else "## Waivers", ""]
    for waiver in case.waivers:
        status = next(w.status for w in found.waivers if w.waiver == waiver.id)
        parts = (
            waiver.kind.text.within(lang),
            waiver.citation,
            waiver.authority,
            f"{waiver.start_on} – {waiver.end_on}",
        )
        told = Text("；", "; ").within(lang).join(p for p in parts if p)
        state = STATUS[status].within(lang)
        lines.append(f"- {waiver.id}：{told}（{state}）" if zh else f"- {waiver.id}: {told} ({state})")
    lines += ["", "## 监测" if zh else "## Supervision", ""]
    lines += [f"- {_guardrail_line(g, lang)}" for g in found.guardrails] or ["- –"]
    lines += ["", "## 报警" if zh else "## Alarms", ""]
    lines += [f"- {_alarm_line(a, lang)}" for a in found.alarms] or ["- 无" if zh else "- none"]
    lines += ["", "## 这些结果不能说明什么" if zh else "## What this does not show", ""]
    lines += [f"- {t.within(lang)}" for t in LIMITS]
    return "\n".join([*lines, ""])


def _guardrail_line(status: GuardrailStatus, lang: Lang) -> str:
    state, zh = STATUS[status.status].within(lang), lang == "zh"
    name = f"{status.guardrail}（{status.metric}）：" if zh else f"{status.guardrail} ({status.metric}): "
    parts = [state, Text(f"{status.readings} 个读数", f"{status.readings} readings").within(lang)]
    if status.estimate is not None:
        parts.append(Text(f"估计 {status.estimate:.4g}", f"estimate {status.estimate:.4g}").within(lang))
    if status.interval is not None:
        low, high, level = status.interval.low, status.interval.high, status.interval.level
        parts.append(
            Text(f"{level:.0%} 区间 {low:.4g} 至 {high:.4g}", f"{level:.0%} interval {low:.4g} to {high:.4g}").within(
                lang
            )
        )
    return name + Text("，", ", ").within(lang).join(parts)


def _alarm_line(alarm: Alarm, lang: Lang) -> str:
    day = alarm.received_at.date().isoformat()
    action = alarm.action.text
    return Text(f"{day} {alarm.message.zh}（{action.zh}）", f"{day} {alarm.message.en} ({action.en})").within(lang)


def guardrail_table(found: Supervision, lang: Lang) -> Grid:
    """Return the guardrails of a case: what each watches, how it stands, with its interval."""
    labels = {
        "guardrail": Text("护栏", "guardrail"),
        "metric": Text("指标", "metric"),
        "method": Text("方法", "method"),
        "status": Text("状况", "status"),
        "readings": Text("读数", "readings"),
        "estimate": Text("估计", "estimate"),
        "low": Text("区间下限", "interval, lower end"),
        "high": Text("区间上限", "interval, upper end"),
        "statistic": Text("统计量", "statistic"),
        "threshold": Text("界限", "threshold"),
    }
    rows: list[Mapping[str, Json]] = []
    for g in found.guardrails:
        rows.append(
            {
                "guardrail": g.guardrail,
                "metric": g.metric,
                "method": METHODS[g.method].within(lang),
                "status": STATUS[g.status].within(lang),
                "readings": g.readings,
                "estimate": g.estimate,
                "low": g.interval.low if g.interval is not None else None,
                "high": g.interval.high if g.interval is not None else None,
                "statistic": g.statistic,
                "threshold": g.threshold,
            }
        )
    title = Text("护栏", "Guardrails").within(lang)
    return Grid(
        "guardrails", title, {k: t.within(lang) for k, t in labels.items()}, tuple(rows), found.level_note.within(lang)
    )


def alarm_table(found: Supervision, lang: Lang) -> Grid:
    """Return the alarms of a case in order of arrival."""
    labels = {
        "received_at": Text("到达", "received"),
        "at": Text("所指时刻", "about"),
        "kind": Text("类型", "kind"),
        "guardrail": Text("护栏", "guardrail"),
        "action": Text("处置", "action"),
        "message": Text("说明", "message"),
    }
    rows: list[Mapping[str, Json]] = [
        {
            "received_at": a.received_at.isoformat(),
            "at": a.at.isoformat(),
            "kind": ALARM_KINDS[a.kind].within(lang),
            "guardrail": a.guardrail or "–",
            "action": a.action.text.within(lang),
            "message": a.message.within(lang),
        }
        for a in found.alarms
    ]
    return Grid(
        "alarms", Text("报警", "Alarms").within(lang), {k: t.within(lang) for k, t in labels.items()}, tuple(rows)
    )


def statistic_figure(
    times: Sequence[datetime],
    statistic: Sequence[float],
    threshold: float,
    alarm: int,
    name: str,
    lang: Lang,
    *,
    cap: str = "",
    simulated: bool = False,
) -> Figure:
    """Return the statistic of one guardrail over time, its threshold and the first alarm (1-based, 0 for none)."""
    zh = lang == "zh"
    when, height = ("时间", "统计量") if zh else ("time", "statistic")
    finite = [(t, float(v)) for t, v in zip(times, statistic, strict=True) if np.isfinite(v)]
    rows = tuple({when: t.isoformat(), height: v} for t, v in finite)
    if alarm:
        at = times[alarm - 1].date().isoformat()
        text = (
            f"{name} 的统计量于 {at}（第 {alarm} 个读数）越过界限 {threshold:.3g}。"
            if zh
            else f"The statistic of {name} crossed its threshold {threshold:.3g} on {at}, at reading {alarm}."
        )
    else:
        highest = max((v for _, v in finite), default=float("nan"))
        text = (
            f"{name} 的统计量最高 {highest:.3g}，未越过界限 {threshold:.3g}。"
            if zh
            else f"The statistic of {name} reached {highest:.3g} and never its threshold {threshold:.3g}."
        )
    layers: list[dict[str, object]] = [
        {
            "mark": {"type": "line", "color": "token:own", "interpolate": "step-after"},
            "encoding": {
                "x": {"field": when, "type": "temporal", "title": None},
                "y": {"field": height, "type": "quantitative", "title": height},
            },
        },
        {
            "data": {"values": [{height: threshold}]},
            "mark": {"type": "rule", "color": "token:threshold", "strokeDash": [4, 3]},
            "encoding": {"y": {"field": height, "type": "quantitative"}},
        },
    ]
    if alarm:
        point = {when: times[alarm - 1].isoformat(), height: float(statistic[alarm - 1])}
        layers.append(
            {
                "data": {"values": [point]},
                "mark": {"type": "point", "color": "token:unmet", "filled": True, "size": 70},
                "encoding": {
                    "x": {"field": when, "type": "temporal"},
                    "y": {"field": height, "type": "quantitative"},
                },
            }
        )
    spec: dict[str, object] = {
        "data": {"values": [dict(r) for r in rows]},
        "layer": layers,
        "width": 560,
        "height": 220,
    }
    title = name if not cap else f"{name}（{cap}）" if zh else f"{name} ({cap})"
    return Figure("statistic", title, text, spec, rows, simulated)


def feed_figure(feeds: Sequence[FeedStatus], limits: Mapping[str, float], lang: Lang) -> Figure:
    """Return hours of silence of each feed as a share of the limit at which the case suspends itself."""
    zh = lang == "zh"
    metric, share, status = ("数据源", "占暂停时限", "状况") if zh else ("feed", "share of the limit", "status")
    rows = tuple(
        {
            metric: f.metric,
            share: round(f.silent_hours / limits[f.metric], 4),
            status: STATUS[f.status].within(lang),
        }
        for f in feeds
    )
    late = [f.metric for f in feeds if f.status != "on_time"]
    text = Text(
        f"{len(feeds)} 个数据源中 {len(late)} 个迟到或失联" + (f"：{'、'.join(late)}。" if late else "。"),
        f"{len(late)} of {len(feeds)} feeds are late or silent" + (f": {', '.join(late)}." if late else "."),
    ).within(lang)
    names = [STATUS[s].within(lang) for s in ("on_time", "amber", "suspend")]
    colours = ["token:met", "token:manual-review", "token:unmet"]
    spec: dict[str, object] = {
        "data": {"values": [dict(r) for r in rows]},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": metric, "type": "nominal", "sort": None, "title": None},
            "x": {"field": share, "type": "quantitative", "axis": {"format": "%"}},
            "color": {"field": status, "type": "nominal", "scale": {"domain": names, "range": colours}},
        },
        "width": 480,
    }
    return Figure("feeds", Text("数据沉默", "Silence of feeds").within(lang), text, spec, rows)
