"""The random walk without drift: tomorrow as today, the band from past steps.  The baseline nobody should lose to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.student import Law, StudentModel
from biaochi.methods.forecasting.windows import Windows


@dataclass(frozen=True)
class RandomWalk(StudentModel):
    """Location y_t, squared scale mean(Δy²)·τ, Student with m degrees of freedom.

    Examples
    --------
    >>> s = Series("a", range(2000, 2008), [8, 7, 6, 5.5, 5, 4, 3.8, 3.5])
    >>> round(RandomWalk().fit(s).predict(5).marginal(5).median, 6)
    3.5
    """

    code: ClassVar[str] = "random_walk"

    def law(self, rows: Windows, series: Sequence[Series], horizons: Ints, *, hindsight: bool = False) -> Law:
        """Return the laws of all rows at all horizons."""
        location = np.repeat(rows.last[:, None], len(horizons), axis=1)
        return Law(location, rows.msq[:, None] * horizons, rows.m.astype(np.float64))

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return mean(Δy²)·min(τ₁, τ₂)."""
        return np.asarray(rows.msq[0] * np.minimum.outer(horizons, horizons).astype(np.float64))

    def estimates(self, rows: Windows, series: Sequence[Series]) -> Mapping[str, float]:
        """Return the step size and the number of increments."""
        return {"step": float(np.sqrt(rows.msq[0])), "m": float(rows.m[0])}
