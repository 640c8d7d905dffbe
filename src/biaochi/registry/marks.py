"""The interval mark of the house (a line, two ends, a dot) as inline SVG, for home, lists and facts.

Positions in per cent and sizes in pixels, so that strokes keep their weight at every width.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def interval_mark(
    low: float, high: float, *, label: str, least: float, most: float, middle: float | None = None, ticks: int = 4
) -> SafeString:
    """Return an interval on an axis from ``least`` to ``most``.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    label : str
        What a reader who cannot see it hears, with the numbers.
    least, most : float
        Ends of the axis.
    middle : float or None
        The estimate; ``None`` draws a heavy line without a dot (an interval of tiers).
    ticks : int
        Number of equal parts of the axis.
    """
    a, b = _place(low, least, most), _place(high, least, most)
    parts = [_line(0, 100, 12, 12, "var(--chart-grid)", "1")]
    parts += [_line(100 * i / ticks, 100 * i / ticks, 9, 15, "var(--chart-axis)", "1") for i in range(ticks + 1)]
    parts.append(_line(a, b, 12, 12, "var(--chart-own)", "2.5" if middle is not None else "6"))
    if middle is not None:
        parts += [_line(x, x, 8, 16, "var(--chart-own)", "1.5") for x in (a, b)]
        parts.append(
            format_html(
                '<circle cx="{}%" cy="12" r="4" fill="var(--chart-own)"/>', _per_cent(_place(middle, least, most))
            )
        )
    return _mark(label, parts)


def dots_mark(codes: Sequence[str], *, label: str) -> SafeString:
    """Return one mark for each object by its code: ``met`` a disc, ``manual_review`` a square, ``unmet`` a triangle."""
    parts = [_line(0, 100, 12, 12, "var(--chart-grid)", "1")]
    for number, code in enumerate(codes[:16]):
        x = 8 + 84 * number / max(1, min(len(codes), 16) - 1) if len(codes) > 1 else 50
        parts.append(_DOT.get(code, _disc)(x, code))
    return _mark(label, parts)


def lane_mark(places: Sequence[tuple[float, str]], *, label: str, parts: int = 12) -> SafeString:
    """Return one lane of a year: days as diamonds at shares of the lane (0 today, 1 a year ahead), the next one filled.

    Parameters
    ----------
    places : sequence of (float, str)
        Share of the lane and what happens there, in order of time.
    label : str
        What a reader who cannot see it hears.
    parts : int
        Number of equal parts of the axis.
    """
    drawn = [_line(0, 100, 12, 12, "var(--chart-grid)", "1")]
    drawn += [_line(100 * i / parts, 100 * i / parts, 9, 15, "var(--chart-axis)", "1") for i in range(parts + 1)]
    drawn.append(_line(0, 0, 2, 22, "var(--accent)", "1.5"))
    for number, (share, what) in enumerate(places[:60]):
        fill = "var(--chart-own)" if number == 0 else "var(--paper)"
        drawn.append(
            format_html(
                '<svg x="{}%" y="12" width="1" height="1" overflow="visible"><title>{}</title>'
                '<path d="M0 -6 6 0 0 6 -6 0Z" fill="{}" stroke="var(--chart-own)" stroke-width="1.5"/></svg>',
                _per_cent(1 + 98 * min(1.0, max(0.0, share))),
                what,
                fill,
            )
        )
    return _mark(label, drawn)


def _disc(x: float, code: str) -> SafeString:
    fill = "var(--met)" if code == "met" else "var(--unknown)"
    return format_html('<circle cx="{}%" cy="12" r="4.5" fill="{}"/>', _per_cent(x), fill)


def _square(x: float, code: str) -> SafeString:
    return format_html(
        '<svg x="{}%" y="7" width="10" height="10" overflow="visible"><rect x="-5" width="10" height="10" '
        'fill="var(--manual-review)"/></svg>',
        _per_cent(x),
    )


def _triangle(x: float, code: str) -> SafeString:
    return format_html(
        '<svg x="{}%" y="6" width="12" height="12" overflow="visible">'
        '<path d="M0 0 6 11 -6 11Z" fill="var(--unmet)"/></svg>',
        _per_cent(x),
    )


_DOT = {"met": _disc, "manual_review": _square, "unmet": _triangle}


def _place(value: float, least: float, most: float) -> float:
    return min(100.0, max(0.0, 100 * (value - least) / (most - least))) if most > least else 50.0


def _per_cent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _line(x1: float, x2: float, y1: int, y2: int, stroke: str, width: str) -> SafeString:
    return format_html(
        '<line x1="{}%" x2="{}%" y1="{}" y2="{}" stroke="{}" stroke-width="{}"/>',
        _per_cent(x1),
        _per_cent(x2),
        y1,
        y2,
        stroke,
        width,
    )


def _mark(label: str, parts: Sequence[SafeString]) -> SafeString:
    inner = format_html_join("", "{}", ((p,) for p in parts))
    return format_html('<svg class="iv" height="24" role="img" aria-label="{}">{}</svg>', label, inner)
