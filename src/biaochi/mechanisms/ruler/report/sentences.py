"""One sentence for each result: what it says before any table."""

from __future__ import annotations

import math

from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.ruler.model import Audit, Comparison, Profile
from biaochi.methods.composite import Composite
from biaochi.methods.composite.dataset import units_mapping


def said_build(composite: Composite) -> Text:
    """What was built."""
    return Text(composite.explain("zh"), composite.explain("en"))


def said_audit(found: Audit) -> Text:
    """How much of the order of units survives the open choices, and whether the tree coheres."""
    decided = found.tiers.decided_share
    share = f"{decided:.0%}" if math.isfinite(decided) else "–"
    gate = {
        Verdict.MET: Text("一致性关口达到", "the coherence gate is met"),
        Verdict.UNMET: Text("一致性关口未达到", "the coherence gate is not met"),
    }.get(found.gate, Text("一致性关口存疑", "the coherence gate is in doubt"))
    return Text(
        f"{share} 的单位两两可分出先后（同时置信 {found.tiers.level:.0%}）；{gate.zh}",
        f"{share} of pairs of units can be told apart (simultaneous {found.tiers.level:.0%}); {gate.en}",
    )


def said_profile(found: Profile, composite: Composite) -> Text:
    """Where the unit stands, and its largest lever."""
    name = units_mapping(composite.dataset.context).get(found.unit, Text.same(found.unit))
    if found.top is None:
        return Text(f"{name.zh}：数据不足，未计分", f"{name.en}: not scored for lack of data")
    if found.top == found.bottom:
        tier = Text(f"处于第 {found.top} 层", f"stands in tier {found.top}")
    else:
        tier = Text(
            f"处于第 {found.top} 至 {found.bottom} 层之间，尚难确定",
            f"stands somewhere in tiers {found.top} to {found.bottom}, undetermined",
        )
    gains = found.levers.dropna(subset=["gain"])
    gains = gains[gains["gain"] > 0]
    if not len(gains):
        return Text(f"{name.zh}{tier.zh}", f"{name.en} {tier.en}")
    best = composite.dataset.framework.by_code[gains["indicator"].iloc[0]].name
    return Text(
        f"{name.zh}{tier.zh}；单位投入推动最大的是{best.zh}",
        f"{name.en} {tier.en}; it gains most from {best.en}",
    )


def said_comparison(found: Comparison) -> Text:
    """Whether the difference may be called one."""
    words = {
        "ahead": Text("领先于", "is ahead of"),
        "behind": Text("落后于", "is behind"),
        "not_distinguishable": Text("与之分不出先后：", "cannot be told apart from"),
    }[found.verdict]
    left, right = found.left.code, found.right.code
    return Text(f"{left} {words.zh} {right}", f"{left} {words.en} {right}")
