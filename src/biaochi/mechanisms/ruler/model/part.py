"""What the ruler takes from and gives to one turn of the programme."""

from __future__ import annotations

from dataclasses import dataclass, field

from biaochi.core.errors import Warn
from biaochi.core.parameters import Snapshot
from biaochi.mechanisms.ruler.model.audit import Audit
from biaochi.mechanisms.ruler.model.profile import Profile
from biaochi.methods.composite import Composite, Dataset, Framework, Method, Plan


@dataclass(frozen=True)
class PartInputs:
    """Framework, data, method, plan (``plan_default``: the folder brought none) and the bands an office has set."""

    framework: Framework
    dataset: Dataset
    method: Method
    plan: Plan
    plan_default: bool
    warnings: tuple[Warn, ...]
    bands: Snapshot = field(default_factory=Snapshot.empty)


@dataclass(frozen=True)
class PartResult:
    """The index with its audit, and the profile of the programme's own region when it is among the units."""

    composite: Composite
    audit: Audit
    profile: Profile | None
    plan_default: bool
    warnings: tuple[Warn, ...]
    bands: Snapshot = field(default_factory=Snapshot.empty)
