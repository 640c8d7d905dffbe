"""What the pages show, computed once from the plans or activity in use and kept under its digest."""

from biaochi.mechanisms.layout.web.readings.activity import (
    EVENTS,
    checked_limits,
    enough_windows,
    limits_in,
    panel_of,
    real_of,
    real_reading,
    run_study,
    study_basis,
    study_reading,
)
from biaochi.mechanisms.layout.web.readings.plans import (
    counts,
    crowding_reading,
    day_of,
    newest,
    pairs_of,
    place_names,
    plan_table,
    rules,
)

__all__ = [
    "EVENTS",
    "checked_limits",
    "counts",
    "crowding_reading",
    "day_of",
    "enough_windows",
    "limits_in",
    "newest",
    "pairs_of",
    "panel_of",
    "place_names",
    "plan_table",
    "real_of",
    "real_reading",
    "rules",
    "run_study",
    "study_basis",
    "study_reading",
]
