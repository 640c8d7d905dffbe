"""The fund's part of a programme folder."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.errors import InputError
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.structured import read_data
from biaochi.mechanisms.fund.decisions import PartInputs
from biaochi.mechanisms.fund.files.decisions_table import read_decisions
from biaochi.methods.allocation import Programme


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``programme.json`` and, if it is there, ``decisions.csv``; ``None`` without a programme."""
    path, past = folder / "programme.json", folder / "decisions.csv"
    if not path.is_file():
        return None
    try:
        programme = Programme.from_json(read_data(path)[0], file=path.name)
    except InputError as error:
        faults.extend(error)
        return None
    decisions = read_decisions(past, programme, faults)[0] if past.is_file() else []
    return PartInputs(programme, tuple(d for d in decisions if d.at <= turn.as_of))
