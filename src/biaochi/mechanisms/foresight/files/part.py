"""Foresight's part of a programme folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from biaochi.core.errors import Warn
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.foresight.files.answers import read_answers, read_items, read_rules
from biaochi.mechanisms.foresight.files.routes import read_readiness, read_routes
from biaochi.mechanisms.foresight.files.series import read_series
from biaochi.mechanisms.foresight.files.truth import read_counts, read_evidence, read_outcomes, read_seeds
from biaochi.mechanisms.foresight.model.routes import FunctionSpec
from biaochi.mechanisms.foresight.model.study import Item, StudyRules
from biaochi.methods.elicitation.answers import Scale, Seeds
from biaochi.methods.forecasting.readiness import Node
from biaochi.methods.forecasting.series import Series

NAMES = (
    "series.csv",
    "routes.yaml",
    "survey.csv",
    "seeds.csv",
    "outcomes.csv",
    "items.yaml",
    "graph.yaml",
    "terms.csv",
)


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
    scales: dict[str, Scale] = field(default_factory=dict)
    outcomes: pd.DataFrame | None = None
    nodes: tuple[Node, ...] = ()
    evidence: pd.DataFrame | None = None
    counts: tuple[pd.DataFrame, pd.Series] | None = None
    present: tuple[str, ...] = ()
    warnings: tuple[Warn, ...] = ()


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read the part's files; ``None`` when none of them is there.

    Parameters
    ----------
    folder : Path
        The programme's ``foresight/``.
    turn : Turn
        Frame of the turn.
    faults : Faults
        Where every fault goes.
    """
    present = tuple(n for n in NAMES if (folder / n).is_file())
    if not present:
        return None
    series = read_series(folder / "series.csv", faults) if "series.csv" in present else None
    items = read_items(folder / "items.yaml", faults).items if "items.yaml" in present else None
    rules_file = folder / "rules.yaml"
    rules = read_rules(rules_file, faults)[0] if rules_file.is_file() else None
    survey = "survey.csv" in present
    answers = read_answers(folder / "survey.csv", faults, items=items or None).frame if survey else None
    seeds = read_seeds(folder / "seeds.csv", faults) if "seeds.csv" in present else None
    outcomes = read_outcomes(folder / "outcomes.csv", faults)[0] if "outcomes.csv" in present else None
    evidence_file = folder / "evidence.csv"
    counted = read_counts(folder / "terms.csv", faults) if "terms.csv" in present else None
    return PartInputs(
        series.series if series else (),
        series.shown_only if series else (),
        read_routes(folder / "routes.yaml", faults)[0] if "routes.yaml" in present else (),
        answers,
        items,
        rules,
        seeds.seeds if seeds else None,
        seeds.scales if seeds else {},
        outcomes,
        read_readiness(folder / "graph.yaml", faults)[0] if "graph.yaml" in present else (),
        read_evidence(evidence_file, faults)[0] if evidence_file.is_file() else None,
        (counted[0], counted[1]) if counted else None,
        present,
        series.warnings if series else (),
    )


def future_years(turn_at: date, years: int = 15) -> list[int]:
    """Return the years a yearly report looks at: every fifth up to a horizon."""
    return [turn_at.year + k for k in range(5, years + 1, 5)]
