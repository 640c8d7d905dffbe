"""The column engine: verdicts of tests over all rows at once, each shared expression computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from biaochi.core.period import add_years
from biaochi.methods.rules.columns import BY_NAME, LEVELS
from biaochi.methods.rules.exact import settle
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
    columns_of,
)
from biaochi.methods.rules.facts import NEVER, Bools, Facts, Floats
from biaochi.methods.rules.ruleset import AllOf, AnyOf, ByPurpose, From, Node, Purpose, RuleSet
from biaochi.methods.rules.score import Bands, Choice, Item, Scaled, Score
from biaochi.methods.rules.verdict import (
    LETTERS,
    MET,
    NOT_APPLICABLE,
    ORDER,
    REVIEW,
    UNKNOWN,
    UNMET,
    Codes,
    all_codes,
    any_codes,
    three_valued,
)

NEAR = 1e-9


@dataclass(frozen=True)
class SetResult:
    """All firms against one rule set.

    Parameters
    ----------
    code : str
        Name of the set.
    rules : RuleSet or None
        The version that applied; ``None`` when none was in force.
    verdict : array of uint8, shape (n,)
        Verdict codes (0 unmet, 1 unknown, 2 manual_review, 3 met, 4 not_applicable).
    criteria : array of uint8, shape (n, k)
        The same for each criterion, in letter order; k = 0 when no version was in force.
    """

    code: str
    rules: RuleSet | None
    verdict: Codes
    criteria: Codes

    @property
    def version(self) -> str:
        """Version that applied; empty for none."""
        return self.rules.version if self.rules else ""

    def counts(self) -> dict[str, int]:
        """Return the number of firms by verdict."""
        return count_codes(self.verdict)

    def letters(self) -> list[str]:
        """Return the letters of every firm (m met, u unmet, k unknown, r manual_review, n not_applicable)."""
        k = self.criteria.shape[1]
        if k == 0:
            return [""] * len(self.verdict)
        table = np.frombuffer(LETTERS.encode(), dtype="S1")
        joined = np.ascontiguousarray(table[self.criteria]).view(f"S{k}").ravel()
        return [letters.decode() for letters in joined.tolist()]


def count_codes(codes: Codes) -> dict[str, int]:
    """Return how many of each verdict an array holds; every verdict is a key."""
    counts = np.bincount(codes, minlength=len(ORDER))
    return {v.value: int(n) for v, n in zip(ORDER, counts, strict=True)}


class Engine:
    """Computes verdicts of nodes over all rows, each shared expression once."""

    def __init__(self, facts: Facts, purpose: Purpose) -> None:
        self.facts, self.purpose = facts, purpose
        self._values: dict[Expression, tuple[Floats, Bools | None]] = {}
        self._leaves: dict[Leaf, Codes] = {}
        self._items: dict[Item, tuple[Floats, Floats]] = {}

    def assess(self, code: str, rules: RuleSet | None) -> SetResult:
        """Return the verdicts of one set."""
        n = self.facts.size
        if rules is None:
            return SetResult(code, None, np.full(n, NOT_APPLICABLE, np.uint8), np.empty((n, 0), np.uint8))
        columns = [self.node(c.test) for c in rules.criteria]
        matrix = np.empty((n, len(columns)), dtype=np.uint8)
        for j, column in enumerate(columns):
            matrix[:, j] = column
        verdict = all_codes(columns)
        if rules.region:
            codes, values = self.facts.text("region")
            outside = np.array([not v.startswith(rules.region) for v in values] + [False])[codes]
            matrix[outside] = NOT_APPLICABLE
            verdict = np.where(outside, NOT_APPLICABLE, verdict).astype(np.uint8)
            verdict = np.where(codes < 0, np.minimum(verdict, UNKNOWN), verdict).astype(np.uint8)
        return SetResult(code, rules, verdict, matrix)

    def node(self, node: Node | None) -> Codes:
        """Return the verdict codes of a test."""
        match node:
            case None:
                return np.full(self.facts.size, NOT_APPLICABLE, np.uint8)
            case Leaf():
                return self._graded(self.raw_leaf(node), node.columns, node.unverified)
            case Score():
                return self._graded(self._score(node), node.columns, node.unverified)
            case AllOf(children):
                return all_codes([self.node(c) for c in children])
            case AnyOf(children):
                return any_codes([self.node(c) for c in children])
            case From(day, child):
                return self.node(child) if self.facts.at >= day else self.node(None)
            case ByPurpose():
                return self.node(node.of(self.purpose))

    def _graded(self, codes: Codes, columns: Sequence[str], unverified: bool) -> Codes:
        if unverified:
            return np.where(codes == UNKNOWN, UNKNOWN, REVIEW).astype(np.uint8)
        for name in columns:
            if BY_NAME[name].official:
                ungraded = (codes == MET) & ~self.facts.graded_a(name)
                codes = np.where(ungraded, REVIEW, codes).astype(np.uint8)
        return codes

    def raw_leaf(self, leaf: Leaf) -> Codes:
        """Return what a leaf says before its evidence and its citation are weighed."""
        found = self._leaves.get(leaf)
        if found is None:
            found = self._leaves[leaf] = self._raw(leaf)
        return found

    def _raw(self, leaf: Leaf) -> Codes:
        facts = self.facts
        match leaf.test:
            case Compare():
                return self._compare(leaf.test)
            case Between(column, low, high):
                rank = facts.number(column)
                return three_valued((rank >= low) & (rank <= high), ~np.isnan(rank))
            case Held(column):
                until = facts.number(column)
                return three_valued(until >= facts.at.toordinal(), ~np.isnan(until))
            case NotHeld(column):
                until = facts.number(column)
                return three_valued(until < facts.at.toordinal(), ~np.isnan(until))
            case Age(column, op, count, unit):
                born = facts.number(column)
                born = np.where(born == NEVER, np.nan, born)
                last = _latest_birth(facts.at, op, count, unit)
                truth = born <= last if op == ">=" else born >= last
                return three_valued(truth, ~np.isnan(born))
            case Level(column, at_least):
                level = facts.number(column)
                return three_valued(level >= LEVELS[at_least], ~np.isnan(level))
            case Is(column, value):
                picks, values = facts.text(column)
                return three_valued(np.array([v == value for v in values] + [False])[picks], picks >= 0)
            case Digits(column, lengths):
                picks, values = facts.text(column)
                fits = np.array([v.isdecimal() and v.isascii() and len(v) in lengths for v in values] + [False])
                return three_valued(fits[picks], picks >= 0)
            case Review(column):
                outcome = facts.number(column)
                codes = three_valued(outcome == 1, ~np.isnan(outcome))
                return np.where(codes == UNKNOWN, REVIEW, codes).astype(np.uint8)

    def _compare(self, test: Compare) -> Codes:
        values, zero = self.value(test.left)
        threshold = float(test.right)
        truth = _held(values, test.op, threshold)
        if not _exact_in_floats(test.left):
            near = np.flatnonzero(np.abs(values - threshold) <= NEAR * max(1.0, abs(threshold)))
            if near.size:
                truth[near] = settle(test, self.facts, near)
        codes = three_valued(truth, ~np.isnan(values))
        if zero is not None:
            codes[zero] = REVIEW
        return codes

    def value(self, node: Expression) -> tuple[Floats, Bools | None]:
        """Return an expression's values (NaN where missing) and where a denominator is zero."""
        found = self._values.get(node)
        if found is None:
            found = self._values[node] = self._value(node)
        return found

    def _value(self, node: Expression) -> tuple[Floats, Bools | None]:
        total: Floats
        match node:
            case Col(name):
                return self.facts.number(name), None
            case Ratio(top, bottom):
                (a, zero_a), (b, zero_b) = self.value(top), self.value(bottom)
                empty = (b == 0) & ~np.isnan(a)
                zero = empty if empty.any() else None
                with np.errstate(divide="ignore", invalid="ignore"):
                    quotient = a / b
                quotient[b == 0] = np.nan
                return quotient, _either(zero, zero_a, zero_b)
            case Sum(terms, signs):
                parts = [self.value(t) for t in terms]
                total = parts[0][0].copy()
                for (values, _), sign in zip(parts[1:], signs[1:], strict=True):
                    total += sign * values
                return total, _either(*(z for _, z in parts))
            case Mean(terms):
                parts = [self.value(t) for t in terms]
                total = np.add.reduce([v for v, _ in parts]) / len(parts)
                zero = _either(*(z for _, z in parts))
                if zero is not None:
                    # A part that is missing outright leaves the mean unknown, whatever the other's denominator.
                    for values, own in parts:
                        missing = np.isnan(values) if own is None else np.isnan(values) & ~own
                        zero = zero & ~missing
                return total, zero

    def _score(self, score: Score) -> Codes:
        low, high = self.score_range(score)
        beats = np.greater_equal if score.op == ">=" else np.greater
        codes = np.full(self.facts.size, UNKNOWN, dtype=np.uint8)
        codes[beats(low, score.threshold)] = MET
        codes[~beats(high, score.threshold)] = UNMET
        return codes

    def score_range(self, score: Score) -> tuple[Floats, Floats]:
        """Return the least and the most points still possible, item by item."""
        ranges = [self._item(item) for item in score.items]
        return np.add.reduce([low for low, _ in ranges]), np.add.reduce([high for _, high in ranges])

    def _item(self, item: Item) -> tuple[Floats, Floats]:
        found = self._items.get(item)
        if found is None:
            found = self._items[item] = self._points(item)
        return found

    def _points(self, item: Item) -> tuple[Floats, Floats]:
        match item:
            case Bands(cases=cases, otherwise=otherwise):
                low = np.full(self.facts.size, otherwise, dtype=np.float64)
                high = low.copy()
                for leaf, points in reversed(cases):
                    codes = self.raw_leaf(leaf)
                    np.copyto(low, points, where=codes == MET)
                    np.copyto(high, points, where=codes != UNMET)
                return low, high
            case Scaled(column=column, factor=factor, whole=whole, cap=cap):
                given = self.facts.number(column) * float(factor)
                given = np.minimum(np.floor(given) if whole else given, cap)
                return np.nan_to_num(given, nan=0.0), np.nan_to_num(given, nan=float(cap))
            case Choice(column=column, items=items):
                picks, values = self.facts.text(column)
                ranges = {name: self._item(inner) for name, inner in items}
                low = np.minimum.reduce([r[0] for r in ranges.values()])
                high = np.maximum.reduce([r[1] for r in ranges.values()])
                for code, value in enumerate(values):
                    if value in ranges:
                        rows = picks == code
                        low[rows], high[rows] = ranges[value][0][rows], ranges[value][1][rows]
                return low, high


def _held(values: Floats, op: str, threshold: float) -> Bools:
    truth: Bools
    match op:
        case ">=":
            truth = values >= threshold
        case "<=":
            truth = values <= threshold
        case ">":
            truth = values > threshold
        case "<":
            truth = values < threshold
        case _:
            truth = values == threshold
    return truth


def _exact_in_floats(node: Expression) -> bool:
    """Whether a comparison needs no settling: one column as read, or whole numbers added up."""
    if isinstance(node, Col):
        return True
    kinds = {BY_NAME[c].kind for c in columns_of(node)}
    return isinstance(node, Sum) and kinds <= {"integer", "rank", "flag"}


def _either(*masks: Bools | None) -> Bools | None:
    kept = [m for m in masks if m is not None]
    return np.asarray(np.logical_or.reduce(kept), dtype=bool) if kept else None


def _latest_birth(at: date, op: str, count: int, unit: str) -> int:
    """Return the border date: ``>=`` holds for births up to it, ``<=`` for births from it on."""
    if unit == "days":
        return (at - timedelta(days=count)).toordinal()
    guess = add_years(at, -count).toordinal()
    near = range(guess - 2, guess + 3)
    anniversary = {day: add_years(date.fromordinal(day), count) for day in near}
    if op == ">=":
        return max(day for day in near if anniversary[day] <= at)
    return min(day for day in near if anniversary[day] >= at)
