"""Results as records; numbers come from results, never from here."""

from __future__ import annotations

from decimal import Decimal

from biaochi.core.canonical import plain
from biaochi.core.decision import Decision
from biaochi.mechanisms.procurement.decisions.evaluate import Evaluation
from biaochi.mechanisms.procurement.decisions.market import Market


def check_records(decision: Decision) -> list[dict[str, object]]:
    """Return one record a check, with the status of its rule."""
    return [
        {
            "check": r.rule,
            "verdict": r.verdict.value,
            "seen": r.seen if isinstance(r.seen, int | float | Decimal) or r.seen is None else plain(r.seen),
            "threshold": r.threshold
            if isinstance(r.threshold, int | float | Decimal) or r.threshold is None
            else plain(r.threshold),
            "unit": r.unit,
            "citation": {"title": r.citation.title, "article": r.citation.article} if r.citation else None,
            "status": r.citation.note if r.citation else "confirmed",
            "reason": r.text.to_dict(),
        }
        for r in decision.reasons
    ]


def market_record(market: Market) -> dict[str, object]:
    """Return the market check as every output carries it."""
    return {
        "certain": market.certain,
        "possible": market.possible,
        "verdict": market.verdict,
        "needs": [{"need": n.need, "dropped": n.dropped, "relaxed_to": n.relaxed_to} for n in market.needs],
        "zero_slack": [{"product": s.product, "equal": s.equal, "of": s.of} for s in market.zero_slack],
    }


def evaluation_records(evaluation: Evaluation) -> dict[str, object]:
    """Return the evaluation: offers with deductions and intervals, reviewers, action."""
    return {
        "offers": [
            {
                "offer": o.offer,
                "supplier": o.supplier,
                "valid": o.valid,
                "reasons": [r.to_dict() for r in o.reasons],
                "price": o.price,
                "deductions": [{"policy": d.policy, "rate": d.rate, "amount": d.amount} for d in o.deductions],
                "evaluated": float(o.evaluated),
                "scores": dict(o.scores),
                "total": o.total,
                "low": o.low,
                "high": o.high,
                "p_first": o.p_first,
                "rank": o.rank,
                "selected": o.selected,
            }
            for o in evaluation.offers
        ],
        "reviewers": [
            {"reviewer": r.reviewer, "bias": r.bias, "changes_selection": r.changes_selection}
            for r in evaluation.reviewers
        ],
        "action": evaluation.action,
        "open_points": [t.to_dict() for t in evaluation.open_points],
    }
