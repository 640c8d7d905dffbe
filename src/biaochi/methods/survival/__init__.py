"""Durations and shares: how long until, by which cause, and whether groups differ; every number with its interval."""

from biaochi.methods.survival.aalen_johansen import Incidence, aalen_johansen
from biaochi.methods.survival.interval import IntervalSurvival, turnbull
from biaochi.methods.survival.kaplan_meier import Survival, kaplan_meier
from biaochi.methods.survival.landmark import Landmark, Spells, at_landmark, split_at_use
from biaochi.methods.survival.proportions import (
    Estimate,
    e_value,
    jeffreys,
    mantel_haenszel,
    newcombe,
    risk_ratio,
    wilson,
)
from biaochi.methods.survival.rank_test import RankTest, log_rank

__all__ = [
    "Estimate",
    "Incidence",
    "IntervalSurvival",
    "Landmark",
    "RankTest",
    "Spells",
    "Survival",
    "aalen_johansen",
    "at_landmark",
    "e_value",
    "jeffreys",
    "kaplan_meier",
    "log_rank",
    "mantel_haenszel",
    "newcombe",
    "risk_ratio",
    "split_at_use",
    "turnbull",
    "wilson",
]
