"""Results as the tables that JSON, CSV, XLSX and pages share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from biaochi.mechanisms.ruler.model import Audit, Comparison, Profile
from biaochi.methods.composite import Uncertainty


def audit_tables(found: Audit, *, ranks: bool) -> dict[str, object]:
    """Return the keys of an audit; rank intervals only when asked for."""
    intervals = found.intervals if ranks else found.intervals.drop(columns=["rank_lo", "rank_hi"])
    tiers = found.tiers
    return {
        "coherence": found.coherence,
        "correlations": found.correlations,
        "importance": found.importance,
        "intervals": intervals,
        "tiers": {
            "level": tiers.level,
            "critical": tiers.critical,
            "decided_share": tiers.decided_share,
            "units": tiers.to_frame(),
        },
        "p_better": {"units": list(found.uncertainty.units), "matrix": found.uncertainty.p_better().to_numpy()},
        "sensitivity": found.sensitivity,
        "remove": found.remove,
        "claims": found.claims,
        "gaming": found.gaming,
        "gate": {"verdict": found.gate.value, "reasons": list(found.gate_reasons)},
        "rate": found.uncertainty.rate,
    }


def profile_tables(found: Profile) -> dict[str, object]:
    """Return the keys of a profile."""
    parts = found.contributions.frame
    if not found.contributions.applicable:
        parts = parts.assign(contribution=float("nan"))
    return {
        "unit": found.unit,
        "reference": {"kind": found.reference, "units": list(found.reference_units)},
        "nodes": found.nodes,
        "contributions": parts,
        "obstacles": found.obstacles,
        "levers": found.levers,
        "peers": found.peers,
        "bod": {"score": found.bod_score, "shares": found.bod_shares},
        "trajectory": found.trajectory,
        "tier": {"top": found.top, "bottom": found.bottom},
    }


def comparison_tables(found: Comparison) -> dict[str, object]:
    """Return the keys of a comparison."""
    change, link = found.change, found.link
    return {
        "left": {"unit": found.left.unit, "period": found.left.period},
        "right": {"unit": found.right.unit, "period": found.right.period},
        "difference": found.difference,
        "difference_lo": found.difference_lo,
        "difference_hi": found.difference_hi,
        "p_left_better": found.p_left_better,
        "verdict": found.verdict,
        "contributions": [] if found.contributions is None else found.contributions.frame,
        "change": {
            "performance": change.performance,
            "goalposts": change.goalposts,
            "revision": change.revision,
            "method": change.method,
            "total": change.total,
        },
        "link": {"factor": link.factor, "overlap_correlation": link.overlap_correlation, "drift": link.drift},
    }


def whole(ranks: np.ndarray) -> pd.Series:
    """Return ranks as whole numbers, empty where missing."""
    return pd.Series(ranks.astype(float)).astype("Int64")


def replay_tables(found: Uncertainty) -> dict[str, pd.DataFrame]:
    """Return the files of a replay: scores, ranks, rank statistics, the target, and with blocks the sensitivity."""
    names = [f"r_{r}" for r in found.design.replications]
    scores = pd.DataFrame(found.scores.T, columns=names)
    scores.insert(0, "nominal", found.nominal)
    scores.insert(0, "unit", list(found.units))
    ranks = pd.DataFrame(found.ranks.T, columns=names).astype("Int64")
    ranks.insert(0, "nominal", whole(found.nominal_ranks))
    ranks.insert(0, "unit", list(found.units))
    target = pd.DataFrame({"replication": found.design.replications, "mean_abs_rank_shift": found.rank_shift()})
    stats = found.rank_stats()
    stats["nominal"] = whole(found.nominal_ranks)
    tables = {"scores.csv": scores, "ranks.csv": ranks, "rankstats.csv": stats, "target.csv": target}
    if found.design.blocks is not None:
        tables["sensitivity.csv"] = found.sensitivities()
    return tables
