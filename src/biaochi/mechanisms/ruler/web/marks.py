"""The profile's rows as inline SVG: own interval against the peers' reference, gaps, tiers.

Positions in per cent and strokes in pixels, so that marks keep their size at every width.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def _at(value: float, least: float, most: float) -> str:
    share = (value - least) / (most - least) if most > least else 0.5
    return f"{100 * min(1.0, max(0.0, share)):.2f}%"


def _svg(label: str, parts: Sequence[SafeString], height: int = 24) -> SafeString:
    inner = format_html_join("", "{}", ((p,) for p in parts))
    return format_html('<svg height="{}" role="img" aria-label="{}">{}</svg>', height, label, inner)


def _rule(x: str, y1: int, y2: int, stroke: str, width: str = "1") -> SafeString:
    return format_html(
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-width="{}"/>', x, x, y1, y2, stroke, width
    )


def _span(x1: str, x2: str, stroke: str, width: str) -> SafeString:
    return format_html('<line x1="{}" x2="{}" y1="12" y2="12" stroke="{}" stroke-width="{}"/>', x1, x2, stroke, width)


def _hatch() -> SafeString:
    """Return the hatching of what is not scored."""
    return format_html('<rect x="0" width="100%" y="7" height="10" fill="{}" opacity=".5"/>', "url(#hatch)")


def position(
    score: float | None,
    low: float | None,
    high: float | None,
    reference: float | None,
    *,
    label: str,
    least: float = 0.0,
    most: float = 100.0,
) -> SafeString:
    """Return one row of the profile: own interval as a line with two ends and a dot, the reference as an upright.

    A row that is not scored is hatched from end to end.
    """
    parts = [_span("0%", "100%", "var(--chart-grid)", "1")]
    if score is None:
        parts.append(_hatch())
        return _svg(label, parts)
    if reference is not None:
        x = _at(reference, least, most)
        parts.append(_rule(x, 3, 21, "var(--chart-peer-mark)", "3"))
    if low is not None and high is not None:
        a, b = _at(low, least, most), _at(high, least, most)
        parts.append(_span(a, b, "var(--chart-own)", "2.5"))
        parts += [_rule(x, 8, 16, "var(--chart-own)", "1.5") for x in (a, b)]
    parts.append(format_html('<circle cx="{}" cy="12" r="4" fill="var(--chart-own)"/>', _at(score, least, most)))
    return _svg(label, parts)


def step(start: float, end: float, *, label: str, least: float, most: float) -> SafeString:
    """Return one step of the gap: a bar from where the sum stood to where it stands, its end as an upright."""
    a, b = sorted((start, end))
    fill = "var(--chart-div-5)" if end >= start else "var(--chart-div-1)"
    zero = _rule(_at(0.0, least, most), 0, 24, "var(--chart-grid)")
    left = _at(a, least, most)
    width = f"{100 * (b - a) / (most - least):.2f}%" if most > least else "0%"
    bar = format_html('<rect x="{}" width="{}" y="6" height="12" fill="{}"/>', left, width, fill)
    return _svg(label, [zero, bar, _rule(_at(end, least, most), 6, 24, "var(--chart-axis)")])


def gain(middle: float, low: float, high: float, *, label: str, least: float, most: float) -> SafeString:
    """Return the gain of a lever with its interval, zero as an upright."""
    a, b = _at(low, least, most), _at(high, least, most)
    parts = [
        _span("0%", "100%", "var(--chart-grid)", "1"),
        _rule(_at(0.0, least, most), 4, 20, "var(--chart-target)", "1.5"),
        _span(a, b, "var(--chart-own)", "2.5"),
        *(_rule(x, 8, 16, "var(--chart-own)", "1.5") for x in (a, b)),
        format_html('<circle cx="{}" cy="12" r="4" fill="var(--chart-own)"/>', _at(middle, least, most)),
    ]
    return _svg(label, parts)


def tier_strip(top: int | None, bottom: int | None, tiers: int, *, own: bool, label: str) -> SafeString:
    """Return a unit's interval of tiers on a strip; wide means undetermined."""
    edges = [f"{100 * i / max(tiers, 1):.2f}%" for i in range(tiers + 1)]
    parts = [_span("0%", "100%", "var(--chart-grid)", "1"), *(_rule(x, 8, 16, "var(--chart-axis)") for x in edges)]
    if top is None or bottom is None:
        parts.append(_hatch())
    else:
        stroke = "var(--chart-own)" if own else "var(--chart-peer-mark)"
        parts.append(_span(edges[top - 1], edges[bottom], stroke, "6"))
    return _svg(label, parts)


def parts(values: Sequence[float], *, label: str, least: float, most: float) -> SafeString:
    """Return the parts of a sum one after the other, each from where the sum stood, the end as a dot."""
    drawn = [_span("0%", "100%", "var(--chart-grid)", "1"), _rule(_at(0.0, least, most), 2, 22, "var(--chart-axis)")]
    level = 0.0
    for value in values:
        a, b = sorted((level, level + value))
        fill = "var(--chart-div-5)" if value >= 0 else "var(--chart-div-1)"
        width = f"{100 * (b - a) / (most - least):.2f}%" if most > least else "0%"
        drawn.append(
            format_html('<rect x="{}" width="{}" y="7" height="10" fill="{}"/>', _at(a, least, most), width, fill)
        )
        level += value
        drawn.append(_rule(_at(level, least, most), 5, 19, "var(--paper)"))
    drawn.append(format_html('<circle cx="{}" cy="12" r="3.5" fill="var(--chart-own)"/>', _at(level, least, most)))
    return _svg(label, drawn)
