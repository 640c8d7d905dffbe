"""Bass diffusion with a required ceiling: innovators p, imitators q.

Bass (1969, doi 10.1287/mnsc.15.5.215): F(t) = (1−e^{−(p+q)t})/(1+(q/p)e^{−(p+q)t}); sales peak at ln(q/p)/(p+q).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.growth import GrowthModel
from biaochi.methods.forecasting.series import Floats, Ints, Series


def bass_share(p: Floats | float, q: Floats | float, t: Floats) -> Floats:
    """Return F(t), the share of the ceiling reached t years after launch.

    Examples
    --------
    >>> bass_share(0.03, 0.38, np.array([0.0, 5.0])).round(4).tolist()
    [0.0, 0.3312]
    """
    decay = np.exp(-(p + q) * t)
    return np.asarray((1 - decay) / (1 + (q / p) * decay))


def bass_peak(p: float, q: float) -> float:
    """Return the years from launch to the peak of yearly adoption; 0 when imitation does not outweigh innovation.

    Examples
    --------
    >>> round(bass_peak(0.03, 0.38), 2)
    6.19
    """
    return float(max(np.log(q / p) / (p + q), 0.0))


@dataclass(frozen=True)
class Bass(GrowthModel):
    """Cumulative adoption under a ceiling that is not estimated from the data alone.

    Parameters
    ----------
    ceiling : Distribution
        Prior of the ceiling in the series' unit; required.
    launch : int or None
        Year in which adoption was zero; None for the year before the first point.
    draws, seed : int
        Posterior draws and the seed of their generator.
    """

    ceiling: Distribution
    launch: int | None = None
    draws: int = 4000
    seed: int = 0
    code: ClassVar[str] = "bass"

    def clock(self, series: Series, years: Ints) -> Floats:
        """Return years since launch."""
        start = int(series.years[0]) - 1 if self.launch is None else self.launch
        if start >= series.years[0]:
            raise ValueError(f"launch must lie before the first point, seen {start}")
        return np.asarray(years - start, dtype=np.float64)

    def log_share(self, parameters: Floats, at: Floats) -> Floats:
        """Return ln F for parameters ln p, ln q."""
        p, q = np.exp(np.clip(parameters[:, :1], -30, 2)), np.exp(np.clip(parameters[:, 1:], -30, 2))
        return np.asarray(np.log(np.maximum(bass_share(p, q, at), 1e-300)))

    def slopes(self, parameters: Floats, at: Floats) -> Floats:
        """Return central differences by ln p and ln q."""
        step = 1e-5
        moved = []
        for k in range(2):
            shift = np.zeros(2)
            shift[k] = step
            up, down = self.log_share(parameters + shift, at), self.log_share(parameters - shift, at)
            moved.append((up - down) / (2 * step))
        return np.stack(moved, axis=-1)

    def start(self, ceiling: Floats, series: Series, at: Floats) -> Floats:
        """Return p from the first share reached and a moderate q."""
        first = np.clip(series.values[0] / ceiling / at[0], 1e-6, 0.3)
        return np.stack([np.log(first), np.full(len(ceiling), np.log(0.3))], axis=1)

    def named(self, parameters: Floats, series: Series) -> dict[str, float]:
        """Return p, q and the calendar year of the peak."""
        p, q = (float(np.exp(v)) for v in parameters)
        launch = int(series.years[0]) - 1 if self.launch is None else self.launch
        return {"p": p, "q": q, "peak": launch + bass_peak(p, q)}
