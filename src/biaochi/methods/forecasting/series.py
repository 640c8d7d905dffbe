"""A yearly series of one technology: what every forecasting method takes.

Costs fall and performance rises when a technology improves.  Methods work on ``y = ln value`` for costs and
``y = −ln value`` for performance, so that improvement is downwards for both and a performance series is exactly its
inverse read as a cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
SeriesKind = Literal["cost", "performance"]


@dataclass(frozen=True, eq=False)
class Series:
    """Consecutive yearly values of one technology.

    Parameters
    ----------
    technology : str
        Its key.
    years : array of int, shape (n,)
        Consecutive years, increasing by one.
    values : array of float, shape (n,)
        Positive values in ``unit``.
    kind : {"cost", "performance"}
        Whether improvement is a fall or a rise.
    unit, source : str
        Unit of the values and where they come from.
    experience : array of float, shape (n,), or None
        Cumulative experience (production, capacity): positive, never falling.
    family : str or None
        Near-duplicates share a family; members never serve as each other's reference class.

    Raises
    ------
    ValueError
        Naming every contradiction found.

    Examples
    --------
    >>> s = Series("pv", [2020, 2021, 2022], [4.0, 2.0, 1.0], "cost", "USD/W", "example")
    >>> s.y.round(3).tolist()
    [1.386, 0.693, 0.0]
    """

    technology: str
    years: Ints
    values: Floats
    kind: SeriesKind = "cost"
    unit: str = ""
    source: str = ""
    experience: Floats | None = None
    family: str | None = None

    def __init__(
        self,
        technology: str,
        years: ArrayLike,
        values: ArrayLike,
        kind: SeriesKind = "cost",
        unit: str = "",
        source: str = "",
        experience: ArrayLike | None = None,
        family: str | None = None,
    ) -> None:
        grown = None if experience is None else np.array(experience, dtype=np.float64)
        fields = {
            "technology": technology,
            "years": np.array(years, dtype=np.int64),
            "values": np.array(values, dtype=np.float64),
            "kind": kind,
            "unit": unit,
            "source": source,
            "experience": grown,
            "family": family,
        }
        for name, value in fields.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)
        problems = _problems(self)
        if problems:
            raise ValueError(f"series {technology!r}: " + "; ".join(problems))

    def __len__(self) -> int:
        return len(self.years)

    @property
    def sign(self) -> int:
        """1 for costs, −1 for performance."""
        return 1 if self.kind == "cost" else -1

    @property
    def y(self) -> Floats:
        """Logarithm in cost orientation: improvement is downwards."""
        return self.sign * np.log(self.values)

    @property
    def x(self) -> Floats | None:
        """Logarithm of experience, or None."""
        return None if self.experience is None else np.log(self.experience)

    def upto(self, year: int | None) -> Series:
        """Return the series as it was known at the end of a year (None: all of it)."""
        if year is None or year >= self.years[-1]:
            return self
        keep = self.years <= year
        return Series(
            self.technology,
            self.years[keep],
            self.values[keep],
            self.kind,
            self.unit,
            self.source,
            None if self.experience is None else self.experience[keep],
            self.family,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a year."""
        frame = pd.DataFrame({"technology": self.technology, "year": self.years, "value": self.values})
        frame["kind"], frame["unit"], frame["source"] = self.kind, self.unit, self.source
        if self.experience is not None:
            frame["experience"] = self.experience
        return frame


def _problems(series: Series) -> list[str]:
    years, values = series.years, series.values
    found = []
    if years.ndim != 1 or values.shape != years.shape or len(years) == 0:
        return [f"years and values must be equally long and not empty, seen {years.shape} and {values.shape}"]
    if series.kind not in ("cost", "performance"):
        found.append(f"kind is cost or performance, seen {series.kind!r}")
    if np.any(np.diff(years) != 1):
        found.append(f"years must be consecutive, seen a step after {years[:-1][np.diff(years) != 1][0]}")
    if not np.all(np.isfinite(values) & (values > 0)):
        found.append(f"values must be positive, seen {values[~(np.isfinite(values) & (values > 0))][0]}")
    if series.experience is not None:
        grown = series.experience
        if grown.shape != years.shape or not np.all(np.isfinite(grown) & (grown > 0)):
            found.append("experience must be positive, one value a year")
        elif np.any(np.diff(grown) < 0):
            found.append(f"experience falls after {years[:-1][np.diff(grown) < 0][0]}")
    return found


def improving(series: Sequence[Series], level: float = 0.10) -> list[Series]:
    """Return the series whose mean log-change is significantly an improvement (one-sided t-test).

    Farmer and Lafond (2016, doi 10.1016/j.respol.2015.11.001) select technologies this way; the choice looks at the
    whole series, so hindcasts on the selection are kinder than hindcasts on all.
    """
    kept = []
    for one in series:
        steps = np.diff(one.y)
        m = len(steps)
        if m < 2:
            continue
        spread = float(np.std(steps, ddof=1))
        statistic = float(np.mean(steps)) / max(spread / np.sqrt(m), 1e-300)
        if special.stdtr(m - 1, statistic) < level:
            kept.append(one)
    return kept
