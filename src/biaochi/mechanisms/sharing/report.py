"""Sharing told: how much each resource is used, what is booked twice, what is charged wrongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sharing.decisions import PartResult

_USE = {
    "resource": Text("资源", "resource"),
    "open": Text("开放（单位·时）", "open (unit-hours)"),
    "booked": Text("已约", "booked"),
    "used": Text("实用", "used"),
    "utilisation": Text("利用率", "utilisation"),
    "no_show": Text("未到率", "no-shows"),
    "peak": Text("同时最多", "peak"),
}


def use_figure(use: Sequence[Mapping[str, object]], lang: Lang) -> Figure:
    """Return utilisation as bars, lowest first."""
    known = [dict(r) for r in use if isinstance(r["utilisation"], float)]
    rows = sorted(known, key=lambda r: (float(str(r["utilisation"])), str(r["resource"])))
    spec: Mapping[str, object] = {
        "width": 440,
        "height": {"step": 20},
        "data": {"values": rows},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "resource", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "utilisation", "type": "quantitative", "axis": {"format": "%"}, "title": None},
        },
    }
    least = rows[0] if rows else None
    name = str(least["resource"]) if least else "–"
    title = Text("资源利用率", "Use of resources").within(lang)
    alternative = Text(
        f"{len(rows)} 项资源；利用最少的是 {name}。", f"{len(rows)} resources; least used: {name}."
    ).within(lang)
    return Figure("sharing-use", title, alternative, spec, tuple(rows))


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence on use, overlaps and charges."""
    n, over, wrong = len(result.use), len(result.overlaps), result.wrong_charges
    return (
        Text(
            f"要素共享：{n} 项资源；超出容量 {over} 段；收费不符 {wrong} 笔。",
            f"Sharing: {n} resources; {over} stretches over capacity; {wrong} charges differ from the list.",
        ).within(lang),
    )


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return use, and what is wrong with bookings."""
    labels = {key: text.within(lang) for key, text in _USE.items()}
    rows = tuple({k: _plain(r[k]) for k in _USE} for r in result.use)
    table = Grid("sharing_use", Text("资源使用", "Use of resources").within(lang), labels, rows)
    told = [
        Paragraph(
            Text(
                f"{c.resource}：{c.start} 至 {c.end} 占用 {c.units:g}，容量 {c.capacity:g}（{'、'.join(c.bookings)}）",
                f"{c.resource}: {c.units:g} in use from {c.start} to {c.end}, capacity {c.capacity:g} "
                f"({', '.join(c.bookings)})",
            ).within(lang)
        )
        for c in result.overlaps
    ]
    unpriced = Text(f"没有挂牌价的预约 {result.unpriced} 笔。", f"Bookings without a listed price: {result.unpriced}.")
    return (
        Section(
            "sharing-use", Text("用了多少", "How much is used").within(lang), (use_figure(result.use, lang), table)
        ),
        Section(
            "sharing-bookings",
            Text("预约有什么不对", "What is wrong with bookings").within(lang),
            (*told, Paragraph(unpriced.within(lang))),
        ),
    )


def _plain(value: object) -> str | float | None:
    return round(value, 4) if isinstance(value, float) else None if value is None else str(value)


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``."""
    return {
        "resources": [dict(r) for r in result.use],
        "overlaps": [
            {
                "resource": c.resource,
                "from": c.start.isoformat(),
                "to": c.end.isoformat(),
                "units": c.units,
                "capacity": c.capacity,
                "bookings": list(c.bookings),
            }
            for c in result.overlaps
        ],
        "wrong_charges": result.wrong_charges,
        "unpriced": result.unpriced,
    }
