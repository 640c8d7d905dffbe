"""Long arrays in cache-sized pieces on two threads; numpy and scipy release the interpreter lock inside."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PIECE = 1 << 15
THREADS = 2


def in_pieces(function: Callable[[Floats, Floats], Floats], first: Floats, second: Floats) -> Floats:
    """Return ``function(first, second)`` of two flat arrays of one length, computed piece by piece."""
    if first.size <= PIECE:
        return function(first, second)
    pieces = [slice(i, i + PIECE) for i in range(0, first.size, PIECE)]
    with ThreadPoolExecutor(THREADS) as pool:
        return np.concatenate(list(pool.map(lambda p: function(first[p], second[p]), pieces)))
