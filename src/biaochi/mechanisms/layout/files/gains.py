"""``gains.csv``: probabilities of entry that somebody gives."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import Table
from biaochi.mechanisms.layout.files.register import Register
from biaochi.mechanisms.layout.files.tables import GAINS, read, records, unknown_region, unknown_track


def read_gains(
    call: Register, path: Path, tracks: Collection[str], regions: Collection[str] | None, faults: Faults
) -> pd.DataFrame:
    """Read probabilities as regions × tracks, NaN where there is no row, in order of appearance.

    Every probability outside 0..1, every track that is not among ``tracks`` and, where ``regions`` is given, every
    region that is not among them is a fault.
    """
    table = read(call, path, GAINS, faults, key=("region", "track"))
    checked_probabilities(table, faults)
    for row in records(table):
        if regions is not None:
            unknown_region(row, regions, faults, table.source.name)
        unknown_track(row, tracks, faults, table.source.name)
    frame = table.frame.drop_duplicates(["region", "track"])
    wide = frame.pivot(index="region", columns="track", values="p")
    ordered = wide.reindex(index=list(dict.fromkeys(frame["region"])), columns=list(dict.fromkeys(frame["track"])))
    return ordered.rename_axis(index=None, columns=None)


def checked_probabilities(table: Table, faults: Faults) -> None:
    """Note probabilities outside 0..1."""
    for row in records(table):
        if not 0 <= row["p"] <= 1 and not np.isnan(row["p"]):
            faults.add(
                "probability_range",
                Text("概率应在 0 与 1 之间", "a probability lies between 0 and 1"),
                Text("请改正", "correct it"),
                row=int(row["row"]),
                column="p",
                seen=row["p"],
                file=table.source.name,
            )
