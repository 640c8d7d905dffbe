"""One firm at a time, in exact rationals: the slow, obvious engine that explains; the column engine must equal it.

Every test keeps what it saw, so that a reason can be told; a criterion's reason is that of its deciding test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import pandas as pd

from biaochi.core.period import add_years
from biaochi.core.verdict import Verdict, all_of, any_of
from biaochi.methods.rules.columns import BY_NAME, LEVELS
from biaochi.methods.rules.exact import exact_value
from biaochi.methods.rules.expression import (
    Age,
    Between,
    Col,
    Compare,
    Digits,
    Expression,
    Held,
    Is,
    Leaf,
    Level,
    Mean,
    NotHeld,
    Ratio,
    Review,
    Sum,
)
from biaochi.methods.rules.facts import Facts
from biaochi.methods.rules.ruleset import AllOf, AnyOf, ByPurpose, From, Node, Purpose, RuleSet
from biaochi.methods.rules.score import Bands, Choice, Item, Scaled, Score

NEVER = date.min
Value = Fraction | date | str | None
_LETTER = {v: v.value[0] for v in Verdict} | {Verdict.UNKNOWN: "k", Verdict.MANUAL_REVIEW: "r"}
_CHAIN = {Verdict.UNMET: 0, Verdict.UNKNOWN: 1, Verdict.MANUAL_REVIEW: 2, Verdict.MET: 3}


class ZeroDenominatorError(ArithmeticError):
    """A quotient cannot be formed, so a person must decide."""


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm's facts: numbers as fractions, days as dates (:data:`NEVER` for a title never held), texts."""

    name: str
    values: Mapping[str, Value]
    graded_a: Mapping[str, bool]

    @classmethod
    def of(cls, facts: Facts, position: int) -> Firm:
        """Take one row out of a table."""
        values: dict[str, Value] = {}
        for name, spec in BY_NAME.items():
            if spec.kind == "text":
                codes, texts = facts.text(name)
                values[name] = texts[codes[position]] if codes[position] >= 0 else None
                continue
            number = float(facts.number(name)[position])
            if number != number:
                values[name] = None
            elif spec.kind in ("date", "until"):
                values[name] = NEVER if number == float("-inf") else date.fromordinal(int(number))
            else:
                values[name] = exact_value(number)
        grades = {name: bool(facts.graded_a(name)[position]) for name, spec in BY_NAME.items() if spec.official}
        return cls(str(values.get("firm") or ""), values, grades)

    @classmethod
    def named(cls, facts: Facts, firm: str) -> Firm:
        """Take the row of a firm by its identifier; raise ``KeyError`` when there is none."""
        found = (facts.frame["firm"].astype(str) == firm).to_numpy().nonzero()[0]
        if not found.size:
            raise KeyError(f"no firm {firm!r}")
        return cls.of(facts, int(found[0]))

    def with_values(self, changes: Mapping[str, Value]) -> Firm:
        """Return the firm with some facts changed."""
        return replace(self, values={**self.values, **changes})

    def number(self, name: str) -> Fraction | None:
        """Return a column as an exact number (levels as 0…4), or ``None`` where unknown."""
        value = self.values.get(name)
        return value if isinstance(value, Fraction) else None

    def day(self, name: str) -> date | None:
        """Return a column as a day, or ``None`` where unknown."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test says of one firm, and the leaf or score that decided it.

    ``would_be`` is the answer without regard to evidence grades and unverified rule values; ``low`` and ``high`` are
    the points of a score; ``why`` is ``""``, ``"missing"``, ``"zero"``, ``"review"``, ``"evidence"`` or
    ``"unverified"``.
    """

    verdict: Verdict
    would_be: Verdict
    decided_by: Leaf | Score | None = None
    value: Value = None
    low: int | None = None
    high: int | None = None
    why: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One firm against one rule set: the verdict and the outcome of each criterion, in letter order."""

    verdict: Verdict
    outcomes: tuple[Outcome, ...]

    @property
    def letters(self) -> str:
        """One letter a criterion."""
        return "".join(_LETTER[o.verdict] for o in self.outcomes)


def judge(rules: RuleSet, firm: Firm, at: date, purpose: Purpose = "entry") -> Judged:
    """Assess one firm against one version of a rule set."""
    outcomes = tuple(judge_node(c.test, firm, at, purpose) for c in rules.criteria)
    verdict = all_of(o.verdict for o in outcomes)
    region = firm.values.get("region")
    if rules.region and region is not None and not str(region).startswith(rules.region):
        none = Outcome(Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE)
        return Judged(Verdict.NOT_APPLICABLE, (none,) * len(outcomes))
    if rules.region and region is None:
        verdict = all_of([verdict, Verdict.UNKNOWN])
    return Judged(verdict, outcomes)


def judge_node(node: Node | None, firm: Firm, at: date, purpose: Purpose) -> Outcome:
    """Assess one test."""
    match node:
        case None:
            return Outcome(Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE)
        case Leaf():
            return _weighed(judge_leaf(node, firm, at), node.columns, node.unverified, firm)
        case Score():
            return _weighed(_score(node, firm, at), node.columns, node.unverified, firm)
        case From(day, child):
            return judge_node(child if at >= day else None, firm, at, purpose)
        case ByPurpose():
            return judge_node(node.of(purpose), firm, at, purpose)
        case AllOf(children):
            return _combined([judge_node(c, firm, at, purpose) for c in children], every=True)
        case AnyOf(children):
            return _combined([judge_node(c, firm, at, purpose) for c in children], every=False)


def _combined(parts: list[Outcome], *, every: bool) -> Outcome:
    chain = all_of if every else any_of
    verdict = chain(p.verdict for p in parts)
    would_be = chain(p.would_be for p in parts)
    deciding = next((p for p in parts if p.verdict is verdict), parts[0])
    return replace(deciding, verdict=verdict, would_be=would_be)


def _weighed(outcome: Outcome, columns: Iterable[str], unverified: bool, firm: Firm) -> Outcome:
    if outcome.verdict in (Verdict.UNKNOWN, Verdict.MANUAL_REVIEW):
        return outcome
    if unverified:
        return replace(outcome, verdict=Verdict.MANUAL_REVIEW, why="unverified")
    weak = tuple(c for c in columns if BY_NAME[c].official and not firm.graded_a[c])
    if outcome.verdict is Verdict.MET and weak:
        return replace(outcome, verdict=Verdict.MANUAL_REVIEW, why="evidence", missing=weak)
    return outcome


def judge_leaf(leaf: Leaf, firm: Firm, at: date) -> Outcome:
    """Return what a leaf says before its evidence and its citation are weighed."""
    missing = tuple(c for c in leaf.columns if firm.values.get(c) is None)
    if isinstance(leaf.test, Age) and firm.day(leaf.test.column) == NEVER:
        missing = leaf.columns
    if missing and isinstance(leaf.test, Review):
        return Outcome(Verdict.MANUAL_REVIEW, Verdict.MANUAL_REVIEW, leaf, why="review", missing=missing)
    if missing:
        return Outcome(Verdict.UNKNOWN, Verdict.UNKNOWN, leaf, why="missing", missing=missing)
    try:
        value, holds = _test(leaf, firm, at)
    except ZeroDenominatorError:
        return Outcome(Verdict.MANUAL_REVIEW, Verdict.MANUAL_REVIEW, leaf, why="zero")
    verdict = Verdict.MET if holds else Verdict.UNMET
    return Outcome(verdict, verdict, leaf, value)


def _test(leaf: Leaf, firm: Firm, at: date) -> tuple[Value, bool]:
    match leaf.test:
        case Compare(left, op, right):
            value = compute(left, firm)
            return value, holds(value, op, right)
        case Between(column, low, high):
            rank = firm.number(column)
            return rank, rank is not None and low <= rank <= high
        case Held(column):
            until = firm.day(column)
            return until, until is not None and until >= at
        case NotHeld(column):
            until = firm.day(column)
            return until, until is not None and until < at
        case Age(column, op, count, unit):
            born = firm.day(column) or at
            border = born + timedelta(days=count) if unit == "days" else add_years(born, count)
            return born, at >= border if op == ">=" else at <= border
        case Level(column, at_least):
            level = firm.number(column)
            return level, level is not None and level >= LEVELS[at_least]
        case Is(column, wanted):
            return firm.values[column], firm.values[column] == wanted
        case Digits(column, lengths):
            code = str(firm.values[column])
            return code, code.isdecimal() and code.isascii() and len(code) in lengths
        case Review(column):
            return firm.number(column), firm.number(column) == 1


def holds(value: Fraction, op: str, threshold: Fraction | int) -> bool:
    """Compare two exact numbers."""
    match op:
        case ">=":
            return value >= threshold
        case "<=":
            return value <= threshold
        case ">":
            return value > threshold
        case "<":
            return value < threshold
        case _:
            return value == threshold


def compute(node: Expression, firm: Firm) -> Fraction:
    """Return an expression's exact value; every column must be known.

    Raises
    ------
    ZeroDenominatorError
        When a denominator is zero.
    """
    match node:
        case Col(name):
            value = firm.number(name)
            if value is None:
                raise KeyError(name)
            return value
        case Ratio(top, bottom):
            divisor = compute(bottom, firm)
            if divisor == 0:
                raise ZeroDenominatorError(str(bottom))
            return compute(top, firm) / divisor
        case Sum(terms, signs):
            return sum((s * compute(t, firm) for t, s in zip(terms, signs, strict=True)), Fraction(0))
        case Mean(parts):
            return sum((compute(p, firm) for p in parts), Fraction(0)) / len(parts)


def _score(score: Score, firm: Firm, at: date) -> Outcome:
    low, high, missing = points(score, firm, at)
    if holds(Fraction(low), score.op, score.threshold):
        verdict = Verdict.MET
    elif not holds(Fraction(high), score.op, score.threshold):
        verdict = Verdict.UNMET
    else:
        verdict = Verdict.UNKNOWN
    value = Fraction(low) if low == high else None
    why = "missing" if verdict is Verdict.UNKNOWN else ""
    return Outcome(verdict, verdict, score, value, low, high, why, missing)


def points(score: Score, firm: Firm, at: date) -> tuple[int, int, tuple[str, ...]]:
    """Return the least and the most points still possible, and the columns of the items that are open."""
    low = high = Fraction(0)
    missing: list[str] = []
    for item in score.items:
        least, most = item_points(item, firm, at)
        low, high = low + least, high + most
        if least != most:
            missing += [c for c in item.columns if firm.values.get(c) is None] or list(item.columns)
    return _plain(low), _plain(high), tuple(dict.fromkeys(missing))


def _plain(value: Fraction) -> int:
    return value if value.denominator != 1 else int(value)  # type: ignore[return-value]


def item_points(item: Item, firm: Firm, at: date) -> tuple[Fraction, Fraction]:
    """Return the least and the most points one item may earn."""
    match item:
        case Bands(cases=cases, otherwise=otherwise):
            said = [(judge_leaf(leaf, firm, at).verdict, p) for leaf, p in cases]
            low = next((p for v, p in said if v is Verdict.MET), otherwise)
            high = next((p for v, p in said if v is not Verdict.UNMET), otherwise)
            return Fraction(low), Fraction(high)
        case Scaled(column=column, factor=factor, whole=whole, cap=cap):
            value = firm.number(column)
            if value is None:
                return Fraction(0), Fraction(cap)
            earned = value * factor
            if whole:
                earned = Fraction(earned.numerator // earned.denominator)
            return min(earned, Fraction(cap)), min(earned, Fraction(cap))
        case Choice(column=column, items=items):
            ranges = {name: item_points(inner, firm, at) for name, inner in items}
            chosen = ranges.get(str(firm.values.get(column)))
            if chosen is not None:
                return chosen
            return min(r[0] for r in ranges.values()), max(r[1] for r in ranges.values())


def frame_of(firm: Firm) -> pd.DataFrame:
    """Return one firm as a one-row table for the column engine."""
    shown: dict[str, object] = {}
    for name, value in firm.values.items():
        spec = BY_NAME[name]
        if isinstance(value, Fraction) and spec.kind == "level":
            shown[name] = next(k for k, v in LEVELS.items() if v == value)
        elif isinstance(value, Fraction):
            shown[name] = float(value)
        elif isinstance(value, date):
            shown[name] = "none" if value == NEVER else value.isoformat()
        else:
            shown[name] = value
    return pd.DataFrame([shown])
