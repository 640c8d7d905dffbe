"""What the layout is made of: declared plans, pilot zones, menus."""

from biaochi.mechanisms.layout.model.crowding import CrowdingReading, mean_similarity, read_crowding
from biaochi.mechanisms.layout.model.menu import Demand
from biaochi.mechanisms.layout.model.plans import (
    NATION,
    PLAN_FIELDS,
    Coverage,
    Declarations,
    Documents,
    Level,
    PlanState,
    classified,
    declarations,
    hindsight,
    national_days,
)

__all__ = [
    "NATION",
    "PLAN_FIELDS",
    "Coverage",
    "CrowdingReading",
    "Declarations",
    "Demand",
    "Documents",
    "Level",
    "PlanState",
    "classified",
    "declarations",
    "hindsight",
    "mean_similarity",
    "national_days",
    "read_crowding",
]
