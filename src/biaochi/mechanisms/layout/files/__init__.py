"""Reading the layout's files: declared plans, activity, tracks, constraints; all faults at once."""

from biaochi.mechanisms.layout.files.constraints import Constraints, limits_of, read_constraints
from biaochi.mechanisms.layout.files.declared import load_plans
from biaochi.mechanisms.layout.files.part import read_part
from biaochi.mechanisms.layout.files.reading import Activity, load_activity, windowed
from biaochi.mechanisms.layout.files.register import Register, Unrecorded
from biaochi.mechanisms.layout.files.tables import ACTIVITY, CONCORDANCE, PLANS, shipped

__all__ = [
    "ACTIVITY",
    "CONCORDANCE",
    "PLANS",
    "Activity",
    "Constraints",
    "Register",
    "Unrecorded",
    "limits_of",
    "load_activity",
    "load_plans",
    "read_constraints",
    "read_part",
    "shipped",
    "windowed",
]
