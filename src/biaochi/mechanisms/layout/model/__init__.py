"""What the layout is made of: declared plans, plan documents, pilot zones, menus and choices."""

from biaochi.mechanisms.layout.model.choice import Choice, ChoiceKind
from biaochi.mechanisms.layout.model.crowding import CrowdingReading, local_parts, mean_similarity, read_crowding
from biaochi.mechanisms.layout.model.documents import CodedDocument, cohen_kappa
from biaochi.mechanisms.layout.model.menu import Demand, MenuItem
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
from biaochi.mechanisms.layout.model.zones import (
    AssessmentResult,
    Criterion,
    Jurisdiction,
    ZoneApplication,
    ZoneAssessment,
    criteria_in_force,
    criteria_texts,
)

__all__ = [
    "NATION",
    "PLAN_FIELDS",
    "AssessmentResult",
    "Choice",
    "ChoiceKind",
    "CodedDocument",
    "Coverage",
    "Criterion",
    "CrowdingReading",
    "Declarations",
    "Demand",
    "Documents",
    "Jurisdiction",
    "Level",
    "MenuItem",
    "PlanState",
    "ZoneApplication",
    "ZoneAssessment",
    "classified",
    "cohen_kappa",
    "criteria_in_force",
    "criteria_texts",
    "declarations",
    "hindsight",
    "local_parts",
    "mean_similarity",
    "national_days",
    "read_crowding",
]
