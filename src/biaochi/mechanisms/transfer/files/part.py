"""Transfer's part of a programme folder."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import PlainReader
from biaochi.mechanisms.transfer.decisions import PartInputs
from biaochi.mechanisms.transfer.files.tables import read_passages, read_platforms


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``projects.csv`` with ``platforms.csv``; ``None`` when there are no projects."""
    path, other = folder / "projects.csv", folder / "platforms.csv"
    if not path.is_file():
        return None
    passages = read_passages(PlainReader(), path, faults)
    platforms = read_platforms(PlainReader(), other, faults) if other.is_file() else []
    return None if len(faults) else PartInputs(tuple(passages), tuple(platforms))
