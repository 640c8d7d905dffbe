"""What a test asks, in words of both languages, without a firm: the page of a rule set beside its exact form."""

from __future__ import annotations

from collections.abc import Sequence

from biaochi.core.text import Text
from biaochi.methods.rules.explain import describe, required
from biaochi.methods.rules.expression import Leaf
from biaochi.methods.rules.ruleset import AllOf, AnyOf, ByPurpose, From, Node
from biaochi.methods.rules.score import Score

_NOT_HERE = Text("不适用", "does not apply")


def meaning(node: Node | None) -> Text:
    """Return what a test asks.

    Examples
    --------
    >>> from biaochi.methods.rules.expression import parse_leaf
    >>> meaning(parse_leaf("rd_1/revenue_1 >= 0.03")).zh
    '上年研发费用 ÷ 上年营业收入 ≥ 0.03'
    >>> meaning(parse_leaf("listed = 0")).en
    'listed: no'
    """
    match node:
        case None:
            return _NOT_HERE
        case Leaf():
            return _leaf(node)
        case Score():
            sign = "≥" if node.op == ">=" else ">"
            items = f"{len(node.items)}"
            return Text(f"{items} 项得分之和 {sign} {node.threshold}", f"sum of {items} items {sign} {node.threshold}")
        case AllOf(children):
            return _joined(children, Text("；且", "; and "))
        case AnyOf(children):
            return _joined(children, Text("；或", "; or "))
        case From(day, child):
            inner = meaning(child)
            return Text(f"{day} 起：{inner.zh}", f"from {day}: {inner.en}")
        case ByPurpose(entry, recheck):
            first, second = meaning(entry), meaning(recheck)
            return Text(f"申报：{first.zh}。复核：{second.zh}", f"on entry: {first.en}. On re-check: {second.en}")


def _leaf(leaf: Leaf) -> Text:
    name, asked = describe(leaf), required(leaf)
    if asked.zh[:1] in "≥≤><=":
        return Text(f"{name.zh} {asked.zh}", f"{name.en} {asked.en}")
    return Text(f"{name.zh}：{asked.zh}", f"{name.en}: {asked.en}")


def _joined(children: Sequence[Node], word: Text) -> Text:
    """Join parts; a group inside a group stands in brackets."""
    parts = [meaning(c) for c in children]
    grouped = [isinstance(c, AllOf | AnyOf) for c in children]
    zh = [f"（{p.zh}）" if g else p.zh for p, g in zip(parts, grouped, strict=True)]
    en = [f"({p.en})" if g else p.en for p, g in zip(parts, grouped, strict=True)]
    return Text(word.zh.join(zh), word.en.join(en))
