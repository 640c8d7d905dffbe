"""One turn of the loop: the day, the data known by then, the seed, and whose programme it is.

What every mechanism's part of the yearly report receives beside its own files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from biaochi.core.text import Lang, Text


@dataclass(frozen=True, slots=True)
class Turn:
    """The frame of one turn.

    Parameters
    ----------
    name : Text
        The programme's name.
    region : str
        GB/T 2260 code the programme is for.
    period : str
        The period reported on, as written.
    at, as_of : datetime.date
        The day whose rules apply; the day up to which data are known.
    seed : int
        Seed of every random number of the turn.
    language : {"zh", "en"}
        The language that stands first in the report.
    """

    name: Text
    region: str
    period: str
    at: date
    as_of: date
    seed: int = 0
    language: Lang = "zh"
