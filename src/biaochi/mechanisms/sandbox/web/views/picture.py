"""What the pages of a case show: its picture, waiver bars, feeds and guardrails, as the templates take them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.core.cache import cache
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import Point, moment, points_along
from biaochi.mechanisms.sandbox.files import Readings
from biaochi.mechanisms.sandbox.model import Case, Guardrail, Supervision
from biaochi.mechanisms.sandbox.report import METHODS, STATUS, watch_figure
from biaochi.mechanisms.sandbox.web.models import SandboxCase
from biaochi.registry.marks import interval_mark


def leading(case: Case, found: Supervision) -> Guardrail | None:
    """Return the guardrail to draw: the first that crossed and has an interval, else the first with readings."""
    if case.plan is None:
        return None
    status = {g.guardrail: g for g in found.guardrails}
    drawn = [g for g in case.plan.guardrails if status[g.id].interval is not None] or list(case.plan.guardrails)
    crossed = [g for g in drawn if status[g.id].status == "alarm"]
    return next(iter([*crossed, *drawn]), None)


def picture(trial: SandboxCase, case: Case, found: Supervision, readings: Readings, lang: Lang) -> Figure | None:
    """Return the figure of the leading guardrail, kept in the cache until something arrives."""
    guardrail = leading(case, found)
    rows = readings.by_case.get(case.id, {}).get(guardrail.metric) if guardrail is not None else None
    if guardrail is None or rows is None:
        return None
    version = guardrail.versions[-1]
    rule = version.rule
    key = f"sandbox:wall-points:{trial.public_id}:{trial.last_received}:{len(guardrail.versions)}:{guardrail.id}"
    points: list[Point] | None = cache.get(key)
    if points is None:
        since = version.effective_at
        kept = np.flatnonzero((rows.revision == 0) & ~np.isnan(rows.value))
        if since is not None:
            kept = np.array([i for i in kept if moment(rows.at[i]) >= since], dtype=int)
        points = points_along(rows.value[kept], rows.exposure[kept], [_wall(moment(t)) for t in rows.at[kept]], rule)
        cache.set(key, points, 3600)
    alarms = [a for a in found.alarms if a.guardrail == guardrail.id and a.kind.value in ("statistical", "hard")]
    threshold = next(g.threshold for g in found.guardrails if g.guardrail == guardrail.id)
    level = 1 - rule.alpha if rule.alpha is not None else 0.95
    return watch_figure(
        points,
        f"{guardrail.id} {guardrail.metric}",
        lang,
        cap=rule.cap,
        threshold=threshold,
        alarm_at=_wall(alarms[-1].at) if alarms else None,
        level=level,
        simulated=trial.simulated,
    )


def _wall(at: datetime) -> datetime:
    """Return an instant as the office's clock shows it, so that a chart says the same day everywhere."""
    return timezone.localtime(at).replace(tzinfo=None)


def waiver_bars(trial: SandboxCase, found: Supervision, lang: Lang) -> list[Mapping[str, Any]]:
    """Return a bar a waiver on one axis of days."""
    rows = list(trial.waivers.exclude(state="revoked").order_by("code"))
    if not rows:
        return []
    today = timezone.localdate()
    first = min([w.start_on for w in rows] + [today]) - timedelta(days=7)
    last = max([w.end_on for w in rows] + [today]) + timedelta(days=7)
    status = {w.waiver: w for w in found.waivers}
    return [
        {
            "waiver": w,
            "bar": _bar(w.start_on, w.end_on, today, first, last, w.state, lang),
            "state": w.state,
            "name": w.workflow.state(w.state).name,
            "left": max(0, status[w.code].days_left) if w.code in status else None,
        }
        for w in rows
    ]


def _bar(start: date, end: date, today: date, first: date, last: date, state: str, lang: Lang) -> SafeString:
    span = (last - first).days

    def place(day: date) -> float:
        return round(100 * (day - first).days / span, 2)

    a, b, now = place(start), place(end), min(max(place(today), place(start)), place(end))
    gone = "var(--chart-peer-mark)" if state == "expired" else "var(--chart-own)"
    parts = [("rect", a, now - a, gone)]
    ahead = "url(#hatch)" if state in ("suspended", "proposed", "granted") else "var(--chart-band)"
    parts.append(("rect", now, b - now, ahead))
    drawn = format_html_join(
        "", '<rect x="{}%" width="{}%" y="9" height="12" fill="{}"/>', ((x, max(0, w), f) for _, x, w, f in parts)
    )
    label = Text(f"{start} 至 {end}", f"{start} to {end}").within(lang)
    return format_html(
        '<svg height="30" role="img" aria-label="{}"><line x1="0" x2="100%" y1="15" y2="15" '
        'stroke="var(--chart-grid)"/>'
        '{}<line x1="{}%" x2="{}%" y1="4" y2="26" stroke="var(--chart-ink)" stroke-width="2"/>'
        '<line x1="{}%" x2="{}%" y1="0" y2="30" stroke="var(--chart-own)" stroke-width="1"/></svg>',
        label, drawn, b, b, place(today), place(today),
    )  # fmt: skip


def guardrail_rows(case: Case, found: Supervision, lang: Lang) -> list[Mapping[str, Any]]:
    """Return one row a guardrail, its estimate with the interval mark and what crossing does."""
    actions = {g.id: g.versions[-1] for g in case.plan.guardrails} if case.plan is not None else {}
    rows: list[Mapping[str, Any]] = []
    for g in found.guardrails:
        version = actions[g.guardrail]
        rule, mark, band = version.rule, "", ""
        if g.interval is not None and g.estimate is not None:
            most = max(g.interval.high, (rule.cap or 0) * 2, 1e-9)
            band = f"{g.interval.low:.3g}–{g.interval.high:.3g}"
            label = f"{g.guardrail} {g.estimate:.3g} [{band}]"
            mark = interval_mark(g.interval.low, g.interval.high, label=label, least=0, most=most, middle=g.estimate)
        rows.append(
            {
                "id": g.guardrail,
                "metric": g.metric,
                "method": METHODS[g.method],
                "code": {"alarm": "alarm", "clear": "met"}.get(g.status, "unknown"),
                "status": STATUS[g.status],
                "readings": g.readings,
                "estimate": None if g.estimate is None else f"{g.estimate:.3g}",
                "band": band,
                "mark": mark,
                "cap": rule.cap,
                "statistic": f"{g.statistic:.3g}",
                "threshold": f"{g.threshold:.3g}",
                "action": version.action.text,
            }
        )
    return rows


def feed_rows(case: Case, found: Supervision) -> list[Mapping[str, Any]]:
    """Return one row a feed: silence against its limits."""
    limits = {f.metric: f for f in case.plan.feeds} if case.plan is not None else {}
    codes = {"on_time": "on_time", "amber": "amber", "suspend": "alarm"}
    return [
        {
            "metric": f.metric,
            "code": codes[f.status],
            "status": STATUS[f.status],
            "last_at": f.last_at,
            "silent": f"{f.silent_hours:.1f}",
            "amber": f"{limits[f.metric].amber_after_hours:g}",
            "suspend": f"{limits[f.metric].suspend_after_hours:g}",
        }
        for f in found.feeds
    ]
