"""Borders settled in exact rationals: whole arrays for the rows near a threshold, and one firm at a time.

Values are decimals of at most fifteen digits read into binary floats; their shortest decimal text gives them back
exactly, so a comparison is exact once it is made in whole numbers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.rules.expression import Col, Compare, Expression, Mean, Ratio, Sum
from biaochi.methods.rules.facts import Bools, Facts

Whole: TypeAlias = NDArray[Any]
_EXACT_LIMIT = 2.0**52


def exact_value(value: float) -> Fraction:
    """Return the decimal that a float was read from.

    Examples
    --------
    >>> exact_value(0.1), exact_value(8421052.63)
    (Fraction(1, 10), Fraction(842105263, 100))
    """
    return Fraction(repr(float(value)))


def settle(test: Compare, facts: Facts, rows: NDArray[np.intp]) -> Bools:
    """Return the truth of a comparison at some rows, exactly.

    Parameters
    ----------
    test : Compare
        An expression against a number; no denominator may be zero and nothing missing at these rows.
    facts : Facts
        The table.
    rows : array of int, shape (k,)
        Row positions.

    Returns
    -------
    array of bool, shape (k,)
    """
    top, bottom = _fraction(test.left, facts, rows)
    left = top * test.right.denominator
    right = bottom * test.right.numerator
    sign = np.where(bottom > 0, 1, -1)
    gap = (left - right) * sign
    match test.op:
        case ">=":
            return np.asarray(gap >= 0, dtype=bool)
        case "<=":
            return np.asarray(gap <= 0, dtype=bool)
        case ">":
            return np.asarray(gap > 0, dtype=bool)
        case "<":
            return np.asarray(gap < 0, dtype=bool)
        case _:
            return np.asarray(gap == 0, dtype=bool)


def _fraction(node: Expression, facts: Facts, rows: NDArray[np.intp]) -> tuple[Whole, Whole]:
    """Return numerators and denominators as arrays of Python integers, which never overflow."""
    match node:
        case Col(name):
            return _column(facts.number(name)[rows])
        case Ratio(top, bottom):
            (a, b), (c, d) = _fraction(top, facts, rows), _fraction(bottom, facts, rows)
            return a * d, b * c
        case Sum(terms, signs):
            total = _fraction(terms[0], facts, rows)
            for term, sign in zip(terms[1:], signs[1:], strict=True):
                total = _add(total, _fraction(term, facts, rows), sign)
            return total
        case Mean(parts):
            total = _fraction(parts[0], facts, rows)
            for part in parts[1:]:
                total = _add(total, _fraction(part, facts, rows), 1)
            return total[0], total[1] * len(parts)


def _add(left: tuple[Whole, Whole], right: tuple[Whole, Whole], sign: int) -> tuple[Whole, Whole]:
    (a, b), (c, d) = left, right
    return a * d + sign * c * b, b * d


def _column(values: NDArray[np.float64]) -> tuple[Whole, Whole]:
    hundredths = np.rint(values * 100)
    plain = (np.abs(hundredths) < _EXACT_LIMIT) & (hundredths / 100 == values)
    top = np.where(plain, hundredths, 0).astype(np.int64).astype(object)
    bottom = np.full(len(values), 100, dtype=object)
    for i in np.flatnonzero(~plain):
        exact = exact_value(values[i])
        top[i], bottom[i] = exact.numerator, exact.denominator
    return top, bottom
