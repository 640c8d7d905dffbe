"""The lanes of the review packet: each team's attempts by stage, and the next step, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.fund.decisions.board import Attempt


def lane_mark(made: Sequence[Attempt], stages: int, proposed: bool, stage: int, lang: Lang, said: str) -> SafeString:
    """Return one team's lane: a disc for a pass, a triangle for a miss, a ring for a proposed next attempt."""
    parts = [_line(100 * i / stages, 100 * i / stages, 0, 44, "var(--chart-grid)", "1") for i in range(stages + 1)]
    parts.append(_line(0, 100, 18, 18, "var(--chart-grid)", "1"))
    places = [(a, _place(made, a, stages, proposed)) for a in made]
    if places:
        parts.append(_line(0, places[-1][1], 18, 18, "var(--chart-own)", "2.5"))
    for attempt, x in places:
        parts.append(_disc(x) if attempt.passed else _triangle(x))
        parts.append(_word(x, Text(f"第{attempt.round}轮", f"R{attempt.round}").within(lang), ""))
    if proposed and stage < stages:
        tried = sum(a.stage == stage for a in made)
        x = 100 * (stage + (tried + 1) / (tried + 2)) / stages
        parts.append(
            format_html(
                '<circle cx="{}%" cy="18" r="7.5" fill="var(--chart-paper)" stroke="var(--chart-own)" '
                'stroke-width="2"/>',
                f"{x:.2f}",
            )
        )
        parts.append(_word(x, Text("建议", "next").within(lang), "own"))
    inner = format_html_join("", "{}", ((p,) for p in parts))
    return format_html('<svg height="44" role="img" aria-label="{}">{}</svg>', said, inner)


def axis_mark(names: Sequence[str]) -> SafeString:
    """Return the stages' names above the lanes."""
    inner = format_html_join(
        "",
        '<text x="{}%" y="12" text-anchor="middle" class="own">{}</text>',
        ((f"{100 * (i + 0.5) / len(names):.2f}", n) for i, n in enumerate(names)),
    )
    return format_html('<svg height="18" aria-hidden="true">{}</svg>', inner)


def _place(made: Sequence[Attempt], attempt: Attempt, stages: int, proposed: bool) -> float:
    same = [a for a in made if a.stage == attempt.stage]
    more = 1 if proposed and not any(a.passed for a in same) else 0
    return 100 * (attempt.stage + (same.index(attempt) + 1) / (len(same) + more + 1)) / stages


def _disc(x: float) -> SafeString:
    return format_html('<circle cx="{}%" cy="18" r="6" fill="var(--met)"/>', f"{x:.2f}")


def _triangle(x: float) -> SafeString:
    return format_html(
        '<svg x="{}%" y="11" width="1" height="1" overflow="visible">'
        '<path d="M0 0 7.5 13-7.5 13Z" fill="var(--unmet)" stroke="var(--chart-paper)" stroke-width="1.5"/></svg>',
        f"{x:.2f}",
    )


def _word(x: float, text: str, kind: str) -> SafeString:
    return format_html('<text x="{}%" y="40" text-anchor="middle" class="{}">{}</text>', f"{x:.2f}", kind, text)


def _line(x1: float, x2: float, y1: int, y2: int, stroke: str, width: str) -> SafeString:
    return format_html(
        '<line x1="{}%" x2="{}%" y1="{}" y2="{}" stroke="{}" stroke-width="{}"/>',
        f"{x1:.2f}",
        f"{x2:.2f}",
        y1,
        y2,
        stroke,
        width,
    )
