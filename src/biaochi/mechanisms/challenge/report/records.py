"""Results of challenges as records."""

from __future__ import annotations

from collections.abc import Sequence

from biaochi.core.decision import Reason
from biaochi.mechanisms.challenge.decisions.diligence import Diligence
from biaochi.methods.allocation import Ranking

Record = dict[str, object]


def ranking_records(found: Ranking, drawn: Sequence[str]) -> Record:
    """Return the line, deviations, bids best first, reviewers, and who was drawn."""
    return {
        "line": found.line,
        "sd": {"bid": found.sd[0], "reviewer": found.sd[1], "noise": found.sd[2]},
        "bids": [
            {
                "bid": b.bid,
                "n": b.n,
                "mean": b.mean,
                "effect": b.effect,
                "expected_rank": b.expected_rank,
                "rank_interval": list(b.rank_interval),
                "zone": b.zone,
            }
            for b in found.bids
        ],
        "reviewers": [{"reviewer": r.reviewer, "n": r.n, "severity": r.severity} for r in found.reviewers],
        "drawn": [{"bid": bid} for bid in drawn],
    }


def _reason(reason: Reason) -> Record:
    return {
        "rule": reason.rule,
        "verdict": reason.verdict.value,
        "seen": reason.seen,
        "threshold": reason.threshold,
        "citation": None if reason.citation is None else str(reason.citation),
        "zh": reason.text.zh,
        "en": reason.text.en,
    }


def diligence_records(found: Diligence) -> Record:
    """Return the outcome, every duty, and the cause of the stop."""
    return {
        "outcome": found.outcome,
        "duties": [
            {
                "duty": d.duty,
                "verdict": d.verdict.value,
                "reasons": [_reason(r) for r in d.reasons],
                "evidence": list(d.evidence),
            }
            for d in found.duties
        ],
        "stop_cause": found.stop_cause,
    }
