"""Scores as intervals: an item whose facts are missing may still earn anything between its least and its most.

An item is one line::

    rd_1/revenue_1 >= 0.05: 20, 0.03: 15, 0.02: 10        bands of one expression; an edge earns the higher points
    ip1 >= 1: 30 else ip2 >= 4: 24 else ip2 >= 3: 18      the first test that holds
    strategic = 1: 10 else 5                              … else these points
    floor(segment_years/2), at most 5                     a number scaled, cut off and capped
    3 x quality_items, at most 5
    feature_score (0..15)                                 points given elsewhere, with their range

or a choice by a text column, whose empty value means the interval over all choices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from biaochi.core.errors import DefinitionError
from biaochi.methods.rules.columns import BY_NAME
from biaochi.methods.rules.expression import Leaf, parse_leaf


@dataclass(frozen=True, slots=True)
class Bands:
    """Points of the first test that holds, or ``otherwise``."""

    text: str
    cases: tuple[tuple[Leaf, int], ...]
    otherwise: int = 0

    @property
    def range(self) -> tuple[int, int]:
        """Least and most points."""
        points = [p for _, p in self.cases] + [self.otherwise]
        return min(points), max(points)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns read."""
        return tuple(dict.fromkeys(c for leaf, _ in self.cases for c in leaf.columns))


@dataclass(frozen=True, slots=True)
class Scaled:
    """``factor`` × column, cut down to a whole number if ``whole``, never above ``cap``."""

    text: str
    column: str
    factor: Fraction
    whole: bool
    cap: int

    @property
    def range(self) -> tuple[int, int]:
        """Least and most points."""
        return 0, self.cap

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns read."""
        return (self.column,)


@dataclass(frozen=True, slots=True)
class Choice:
    """An item chosen by the firm; while the choice is unknown, any of them."""

    text: str
    column: str
    items: tuple[tuple[str, Bands], ...]

    @property
    def range(self) -> tuple[int, int]:
        """Least and most points."""
        ranges = [item.range for _, item in self.items]
        return min(low for low, _ in ranges), max(high for _, high in ranges)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns read."""
        return tuple(dict.fromkeys([self.column, *(c for _, item in self.items for c in item.columns)]))


Item: TypeAlias = Bands | Scaled | Choice

_CASE = re.compile(r"(.+): (\d+)")
_STEP = re.compile(r"(\d+(?:\.\d+)?): (\d+)")
_FLOOR = re.compile(r"floor\((\w+)/(\d+)\), at most (\d+)")
_TIMES = re.compile(r"(\d+) x (\w+), at most (\d+)")
_GIVEN = re.compile(r"(\w+) \(0\.\.(\d+)\)")


def parse_item(source: str | Mapping[str, str]) -> Item:
    """Return the item a line (or a mapping ``{by: column, value: line, …}``) means.

    Examples
    --------
    >>> parse_item("strategic = 1: 10 else 5").range
    (5, 10)
    >>> [points for _, points in parse_item("rd_1/revenue_1 >= 0.05: 20, 0.03: 15").cases]
    [20, 15]
    """
    if isinstance(source, Mapping):
        return _choice(source)
    text = source.strip()
    for pattern, whole in ((_FLOOR, True), (_TIMES, False)):
        match = pattern.fullmatch(text)
        if match:
            a, b, cap = match.groups()
            column, factor = (a, Fraction(1, int(b))) if whole else (b, Fraction(int(a)))
            return Scaled(text, _known(column, text), factor, whole, int(cap))
    match = _GIVEN.fullmatch(text)
    if match:
        return Scaled(match.group(1), _known(match.group(1), text), Fraction(1), False, int(match.group(2)))
    return _bands(text)


def _known(column: str, text: str) -> str:
    if column not in BY_NAME:
        raise DefinitionError(f"score item “{text}”", [f"unknown column {column}"])
    return column


def _bands(text: str) -> Bands:
    cases: list[tuple[Leaf, int]] = []
    otherwise = 0
    for part in text.split(" else "):
        if part.strip().isdigit():
            otherwise = int(part)
            continue
        first, *steps = re.split(r", (?=\d)", part)
        match = _CASE.fullmatch(first.strip())
        if match is None:
            raise DefinitionError(f"score item “{text}”", [f"cannot read “{part}”"])
        leaf = parse_leaf(match.group(1))
        cases.append((leaf, int(match.group(2))))
        stem = leaf.text.rsplit(" ", 1)[0]
        for step in steps:
            found = _STEP.fullmatch(step.strip())
            if found is None:
                raise DefinitionError(f"score item “{text}”", [f"cannot read the step “{step}”"])
            cases.append((parse_leaf(f"{stem} {found.group(1)}"), int(found.group(2))))
    points = [p for _, p in cases] + [otherwise]
    if points != sorted(points, reverse=True):
        raise DefinitionError(f"score item “{text}”", ["points must not rise from one case to the next"])
    return Bands(text, tuple(cases), otherwise)


def _choice(source: Mapping[str, str]) -> Choice:
    column = source.get("by", "")
    items = tuple((value, _bands(line)) for value, line in source.items() if value != "by")
    _known(column, str(dict(source)))
    shown = "; ".join(f"{value}: {item.text}" for value, item in items)
    return Choice(f"by {column} ({shown}; empty: interval over both)", column, items)


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of some items against a threshold (``>=`` or ``>``)."""

    op: str
    threshold: int
    items: tuple[Item, ...]
    unverified: bool = False

    @property
    def text(self) -> str:
        """The test in the form of the reference list."""
        return f"score {self.op} {self.threshold} of [{' + '.join(i.text for i in self.items)}]"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns read, in order."""
        return tuple(dict.fromkeys(c for item in self.items for c in item.columns))
