"""What a programme folder brings to foresight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from biaochi.core.errors import Warn
from biaochi.mechanisms.foresight.model.routes import FunctionSpec
from biaochi.mechanisms.foresight.model.study import Item, StudyRules
from biaochi.methods.elicitation.answers import QuantileAnswers, Seeds
from biaochi.methods.forecasting.readiness import Node
from biaochi.methods.forecasting.series import Series


@dataclass(frozen=True, eq=False)
class PartInputs:
    """What the folder holds; ``None`` or empty where a file is absent."""

    series: tuple[Series, ...] = ()
    shown_only: tuple[str, ...] = ()
    routes: tuple[FunctionSpec, ...] = ()
    answers: pd.DataFrame | None = None
    items: dict[tuple[str, str], Item] | None = None
    rules: StudyRules | None = None
    seeds: Seeds | None = None
    quantiles: QuantileAnswers | None = None
    outcomes: pd.DataFrame | None = None
    nodes: tuple[Node, ...] = ()
    passages: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    counts: tuple[pd.DataFrame, pd.Series] | None = None
    present: tuple[str, ...] = ()
    warnings: tuple[Warn, ...] = ()
