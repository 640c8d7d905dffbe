"""Everything a programme folder lets be said of its challenges."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.challenge.decisions.diligence import Diligence, decide_diligence
from biaochi.mechanisms.challenge.model import Case
from biaochi.methods.allocation import Ranking, expected_rank


@dataclass(frozen=True, eq=False)
class PartInputs:
    """Scores (columns ``bid``, ``reviewer``, ``score``) or ``None``, and the cases on file."""

    scores: pd.DataFrame | None
    cases: tuple[Case, ...]


@dataclass(frozen=True, eq=False)
class PartResult:
    """The ranking, ``off_scale`` scores that stood in its way, and the exemption file of each award."""

    ranking: Ranking | None
    slots: int
    off_scale: int
    files: tuple[tuple[str, Diligence], ...]


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Rank the bids if every score is on the programme's scale; hold each case against the duties."""
    slots = int(str(parameters["challenge.slots"].value))
    low, high = (
        float(str(parameters["challenge.scale_low"].value)),
        float(str(parameters["challenge.scale_high"].value)),
    )
    ranking, off = None, 0
    if inputs.scores is not None and len(inputs.scores):
        off = int(((inputs.scores["score"] < low) | (inputs.scores["score"] > high)).sum())
        if not off:
            ranking = expected_rank(inputs.scores, slots, scale=(low, high), seed=turn.seed)
    files = tuple((c.award.id, decide_diligence(c, at=turn.at, parameters=parameters)) for c in inputs.cases)
    return PartResult(ranking, slots, off, files)
