"""What rules and worlds are called in both languages."""

from __future__ import annotations

from biaochi.core.text import Text

WORLD_NAMES = {
    "base": Text("如模型所说", "as modelled"),
    "noisy": Text("评审多误", "noisy reviews"),
    "gamed": Text("评审被钻空子", "gamed reviews"),
    "optimistic": Text("先验偏乐观", "optimistic priors"),
    "harder": Text("各阶段更难", "harder stages"),
    "reversed": Text("先验颠倒", "priors reversed"),
}
POLICY_NAMES = {
    "equal": Text("平均分配", "equal shares"),
    "stop": Text("未达标即停", "stop at a miss"),
    "stop_refill": Text("停后补位", "stop and refill"),
    "winner": Text("押一条路线", "pick one route"),
    "halving": Text("逐轮减半", "halving"),
    "lookahead": Text("看一步", "look one step ahead"),
    "rollout": Text("展开", "rollout"),
    "exact": Text("精确最优", "exact optimum"),
}


def world_name(code: str) -> Text:
    """Return a world's name; a world of the programme's own keeps its code."""
    return WORLD_NAMES.get(code, Text.same(code))


def policy_name(code: str) -> Text:
    """Return a rule's name; ``commit:4:1`` commits to at most 4 teams a round and 1 time the money left.

    Examples
    --------
    >>> policy_name("commit:4:1").en, policy_name("stop").en
    ('commit 4:1', 'stop at a miss')
    """
    kind, _, rest = code.partition(":")
    if kind == "commit":
        shown = rest.replace("inf", "∞")
        return Text(f"全程承诺 {shown}", f"commit {shown}")
    found = POLICY_NAMES.get(kind, Text.same(kind))
    return Text(f"{found.zh} {rest}", f"{found.en} {rest}") if rest else found
