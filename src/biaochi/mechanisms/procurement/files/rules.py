"""The shipped parameters of a day."""

from __future__ import annotations

from datetime import date

from biaochi.core.parameters import Snapshot
from biaochi.exchange.parameter_files import load_parameters

PACKAGE = "biaochi.mechanisms.procurement"


def rules_on(day: date) -> Snapshot:
    """Return the parameters in force on a day."""
    return load_parameters(PACKAGE).at(day)
