"""How past forecasts fared: Brier score and calibration by tenths (Brier 1950; Murphy 1973)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biaochi.mechanisms.fund.model import PastDecision

BINS = 10


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Forecasts of one tenth: how many, their mean, and how often a pass followed."""

    low: float
    high: float
    n: int
    forecast: float
    frequency: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Forecasts with a known outcome; ``brier`` is ``None`` when there are none."""

    n: int
    brier: float | None
    bins: tuple[CalibrationBin, ...]


def calibrate(past: Sequence[PastDecision]) -> Calibration:
    """Return the calibration of the forecasts whose outcome is known.

    Examples
    --------
    >>> calibrate([]).brier is None
    True
    """
    known = [(d.forecast, d.outcome) for d in past if d.forecast is not None and d.outcome is not None]
    if not known:
        return Calibration(0, None, ())
    groups: dict[int, list[tuple[float, int]]] = {}
    for forecast, outcome in known:
        groups.setdefault(min(int(forecast * BINS + 1e-12), BINS - 1), []).append((forecast, outcome))
    bins = tuple(
        CalibrationBin(
            k / BINS,
            (k + 1) / BINS,
            len(group),
            sum(f for f, _ in group) / len(group),
            sum(o for _, o in group) / len(group),
        )
        for k, group in sorted(groups.items())
    )
    brier = sum((f - o) ** 2 for f, o in known) / len(known)
    return Calibration(len(known), brier, bins)
