"""Cultivation's part of a programme folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from biaochi.core.errors import InputError
from biaochi.core.turn import Turn
from biaochi.exchange.columnar import Streamed
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import PlainReader
from biaochi.mechanisms.cultivation.decisions import PartInputs
from biaochi.mechanisms.cultivation.files.registry import read_registry
from biaochi.mechanisms.cultivation.files.rules import shipped_rules
from biaochi.mechanisms.cultivation.files.tables import (
    BY_COLUMN,
    EVIDENCE_COLUMNS,
    FIRM_COLUMNS,
    RECODED,
    check_firms,
)


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``firms.csv`` with ``evidence.csv`` and ``registry.csv``; ``None`` when there are no firms."""
    path = folder / "firms.csv"
    if not path.is_file():
        return None
    own = Faults()
    firms = pd.DataFrame()
    try:
        streamed = Streamed(path, FIRM_COLUMNS, key="firm", duplicate_code="duplicate_firm", check=check_firms)
        firms = pd.concat([f.astype(dict.fromkeys(f.select_dtypes("category"), object)) for f in streamed.slices()])
    except InputError as error:
        own.extend(error)
        own.recode(RECODED, BY_COLUMN)
    faults.extend(own)
    evidence = None
    if (folder / "evidence.csv").is_file():
        evidence = PlainReader().table(folder / "evidence.csv", EVIDENCE_COLUMNS, faults=faults).frame
    grants = []
    if (folder / "registry.csv").is_file():
        try:
            grants = read_registry(PlainReader(), folder / "registry.csv")
        except InputError as error:
            faults.extend(error)
    if len(faults):
        return None
    return PartInputs(tuple(shipped_rules()), firms.reset_index(drop=True), evidence, tuple(grants))
