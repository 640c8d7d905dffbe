"""A stream: readings in file order, for a replay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Stream:
    """One stream in file order; ``at`` as written (empty without the column), without empty readings."""

    name: str
    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    exposure: NDArray[np.float64]
    at: list[str]
