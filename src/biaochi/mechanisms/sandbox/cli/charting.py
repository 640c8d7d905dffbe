"""The chart of a replay, drawn into a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

from biaochi.core.errors import UsageError
from biaochi.core.period import date_or_end
from biaochi.core.text import Lang, Text
from biaochi.exchange import atomic
from biaochi.exchange.charts import print_png, print_svg
from biaochi.mechanisms.sandbox.decisions import points_along
from biaochi.mechanisms.sandbox.files.guardrails import NamedRule
from biaochi.mechanisms.sandbox.files.readings import Stream
from biaochi.mechanisms.sandbox.report import MOST_RUNS, Run, replay_figure
from biaochi.methods.surveillance import Replay


def check_chart(chart: Path | None, runs: int) -> None:
    """Refuse a chart that cannot be drawn before anything is computed."""
    if chart is None:
        return
    if chart.suffix.lower() not in (".svg", ".png"):
        raise UsageError(Text("图应存为 .svg 或 .png", "a chart is written as .svg or .png"))
    if runs > MOST_RUNS:
        raise UsageError(
            Text(
                f"一张图最多画 {MOST_RUNS} 条，现有 {runs} 条；请减少流或护栏",
                f"a chart shows at most {MOST_RUNS} runs, here are {runs}; take fewer streams or guardrails",
            )
        )


def run_of(stream: Stream, named: NamedRule, result: Replay, several: bool) -> Run:
    """Return one stream under one guardrail as the figure takes it."""
    alarm = int(result.alarm_index[0])
    points = points_along(stream.values, stream.exposure, _times(stream.at), named.rule, also=(alarm,) if alarm else ())
    statistic = next((p.statistic for p in points if p.readings == alarm), 0.0)
    name = f"{stream.name} · {named.id}" if several else stream.name
    at = stream.at[alarm - 1] if alarm else ""
    return Run(name, points, named.rule.cap, result.threshold, alarm, at, statistic)


def write_chart(chart: Path, runs: Sequence[Run], lang: Lang) -> None:
    """Draw the runs into an SVG or PNG file, whole or not at all."""
    plain = replay_figure(runs, lang)
    # A file of its own carries its sentences; on a page they stand beside the figure.
    sentences = [s for s in re.split(r"(?<=。)|(?<=\.) (?=[^ ])", plain.alternative) if s]
    title = {"text": plain.title, "subtitle": sentences, "anchor": "start", "offset": 12}
    figure = replace(plain, spec={**plain.spec, "title": title})
    if chart.suffix.lower() == ".png":
        atomic.write_bytes(chart, print_png(figure, lang))
    else:
        atomic.write_text(chart, print_svg(figure, lang))


def _times(at: Sequence[str]) -> list[datetime] | None:
    """Return the times of readings; a month means its end; ``None`` unless every reading has one."""
    found = []
    for text in at:
        try:
            found.append(datetime.fromisoformat(text))
        except ValueError:
            try:
                found.append(datetime.combine(date_or_end(text), time()))
            except ValueError:
                return None
    return found
