"""A series that is only shown: its points, without a line that would suggest a forecast."""

from __future__ import annotations

from collections.abc import Sequence

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text


def history(title: Text, unit: str, points: Sequence[tuple[int, float]], lang: Lang) -> Figure:
    """Return the points of one series on a logarithmic axis.

    Parameters
    ----------
    title : Text
        Its name.
    unit : str
        Unit of the values.
    points : sequence of (year, value)
        As published; a year may come more than once.
    """
    rows = tuple({"year": year, "value": value} for year, value in points)
    spec = {
        "data": {"values": list(rows)},
        "mark": {"type": "point", "filled": True, "color": "token:past"},
        "encoding": {
            "x": {
                "field": "year",
                "type": "quantitative",
                "scale": {"zero": False},
                "axis": {"title": Text("年份", "year").within(lang), "format": "d", "tickMinStep": 1},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "scale": {"type": "log"} if all(v > 0 for _, v in points) else {},
                "axis": {"title": unit},
            },
        },
    }
    (first, start), (last, end) = points[0], points[-1]
    sentence = Text(
        f"{title.zh}：{first} 年 {start:.4g}，{last} 年 {end:.4g}（{len(points)} 个值）。",
        f"{title.en}: {start:.4g} in {first}, {end:.4g} in {last} ({len(points)} values).",
    )
    return Figure("history", title.within(lang), sentence.within(lang), spec, rows)
