"""Results of guidance funds as records."""

from __future__ import annotations

from collections.abc import Sequence

from biaochi.core.decision import Decision
from biaochi.core.parameters import Snapshot
from biaochi.mechanisms.capital.decisions import Exceedance, FundFigures, Waterfall
from biaochi.mechanisms.capital.decisions.cashflow import JPoint
from biaochi.mechanisms.capital.decisions.terms import status_of

Record = dict[str, object]


def terms_records(found: Decision, parameters: Snapshot) -> Record:
    """Return the outcome and every reason of a check of terms."""
    return {
        "outcome": found.outcome,
        "reasons": [
            {
                "rule": r.rule,
                "verdict": r.verdict.value,
                "seen": r.seen,
                "threshold": r.threshold,
                "citation": None if r.citation is None else str(r.citation),
                "status": status_of(r, parameters),
                "zh": r.text.zh,
                "en": r.text.en,
            }
            for r in found.reasons
        ],
    }


def figures_record(found: FundFigures, key: str) -> Record:
    """Return the figures of a fund or vintage under its key."""
    return {
        key: int(found.name) if key == "vintage" else found.name,
        "paid_in": found.paid_in,
        "distributed": found.distributed,
        "nav": found.nav,
        "dpi": found.dpi,
        "rvpi": found.rvpi,
        "tvpi": found.tvpi,
        "irr": {"value": found.irr.value, "reason": found.irr.reason or None},
        "trough": None if found.trough is None else {"at": found.trough.at, "amount": found.trough.amount},
        "payback_on": found.payback_on,
        "phase": found.phase,
    }


def cashflow_records(
    funds: Sequence[FundFigures],
    vintages: Sequence[FundFigures],
    points: Sequence[JPoint],
    exceeded: Sequence[Exceedance],
) -> Record:
    """Return funds, vintages, J-curves and tolerances."""
    return {
        "funds": [figures_record(f, "fund") for f in funds],
        "vintages": [figures_record(f, "vintage") for f in vintages],
        "jcurve": [{"fund": p.fund, "at": p.at, "net": p.net, "cumulative": p.cumulative} for p in points],
        "tolerance": [{"class": e.kind, "tier": e.tier, "p_exceeds": e.p_exceeds, "se": e.se} for e in exceeded],
    }


def waterfall_records(found: Waterfall) -> Record:
    """Return every party's result and every step."""
    return {
        "parties": [
            {"party": p.party, "contributed": p.contributed, "received": p.received, "multiple": p.multiple}
            for p in found.parties
        ],
        "steps": [{"at": s.at, "step": s.step, "party": s.party, "amount": s.amount} for s in found.steps],
    }
