"""Hypotheses that arrive one after another: the e-LOND procedure.

Source: Xu and Ramdas (2024), https://proceedings.mlr.press/v238/xu24a.html; discount sequence: Javanmard and
Montanari (2018), doi:10.1214/17-AOS1559.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class OnlineTests:
    """The level each hypothesis got, and whether it was rejected; arrays in order of arrival."""

    e: NDArray[np.float64]
    alpha_t: NDArray[np.float64]
    rejected: NDArray[np.bool_]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a hypothesis."""
        return pd.DataFrame({"e": self.e, "alpha_t": self.alpha_t, "rejected": self.rejected})


def discount(j: int) -> float:
    """Return γ_j = 0.07720838·ln(max(j,2)) / (j·e^√(ln j)) for j ≥ 1; the sum over all j is 1."""
    return 0.07720838 * math.log(max(j, 2)) / (j * math.exp(math.sqrt(math.log(j))))


def e_lond(e: ArrayLike, alpha: float) -> OnlineTests:
    """Test each e-value at α_t = α γ_t (R_{t−1} + 1), with R the rejections so far.

    Examples
    --------
    >>> e_lond([500, 2, 3000], 0.05).rejected.tolist()
    [True, False, True]
    """
    values = np.atleast_1d(np.asarray(e, dtype=float))
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, seen {alpha}")
    if np.isnan(values).any() or (values < 0).any():
        raise ValueError("e-values are numbers of at least 0")
    levels, rejected, count = np.empty(values.size), np.zeros(values.size, dtype=bool), 0
    for t, value in enumerate(values, start=1):
        levels[t - 1] = alpha * discount(t) * (count + 1)
        rejected[t - 1] = value >= 1 / levels[t - 1]
        count += int(rejected[t - 1])
    return OnlineTests(values, levels, rejected)
