"""The exponential trend by least squares on years, with the textbook interval: a baseline, and a warning.

Its errors are taken as independent from year to year, which technologies' are not: on 66 series its 90 % band held
less than half of what came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from biaochi.methods.forecasting.series import Floats, Ints, Series
from biaochi.methods.forecasting.student import Law, StudentModel
from biaochi.methods.forecasting.windows import Windows


@dataclass(frozen=True)
class Trend(StudentModel):
    """y on year by ordinary least squares over m+1 points; Student with m−1 degrees of freedom."""

    code: ClassVar[str] = "trend"

    def law(self, rows: Windows, series: Sequence[Series], horizons: Ints, *, hindsight: bool = False) -> Law:
        """Return the laws of all rows at all horizons."""
        away = rows.centre[:, None] + horizons
        location = rows.level[:, None] + rows.slope[:, None] * horizons
        inflation = 1 + 1 / (rows.m[:, None] + 1.0) + away**2 / rows.spread[:, None]
        return Law(location, rows.residual2[:, None] * inflation, rows.m.astype(np.float64) - 1)

    def covariance(self, rows: Windows, series: Sequence[Series], horizons: Ints) -> Floats:
        """Return the scale matrix: fresh errors on the diagonal, the shared line everywhere."""
        away = rows.centre[0] + horizons
        shared = 1 / (rows.m[0] + 1.0) + np.multiply.outer(away, away) / rows.spread[0]
        return np.asarray(rows.residual2[0] * (np.eye(len(horizons)) + shared))

    def estimates(self, rows: Windows, series: Sequence[Series]) -> Mapping[str, float]:
        """Return slope, residual deviation and number of increments."""
        return {
            "slope": float(rows.slope[0]),
            "residual": float(np.sqrt(rows.residual2[0])),
            "m": float(rows.m[0]),
        }
