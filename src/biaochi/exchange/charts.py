"""Drawing figures: one grammar (Vega-Lite), three surfaces — the page, print, Word.

A ``report`` room returns a :class:`biaochi.core.figure.Figure`; here it gets its theme and becomes an SVG or a PNG.
Colours in a specification are tokens (``token:own``), so that the page can follow light and dark through CSS variables
while print gets fixed values.  Nothing is fetched: every external address is refused.

Needs the extra ``reports``.
"""

from __future__ import annotations

import functools
import html
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any, Literal

from biaochi.core.errors import BiaochiError, MissingExtraError
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text

try:
    import vl_convert
except ImportError:  # the extra is absent; drawing says so
    vl_convert = None  # type: ignore[assignment]

TOKENS: dict[str, tuple[str, str]] = {
    "ink": ("--chart-ink", "#1b1e21"),
    "text": ("--chart-text", "#4a4f55"),
    "axis": ("--chart-axis", "#85847d"),
    "grid": ("--chart-grid", "#dcdad3"),
    "paper": ("--chart-paper", "#fdfcfa"),
    "own": ("--chart-own", "#1a4f8b"),
    "past": ("--chart-past", "#656a70"),
    "target": ("--chart-target", "#1b1e21"),
    "peer": ("--chart-peer", "#dfddd6"),
    "peer-mark": ("--chart-peer-mark", "#7d7c75"),
    "threshold": ("--chart-threshold", "#ad2f19"),
    "band": ("--chart-band", "#d3e0ee"),
    "hatch": ("--chart-hatch", "#8f8e87"),
    "met": ("--met", "#0a6a57"),
    "unmet": ("--unmet", "#ad2f19"),
    "manual-review": ("--manual-review", "#7f5300"),
    "unknown": ("--unknown", "#555b62"),
    "1": ("--chart-1", "#243d93"),
    "2": ("--chart-2", "#8d5b0d"),
    "3": ("--chart-3", "#3ba273"),
    "4": ("--chart-4", "#b378d4"),
    "5": ("--chart-5", "#523c00"),
    "6": ("--chart-6", "#606c7d"),
    "tier-1": ("--tier-1", "#173f6d"),
    "tier-2": ("--tier-2", "#3a6a9e"),
    "tier-3": ("--tier-3", "#6d95c0"),
    "tier-4": ("--tier-4", "#a5c0dc"),
    "tier-5": ("--tier-5", "#d5e2ef"),
    "div-1": ("--chart-div-1", "#8a4b08"),
    "div-2": ("--chart-div-2", "#d9b383"),
    "div-3": ("--chart-div-3", "#efeeea"),
    "div-4": ("--chart-div-4", "#8fc0bb"),
    "div-5": ("--chart-div-5", "#0b655e"),
}
CATEGORIES = tuple(f"token:{k}" for k in range(1, 7))
DIVERGING = tuple(f"token:div-{k}" for k in range(1, 6))
TIERS = tuple(f"token:tier-{k}" for k in range(1, 6))

Surface = Literal["page", "print"]


class ForkedError(BiaochiError):
    """A chart was drawn before this process was forked; drawing again here would hang."""


@dataclass(frozen=True)
class PageFigure:
    """A figure ready for a page: inline SVG, and the Vega specification that brings it to life on first touch."""

    figure: Figure
    svg: str
    vega: Mapping[str, Any]


_first_pid: int | None = None


@functools.cache
def _engine() -> Any:
    if vl_convert is None:
        raise MissingExtraError("reports", Text("绘图", "drawing charts"))
    folder = os.environ.get("CHART_FONT_DIR")
    if folder:
        vl_convert.register_font_directory(folder)
    with as_file(files("biaochi.exchange") / "fonts") as fonts:
        vl_convert.register_font_directory(str(fonts))
    return vl_convert


def _ready() -> Any:
    global _first_pid
    if _first_pid not in (None, os.getpid()):
        raise ForkedError("charts were drawn before this process was forked; start workers by spawn instead")
    engine = _engine()
    _first_pid = os.getpid()
    return engine


def fonts_draw() -> bool:
    """Whether Chinese letters leave ink: without a matching font every text of a chart vanishes silently."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
        '<text x="4" y="30" font-size="28" font-family="Noto Sans SC" fill="#000">中</text></svg>'
    )
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"></svg>'
    engine = _ready()
    return bool(engine.svg_to_png(svg) != engine.svg_to_png(blank))


def themed(spec: Mapping[str, Any], surface: Surface) -> dict[str, Any]:
    """Return the specification with tokens resolved and the theme as its ``config``.

    Examples
    --------
    >>> themed({"mark": {"type": "bar", "color": "token:own"}}, "print")["mark"]["color"]
    '#1a4f8b'
    """
    full = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **spec, "config": _config(spec)}
    resolved: dict[str, Any] = _resolve(full, surface)
    return resolved


def _resolve(value: Any, surface: Surface) -> Any:
    if isinstance(value, str) and value.startswith("token:"):
        variable, fixed = TOKENS[value.removeprefix("token:")]
        return f"var({variable})" if surface == "page" else fixed
    if isinstance(value, Mapping):
        return {k: _resolve(v, surface) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_resolve(v, surface) for v in value]
    return value


def _config(spec: Mapping[str, Any]) -> dict[str, Any]:
    label = {"labelColor": "token:text", "titleColor": "token:text", "labelFontSize": 12, "titleFontSize": 12}
    own = spec.get("config", {})
    config: dict[str, Any] = {
        "font": "Noto Sans SC",
        "background": None,
        "padding": 4,
        "view": {"stroke": None, "continuousWidth": 640, "continuousHeight": 260},
        "axis": {
            **label,
            "titleFontWeight": 400,
            "domainColor": "token:axis",
            "tickColor": "token:axis",
            "gridColor": "token:grid",
            "labelLimit": 260,
        },
        "legend": {**label, "titleFontWeight": 400, "labelLimit": 220, "orient": "top", "symbolStrokeWidth": 2},
        "header": {**label, "titleFontWeight": 400, "labelFontWeight": 600},
        "title": {"color": "token:ink", "fontSize": 14, "fontWeight": 600, "anchor": "start"},
        "text": {"color": "token:text", "fontSize": 12},
        "mark": {"color": "token:own"},
        "rule": {"color": "token:axis"},
        "area": {"color": "token:band"},
        "range": {"category": list(CATEGORIES), "diverging": list(DIVERGING), "ordinal": list(TIERS)},
        "locale": {},
    }
    return {**config, **own} if isinstance(own, Mapping) else config


def page_figure(figure: Figure, lang: Lang) -> PageFigure:
    """Return a figure for a page: colours stay CSS variables, the SVG reads without JavaScript."""
    engine = _ready()
    vega = engine.vegalite_to_vega(themed(figure.spec, "page"))
    svg = engine.vega_to_svg(
        vega,
        allowed_base_urls=[],
        format_locale=_locale(engine, "format", lang),
        time_format_locale=_locale(engine, "time", lang),
    )
    return PageFigure(figure, _accessible(svg, figure), vega)


def print_svg(figure: Figure, lang: Lang) -> str:
    """Return a figure as a stand-alone SVG with fixed colours, for HTML and print."""
    engine = _ready()
    svg = engine.vegalite_to_svg(
        themed(figure.spec, "print"),
        allowed_base_urls=[],
        format_locale=_locale(engine, "format", lang),
        time_format_locale=_locale(engine, "time", lang),
    )
    return _accessible(svg, figure)


def print_png(figure: Figure, lang: Lang, scale: float = 2.0) -> bytes:
    """Return a figure as a PNG, for Word."""
    svg = print_svg(figure, lang)
    data: bytes = _ready().svg_to_png(svg, scale=scale)
    return data


@functools.cache
def _locale_cached(kind: str, lang: Lang) -> str:
    engine = _engine()
    name = "zh-CN" if lang == "zh" else "en-US"
    found = engine.get_format_locale(name) if kind == "format" else engine.get_time_format_locale(name)
    return json.dumps(found)


def _locale(engine: Any, kind: str, lang: Lang) -> Any:
    return json.loads(_locale_cached(kind, lang))


_ROOT = re.compile(r"<svg\b([^>]*)>")


def _accessible(svg: str, figure: Figure) -> str:
    """Name the root by title and description, and let the page set its size."""
    match = _ROOT.search(svg)
    if match is None:
        raise BiaochiError(f"figure {figure.key}: the drawing has no SVG root")
    attributes = re.sub(r'\s(role|aria-[a-z]+)="[^"]*"', "", match.group(1))
    title, sentence = html.escape(figure.title), html.escape(figure.alternative)
    head = (
        f'<svg{attributes} role="graphics-document" aria-label="{title}: {sentence}">'
        f"<title>{title}</title><desc>{sentence}</desc>"
    )
    return svg[: match.start()] + head + svg[match.end() :]
