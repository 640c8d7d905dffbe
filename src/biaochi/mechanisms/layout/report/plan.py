"""Plans and simulations as the records of their verbs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.mechanisms.layout.decisions.menu import TIERS, crowding_outcome, decide_menu_item
from biaochi.mechanisms.layout.model.menu import MenuItem
from biaochi.mechanisms.layout.model.planning import LayoutPlan
from biaochi.mechanisms.layout.model.simulation import Simulation
from biaochi.mechanisms.layout.report.words import constraint_name


def plan_body(
    solved: LayoutPlan,
    tracks: Sequence[str],
    regions: Sequence[str],
    *,
    at: date,
    parameters: Snapshot,
    chosen_model: str,
    names: Mapping[str, Text] | None = None,
) -> dict[str, object]:
    """Return the keys of ``biaochi.layout.plan/1``; items by tier, then taxonomy, never by p."""
    return {
        "conventions": {
            "model": chosen_model or None,
            "k": solved.limits.k,
            "cap": solved.limits.cap,
            "price": solved.limits.price,
            "refits": solved.refits,
        },
        "problem": solved.problem,
        "menus": menus(solved.items, tracks, regions, at=at, parameters=parameters, names=names),
        "prices": solved.solution.prices,
        "frontier": solved.frontier,
        "similarity": {"before": solved.similarity[0], "after": solved.similarity[1]},
        "certificate": solved.solution.certificate.to_dict(),
        "infeasible": [s.to_dict() for s in solved.solution.infeasible],
    }


def menus(
    items: Sequence[MenuItem],
    tracks: Sequence[str],
    regions: Sequence[str],
    *,
    at: date,
    parameters: Snapshot,
    names: Mapping[str, Text] | None = None,
) -> list[dict[str, object]]:
    """Return each region's menu."""
    order = {track: n for n, track in enumerate(tracks)}
    found: dict[str, list[tuple[int, int, dict[str, object]]]] = {region: [] for region in regions}
    for item in items:
        record = menu_record(item, at=at, parameters=parameters, names=names)
        rank = TIERS.index(str(record["tier"]))
        found[item.region].append((rank, order[item.track], record))
    return [
        {"region": region, "items": [record for *_, record in sorted(lines, key=lambda line: line[:2])]}
        for region, lines in found.items()
    ]


def menu_record(
    item: MenuItem, *, at: date, parameters: Snapshot, names: Mapping[str, Text] | None = None
) -> dict[str, object]:
    """Return one suggestion as its record."""
    decision = decide_menu_item(item, at=at, parameters=parameters, names=names)
    return {
        "track": item.track,
        "tier": decision.outcome,
        "frequency": item.frequency,
        "p": item.p,
        "low": item.low,
        "high": item.high,
        "base_rate": item.base_rate,
        "density": item.density,
        "neighbours": [{"track": t, "phi": phi} for t, phi in item.neighbours],
        "drivers": [{"feature": f, "log_odds": w} for f, w in item.drivers],
        "named": item.named,
        "possible": item.possible,
        "demand": None if item.demand is None else item.demand.central,
        "price": item.price,
        "opportunity_cost": item.opportunity_cost,
        "verdict": crowding_outcome(item, at),
        "reasons": [{"code": r.rule, "zh": r.text.zh, "en": r.text.en} for r in decision.reasons],
    }


def gate_unmet_body(regions: Sequence[str], problem: str, events: int, least: int) -> dict[str, object]:
    """Return the keys of a plan that may not be made: no ranking, empty menus, and why."""
    return {
        "conventions": {"model": None},
        "problem": problem,
        "menus": [{"region": region, "items": []} for region in regions],
        "prices": [],
        "frontier": [],
        "similarity": {"before": None, "after": None},
        "certificate": {"integral": None, "value": None, "bound": None, "gap": None, "seconds": None},
        "infeasible": [{"constraint": "events", "needed": least, "available": events}],
    }


def plan_summary(solved: LayoutPlan) -> Text:
    """Return what coordination changed, in one sentence."""
    if not solved.solution.solved:
        first = solved.solution.infeasible[0]
        name = constraint_name(first.constraint)
        if math.isnan(first.available):
            return Text(f"约束无法同时满足：{name.zh}", f"the constraints contradict: {name.en}")
        return Text(
            f"约束无法同时满足：{name.zh}需要 {first.needed:g}，只有 {first.available:g}",
            f"the constraints contradict: {name.en} needs {first.needed:g}, {first.available:g} are there",
        )
    before, after = solved.similarity
    used = int((solved.solution.prices["n"] > 0).sum())
    most = int(solved.solution.prices["n"].max())
    return Text(
        f"错位后地区间相似度由 {_shown(before)} 到 {_shown(after)}，"
        f"共 {used} 条赛道，单条至多 {most} 个地区；这是菜单，不是任务",
        f"differing takes the similarity of regions from {_shown(before)} "
        f"to {_shown(after)}, over {used} tracks, at most "
        f"{most} regions each; a menu, not an order",
    )


def simulation_body(found: Simulation) -> dict[str, object]:
    """Return the keys of ``biaochi.layout.simulate/1``."""
    return {
        "conventions": {"k": found.k, "draws": found.draws, "demand": "triangular between demand_lo and demand_hi"},
        "outcomes": [
            {
                "game": o.game,
                "welfare": o.welfare.to_dict(),
                "tracks": int((o.n > 0).sum()),
                "max_regions": int(o.n.max(initial=0)),
                "overload": o.overload,
                "n": [{"track": t, "n": int(v)} for t, v in zip(found.tracks, o.n, strict=True)],
            }
            for o in found.outcomes
        ],
        "disclosure": found.disclosure.to_dict(),
        "coordination": found.coordination.to_dict(),
        "advisory": [{"track": t, "value": float(v)} for t, v in zip(found.tracks, found.advisory, strict=True)],
        "deviations": found.deviations,
    }


def simulation_summary(found: Simulation) -> Text:
    """Return what knowing of one another, and planning together, is worth."""
    d, c = found.disclosure, found.coordination
    return Text(
        f"互通信息的价值 {d.estimate:.3f}（{d.low:.3f} 至 {d.high:.3f}），"
        f"统筹的价值 {c.estimate:.3f}（{c.low:.3f} 至 {c.high:.3f}）",
        f"disclosure is worth {d.estimate:.3f} ({d.low:.3f} to {d.high:.3f}), coordination {c.estimate:.3f} "
        f"({c.low:.3f} to {c.high:.3f})",
    )


def _shown(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
