"""Verdicts as small integers, so that half a million firms fit in a few megabytes.

The chain is unmet < unknown < manual_review < met; ``all`` is its minimum, ``any`` its maximum.  What does not apply
drops out; where nothing is left, the whole does not apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from biaochi.core.verdict import Verdict

Codes: TypeAlias = NDArray[np.uint8]

UNMET, UNKNOWN, REVIEW, MET, NOT_APPLICABLE = range(5)
ORDER: tuple[Verdict, ...] = (
    Verdict.UNMET,
    Verdict.UNKNOWN,
    Verdict.MANUAL_REVIEW,
    Verdict.MET,
    Verdict.NOT_APPLICABLE,
)
LETTERS = "ukrmn"


def all_codes(children: Sequence[Codes]) -> Codes:
    """Return the element-wise verdict of "every one of them".

    Examples
    --------
    >>> all_codes([np.array([3, 4, 3], np.uint8), np.array([1, 4, 4], np.uint8)]).tolist()
    [1, 4, 3]
    """
    least: Codes = np.minimum.reduce(list(children))
    return least


def any_codes(children: Sequence[Codes]) -> Codes:
    """Return the element-wise verdict of "at least one of them".

    Examples
    --------
    >>> any_codes([np.array([0, 4, 2], np.uint8), np.array([4, 4, 3], np.uint8)]).tolist()
    [0, 4, 3]
    """
    # Not applicable (4) must be the least of a maximum: rotate 4 to 0, take the maximum, rotate back.
    rotated = [np.where(c == NOT_APPLICABLE, 0, c + 1).astype(np.uint8) for c in children]
    top = np.maximum.reduce(rotated)
    return np.where(top == 0, NOT_APPLICABLE, top - 1).astype(np.uint8)


def three_valued(truth: NDArray[np.bool_], known: NDArray[np.bool_]) -> Codes:
    """Return met or unmet where the facts are known, unknown elsewhere."""
    codes = truth.astype(np.uint8)
    codes *= MET
    np.copyto(codes, UNKNOWN, where=~known)
    return codes
