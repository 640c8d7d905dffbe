"""The chart of a replay, drawn into a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from biaochi.core.errors import UsageError
from biaochi.core.text import Lang, Text
from biaochi.exchange import atomic
from biaochi.exchange.charts import print_png, print_svg
from biaochi.mechanisms.sandbox.decisions import Run
from biaochi.mechanisms.sandbox.report import MOST_RUNS, replay_figure


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
