"""What a challenge asks for, as the one text that is reviewed and then published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from biaochi.core.text import Text


def posting_text(title: Text, need: str, indicators: Iterable[Mapping[str, str]]) -> str:
    """Return the text of a posting: what a fair-competition review reads is, letter by letter, what is published.

    Examples
    --------
    >>> wanted = [{"name": "寿命", "unit": "次", "threshold": ">= 1000", "test_method": "GB/T 36276"}]
    >>> print(posting_text(Text("电池", "Battery"), "千次循环。", wanted))
    电池
    Battery
    一、需求
    千次循环。
    二、功能指标
    寿命：>= 1000 次，按 GB/T 36276 测试。
    """
    lines = [title.zh, title.en, "一、需求", *need.split("\n"), "二、功能指标"]
    for i in indicators:
        measure = " ".join(p for p in (i["threshold"], i["unit"]) if p)
        lines.append(f"{i['name']}：{measure}，按 {i['test_method']} 测试。")
    return "\n".join(line.strip() for line in lines if line.strip())
