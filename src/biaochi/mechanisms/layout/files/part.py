"""The layout's part of a programme folder."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.layout.files.declared import load_plans
from biaochi.mechanisms.layout.files.reading import load_activity
from biaochi.mechanisms.layout.files.register import Unrecorded
from biaochi.mechanisms.layout.model.part import PartInputs

NAMES = ("plans.csv", "tracks.csv", "universe.txt", "activity.csv")


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs:
    """Read the part's files; without ``plans.csv`` the shipped plans of the provinces are read.

    Parameters
    ----------
    folder : Path
        The programme's ``layout/``; it may hold ``plans.csv``, ``tracks.csv``, ``universe.txt``, ``activity.csv``.
    turn : Turn
        Frame of the turn.
    faults : Faults
        Where every fault goes.
    """
    place = {name: folder / name for name in NAMES if (folder / name).is_file()}
    plans = load_plans(place.get("plans.csv"), place.get("tracks.csv"), place.get("universe.txt"), faults=faults)
    activity = None
    if "activity.csv" in place:
        loaded = load_activity(Unrecorded(), place["activity.csv"], "missing", faults)
        activity = loaded.panel if loaded else None
    return PartInputs(plans, "plans.csv" not in place, activity)
