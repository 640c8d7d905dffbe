"""Why a track stands on a region's menu, and how firmly; the region decides."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.layout.decisions.crowding import decide_crowding
from biaochi.mechanisms.layout.model.choice import Choice, ChoiceKind
from biaochi.mechanisms.layout.model.menu import MenuItem
from biaochi.methods.specialisation.coordination import tier

FIRM, OPTIONAL = "layout.tier_firm", "layout.tier_optional"
TIERS = ("firm", "optional", "open")


def decide_menu_item(
    item: MenuItem, *, at: date, parameters: Snapshot, names: Mapping[str, Text] | None = None
) -> Decision:
    """Return the tier of a suggestion (``firm``, ``optional``, ``open``) with its reasons.

    Without resampling nothing is firm: the tier is ``open``.  The last reason always says that history shows
    feasibility, not effect, and that the region decides.  ``names`` spells out tracks in the reasons.
    """
    firm, optional = (float(str(parameters[c].value)) for c in (FIRM, OPTIONAL))
    outcome = "open" if item.frequency is None else tier(item.frequency, firm=firm, optional=optional)
    reasons = [
        _stability(item, outcome, firm, optional),
        _chance(item),
        *_relatedness(item, names or {}),
        *_crowding(item, at),
    ]
    reasons += [*_cost(item), _menu_not_order()]
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only(FIRM, OPTIONAL))


def crowding_outcome(item: MenuItem, at: date) -> str:
    """Return whether the track is ``crowded``, ``clear`` or ``unknown``."""
    if item.named is None or item.possible is None:
        return "unknown"
    return decide_crowding(item.track, item.named, item.possible, item.demand, at=at).outcome


def _stability(item: MenuItem, outcome: str, firm: float, optional: float) -> Reason:
    if item.frequency is None:
        text = Text("概率由外部给出，未作重抽样，不分稳定程度", "probabilities were given, nothing was resampled")
        return Reason("not_resampled", Verdict.UNKNOWN, text)
    words = {
        "firm": Text("稳定", "firm"),
        "optional": Text("可选", "optional"),
        "open": Text("开放", "open"),
    }[outcome]
    text = Text(
        f"重抽样中 {item.frequency:.0%} 的次数入选，属“{words.zh}”",
        f"suggested in {item.frequency:.0%} of refits: {words.en}",
    )
    verdict = Verdict.MET if outcome == "firm" else Verdict.UNKNOWN
    return Reason("stability", verdict, text, item.frequency, firm if outcome == "firm" else optional, "share")


def _chance(item: MenuItem) -> Reason:
    if math.isnan(item.p):
        return Reason("chance", Verdict.UNKNOWN, Text("进入概率不明", "the chance of entry is unknown"))
    interval = "" if math.isnan(item.low) else f"({item.low:.2f}–{item.high:.2f})"
    base = "" if math.isnan(item.base_rate) else f"，历史平均 {item.base_rate:.2f}"
    base_en = "" if math.isnan(item.base_rate) else f"; on average {item.base_rate:.2f}"
    zh = "" if math.isnan(item.low) else f"（{item.low:.2f}–{item.high:.2f}）"
    text = Text(
        f"进入概率 {item.p:.2f}{zh}{base}", f"chance of entry {item.p:.2f} {interval}{base_en}".replace(" ;", ";")
    )
    return Reason("chance", Verdict.NOT_APPLICABLE, text, item.p, None, "probability")


def _relatedness(item: MenuItem, called: Mapping[str, Text]) -> list[Reason]:
    if not item.neighbours:
        text = Text("本地尚无邻近的赛道", "the region is active in no neighbouring track")
        return [Reason("relatedness", Verdict.UNKNOWN, text)]
    names = [called.get(code, Text.same(code)) for code, _ in item.neighbours]
    text = Text(
        f"本地已有邻近赛道：{'、'.join(n.zh for n in names)}",
        f"active in neighbouring tracks: {', '.join(n.en for n in names)}",
    )
    seen = None if math.isnan(item.density) else item.density
    return [Reason("relatedness", Verdict.NOT_APPLICABLE, text, seen, None, "density")]


def _crowding(item: MenuItem, at: date) -> list[Reason]:
    if item.named is None or item.possible is None:
        return []
    return list(decide_crowding(item.track, item.named, item.possible, item.demand, at=at).reasons)


def _cost(item: MenuItem) -> list[Reason]:
    if math.isnan(item.opportunity_cost) or item.opportunity_cost <= 0:
        return []
    text = Text(
        f"为错位而放弃的预期价值：{item.opportunity_cost:.3f}",
        f"expected value given up in order to differ: {item.opportunity_cost:.3f}",
    )
    return [Reason("opportunity_cost", Verdict.NOT_APPLICABLE, text, item.opportunity_cost)]


def _menu_not_order() -> Reason:
    text = Text(
        "这是建议菜单，不是任务：历史只说明可行，不说明成效，由地区自己决定",
        "a menu, not an order: history shows feasibility, not effect, and the region decides",
    )
    return Reason("region_decides", Verdict.NOT_APPLICABLE, text)


def decide_answer(
    choices: Sequence[Choice], on_menu: Collection[str], *, at: date, names: Mapping[str, Text] | None = None
) -> Decision:
    """Return a region's answer to its menu as a decision: ``answered``, or ``incomplete`` without any choice.

    Every choice keeps its reason; a track of the menu that was not answered is listed as open, and obliges to nothing.
    """
    called = names or {}
    reasons = [
        Reason(
            f"layout.choice.{c.kind.value}",
            Verdict.NOT_APPLICABLE,
            Text(
                f"{called.get(c.track, Text.same(c.track)).zh}：{c.kind.text.zh}。{c.reason}",
                f"{called.get(c.track, Text.same(c.track)).en}: {c.kind.text.en}. {c.reason}",
            ),
            c.track,
        )
        for c in choices
    ]
    answered = {c.track for c in choices}
    for track in on_menu:
        if track not in answered:
            name = called.get(track, Text.same(track))
            text = Text(f"{name.zh}：没有答复", f"{name.en}: not answered")
            reasons.append(Reason("layout.choice.open", Verdict.UNKNOWN, text, track))
    facts = {k.value: sum(c.kind is k for c in choices) for k in ChoiceKind}
    return Decision("answered" if choices else "incomplete", (*reasons, _menu_not_order()), at, facts=facts)
