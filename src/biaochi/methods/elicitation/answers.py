"""Quantile answers of experts on items, and the realisations of seed items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Scale = Literal["uniform", "log"]


@dataclass(frozen=True, eq=False)
class QuantileAnswers:
    """Quantiles by expert and item.

    Parameters
    ----------
    experts, items : tuple of str
        Keys; neither may repeat.
    levels : tuple of float
        Increasing probabilities, each strictly between 0 and 1.
    values : array, shape (experts, items, levels)
        Quantiles; NaN where an expert did not answer an item.  An item answered in part counts as not answered.
    scales : tuple of {"uniform", "log"}
        Background measure of each item.

    Raises
    ------
    ValueError
        When quantiles cross, shapes do not fit, or a log item has values that are not positive.
    """

    experts: tuple[str, ...]
    items: tuple[str, ...]
    levels: tuple[float, ...]
    values: Floats
    scales: tuple[Scale, ...] = ()

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.shape != (len(self.experts), len(self.items), len(self.levels)):
            raise ValueError(f"values have the shape {values.shape}, not experts × items × levels")
        steps = np.diff(np.array([0.0, *self.levels, 1.0]))
        if np.any(steps <= 0):
            raise ValueError(f"levels increase strictly between 0 and 1, seen {self.levels}")
        values[np.isnan(values).any(axis=2)] = np.nan
        crossing = np.argwhere(np.diff(values, axis=2) < 0)
        if len(crossing):
            expert, item, _ = crossing[0]
            raise ValueError(f"quantiles cross: {self.experts[expert]} on {self.items[item]}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "scales", self.scales or ("uniform",) * len(self.items))
        values.setflags(write=False)
        for i, scale in enumerate(self.scales):
            if scale == "log" and np.nanmin(np.where(np.isnan(values[:, i]), np.inf, values[:, i])) <= 0:
                raise ValueError(f"the log item {self.items[i]} has values that are not positive")

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Whether an expert answered an item, shape (experts, items)."""
        return np.asarray(~np.isnan(self.values[:, :, 0]))

    def only(self, items: Sequence[str]) -> QuantileAnswers:
        """Return the answers on some items, in the order given."""
        positions = [self.items.index(i) for i in items]
        return QuantileAnswers(
            self.experts, tuple(items), self.levels, self.values[:, positions], tuple(self.scales[p] for p in positions)
        )

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, levels: Mapping[str, float], scales: Mapping[str, Scale] | None = None
    ) -> QuantileAnswers:
        """Build from one row an expert and item.

        Parameters
        ----------
        frame : DataFrame
            Columns ``expert, item`` and those named in ``levels``.
        levels : mapping
            Column → probability, increasing.
        scales : mapping or None
            Item → scale; uniform by default.
        """
        experts = tuple(dict.fromkeys(frame["expert"].astype(str)))
        items = tuple(dict.fromkeys(frame["item"].astype(str)))
        values = np.full((len(experts), len(items), len(levels)), np.nan)
        rows = frame["expert"].astype(str).map({e: i for i, e in enumerate(experts)}).to_numpy()
        columns = frame["item"].astype(str).map({e: i for i, e in enumerate(items)}).to_numpy()
        values[rows, columns] = frame[list(levels)].to_numpy(dtype=np.float64)
        chosen = tuple((scales or {}).get(i, "uniform") for i in items)
        return cls(experts, items, tuple(levels.values()), values, chosen)


@dataclass(frozen=True)
class Seeds:
    """Realisations of seed items.

    Parameters
    ----------
    realisations : mapping of str to float
        Item → what came.
    """

    realisations: Mapping[str, float]

    def known(self, answers: QuantileAnswers) -> tuple[str, ...]:
        """Return the answered items with a realisation, in the answers' order."""
        return tuple(i for i in answers.items if i in self.realisations)
