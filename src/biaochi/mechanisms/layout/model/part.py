"""What the layout needs for, and contributes to, one turn of the yearly programme."""

from __future__ import annotations

from dataclasses import dataclass

from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.layout.model.crowding import CrowdingReading
from biaochi.mechanisms.layout.model.plan_table import PlanTable
from biaochi.mechanisms.layout.model.study import Study
from biaochi.methods.specialisation import Panel
from biaochi.methods.specialisation.crowding import CrowdingParts
from biaochi.methods.specialisation.indicators import Indicators


@dataclass(frozen=True)
class PartInputs:
    """The part's files, read: declared plans, whether they are the shipped ones, and activity where given."""

    plans: PlanTable
    shipped: bool
    activity: Panel | None = None


@dataclass(frozen=True)
class PartResult:
    """The part's results; ``activity``, ``indicators`` and ``study`` only where activity was given."""

    turn: Turn
    plans: PlanTable
    shipped: bool
    crowding: CrowdingReading
    local: CrowdingParts
    activity: Panel | None
    indicators: Indicators | None
    study: Study | None
    parameters: Snapshot
