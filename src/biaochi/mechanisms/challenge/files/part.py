"""The challenges' part of a programme folder."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.errors import InputError
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.challenge.decisions import PartInputs
from biaochi.mechanisms.challenge.files.case import read_case
from biaochi.mechanisms.challenge.files.scores import read_scores

ANY_SCALE = (float("-inf"), float("inf"))


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``scores.csv`` with ``conflicts.csv``, and ``cases/*.json``; ``None`` when there is neither.

    The scale of the scores and the places are parameters of the programme; scores are held against them when the part
    is run.
    """
    path, barred = folder / "scores.csv", folder / "conflicts.csv"
    cases = sorted((folder / "cases").glob("*.json")) if (folder / "cases").is_dir() else []
    if not path.is_file() and not cases:
        return None
    scores = None
    if path.is_file():
        scores = read_scores(path, barred if barred.is_file() else None, ANY_SCALE, faults)[0].frame
    read = []
    for case in cases:
        try:
            found = read_case(case, faults)[0]
        except InputError as error:
            faults.extend(error)
            continue
        if found is not None:
            read.append(found)
    return PartInputs(scores, tuple(read))
