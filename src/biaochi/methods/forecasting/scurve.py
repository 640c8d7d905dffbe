"""S-curves with a required ceiling: logistic and Gompertz, shown side by side.

Logistic: share 1/(1+e^{−z}); Gompertz: exp(−e^{−z}); z = a + b·(years since the middle of the data), b = e^{log b}.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.growth import GrowthModel
from biaochi.methods.forecasting.series import Floats, Ints, Series

Form = Literal["logistic", "gompertz"]


@dataclass(frozen=True)
class SCurve(GrowthModel):
    """A logistic or Gompertz curve under a ceiling that is not estimated from the data alone.

    Parameters
    ----------
    form : {"logistic", "gompertz"}
        Shape.
    ceiling : Distribution
        Prior of the ceiling in the series' unit; required.
    draws, seed : int
        Posterior draws and the seed of their generator.

    Examples
    --------
    >>> years = np.arange(2000, 2020)
    >>> s = Series("a", years, 100 / (1 + np.exp(-0.3 * (years - 2015))), "performance")
    >>> ceiling = Distribution.from_quantiles({0.0: 80.0, 1.0: 120.0})
    >>> round(SCurve("logistic", ceiling).fit(s).estimates["midpoint"])
    2015
    """

    form: Form
    ceiling: Distribution
    draws: int = 4000
    seed: int = 0
    code: ClassVar[str] = "scurve"

    def __post_init__(self) -> None:
        if self.form not in ("logistic", "gompertz"):
            raise ValueError(f"an S-curve is logistic or gompertz, seen {self.form!r}")

    def clock(self, series: Series, years: Ints) -> Floats:
        """Return years since the middle of the data."""
        return np.asarray(years - (series.years[0] + series.years[-1]) / 2.0, dtype=np.float64)

    def log_share(self, parameters: Floats, at: Floats) -> Floats:
        """Return ln(value/ceiling)."""
        z = parameters[:, :1] + np.exp(parameters[:, 1:]) * at
        if self.form == "logistic":
            return np.asarray(-np.logaddexp(0.0, -z))
        return np.asarray(-np.exp(np.minimum(-z, 50.0)))

    def slopes(self, parameters: Floats, at: Floats) -> Floats:
        """Return derivatives by a and ln b."""
        rate = np.exp(parameters[:, 1:])
        z = parameters[:, :1] + rate * at
        by_z = np.exp(-np.logaddexp(0.0, z)) if self.form == "logistic" else np.exp(np.minimum(-z, 50.0))
        return np.stack([by_z, by_z * rate * at], axis=-1)

    def start(self, ceiling: Floats, series: Series, at: Floats) -> Floats:
        """Return the straight-line fit of z on time, with shares cut below one."""
        share = np.minimum(series.values[None, :] / ceiling[:, None], 0.995)
        z = np.log(share / (1 - share)) if self.form == "logistic" else -np.log(-np.log(share))
        centred = at - at.mean()
        slope = np.maximum((z @ centred) / np.sum(centred**2), 1e-3)
        return np.stack([z.mean(axis=1) - slope * at.mean(), np.log(slope)], axis=1)

    def named(self, parameters: Floats, series: Series) -> dict[str, float]:
        """Return growth rate and midpoint (Gompertz: inflection) in calendar years."""
        rate = float(np.exp(parameters[1]))
        middle = (int(series.years[0]) + int(series.years[-1])) / 2.0
        return {"rate": rate, "midpoint": middle - float(parameters[0]) / rate}
