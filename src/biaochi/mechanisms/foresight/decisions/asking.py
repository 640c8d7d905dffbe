"""What an expert is asked again: where the middle half lay, and whether an answer outside it needs a why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from biaochi.core.distribution import Distribution
from biaochi.core.text import Text
from biaochi.mechanisms.foresight.model.study import Item
from biaochi.methods.elicitation.idea import combine_intervals, stretch


@dataclass(frozen=True, slots=True)
class MiddleHalf:
    """Median and quartiles of a round's answers; infinite where so many said never."""

    n: int
    low: float
    median: float
    high: float

    def outside(self, value: float) -> bool:
        """Whether an answer lies outside, so that its reason is asked."""
        return value < self.low or value > self.high


def middle_half(frame: pd.DataFrame, item: str, round_: int) -> MiddleHalf | None:
    """Return where the middle half of the answers lay; ``None`` where nobody gave a number.

    Parameters
    ----------
    frame : DataFrame
        Answers as read by ``files.read_answers``; "never" is an infinite value.
    item : str
        Code of the item.
    round_ : int
        The round that was closed.
    """
    said = frame.loc[(frame["item"] == item) & (frame["round"] == round_), "value"].dropna().to_numpy(dtype=np.float64)
    if len(said) == 0:
        return None
    low, median, high = (_order_statistic(np.sort(said), q) for q in (0.25, 0.5, 0.75))
    return MiddleHalf(len(said), low, median, high)


def _order_statistic(ordered: np.ndarray, level: float) -> float:
    """Interpolate between neighbours as the default quantile does; next to an infinite one it is infinite."""
    place = level * (len(ordered) - 1)
    below = int(np.floor(place))
    share = place - below
    if share == 0 or not np.isfinite(ordered[below]):
        return float(ordered[below])
    return float(ordered[below] + share * (ordered[below + 1] - ordered[below]))


def combined_interval(frame: pd.DataFrame, item: str, round_: int) -> Distribution | None:
    """Combine the intervals of a round: stretched to one confidence and averaged (IDEA); ``None`` without any.

    Parameters
    ----------
    frame : DataFrame
        Answers as read by ``files.read_answers``.
    item : str
        Code of the item.
    round_ : int
        The round that was closed.
    """
    said = frame[(frame["item"] == item) & (frame["round"] == round_)].dropna(
        subset=["low", "best", "high", "confidence"]
    )
    if len(said) == 0:
        return None
    return combine_intervals(stretch(said["low"], said["best"], said["high"], said["confidence"]))


def beyond(frame: pd.DataFrame, items: Sequence[Item], survey_year: int) -> tuple[tuple[str, Text], ...]:
    """Return what is wrong with a sheet beyond its form: ratings off the scale, years before the survey.

    Parameters
    ----------
    frame : DataFrame
        One sheet as read by ``files.read_answers``.
    items : sequence of Item
        What was asked.
    survey_year : int
        Year of the survey.

    Returns
    -------
    tuple of (item, Text)
    """
    found = []
    for item in items:
        own = frame[frame["item"] == item.code]
        if len(own) == 0:
            continue
        value, first = float(own["value"].iloc[0]), float(own["year_p10"].iloc[0])
        if item.type == "likert" and item.low is not None and item.high is not None:
            if value < item.low or value > item.high or (np.isfinite(value) and value != int(value)):
                found.append(
                    (
                        item.code,
                        Text(
                            f"须为 {item.low:g} 到 {item.high:g} 的整数",
                            f"a whole number from {item.low:g} to {item.high:g}",
                        ),
                    )
                )
        elif item.type == "year" and first < survey_year:
            found.append((item.code, Text(f"年份不能早于 {survey_year}", f"years cannot lie before {survey_year}")))
    return tuple(found)
