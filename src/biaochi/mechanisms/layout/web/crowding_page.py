"""What the page of declared plans says: rows of the strip, what makes plans alike, what hindsight adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.web import marks


@dataclass(frozen=True)
class TrackRow:
    """One row of the strip."""

    code: str
    name: str
    mark: SafeString
    named: int
    possible: int
    since: str
    verdict: str


@dataclass(frozen=True)
class PartRow:
    """One line of what makes plans alike."""

    name: str
    mark: SafeString
    value: str


def strip(reading: Mapping[str, Any], names: Mapping[str, Text], lang: Lang) -> list[TrackRow]:
    """Return the named tracks, most regions first; equal counts keep the order of the taxonomy."""
    total = int(reading["regions"]["universe"])
    shown = sorted((t for t in reading["tracks"] if t["named"]), key=lambda t: -t["named"])
    rows = []
    for track in shown:
        code, named, possible = str(track["track"]), int(track["named"]), int(track["possible"])
        name = names.get(code, Text.same(code)).within(lang)
        places = reading["places"].get(code)
        said = Text(
            f"{name}：{named} 个地区点名，至多 {possible} 个，共 {total} 个",
            f"{name}: named by {named} regions, at most {possible} of {total}",
        )
        if places:
            said = Text(
                f"{said.zh}；需求容 {places[0]:.1f} 至 {places[1]:.1f} 处",
                f"{said.en}; demand carries {places[0]:.1f} to {places[1]:.1f} places",
            )
        demand = (float(places[0]), float(places[1])) if places else None
        mark = marks.crowding(named, possible, total, demand=demand, label=said.within(lang))
        since = str(track["national_since"] or "")[:7]
        rows.append(TrackRow(code, name, mark, named, possible, since, str(track["verdict"])))
    return rows


def alike(parts: Mapping[str, Any], lang: Lang) -> list[PartRow]:
    """Return the observed similarity beside what both nulls give by chance."""
    if parts["observed"] is None:
        return []
    uniform, popular = parts["uniform"], parts["popularity"]
    most = max(parts["observed"], uniform["mean"] or 0.0, popular["mean"] or 0.0) * 1.25
    lines: Sequence[tuple[Text, float, float]] = (
        (Text("实际的平均相似度", "seen: mean similarity"), parts["observed"], 0.0),
        (
            Text("清单一样长、赛道随便选", "by chance: lists as long, tracks at random"),
            uniform["mean"] or 0.0,
            uniform["sd"] or 0.0,
        ),
        (
            Text("再加上赛道一样热门", "by chance: tracks as popular too"),
            popular["mean"] or 0.0,
            popular["sd"] or 0.0,
        ),
    )
    rows = []
    for title, value, sd in lines:
        text = f"{value:.3f}" + (f" ± {2 * sd:.3f}" if sd else "")
        name = title.within(lang)
        rows.append(PartRow(name, marks.part(value, sd, most, label=f"{name}: {text}"), text))
    return rows


def excess(parts: Mapping[str, Any]) -> Text:
    """Return by how much plans are more alike than under each null, and whether chance explains the rest."""
    if parts["observed"] is None:
        return Text("完整清单不足两份，不能比较", "fewer than two complete lists: nothing to compare")
    over_uniform = parts["observed"] - (parts["uniform"]["mean"] or 0.0)
    over_popular = parts["copying"] or 0.0
    p = parts["popularity"]["p"]
    copied = p is not None and p < 0.05
    zh = "超出偶然：有成对相仿的迹象" if copied else "与偶然无法区分：看不出相互照抄"
    en = "more than chance: signs of pairwise copying" if copied else "not to be told from chance: no sign of copying"
    tail = "" if p is None else f" (p = {p:.2f})"
    return Text(
        f"比随机选高 {over_uniform:+.3f}，比同样热门高 {over_popular:+.3f}{tail}，{zh}",
        f"{over_uniform:+.3f} above random choice, {over_popular:+.3f} above equal popularity{tail}: {en}",
    )
