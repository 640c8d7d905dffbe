"""What is missing: for every leaf that is not met, the least change of its first column alone, or the day it comes of
itself by waiting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

from biaochi.core.period import add_years
from biaochi.core.verdict import Verdict
from biaochi.methods.rules.columns import BY_NAME, LEVELS
from biaochi.methods.rules.evaluate import Assessment
from biaochi.methods.rules.explain import Plain, shown, threshold_of, unit_of
from biaochi.methods.rules.expression import (
    Age,
    Between,
    Col,
    Compare,
    Expression,
    Held,
    Leaf,
    Level,
    Mean,
    NotHeld,
    Ratio,
    Review,
    Sum,
)
from biaochi.methods.rules.ruleset import AllOf, AnyOf, ByPurpose, From, Node, Purpose, RuleSet
from biaochi.methods.rules.score import Score
from biaochi.methods.rules.single import NEVER, Firm, compute, judge_leaf, judge_node, points

WAITING = frozenset({"segment_years", "champion_years"})
_STEP: dict[str, Fraction] = {"money": Fraction(1, 100)}


@dataclass(frozen=True, slots=True)
class Gap:
    """One leaf that is not met.

    Parameters
    ----------
    set, code : str
        Rule set and criterion.
    column : str
        First column of the leaf: the one that ``needed`` changes.
    value, threshold : number, str or None
        Value seen and value asked for, of the whole test.
    needed : float or None
        Least change of the column alone that meets the leaf (to the fen, or the next whole number); ``None`` when no
        change of it does, or when it is unknown.
    unit : str
        Unit of the column.
    earliest_on : datetime.date or None
        First day the leaf is met by waiting alone.
    """

    set: str
    code: str
    column: str
    value: Plain
    threshold: Plain
    needed: float | None
    unit: str
    earliest_on: date | None

    def to_dict(self) -> dict[str, object]:
        """Return the record of the command line."""
        return {
            "set": self.set,
            "code": self.code,
            "column": self.column,
            "value": self.value,
            "threshold": self.threshold,
            "needed": self.needed,
            "unit": self.unit,
            "earliest_on": self.earliest_on,
        }


def firm_gaps(rules: RuleSet, firm: Firm, at: date, purpose: Purpose = "entry") -> list[Gap]:
    """Return every leaf that keeps a firm from the title, in letter order.

    Of criteria already met nothing is told; of an ``any`` every way is told, since each alone would do.
    """
    found: list[Gap] = []
    for criterion in rules.criteria:
        outcome = judge_node(criterion.test, firm, at, purpose)
        if outcome.verdict in (Verdict.MET, Verdict.NOT_APPLICABLE):
            continue
        for leaf in _open(criterion.test, firm, at, purpose):
            found += _gap(rules.code, criterion.code, leaf, firm, at)
    return list(dict.fromkeys(found))


def gaps(assessment: Assessment, firm: str) -> list[Gap]:
    """Return the gaps of one firm of an assessed table, in every set in force."""
    found = Firm.named(assessment.facts, firm)
    return [
        g
        for r in assessment.results
        if r.rules is not None
        for g in firm_gaps(r.rules, found, assessment.at, assessment.purpose)
    ]


def _open(node: Node | None, firm: Firm, at: date, purpose: Purpose) -> Iterator[Leaf | Score]:
    if node is None or judge_node(node, firm, at, purpose).verdict in (Verdict.MET, Verdict.NOT_APPLICABLE):
        return
    match node:
        case Leaf() | Score():
            yield node
        case From(child=child):
            yield from _open(child, firm, at, purpose)
        case ByPurpose():
            yield from _open(node.of(purpose), firm, at, purpose)
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from _open(child, firm, at, purpose)


def _gap(code: str, criterion: str, leaf: Leaf | Score, firm: Firm, at: date) -> list[Gap]:
    if isinstance(leaf, Score):
        low, high, missing = points(leaf, firm, at)
        short = None if low != high else float(leaf.threshold - low)
        column = missing[0] if missing else leaf.columns[0]
        return [Gap(code, criterion, column, low, leaf.threshold, short, "points", None)]
    said = judge_leaf(leaf, firm, at)
    column = leaf.columns[0]
    if said.verdict is Verdict.MET:
        # Met on its facts: what is missing is evidence or a verified rule value, which no number mends.
        return [Gap(code, criterion, column, shown(said.value, leaf), threshold_of(leaf), 0.0, unit_of(leaf), None)]
    needed = least_change(leaf, firm)
    return [
        Gap(
            code,
            criterion,
            column,
            shown(said.value, leaf),
            threshold_of(leaf),
            None if needed is None else float(needed),
            BY_NAME[column].unit,
            earliest(leaf, firm, at),
        )
    ]


def least_change(leaf: Leaf, firm: Firm) -> Fraction | None:
    """Return the least change of a leaf's first column alone that meets it, or ``None`` when there is none.

    Examples
    --------
    >>> from biaochi.methods.rules.expression import parse_leaf
    >>> firm = Firm("a", {"rd_1": Fraction(2), "revenue_1": Fraction(100)}, {})
    >>> least_change(parse_leaf("rd_1/revenue_1 >= 0.03"), firm)
    Fraction(1, 1)
    """
    match leaf.test:
        case Compare(left, op, right):
            return _solve(left, op, right, firm)
        case Between(column, low, high):
            rank = firm.number(column)
            if rank is None:
                return None
            return Fraction(low) - rank if rank < low else Fraction(high) - rank
        case Level(column, at_least):
            level = firm.number(column)
            return None if level is None else LEVELS[at_least] - level
        case Review(column):
            return Fraction(1) - (firm.number(column) or 0)
        case _:
            return None


def _solve(left: Expression, op: str, right: Fraction, firm: Firm) -> Fraction | None:
    column = _first(left)
    start = firm.number(column)
    if start is None:
        return None
    try:
        # Along its first column every expression of the language is (a + b·x) or (a + b·x)/(c + d·x) or a sum of one
        # of these and constants, so two probes give the line of top − right·bottom.
        shape = _shape(left, column, firm)
    except (KeyError, ZeroDivisionError, ArithmeticError):
        return None
    if shape is None:
        return None
    (a, b), (c, d) = shape
    slope, offset = b - right * d, a - right * c
    if slope == 0:
        return None
    target = -offset / slope
    step = _STEP.get(BY_NAME[column].kind, Fraction(1) if BY_NAME[column].kind in ("integer", "rank", "flag") else None)
    for candidate in _roundings(target, step):
        if candidate < 0 and BY_NAME[column].kind != "number":
            continue
        trial = firm.with_values({column: candidate})
        try:
            value = compute(left, trial)
        except ArithmeticError:
            continue
        if _holds(value, op, right):
            return candidate - start
    return None


def _roundings(target: Fraction, step: Fraction | None) -> list[Fraction]:
    if step is None:
        return [target, target + Fraction(1, 10**6), target - Fraction(1, 10**6)]
    low, high = floor(target / step), ceil(target / step)
    return [step * n for n in dict.fromkeys((low, high, high + 1, low - 1))]


def _holds(value: Fraction, op: str, right: Fraction) -> bool:
    return {
        ">=": value >= right,
        "<=": value <= right,
        ">": value > right,
        "<": value < right,
        "=": value == right,
    }[op]


def _first(node: Expression) -> str:
    match node:
        case Col(name):
            return name
        case Ratio(top=top):
            return _first(top)
        case Sum(terms=parts) | Mean(parts=parts):
            return _first(parts[0])


Line = tuple[Fraction, Fraction]


def _shape(node: Expression, column: str, firm: Firm) -> tuple[Line, Line] | None:
    """Return ``(a, b), (c, d)`` so that the expression is (a + b·x)/(c + d·x) in one column x, or ``None``."""
    match node:
        case Col(name):
            if name == column:
                return (Fraction(0), Fraction(1)), (Fraction(1), Fraction(0))
            return (compute(node, firm), Fraction(0)), (Fraction(1), Fraction(0))
        case Ratio(top, bottom):
            over, under = _shape(top, column, firm), _shape(bottom, column, firm)
            if over is None or under is None or over[1][1] or under[1][1]:
                return None
            scale = Fraction(under[1][0]) / over[1][0]
            return (over[0][0] * scale, over[0][1] * scale), under[0]
        case Sum(terms, signs):
            return _added([(t, Fraction(s)) for t, s in zip(terms, signs, strict=True)], column, firm)
        case Mean(parts):
            return _added([(p, Fraction(1, len(parts))) for p in parts], column, firm)


def _added(terms: list[tuple[Expression, Fraction]], column: str, firm: Firm) -> tuple[Line, Line] | None:
    shapes = [(_shape(t, column, firm), w) for t, w in terms]
    constant = Fraction(0)
    moving: list[tuple[tuple[Line, Line], Fraction]] = []
    for shape, weight in shapes:
        if shape is None:
            return None
        (a, b), (c, d) = shape
        if b == 0 and d == 0:
            constant += weight * a / c
        else:
            moving.append((shape, weight))
    if not moving:
        return (constant, Fraction(0)), (Fraction(1), Fraction(0))
    if all(s[1][1] == 0 for s, _ in moving):
        a = constant + sum((w * s[0][0] / s[1][0] for s, w in moving), Fraction(0))
        b = sum((w * s[0][1] / s[1][0] for s, w in moving), Fraction(0))
        return (a, b), (Fraction(1), Fraction(0))
    if len(moving) > 1:
        return None
    (a, b), (c, d) = moving[0][0]
    weight = moving[0][1]
    return (weight * a + constant * c, weight * b + constant * d), (c, d)


def earliest(leaf: Leaf, firm: Firm, at: date) -> date | None:
    """Return the first day a leaf is met by waiting alone, or ``None`` when waiting does not help."""
    match leaf.test:
        case Age(column=column, op=">=", count=count, unit=unit):
            born = firm.day(column)
            if born is None or born == NEVER:
                return None
            return born + timedelta(days=count) if unit == "days" else add_years(born, count)
        case NotHeld(column):
            until = firm.day(column)
            return None if until is None or until == NEVER else until + timedelta(days=1)
        case Compare(left=Col(name), op=">=", right=right) if name in WAITING:
            years = firm.number(name)
            if years is None:
                return None
            # Full years are counted at the end of the last fiscal year, so one more comes every first of January.
            return date(at.year + ceil(right - years), 1, 1)
        case Held():
            return None
        case _:
            return None
