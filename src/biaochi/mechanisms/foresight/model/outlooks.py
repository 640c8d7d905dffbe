"""Calibration of experts, routes' outlook, readiness and signals, as results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from biaochi.core.decision import Decision
from biaochi.core.distribution import Distribution
from biaochi.methods.elicitation.cooke import Combination, ExpertScores
from biaochi.methods.forecasting.emergence import Signals
from biaochi.methods.forecasting.readiness import Readiness
from biaochi.methods.forecasting.routes import FunctionOutlook, Keep


@dataclass(frozen=True, eq=False)
class SeedCalibration:
    """Experts scored on seeds, their combinations, and the combined distribution of every item."""

    experts: ExpertScores
    combinations: Mapping[str, Combination]
    out_of_sample: pd.DataFrame | None
    recommended: Decision
    used: str
    items: Mapping[str, Distribution]

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        weights = self.combinations[self.used].weights
        total = weights.sum()
        table = self.experts.to_frame().assign(weight=weights / total if total > 0 else weights)
        tested = self.out_of_sample
        return {
            "experts": table.to_dict("records"),
            "combinations": [
                {
                    "name": c.name,
                    "calibration": c.calibration,
                    "information": c.information,
                    "alpha": c.alpha,
                    "n_used": c.n_used,
                }
                for c in self.combinations.values()
            ],
            "out_of_sample": []
            if tested is None
            else tested[["name", "coverage90", "pinball", "width"]].to_dict("records"),
            "recommended": {
                "name": self.recommended.outcome,
                "reason": {
                    "zh": "；".join(r.text.zh for r in self.recommended.reasons),
                    "en": "; ".join(r.text.en for r in self.recommended.reasons),
                },
            },
            "items": [{"item": item, **law.to_dict()} for item, law in self.items.items()],
        }


@dataclass(frozen=True, eq=False)
class QuestionCalibration:
    """Resolved questions: what the panel had said, and what came."""

    questions: pd.DataFrame
    reliability: pd.DataFrame
    experts: pd.DataFrame
    partial: Mapping[str, float | None]
    excluded: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {
            "questions": self.questions.to_dict("records"),
            "reliability": self.reliability.to_dict("records"),
            "experts": self.experts.to_dict("records"),
            "partial": dict(self.partial),
            "excluded": [{"item": item, "reason": reason} for item, reason in self.excluded],
        }


@dataclass(frozen=True, eq=False)
class RouteOutlook:
    """The outlook of routes by function; what fund and layout read."""

    functions: tuple[FunctionOutlook, ...]

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {"functions": [_function(f) for f in self.functions]}


def _function(outlook: FunctionOutlook) -> dict[str, object]:
    return {
        "function": outlook.function,
        "track": outlook.track,
        "unit": outlook.unit,
        "dependence": {"rho": outlook.dependence.rho, "source": outlook.dependence.source},
        "routes": [
            {
                "route": r.route,
                "p_ready": dict(r.p_ready),
                "cost": {y: d.to_dict() for y, d in r.cost.items()},
                "p_cheapest": dict(r.p_cheapest),
                "expected_rank": r.expected_rank,
                "p_regret": r.p_regret,
                "dominated_by": list(r.dominated_by),
                "payoff": r.payoff.to_dict(),
            }
            for r in outlook.routes
        ],
        "p_none_ready": dict(outlook.p_none_ready),
        "joint": [{"year": y, "ready": list(members), "p": p} for y, members, p in outlook.joint],
        "crossover": [{"a": c.a, "b": c.b, **c.year.to_dict(), "p_never": c.p_never} for c in outlook.crossover],
        "keep": [_keep(k) for k in outlook.keep],
        "value": outlook.value.to_dict(),
        "diversity": outlook.diversity,
        "sensitivity": [
            {"rho": s.rho, "p_cheapest": dict(s.p_cheapest), "keep": [_keep(k) for k in s.keep]}
            for s in outlook.sensitivity
        ],
    }


def _keep(keep: Keep) -> dict[str, object]:
    return {
        "k": keep.k,
        "set": list(keep.set),
        "value": {"estimate": keep.estimate, "low": keep.low, "high": keep.high},
        "marginal": keep.marginal,
    }


@dataclass(frozen=True, eq=False)
class ReadinessResult:
    """When the nodes of a graph are ready."""

    readiness: Readiness

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {
            "nodes": [
                {
                    "node": n.node,
                    "p_ready": dict(n.p_ready),
                    "p_never": n.p_never,
                    **n.year.to_dict(),
                    "criticality": n.criticality,
                    "leverage": n.leverage,
                }
                for n in self.readiness.nodes
            ]
        }


@dataclass(frozen=True, eq=False)
class SignalResult:
    """Rising terms and the back-test of such terms."""

    signals: Signals
    top: int

    def to_dict(self) -> dict[str, object]:
        """Return the record: the top candidates; without candidates the list is empty."""
        chosen = self.signals.terms[self.signals.terms["candidate"]].head(self.top)
        return {
            "signals": chosen.to_dict("records"),
            "backtest": [
                {
                    "origin": r["origin"],
                    "n": r["n"],
                    "p_grows": r["p_grows"],
                    "null_grows": {"low": r["null_low"], "median": r["null_median"], "high": r["null_high"]},
                    "p_stays": r["p_stays"],
                    "null_stays": r["null_stays"],
                }
                for r in self.signals.backtest.to_dict("records")
            ],
        }
