"""Foresight's part of a programme folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.foresight.files.answers import read_answers
from biaochi.mechanisms.foresight.files.items import read_items, read_rules
from biaochi.mechanisms.foresight.files.routes import build_graph, passages, read_readiness, read_routes
from biaochi.mechanisms.foresight.files.series import read_series
from biaochi.mechanisms.foresight.files.truth import (
    outcomes_after_survey,
    quantile_answers,
    read_counts,
    read_evidence,
    read_outcomes,
    read_seeds,
)
from biaochi.mechanisms.foresight.model.inputs import PartInputs

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
    evidence = read_evidence(evidence_file, faults)[0] if evidence_file.is_file() else None
    nodes = read_readiness(folder / "graph.yaml", faults)[0] if "graph.yaml" in present else ()
    # Any prior serves to see whether the graph holds together.
    if nodes and not len(faults):
        build_graph(nodes, None, prior=(1.0, 1.0), at=turn.as_of, faults=faults, file="graph.yaml")
    counted = read_counts(folder / "terms.csv", faults) if "terms.csv" in present else None
    quantiles = None
    if seeds is not None and answers is not None and (answers["type"] == "quantiles").any():
        quantiles = quantile_answers(answers, seeds.scales, faults, "survey.csv")
    if outcomes is not None and answers is not None:
        asked = (rules.survey_year if rules else None) or _asked(answers)
        if asked is not None:
            outcomes_after_survey(outcomes, asked, faults, "outcomes.csv")
    return PartInputs(
        series.series if series else (),
        series.shown_only if series else (),
        read_routes(folder / "routes.yaml", faults)[0] if "routes.yaml" in present else (),
        answers,
        items,
        rules,
        seeds.seeds if seeds else None,
        quantiles,
        outcomes,
        nodes,
        passages(evidence, turn.as_of) if evidence is not None else {},
        (counted[0], counted[1]) if counted else None,
        present,
        series.warnings if series else (),
    )


def _asked(answers: pd.DataFrame) -> int | None:
    first = answers["year_p10"].min()
    return None if np.isnan(first) else int(first) - 1
