"""Crowding strip, calendar of zones, small intervals as inline SVG: positions in per cent, strokes in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

TICKS = 3


def crowding(
    named: int, possible: int, total: int, *, demand: tuple[float, float] | None = None, label: str
) -> SafeString:
    """Return one track's row: regions that named it solid, those that may have hatched, demand as a heavy upright.

    Parameters
    ----------
    named, possible, total : int
        Regions that named the track; these and all whose plans are not known; all regions asked about.
    demand : (low, high) or None
        Places the demand carries, as a range; nothing is drawn when nobody gave one.
    label : str
        The row in words.
    """
    parts = [_upright(100 * k / TICKS, "var(--chart-grid)", "1") for k in range(TICKS + 1)]
    scale = 100 / max(total, 1)
    parts.append(_bar(0.0, named * scale, "var(--chart-own)"))
    parts.append(_bar(named * scale, (possible - named) * scale, "url(#hatch)"))
    if demand is not None:
        low, high = (min(100.0, v * scale) for v in demand)
        parts.append(
            format_html(
                '<line x1="{}%" x2="{}%" y1="12" y2="12" stroke="var(--chart-threshold)" stroke-width="3"/>',
                _number(low),
                _number(high),
            )
        )
        parts += [_upright(x, "var(--chart-threshold)", "3") for x in (low, high)]
    return _svg(label, parts)


def part(value: float, sd: float, most: float, *, label: str) -> SafeString:
    """Return a mean similarity under a null as a bar from zero with two standard deviations either side."""
    scale = 100 / most if most > 0 else 0.0
    parts = [_upright(0.0, "var(--chart-grid)", "1"), _bar(0.0, max(0.0, value) * scale, "var(--chart-own)")]
    if sd > 0:
        low, high = max(0.0, value - 2 * sd) * scale, min(100.0, (value + 2 * sd) * scale)
        parts.append(
            format_html(
                '<line x1="{}%" x2="{}%" y1="12" y2="12" stroke="var(--ink)" stroke-width="1.5"/>',
                _number(low),
                _number(high),
            )
        )
        parts += [_upright(x, "var(--ink)", "1.5", 8, 16) for x in (low, high)]
    return _svg(label, parts)


PHASE_FILLS = {
    "review": "var(--chart-peer-mark)",
    "notice": "url(#hatch)",
    "building": "var(--chart-own)",
    "assessed": "var(--chart-3)",
    "rectified": "var(--chart-2)",
    "over": "var(--chart-grid)",
}


def spans(
    phases: Sequence[tuple[date, date, str]],
    start: date,
    end: date,
    today: date,
    due: date | None,
    *,
    late: bool,
    label: str,
) -> SafeString:
    """Return a zone's phases along time, today as a thin upright, the next day that matters as a heavy one.

    Parameters
    ----------
    phases : sequence of (first day, last day, phase)
        Phases are keys of :data:`PHASE_FILLS`.
    start, end : datetime.date
        Ends of the axis.
    today, due : datetime.date
        ``due`` may be None.
    late : bool
        Whether the due day has passed; it is then drawn as an alarm.
    label : str
        The row in words.
    """

    def at(day: date) -> float:
        return 100 * (day - start).days / max((end - start).days, 1)

    parts = [_upright(at(date(y, 1, 1)), "var(--chart-grid)", "1") for y in range(start.year + 1, end.year + 1)]
    for first, last, phase in phases:
        parts.append(_bar(at(first), max(0.6, at(last) - at(first)), PHASE_FILLS[phase]))
    parts.append(_upright(at(today), "var(--chart-axis)", "1"))
    if due is not None:
        parts.append(_upright(at(due), "var(--unmet)" if late else "var(--ink)", "3"))
    return _svg(label, parts)


def years(start: date, end: date) -> SafeString:
    """Return the axis of :func:`spans`: the first day of each year."""
    total = max((end - start).days, 1)
    texts = [
        format_html(
            '<text x="{}%" y="12"{}>{}</text>',
            _number(100 * (date(y, 1, 1) - start).days / total),
            mark_safe(' text-anchor="end"') if (end - date(y, 1, 1)).days < total * 0.08 else "",
            y,
        )
        for y in range(start.year + 1, end.year + 1)
    ]
    inner = format_html_join("", "{}", ((t,) for t in texts))
    return format_html('<svg height="18" aria-hidden="true">{}</svg>', inner)


def _svg(label: str, parts: Sequence[SafeString]) -> SafeString:
    inner = format_html_join("", "{}", ((p,) for p in parts))
    return format_html('<svg height="24" role="img" aria-label="{}">{}</svg>', label, inner)


def _bar(start: float, width: float, fill: str) -> SafeString:
    return format_html(
        '<rect x="{}%" width="{}%" y="6" height="12" fill="{}"/>', _number(start), _number(max(0.0, width)), fill
    )


def _upright(x: float, stroke: str, width: str, y1: int = 0, y2: int = 24) -> SafeString:
    return format_html(
        '<line x1="{0}%" x2="{0}%" y1="{1}" y2="{2}" stroke="{3}" stroke-width="{4}"/>',
        _number(x),
        y1,
        y2,
        stroke,
        width,
    )


def _number(value: float) -> str:
    return f"{value:.2f}"
