"""The mechanisms in words, by the stations of the loop, as the yearly report names them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from biaochi.core.text import Text

STATIONS: Mapping[str, Text] = {
    "measure": Text("测度", "Measure"),
    "foresee": Text("预见", "Foresee"),
    "explore": Text("探索", "Explore"),
    "supervise": Text("监管", "Supervise"),
    "adopt": Text("采用", "Adopt"),
}
_NAMES: Mapping[str, tuple[str, Text]] = {
    "ruler": ("measure", Text("创新标尺", "innovation ruler")),
    "cultivation": ("measure", Text("梯度培育", "cultivation")),
    "foresight": ("foresee", Text("技术预见", "technology foresight")),
    "layout": ("foresee", Text("错位布局", "layout")),
    "challenge": ("explore", Text("揭榜挂帅", "open challenges")),
    "fund": ("explore", Text("探索基金", "exploration fund")),
    "capital": ("explore", Text("耐心资本", "patient capital")),
    "sandbox": ("supervise", Text("监管沙箱", "regulatory sandbox")),
    "fairness": ("supervise", Text("公平竞争审查", "fair-competition review")),
    "procurement": ("adopt", Text("合作创新采购", "co-innovation procurement")),
    "scene": ("adopt", Text("场景开放", "scenes")),
    "transfer": ("adopt", Text("概念验证与中试", "proof of concept and pilot")),
    "sharing": ("adopt", Text("要素共享", "sharing")),
}


def name_of(mechanism: str) -> Text:
    """Return a mechanism's name; one that is not listed here goes by its code."""
    return _NAMES[mechanism][1] if mechanism in _NAMES else Text.same(mechanism)


def station_of(mechanism: str) -> str:
    """Return the code of the station a mechanism stands at; the last one when it is not listed here."""
    return _NAMES[mechanism][0] if mechanism in _NAMES else "adopt"


_WIDE = {",": "，", ";": "；", ":": "：", "(": "（", ")": "）"}
_CJK = r"\u3400-\u9fff，。；：（）、“”《》"
_NARROW = re.compile(rf"(?<=[{_CJK}])\s?([,;:(])\s?|([,;:)])\s?(?=[{_CJK}])|(?<=[{_CJK}])(\))")


def full_width(text: str) -> str:
    """Return Chinese text with its own punctuation beside Chinese characters; numbers keep theirs.

    Examples
    --------
    >>> full_width("基金条款:0 项不符合,4 项须审核(模拟)。")
    '基金条款：0 项不符合，4 项须审核（模拟）。'
    >>> full_width("1,870 家")
    '1,870 家'
    """
    return _NARROW.sub(lambda m: _WIDE[m[1] or m[2] or m[3]], text)
