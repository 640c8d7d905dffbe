"""What the ruler takes from and gives to one turn of the programme."""

from __future__ import annotations

from dataclasses import dataclass

from biaochi.core.errors import Warn
from biaochi.mechanisms.ruler.model.audit import Audit
from biaochi.mechanisms.ruler.model.profile import Profile
from biaochi.methods.composite import Composite, Dataset, Framework, Method, Plan


@dataclass(frozen=True)
class PartInputs:
    """Framework, data, method and plan; ``plan_default`` when the folder brought no plan."""

    framework: Framework
    dataset: Dataset
    method: Method
    plan: Plan
    plan_default: bool
    warnings: tuple[Warn, ...]


@dataclass(frozen=True)
class PartResult:
    """The index with its audit, and the profile of the programme's own region when it is among the units."""

    composite: Composite
    audit: Audit
    profile: Profile | None
    plan_default: bool
    warnings: tuple[Warn, ...]
