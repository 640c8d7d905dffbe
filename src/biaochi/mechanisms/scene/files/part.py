"""The scenes' part of a programme folder."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import PlainReader
from biaochi.exchange.taxonomy_files import shipped_taxonomy
from biaochi.mechanisms.scene.decisions import PartInputs
from biaochi.mechanisms.scene.files.tables import (
    APPLICATION_COLUMNS,
    LOG_COLUMNS,
    OFFER_COLUMNS,
    TRIAL_COLUMNS,
    applications_of,
    known,
    log_of,
    read,
    read_scenes,
)
from biaochi.methods.matching import Concepts


def concepts() -> Concepts:
    """Return the names of the shipped tracks in both languages."""
    return Concepts.of({t.code: [t.name.zh, t.name.en, *t.aliases] for t in shipped_taxonomy()})


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``scenes.csv`` with ``offers.csv``, ``applications.csv``, ``log.csv`` and ``trials.csv``.

    ``None`` when there are no scenes.
    """
    if not (folder / "scenes.csv").is_file():
        return None
    reader = PlainReader()
    scenes = read_scenes(reader, folder / "scenes.csv", faults)
    names = {s.scene for s in scenes}
    tables = {}
    for name, columns in (
        ("offers", OFFER_COLUMNS),
        ("applications", APPLICATION_COLUMNS),
        ("log", LOG_COLUMNS),
        ("trials", TRIAL_COLUMNS),
    ):
        path = folder / f"{name}.csv"
        if path.is_file():
            tables[name] = read(reader, path, columns, faults)
            if name != "offers":
                known(tables[name], "scene", names, path.name, faults)
    if len(faults):
        return None
    applied, logged = tables.get("applications"), tables.get("log")
    return PartInputs(
        tuple(scenes),
        tables.get("offers"),
        None if applied is None else applications_of(applied),
        None if logged is None else log_of(logged),
        tables.get("trials"),
        concepts(),
    )
