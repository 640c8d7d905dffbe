"""Results of foresight as findings, sections, figures and records in both languages."""

from biaochi.mechanisms.foresight.report.figures import (
    cheapest,
    consensus_by_stability,
    coverage,
    fan,
    pit,
    reliability_chart,
    value_of_keeping,
    xi,
    years_by_round,
)
from biaochi.mechanisms.foresight.report.history import history
from biaochi.mechanisms.foresight.report.part import findings, notices, results, sections

__all__ = [
    "cheapest",
    "consensus_by_stability",
    "coverage",
    "fan",
    "findings",
    "history",
    "notices",
    "pit",
    "reliability_chart",
    "results",
    "sections",
    "value_of_keeping",
    "xi",
    "years_by_round",
]
