"""The first screen of one unit: where it stands, what its gap is made of, what moves it most, what is too early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.ruler.web import marks
from biaochi.mechanisms.ruler.web.profile_page import FLAGS, STATES, fixed, standing, tier_text

MOST_PARTS = 3
AGAINST: Mapping[str, Text] = {
    "peers": Text("同类", "its peers"),
    "past": Text("自身上一期", "its own past"),
    "frontier": Text("前沿", "the frontier"),
    "target": Text("目标", "its targets"),
}


@dataclass(frozen=True)
class Fact:
    """One line of the first screen: its question, its mark, and its answer with what qualifies it."""

    title: str
    mark: SafeString | None
    value: str
    small: str = ""
    note: str = ""


def _root(reading: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(n for n in reading["nodes"] if n["node"] == reading["root"])


def _name(reading: Mapping[str, Any], code: str, lang: Lang) -> str:
    place = reading["tree"].get(code)
    return Text.from_mapping(place["name"]).within(lang) if place else Text("数据覆盖差异", "coverage").within(lang)


def _parts(reading: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    held = [c for c in reading["contributions"] if c["contribution"] is not None and abs(c["contribution"]) > 1e-9]
    return sorted(held, key=lambda c: -abs(c["contribution"]))


def _lever(reading: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((v for v in reading["levers"] if v["gain"] is not None and v["gain"] > 0), None)


def heading(reading: Mapping[str, Any], name: Text, most: int, against: str, lang: Lang) -> str:
    """Return the page's answer: the tier, and whether the unit is above or below its reference, or cannot be told."""
    root = _root(reading)
    if root["score"] is None:
        return Text(f"{name.zh}：数据不足，未计分", f"{name.en}: not scored for lack of data").within(lang)
    tier = reading["tier"]
    tiers = Text(
        f"{tier_text(tier['top'], tier['bottom'], 'zh')}（共 {most} 层）",
        f"{tier_text(tier['top'], tier['bottom'], 'en')} of {most}",
    )
    other, how = AGAINST[against], standing(root)
    if root["gap"] is None or how == "not_distinguishable":
        place = Text(f"与{other.zh}难分高下", f"cannot be told apart from {other.en}")
    else:
        size = fixed(abs(root["gap"]))
        place = (
            Text(f"比{other.zh}高 {size} 分", f"{size} points above {other.en}")
            if how == "ahead"
            else Text(f"比{other.zh}低 {size} 分", f"{size} points below {other.en}")
        )
    return Text(f"{name.zh}：{tiers.zh}，{place.zh}", f"{name.en}: {tiers.en}, {place.en}").within(lang)


def answer(reading: Mapping[str, Any], lang: Lang) -> str:
    """Return what the gap is made of, what moves the score most, and what is too early, in sentences."""
    said = []
    parts = _parts(reading)
    if parts:
        words = [f"{_name(reading, p['indicator'], lang)} {fixed(p['contribution'], 1, sign=True)}" for p in parts]
        joined = ("、" if lang == "zh" else ", ").join(words[:MOST_PARTS])
        said.append(Text(f"差距主要来自{joined}", f"The gap is mostly {joined}").within(lang))
    lever = _lever(reading)
    if lever is not None:
        name = _name(reading, lever["indicator"], lang)
        gain = fixed(lever["gain"], 2, sign=True)
        said.append(Text(f"最该先动{name}（{gain} 分）", f"What moves it most is {name} ({gain})").within(lang))
    early = [_name(reading, n["node"], lang) for n in reading["nodes"] if n["state"] == "too_early"]
    if early:
        joined = ("、" if lang == "zh" else ", ").join(early[:MOST_PARTS])
        said.append(Text(f"{joined}尚早，不判", f"{joined} cannot be judged yet").within(lang))
    return "".join(f"{s}。" for s in said) if lang == "zh" else "".join(f"{s}. " for s in said).strip()


def facts(reading: Mapping[str, Any], tiers: int, against: str, lang: Lang) -> list[Fact]:
    """Return the four answers with their marks.

    Parameters
    ----------
    tiers : int
        How many tiers there are.
    """
    return [
        _place(reading, tiers, lang),
        *_gap(reading, against, lang),
        _first_move(reading, lang),
        _early(reading, lang),
    ]


def _place(reading: Mapping[str, Any], tiers: int, lang: Lang) -> Fact:
    root, tier = _root(reading), reading["tier"]
    title = Text("站在哪一层", "Where it stands").within(lang)
    value = tier_text(tier["top"], tier["bottom"], lang)
    small = Text(f"共 {tiers} 层", f"of {tiers}").within(lang)
    score = f"{fixed(root['score'])}（{fixed(root['score_lo'])}–{fixed(root['score_hi'])}）"
    note = Text(f"总分 {score}", f"score {score.replace('（', ' (').replace('）', ')')}").within(lang)
    mark = marks.tier_strip(tier["top"], tier["bottom"], tiers, own=True, label=f"{title}: {value}, {small}")
    return Fact(title, mark, value, small, note if root["score"] is not None else "")


def _gap(reading: Mapping[str, Any], against: str, lang: Lang) -> list[Fact]:
    root, parts = _root(reading), _parts(reading)
    title = Text(f"与{AGAINST[against].zh}之差", f"Gap to {AGAINST[against].en}").within(lang)
    if root["gap"] is None or root["score_lo"] is None:
        return [Fact(title, None, STATES["missing"].within(lang))]
    low, high = root["score_lo"] - root["reference"], root["score_hi"] - root["reference"]
    level, seen = 0.0, [low, high, 0.0, root["gap"]]
    for part in parts:
        level += part["contribution"]
        seen.append(level)
    edge = max(abs(v) for v in seen) * 1.08 or 1.0
    value, small = fixed(root["gap"], 1, sign=True), f"{fixed(low, 1, sign=True)}–{fixed(high, 1, sign=True)}"
    found = [
        Fact(
            title,
            marks.gain(root["gap"], low, high, label=f"{title} {value} ({small})", least=-edge, most=edge),
            value,
            small,
            STATES[standing(root)].within(lang),
        )
    ]
    if parts:
        words = [f"{_name(reading, p['indicator'], lang)} {fixed(p['contribution'], 1, sign=True)}" for p in parts]
        title = Text("差距由什么构成", "What the gap is made of").within(lang)
        joined = ("；" if lang == "zh" else "; ").join(words[:MOST_PARTS])
        label = f"{title}: {joined}"
        mark = marks.parts([p["contribution"] for p in parts], label=label, least=-edge, most=edge)
        rest = len(parts) - MOST_PARTS
        note = Text(f"另有 {rest} 项", f"{rest} more").within(lang) if rest > 0 else ""
        found.append(Fact(title, mark, joined, "", note))
    return found


def _first_move(reading: Mapping[str, Any], lang: Lang) -> Fact:
    title = Text("先动哪", "What to move first").within(lang)
    lever = _lever(reading)
    if lever is None:
        words = Text("还估不出：历史不足或已到上限", "cannot be estimated: too little history, or capped")
        return Fact(title, None, words.within(lang))
    name = _name(reading, lever["indicator"], lang)
    low, high = lever["gain_lo"], lever["gain_hi"]
    value, small = fixed(lever["gain"], 2, sign=True), ""
    mark = None
    if low is not None and high is not None:
        edge = max(abs(low), abs(high), abs(lever["gain"])) * 1.15 or 1.0
        small = f"{fixed(low, 2)}–{fixed(high, 2)}"
        label = f"{title}: {name} {value} ({small})"
        mark = marks.gain(lever["gain"], low, high, label=label, least=min(0.0, low) - 0.05 * edge, most=edge)
    flags = lever.get("flags") or []
    effort = (
        Text("每一年可行步幅；成本未登记", "for a year's feasible step; no cost is registered")
        if not reading["tree"][lever["indicator"]].get("cost")
        else Text("每单位登记成本", "for each unit of registered cost")
    )
    others = [FLAGS[f].within(lang) for f in flags if f in FLAGS]
    return Fact(title, mark, f"{name} {value}", small, (" · ").join([effort.within(lang), *others]))


def _early(reading: Mapping[str, Any], lang: Lang) -> Fact:
    title = Text("尚早或不计分", "Too early, or not scored").within(lang)
    found = []
    for node in reading["nodes"]:
        leaf = reading["tree"][node["node"]]["leaf"]
        if leaf and node["state"] in ("too_early", "not_applicable"):
            found.append(f"{_name(reading, node['node'], lang)}（{STATES[node['state']].within(lang)}）")
    if not found:
        return Fact(title, None, Text("没有", "nothing").within(lang))
    joined = ("、" if lang == "zh" else ", ").join(found[:4])
    more = len(found) - 4
    note = Text(f"等 {len(found)} 项", f"{len(found)} in all").within(lang) if more > 0 else ""
    words = joined if lang == "zh" else joined.replace("（", " (").replace("）", ")")
    return Fact(title, None, words, "", note)
