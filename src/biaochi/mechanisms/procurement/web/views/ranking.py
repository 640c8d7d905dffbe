"""The evaluation as its page shows it: deductions as steps of a price, totals with intervals, reviewers' effects."""

from __future__ import annotations

from typing import Any

from biaochi.core.text import Text
from biaochi.mechanisms.procurement.decisions.evaluate import Evaluation, Ranked
from biaochi.mechanisms.procurement.report.words import ACTION, CRITERION
from biaochi.mechanisms.procurement.web.facts import PurchaseFacts
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.registry.marks import interval_mark
from biaochi.registry.views import Section

POLICY = {
    "domestic": Text("本国产品扣除", "domestic product"),
    "sme": Text("小微企业扣除", "small or micro firm"),
    "sme_joint": Text("联合体、分包扣除", "joint or subcontract"),
}


def sections(obj: CoPurchase, facts: PurchaseFacts) -> list[Section]:
    """Return the evaluation once every free expert has scored; nothing before."""
    found = facts.evaluation
    if found is None:
        return []
    weights = {c.code: c.weight for c in facts.purchase.criteria}
    context = {
        "action": ACTION[found.action],
        "open": found.open_points,
        "rows": [_row(o, weights) for o in sorted(found.offers, key=lambda o: o.rank or 99)],
        "reviewers": _reviewers(found),
        "criteria": [(CRITERION.get(c, Text.same(c)), w) for c, w in weights.items()],
        "obj": obj,
    }
    note = Text(
        "点为得分，线为对专家重抽样的 90% 区间；由得分决定，不由区间决定。",
        "Dot: total; line: 90 % interval from resampling the experts. Totals decide, not intervals.",
    )
    return [Section(Text("评审", "Evaluation"), "procurement/evaluation.html", context, note)]


def _row(o: Ranked, weights: dict[str, float]) -> dict[str, Any]:
    mark = None
    if o.total is not None and o.low is not None and o.high is not None:
        shown = f"{o.total:.2f} ({o.low:.2f}–{o.high:.2f})"
        mark = interval_mark(o.low, o.high, label=shown, least=0, most=100, middle=o.total)
    return {
        "o": o,
        "mark": mark,
        "total": f"{o.total:.2f}" if o.total is not None else "–",
        "interval": f"{o.low:.2f}–{o.high:.2f}" if o.low is not None and o.high is not None else "–",
        "first": f"{100 * o.p_first:.0f}%" if o.p_first is not None else "–",
        "steps": [{"name": POLICY[d.policy], "rate": f"{100 * d.rate:g}%", "amount": d.amount} for d in o.deductions],
        "scores": [
            (CRITERION.get(c, Text.same(c)), None if v is None else round(v, 2), weights.get(c))
            for c, v in o.scores.items()
        ],
    }


def _reviewers(found: Evaluation) -> list[dict[str, Any]]:
    return [
        {"name": Text(f"专家 {n}", f"expert {n}"), "bias": f"{r.bias:+.2f}", "changes": r.changes_selection}
        for n, r in enumerate(found.reviewers, start=1)
    ]
