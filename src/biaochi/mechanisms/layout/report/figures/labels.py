"""Numbers beneath a figure, under headings of the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.text import Lang, Text

Record = Mapping[str, object]
ROW_HEIGHT = 16
WORDS = {
    "track": Text("赛道", "track"),
    "region": Text("地区", "region"),
    "named": Text("点名", "named"),
    "possible": Text("至多", "at most"),
    "demand": Text("需求", "demand"),
    "verdict": Text("判断", "verdict"),
    "state": Text("状态", "state"),
    "a": Text("地区甲", "region A"),
    "b": Text("地区乙", "region B"),
    "value": Text("相似度", "similarity"),
    "density": Text("关联密度", "relatedness"),
    "pci": Text("复杂度", "complexity"),
    "price": Text("重复的价格 λ", "price of duplication λ"),
    "lost": Text("预期少几次进入", "entries lost"),
    "avoided": Text("少几处过剩", "overcapacity avoided"),
    "forecast": Text("预测概率", "forecast"),
    "frequency": Text("实际频率", "frequency"),
    "n": Text("格数", "cells"),
    "quotient": Text("区位商", "quotient"),
    "expected": Text("预期进入", "expected entries"),
    "rate_earlier": Text("先前起点的命中率", "hit rate at earlier origins"),
    "tracks": Text("用到的赛道", "tracks used"),
    "max_regions": Text("单条至多几地", "most regions on one track"),
    "overload": Text("过剩几处", "overcapacity"),
    "jaccard": Text("地区间相似度", "similarity of regions"),
}


def labelled(rows: Sequence[Record], lang: Lang) -> tuple[Record, ...]:
    """Return records with their keys as words."""
    return tuple({WORDS[k].within(lang) if k in WORDS else k: v for k, v in row.items()} for row in rows)
