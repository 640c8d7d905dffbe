"""Results of the fund as records, tables and text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import Fault
from biaochi.mechanisms.fund.decisions import Calibration, Packet
from biaochi.methods.allocation import Candidate, Posterior, Programme, Recommendation, Solution, Whatif

Record = dict[str, object]


def finite(value: float) -> float | None:
    """Return a number, or ``None`` for no limit."""
    return value if math.isfinite(value) else None


def fault_records(faults: Sequence[Fault], lang: str) -> list[Record]:
    """Return faults with both languages and the place under the spec's names beside the house's own."""
    return [
        {
            **fault.to_dict("zh" if lang == "zh" else "en"),
            "where": fault.column,
            "zh": fault.message.zh,
            "en": fault.message.en,
        }
        for fault in faults
    ]


def posterior_records(found: Posterior) -> Record:
    """Return routes, teams and factors of a posterior."""
    return {
        "routes": [
            {
                "route": r.route,
                "prior": list(r.prior),
                "posterior": list(r.posterior),
                "band": [list(b) for b in r.band],
            }
            for r in found.routes
        ],
        "teams": [
            {
                "team": t.team,
                "route": t.route,
                "stage": t.stage,
                "misses": list(t.misses),
                "class": list(t.team_class),
                "pass_next": t.pass_next,
                "pass_all": t.pass_all,
                "band": {
                    "pass_next": None if t.band_next is None else list(t.band_next),
                    "pass_all": list(t.band_all),
                },
            }
            for t in found.teams
        ],
        "factors": [{"p": p} for p in found.factors],
    }


def solution_records(solution: Solution) -> Record:
    """Return value, states and every distinct action, best first."""
    return {
        "value": solution.value,
        "states": solution.states,
        "actions": [
            {
                "fund": list(a.fund),
                "count_by_route": a.count_by_route,
                "cost": a.cost,
                "value": a.value,
                "tie": a.tie,
            }
            for a in solution.actions
        ],
    }


def _candidate(c: Candidate) -> Record:
    return {
        "fund": list(c.fund),
        "cost": c.cost,
        "value": c.value.to_dict(),
        "p_no_success": c.p_no_success,
        "spend": c.spend,
    }


def reason_record(reason: Reason) -> Record:
    """Return a reason with its numbers as numbers."""
    return {
        "rule": reason.rule,
        "seen": reason.seen,
        "threshold": reason.threshold,
        "verdict": reason.verdict.value,
        "zh": reason.text.zh,
        "en": reason.text.en,
    }


def recommendation_records(found: Recommendation, verdicts: Mapping[str, Decision]) -> Record:
    """Return the advice with the verdict on each team."""
    best = found.recommended
    return {
        "method": found.method,
        "recommended": {"fund": list(best.fund), "cost": best.cost, "value": best.value.to_dict()},
        "clear": found.clear,
        "tied": [{"fund": list(f)} for f in found.tied],
        "candidates": [_candidate(c) for c in found.candidates],
        "teams": [
            {
                "team": t.team,
                "verdict": verdicts[t.team].outcome,
                "marginal": t.marginal,
                "cost_to_completion": t.cost_to_completion,
                "p_success_if_funded": t.p_success_if_funded,
                "p_success_if_not": t.p_success_if_not,
                "reasons": [reason_record(r) for r in verdicts[t.team].reasons],
                "flip": {"cost_factor": t.flip.cost_factor, "tilt": t.flip.tilt},
            }
            for t in found.teams
        ],
        "band": {"low": found.band[0], "high": found.band[1]},
    }


def whatif_records(found: Whatif) -> Record:
    """Return results, regrets and calls."""
    return {
        "results": [
            {
                "policy": c.policy,
                "world": c.world,
                "budget": finite(c.budget),
                "value": c.value.to_dict(),
                "p_no_success": c.p_no_success,
                "p10": c.p10,
                "spend": c.spend,
                "stopped": c.stopped,
                "spent_on_stopped": c.spent_on_stopped,
                "regret": c.regret,
            }
            for c in found.results
        ],
        "minimax_regret": [
            {"budget": finite(r.budget), "policy": r.policy, "regret": r.regret} for r in found.minimax_regret
        ],
        "calls": [{"policy": c.policy, "round": c.round, "p50": c.p50, "p90": c.p90} for c in found.calls],
    }


def spent_and_left(programme: Programme) -> Record:
    """Return money spent and left; ``None`` where there is no budget."""
    return {"spent": programme.spent, "left": finite(programme.left)}


def calibration_record(found: Calibration) -> Record:
    """Return how past forecasts fared."""
    return {
        "n": found.n,
        "brier": found.brier,
        "bins": [
            {"low": b.low, "high": b.high, "n": b.n, "forecast": b.forecast, "frequency": b.frequency}
            for b in found.bins
        ],
    }


def packet_records(made: Packet) -> Record:
    """Return a packet as records."""
    return {
        "posterior": posterior_records(made.posterior),
        "recommendation": recommendation_records(made.advice, made.verdicts),
        "whatif": whatif_records(made.whatif),
        "calibration": calibration_record(made.calibration),
    }


def results(made: Packet) -> Record:
    """Return the records of ``report.json``."""
    return packet_records(made)
