"""Whether a value meets a need; a range may meet it certainly, possibly, or not."""

from __future__ import annotations

from enum import IntEnum

from biaochi.mechanisms.procurement.model import Need, Number


class Fit(IntEnum):
    """How a product fits a need."""

    NOT = 0
    POSSIBLE = 1
    CERTAIN = 2


def meets(need: Need, value: Number | str) -> bool:
    """Return whether a single value meets a need.

    Examples
    --------
    >>> from biaochi.mechanisms.procurement.model import Title
    >>> meets(Need("R2", Title("时延", "latency"), "<=", 50, "ms"), 48)
    True
    """
    if need.op == "in":
        allowed = need.threshold if isinstance(need.threshold, tuple) else (need.threshold,)
        return value in allowed or str(value) in {str(a) for a in allowed}
    if need.op == "==":
        return value == need.threshold or str(value) == str(need.threshold)
    if not need.numeric or isinstance(value, str):
        return False
    limit = float(need.threshold)  # type: ignore[arg-type]
    return float(value) >= limit if need.op == ">=" else float(value) <= limit


def fit(need: Need, value: Number | str | None, low: float | None, high: float | None) -> Fit:
    """Return how a value, or a range from ``low`` to ``high``, fits a need; nothing known is possible."""
    ends = (low if low is not None else value, high if high is not None else value)
    if all(e is None for e in ends):
        return Fit.POSSIBLE
    known = [meets(need, e) for e in ends if e is not None]
    if need.numeric and need.op in (">=", "<=") and len(known) == 2:
        return Fit.CERTAIN if all(known) else Fit.POSSIBLE if any(known) else Fit.NOT
    if need.numeric and need.op == "==" and low is not None and high is not None and low != high:
        inside = low <= float(need.threshold) <= high  # type: ignore[arg-type]
        return Fit.POSSIBLE if inside else Fit.NOT
    if len(known) < 2:
        return Fit.POSSIBLE
    return Fit.CERTAIN if all(known) else Fit.POSSIBLE if any(known) else Fit.NOT


def faults_of_needs(needs: tuple[Need, ...]) -> list[tuple[int, str]]:
    """Return the position and what is missing (``unit``, ``threshold``, ``test``) of needs that cannot be measured."""
    found: list[tuple[int, str]] = []
    for position, need in enumerate(needs):
        if need.op in (">=", "<=") and not need.numeric:
            found.append((position, "threshold"))
        if need.numeric and not (need.unit or "").strip():
            found.append((position, "unit"))
        if not (need.test_method or "").strip():
            found.append((position, "test"))
    return found
