"""The ruler's part of a programme folder: framework.yaml, observations.csv, and optional units.csv, plan.yaml and
bands.yaml."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.errors import InputError
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.mechanisms.ruler.files.reading import load, read_plan
from biaochi.mechanisms.ruler.model import PartInputs, default_plan


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Return the part's inputs; ``None`` when there is no framework or no observations.

    Parameters
    ----------
    folder : Path
        ``ruler/`` of the programme folder.
    turn : Turn
    faults : Faults
        Every fault goes here.
    """
    framework, observations = folder / "framework.yaml", folder / "observations.csv"
    if not framework.is_file() or not observations.is_file():
        return None
    units, plan, bands = folder / "units.csv", folder / "plan.yaml", folder / "bands.yaml"
    try:
        found = load(
            framework,
            observations,
            units=units if units.is_file() else None,
            bands=bands if bands.is_file() else None,
            at=turn.at,
            as_of=turn.as_of,
        )
        tree, dataset, method = found.sound()
        method.fit(dataset)
        own = Source.read(framework)
        chosen, _ = read_plan(
            plan if plan.is_file() else None, tree, method, seed=turn.seed, framework_source=own, folder=folder
        )
    except InputError as error:
        faults.extend(error)
        return None
    fallback = chosen is None
    used = chosen if chosen is not None else default_plan(method, tree.levels[tree.root], seed=turn.seed)
    return PartInputs(tree, dataset, method, used, fallback, tuple(found.warnings), found.bands)
