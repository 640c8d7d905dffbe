"""A back-test with its plans, as plain records for the page that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.mechanisms.layout.model.planning import LayoutPlan
from biaochi.mechanisms.layout.model.study import OwnPicks, Study
from biaochi.mechanisms.layout.report.backtest import backtest_body, backtest_summary
from biaochi.mechanisms.layout.report.plan import plan_body, plan_summary
from biaochi.methods.specialisation.coordination import describe


def study_page(done: Study, *, at: date, parameters: Snapshot, names: Mapping[str, Text]) -> dict[str, object]:
    """Return everything the page of a study shows, as plain records.

    ``plans`` holds, for every problem solved, the keys of the verb and ``said`` (one sentence), ``seen`` (expected
    entries, tracks, most regions on one, overcapacity) and ``heading`` (what is lost, what is avoided).
    """
    models = list(done.backtest.runs[0].forecasts) if done.backtest.runs else []
    own = done.own
    return {
        "event": done.backtest.event.code,
        "events": done.backtest.events,
        "model": done.model,
        "backtest": backtest_body(done.backtest, None, parameters, at=at, names=models),
        "backtest_said": backtest_summary(done.backtest).to_dict(),
        "own": None if own is None else own.to_dict(),
        "cap": done.cap,
        "steps": [] if own is None else trade_steps(done),
        "plans": {
            code: _solved(done, solved, at, parameters, names) for code, solved in done.plans.items() if own is not None
        },
    }


def _solved(
    done: Study, solved: LayoutPlan, at: date, parameters: Snapshot, names: Mapping[str, Text]
) -> dict[str, object]:
    tracks, regions = list(done.tracks), list(done.regions)
    body = plan_body(solved, tracks, regions, at=at, parameters=parameters, chosen_model=done.model, names=names)
    seen = plan_picks(solved, done.cap)
    heading = trade_heading(done.own, seen) if done.own is not None and solved.solution.solved else plan_summary(solved)
    return {**body, "said": plan_summary(solved).to_dict(), "seen": seen.to_dict(), "heading": heading.to_dict()}


def plan_picks(solved: LayoutPlan, cap: int) -> OwnPicks:
    """Return what a plan comes to, in the measures of each region for itself."""
    chosen = solved.solution.chosen.to_numpy(dtype=bool)
    expected = sum(item.p for item in solved.items if item.chosen)
    seen = describe(chosen, cap)
    return OwnPicks(float(expected), seen.tracks, seen.max_regions, seen.overload, solved.similarity[1])


def trade_steps(done: Study) -> list[dict[str, object]]:
    """Return each region for itself, then each price without a cap, then the plan: what is lost, what is avoided."""
    own = done.own
    if own is None:
        return []
    steps: list[dict[str, object]] = [{**own.to_dict(), "kind": "own", "price": 0.0, "lost": 0.0, "avoided": 0}]
    rows = [] if done.spread is None else [{str(k): v for k, v in r.items()} for r in done.spread.to_dict("records")]
    for row in rows:
        if row["price"] > 0:
            kept = {k: row[k] for k in ("expected", "tracks", "max_regions", "overload", "jaccard", "price")}
            steps.append({**kept, "kind": "price", **_against(own, row["expected"], row["overload"])})
    if done.plan is not None and done.plan.solution.solved:
        seen = plan_picks(done.plan, done.cap)
        price = done.plan.limits.price
        steps.append({**seen.to_dict(), "kind": "plan", "price": price, **_against(own, seen.expected, seen.overload)})
    return steps


def _against(own: OwnPicks, expected: float, overload: int) -> dict[str, object]:
    return {"lost": own.expected - expected, "avoided": int(own.overload - overload)}


def trade_heading(own: OwnPicks, seen: OwnPicks) -> Text:
    """Return the answer of the page: what differing avoids, and what it costs."""
    lost = own.expected - seen.expected
    avoided = own.overload - seen.overload
    more = lost < -0.05
    cost = Text(
        f"预期{'多' if more else '少'} {abs(lost):.1f} 次进入（共约 {own.expected:.1f} 次）",
        f"{abs(lost):.1f} {'more' if more else 'fewer'} entries expected, of about {own.expected:.1f}",
    )
    return Text(
        f"错开之后少 {avoided} 处过剩，单条赛道由至多 {own.max_regions} 地变为 {seen.max_regions} 地；{cost.zh}",
        f"Differing avoids {avoided} places of overcapacity: at most {seen.max_regions} regions on one track "
        f"instead of {own.max_regions}; {cost.en}",
    )
