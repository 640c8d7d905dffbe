"""Pure decisions of cultivation: a firm's standing, a register's duties, cohorts of titles, the yearly part."""

from biaochi.mechanisms.cultivation.decisions.cohorts import cohort_tables
from biaochi.mechanisms.cultivation.decisions.part import PartInputs, PartResult, run_part
from biaochi.mechanisms.cultivation.decisions.register import (
    RegistryCheck,
    check_registry,
    ending_by_month,
    firm_duties,
    valid_to,
)
from biaochi.mechanisms.cultivation.decisions.standing import Expiry, FirmStanding, assess_firm, stand

__all__ = [
    "Expiry",
    "FirmStanding",
    "PartInputs",
    "PartResult",
    "RegistryCheck",
    "assess_firm",
    "check_registry",
    "cohort_tables",
    "ending_by_month",
    "firm_duties",
    "run_part",
    "stand",
    "valid_to",
]
