"""What the page of one unit says: heading, rows, gap, levers, tiers; every number from the stored reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.ruler import report
from biaochi.mechanisms.ruler.web import marks

STATES: Mapping[str, Text] = {
    "ahead": Text("高于参照", "above the reference"),
    "behind": Text("低于参照", "below the reference"),
    "not_distinguishable": Text("难分高下", "cannot be told apart"),
    "not_applicable": Text("不计分", "not scored"),
    "too_early": Text("尚早", "too early"),
    "missing": Text("缺数据", "no data"),
}


FLAGS: Mapping[str, Text] = {
    "missing": Text("缺数据", "no data"),
    "no_history": Text("历史不足", "too little history"),
    "imputed": Text("插补值", "imputed"),
    "winsorised": Text("已缩尾，斜率记零", "winsorised, slope zero"),
    "at_cap": Text("已到上限，斜率记零", "at its cap, slope zero"),
    "capped": Text("步幅受上限限制", "step limited by the cap"),
    "not_applicable": Text("不适用", "not applicable"),
}


@dataclass(frozen=True)
class Row:
    """One row of the profile."""

    code: str
    name: str
    leaf: bool
    mark: SafeString
    value: str
    interval: str
    standing: str
    standing_text: str
    years: str


@dataclass(frozen=True)
class Step:
    """One step of the gap."""

    name: str
    mark: SafeString
    value: str


@dataclass(frozen=True)
class Lever:
    """One lever."""

    name: str
    step: str
    mark: SafeString | None
    value: str
    interval: str
    note: str


def fixed(value: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """Return a number with a fixed count of decimals and a true minus; a dash for missing."""
    if value is None:
        return "–"
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return text.replace("-", "−")


def standing(node: Mapping[str, Any]) -> str:
    """Return how a node stands against its reference: only an interval on one side of it says ahead or behind."""
    if node["score"] is None:
        return str(node["state"]) if node["state"] in STATES else "missing"
    if node["reference"] is None or node["score_lo"] is None:
        return "not_distinguishable"
    if node["score_lo"] > node["reference"]:
        return "ahead"
    return "behind" if node["score_hi"] < node["reference"] else "not_distinguishable"


def rows(reading: Mapping[str, Any], lang: Lang) -> list[Row]:
    """Return the profile's rows: each pillar, then its indicators, in the framework's order."""
    found = {n["node"]: n for n in reading["nodes"]}
    ordered = [reading["root"], *_below(reading["tree"], reading["root"])]
    return [_row(found[c], reading["tree"][c], lang) for c in ordered if c in found]


def _below(tree: Mapping[str, Any], parent: str) -> list[str]:
    found = []
    for code in (c for c in tree if tree[c]["parent"] == parent):
        found += [code, *_below(tree, code)]
    return found


def _row(node: Mapping[str, Any], place: Mapping[str, Any], lang: Lang) -> Row:
    name = Text.from_mapping(place["name"]).within(lang)
    how = standing(node)
    word = STATES[how].within(lang)
    interval = f"{fixed(node['score_lo'])}–{fixed(node['score_hi'])}" if node["score_lo"] is not None else ""
    label = f"{name}: {fixed(node['score'])} ({interval or word}); {word}"
    years = "" if not node["years_peer"] else fixed(node["years_peer"])
    mark = marks.position(node["score"], node["score_lo"], node["score_hi"], node["reference"], label=label)
    return Row(node["node"], name, bool(place["leaf"]), mark, fixed(node["score"]), interval, how, word, years)


def gap(reading: Mapping[str, Any], lang: Lang) -> tuple[list[Step], str]:
    """Return the steps from the reference to the unit and their sum; none where the aggregation has no parts."""
    tree = reading["tree"]
    parts = [c for c in reading["contributions"] if c["contribution"] is not None and abs(c["contribution"]) > 1e-12]
    sums = [0.0]
    for part in parts:
        sums.append(sums[-1] + part["contribution"])
    edge = max([abs(s) for s in sums] + [1e-9]) * 1.1
    found = []
    for part, start, end in zip(parts, sums, sums[1:], strict=False):
        name = Text.from_mapping(tree[part["indicator"]]["name"]).within(lang)
        value = fixed(part["contribution"], 2, sign=True)
        mark = marks.step(start, end, label=f"{name} {value}", least=-edge, most=edge)
        found.append(Step(name, mark, value))
    return found, fixed(sums[-1], 2, sign=True)


def levers(reading: Mapping[str, Any], lang: Lang) -> list[Lever]:
    """Return the levers, the largest gain first; what is capped or winsorised says so."""
    tree = reading["tree"]
    bounds = [v for lever in reading["levers"] for v in (lever["gain_lo"], lever["gain_hi"], 0.0) if v is not None]
    least, most = (min(bounds), max(bounds)) if bounds else (0.0, 1.0)
    margin = (most - least) * 0.08 or 1.0
    found = []
    for lever in reading["levers"]:
        place = tree[lever["indicator"]]
        name = Text.from_mapping(place["name"]).within(lang)
        flags = [FLAGS[f].within(lang) if f in FLAGS else f for f in lever.get("flags") or []]
        note = ("、" if lang == "zh" else ", ").join(flags)
        mark, interval = None, ""
        if None not in (lever["gain"], lever["gain_lo"], lever["gain_hi"]):
            interval = f"{fixed(lever['gain_lo'], 2)}–{fixed(lever['gain_hi'], 2)}"
            mark = marks.gain(
                lever["gain"],
                lever["gain_lo"],
                lever["gain_hi"],
                label=f"{name} {fixed(lever['gain'], 2, sign=True)} ({interval})",
                least=least - margin,
                most=most + margin,
            )
        amount = _amount(lever["step"])
        found.append(Lever(name, amount, mark, fixed(lever["gain"], 2, sign=True), interval, note))
    return found


def _amount(step: float | None) -> str:
    """Return a step in its own unit: whole numbers when large, four digits when small, never an exponent."""
    if step is None:
        return "–"
    return (f"{step:,.0f}" if abs(step) >= 1000 else f"{step:.4g}").replace("-", "−")


@dataclass(frozen=True)
class TierRow:
    """One unit on the tier strip."""

    unit: str
    name: str
    mark: SafeString
    text: str
    own: bool


def tier_rows(
    audit: Mapping[str, Any], units: Sequence[str], own: str, names: Mapping[str, Text], lang: Lang
) -> list[TierRow]:
    """Return tiers of some units in the order given: by likeness or by code, never by score."""
    found = {u["unit"]: u for u in audit["tiers"]["units"]}
    count = tier_count(audit)
    rows_ = []
    for unit in units:
        place = found.get(unit)
        top, bottom = (place["top"] or None, place["bottom"] or None) if place else (None, None)
        name = names.get(unit, Text.same(unit)).within(lang)
        rows_.append(
            TierRow(
                unit,
                name,
                marks.tier_strip(top, bottom, count, own=unit == own, label=f"{name}: {tier_text(top, bottom, lang)}"),
                tier_text(top, bottom, lang),
                unit == own,
            )
        )
    return rows_


def tier_count(audit: Mapping[str, Any]) -> int:
    """Return how many tiers there are."""
    return max([u["bottom"] or 0 for u in audit["tiers"]["units"]] + [1])


def tier_text(top: int | None, bottom: int | None, lang: Lang) -> str:
    """Return an interval of tiers in words."""
    if top is None or bottom is None:
        return Text("未计分", "not scored").within(lang)
    if top == bottom:
        return Text(f"第 {top} 层", f"tier {top}").within(lang)
    return Text(f"第 {top}–{bottom} 层", f"tiers {top}–{bottom}").within(lang)


def trajectory(reading: Mapping[str, Any], name: Text, lang: Lang) -> Figure | None:
    """Return the linked index over time, 100 at its start."""
    points = reading["trajectory"]
    return report.trajectory_figure(points, name, lang) if len(points) > 1 else None
