"""What is a possible reading under a rule, one at a time and whole arrays."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from biaochi.core.errors import Fault, InputError
from biaochi.core.text import Text
from biaochi.methods.surveillance.rule import LARGEST, Rule


class ReadingError(InputError):
    """A reading cannot come from what the rule watches, such as more events than trials."""


def reading_fault(rule: Rule, value: float, exposure: float) -> str:
    """Return the code of what is wrong with a reading, or an empty text.

    Codes: ``not_a_number``, ``exposure_not_positive``, ``out_of_range``, ``events_above_trials``.
    """
    if not (math.isfinite(value) and math.isfinite(exposure)):
        return "not_a_number"
    if exposure <= 0:
        return "exposure_not_positive"
    if abs(value) > LARGEST or not 1 / LARGEST <= exposure <= LARGEST:
        return "out_of_range"
    likelihood = rule.likelihood
    if likelihood in ("beta", "gamma", "maxsprt"):
        if value < 0:
            return "out_of_range"
        return "events_above_trials" if likelihood == "beta" and value > exposure else ""
    if likelihood == "betting":
        low, high = rule.bounds
        return "" if low <= value <= high else "out_of_range"
    return ""


def impossible(rule: Rule, values: NDArray[np.float64], exposure: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which readings :func:`reading_fault` would refuse; shapes broadcast."""
    bad = ~(np.isfinite(values) & np.isfinite(exposure)) | (exposure <= 0)
    bad = bad | (np.abs(values) > LARGEST) | (exposure < 1 / LARGEST) | (exposure > LARGEST)
    likelihood = rule.likelihood
    if likelihood in ("beta", "gamma", "maxsprt"):
        bad = bad | (values < 0)
    if likelihood == "beta":
        bad = bad | (values > exposure)
    if likelihood == "betting":
        low, high = rule.bounds
        bad = bad | (values < low) | (values > high)
    return bad


READING_FAULTS: dict[str, tuple[Text, Text]] = {
    "not_a_number": (Text("读数不是有限的数", "the reading is not a finite number"), Text("请核对", "check it")),
    "exposure_not_positive": (
        Text("暴露量须大于 0", "exposure must be positive"),
        Text("请填写实际暴露量，没有则不要报这一行", "give the true exposure, or leave the row out"),
    ),
    "out_of_range": (
        Text("读数超出该方法可能的范围", "the reading lies outside what the method allows"),
        Text("请核对读数与护栏的范围", "check the reading and the guardrail's range"),
    ),
    "events_above_trials": (
        Text("事件数多于试验次数", "there are more events than trials"),
        Text("请核对读数与暴露量", "check value and exposure"),
    ),
}


def reading_error(code: str, value: float, exposure: float) -> ReadingError:
    """Return the error for a refused reading."""
    message, fix = READING_FAULTS[code]
    column = "exposure" if code == "exposure_not_positive" else "value"
    return ReadingError([Fault(code, message, fix, column=column, seen=f"{value!r} / {exposure!r}")])
