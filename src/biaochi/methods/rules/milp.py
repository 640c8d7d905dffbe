"""The mixed-integer programme beneath a plan: tests as rows, choices as binary variables, changes as columns.

A quotient against a threshold is linear once it is written top − t·bottom; ``any`` and scores choose by binary
variables, each with the least big-M its bounds allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from biaochi.core.verdict import Verdict
from biaochi.methods.rules.columns import BY_NAME, LEVELS
from biaochi.methods.rules.expression import Between, Col, Compare, Expression, Leaf, Level, Mean, Ratio, Sum
from biaochi.methods.rules.ruleset import AllOf, AnyOf, ByPurpose, From, Node, Purpose, RuleSet
from biaochi.methods.rules.score import Bands, Choice, Item, Scaled, Score
from biaochi.methods.rules.single import Firm, item_points, judge_leaf, judge_node


@dataclass(frozen=True, slots=True)
class Cost:
    """What changing a column costs.

    Parameters
    ----------
    unit_cost : float
        Cost of one unit of change, up or down; not negative.
    max_change : float or None
        Largest change either way; ``None`` for no limit but the column's own.
    """

    unit_cost: float
    max_change: float | None = None


@dataclass
class Programme:
    """Rows of a mixed-integer programme.  Each column has an up and a down change; nodes have binary variables."""

    base: Firm
    costs: Mapping[str, Cost]
    day: date
    horizon: int
    purpose: Purpose
    columns: list[str] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    integer: list[int] = field(default_factory=list)
    rows: list[dict[int, float]] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    strict: list[float] = field(default_factory=list)
    up: dict[str, int] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    binaries: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, spec in BY_NAME.items():
            start = self.base.number(name)
            if start is None or self.priced(name) not in self.costs:
                continue
            if spec.year is not None and spec.year > max(self.horizon, 1):
                continue
            if spec.year is not None and self.horizon == 0:
                continue
            self._column(name, float(start), self.costs[self.priced(name)])

    def priced(self, name: str) -> str:
        """Return the name a column's cost stands under: its own, or that of the newest year."""
        spec = BY_NAME[name]
        return name if name in self.costs or spec.year is None else f"{spec.stem}_1"

    def _column(self, name: str, start: float, cost: Cost) -> None:
        spec = BY_NAME[name]
        unit = max(abs(start), 1e4) / 100 if spec.kind == "money" else 1.0
        most = {"share": 1.0, "flag": 1.0, "review": 1.0, "level": 4.0}.get(spec.kind, np.inf)
        limit = cost.max_change if cost.max_change is not None else np.inf
        whole = spec.kind in ("integer", "rank", "flag", "level")
        self.scale[name] = unit
        self.up[name] = self._variable(0, min(limit, most - start) / unit, cost.unit_cost * unit, whole)
        self._variable(0, min(limit, start) / unit, cost.unit_cost * unit, whole)

    def _variable(self, low: float, high: float, price: float, whole: bool) -> int:
        self.lower.append(low)
        self.upper.append(max(high, low))
        self.price.append(price)
        self.integer.append(int(whole))
        return len(self.price) - 1

    def _binary(self) -> int:
        self.binaries.append(self._variable(0, 1, 0.0, True))
        return self.binaries[-1]

    def _row(self, terms: Mapping[int, float], least: float, strict: float = 0.0) -> None:
        self.rows.append(dict(terms))
        self.least.append(least)
        self.strict.append(strict)

    def require(self, rules: RuleSet) -> bool:
        """Demand every criterion; ``False`` when one cannot be reached whatever changes."""
        for criterion in rules.criteria:
            chosen = self._node(criterion.test)
            if chosen is None:
                return False
            if chosen >= 0:
                self._row({chosen: 1.0}, 1.0)
        region = self.base.values.get("region")
        return not rules.region or (region is not None and str(region).startswith(rules.region))

    def _node(self, node: Node | None) -> int | None:
        """Return the binary that implies a node, −1 when it holds anyway, ``None`` when it never does."""
        match node:
            case None:
                return -1
            case From(day, child):
                return self._node(child) if self.day >= day else -1
            case ByPurpose():
                return self._node(node.of(self.purpose))
            case AllOf(children):
                parts = [self._node(c) for c in children]
                if any(p is None for p in parts):
                    return None
                free = [p for p in parts if p is not None and p >= 0]
                return self._implies_all(free) if free else -1
            case AnyOf(children):
                ways = [self._node(c) for c in children]
                if any(w == -1 for w in ways):
                    return -1
                open_ways = [w for w in ways if w is not None]
                if not open_ways:
                    return None
                chosen = self._binary()
                self._row({**dict.fromkeys(open_ways, 1.0), chosen: -1.0}, 0.0)
                return chosen
            case Leaf():
                return self._leaf(node)
            case Score():
                return self._score(node)

    def _implies_all(self, parts: Sequence[int]) -> int:
        chosen = self._binary()
        for part in parts:
            self._row({part: 1.0, chosen: -1.0}, 0.0)
        return chosen

    def _stands(self, node: Node) -> bool:
        said = judge_node(node, self.base, self.day, self.purpose).verdict
        return said in (Verdict.MET, Verdict.MANUAL_REVIEW)

    def _leaf(self, leaf: Leaf) -> int | None:
        if not any(c in self.up for c in leaf.columns):
            return -1 if self._stands(leaf) else None
        match leaf.test:
            case Compare(left, op, right):
                return self._compare(left, op, right)
            case Between(column, low, high):
                chosen = self._binary()
                value, constant = self._linear(Col(column))
                self._active(value, constant - low, chosen)
                self._active({k: -v for k, v in value.items()}, high - constant, chosen)
                return chosen
            case Level(column, at_least):
                chosen = self._binary()
                value, constant = self._linear(Col(column))
                self._active(value, constant - LEVELS[at_least], chosen)
                return chosen
            case _:
                return -1 if self._stands(leaf) else None

    def _compare(self, left: Expression, op: str, right: Fraction) -> int | None:
        try:
            terms, constant = self._against(left, float(right))
        except (KeyError, ZeroDivisionError, ValueError):
            return None
        chosen = self._binary()
        if op in (">=", ">", "="):
            self._active(terms, constant, chosen, strict=op == ">")
        if op in ("<=", "<", "="):
            self._active({k: -v for k, v in terms.items()}, -constant, chosen, strict=op == "<")
        return chosen

    def _active(self, terms: Mapping[int, float], constant: float, chosen: int, *, strict: bool = False) -> None:
        """Demand ``terms + constant ≥ 0`` whenever a binary is one, with the least big-M its bounds allow."""
        worst = constant + sum(min(v * self.lower[k], v * self._cap(k)) for k, v in terms.items())
        size = max(sum(abs(v) for v in terms.values()), 1e-12)
        if worst >= 0 and not strict:
            return
        slack = min(worst, 0.0) - (1.0 if strict else 0.0)
        row = {k: v / size for k, v in terms.items()}
        row[chosen] = row.get(chosen, 0.0) + slack / size
        self._row(row, (slack - constant) / size, 1.0 if strict else 0.0)

    def _cap(self, variable: int) -> float:
        return min(self.upper[variable], 1e5)

    def _against(self, node: Expression, right: float) -> tuple[dict[int, float], float]:
        """Return the linear form of "expression − right" up to a positive factor."""
        if isinstance(node, Ratio):
            top, a = self._linear(node.top)
            bottom, b = self._linear(node.bottom)
            if b == 0 and not bottom:
                raise ZeroDivisionError
            merged = dict(top)
            for k, v in bottom.items():
                merged[k] = merged.get(k, 0.0) - right * v
            return merged, a - right * b
        terms, constant = self._linear(node)
        return terms, constant - right

    def _linear(self, node: Expression) -> tuple[dict[int, float], float]:
        match node:
            case Col(name):
                value = self.base.number(name)
                if value is None:
                    raise KeyError(name)
                if name not in self.up:
                    return {}, float(value)
                unit, place = self.scale[name], self.up[name]
                return {place: unit, place + 1: -unit}, float(value)
            case Sum(terms, signs):
                weighted = [(t, float(s)) for t, s in zip(terms, signs, strict=True)]
            case Mean(parts):
                weighted = [(p, 1 / len(parts)) for p in parts]
            case Ratio(top, bottom):
                # Inside a sum a quotient is linear only over a denominator that stands still, which is then demanded.
                moving, under = self._linear(bottom)
                for k in moving:
                    self.upper[k] = 0.0
                if under == 0:
                    raise ZeroDivisionError
                over, constant = self._linear(top)
                return {k: v / under for k, v in over.items()}, constant / under
        total: dict[int, float] = {}
        offset = 0.0
        for part, weight in weighted:
            form, constant = self._linear(part)
            offset += weight * constant
            for k, v in form.items():
                total[k] = total.get(k, 0.0) + weight * v
        return total, offset

    def _score(self, score: Score) -> int | None:
        chosen = self._binary()
        points: dict[int, float] = {}
        sure = 0.0
        for item in score.items:
            more, fixed = self._item(item)
            points |= more
            sure += fixed
        target = score.threshold + (0.5 if score.op == ">" else 0.0)
        self._row({**points, chosen: -(target - min(sure, target))}, min(sure, target) - sure)
        return chosen

    def _item(self, item: Item) -> tuple[dict[int, float], float]:
        low, _ = item_points(item, self.base, self.day)
        if not any(c in self.up for c in item.columns):
            return {}, float(low)
        match item:
            case Bands(cases=cases, otherwise=otherwise):
                return self._bands([(leaf, p - otherwise) for leaf, p in cases]), float(otherwise)
            case Choice(column=column, items=items):
                inner = dict(items).get(str(self.base.values.get(column)))
                return self._item(inner) if inner is not None else ({}, float(low))
            case Scaled(column=column, factor=factor, cap=cap, whole=whole):
                earned = self._variable(0, cap, 0.0, whole)
                form, constant = self._linear(Col(column))
                self._row({**{k: float(factor) * v for k, v in form.items()}, earned: -1.0}, -float(factor) * constant)
                return {earned: 1.0}, 0.0

    def _bands(self, cases: Sequence[tuple[Leaf, int]]) -> dict[int, float]:
        picks: dict[int, float] = {}
        for leaf, gain in cases:
            if not any(c in self.up for c in leaf.columns):
                if judge_leaf(leaf, self.base, self.day).verdict is not Verdict.MET:
                    continue
                picks[self._binary()] = float(gain)
                continue
            chosen = self._leaf(leaf)
            if chosen is not None and chosen >= 0:
                picks[chosen] = float(gain)
        if picks:
            self._row(dict.fromkeys(picks, -1.0), -1.0)
        return picks

    def forbid(self, used: Sequence[str]) -> None:
        """Demand that at least one of the columns of a plan already found stands still."""
        marks = []
        for name in used:
            if name not in self.touched:
                mark = self.touched[name] = self._binary()
                for k in (self.up[name], self.up[name] + 1):
                    self._row({k: -1.0, mark: self._cap(k)}, 0.0)
            marks.append(self.touched[name])
        self._row(dict.fromkeys(marks, -1.0), 1.0 - len(marks))

    def solve(self, margin: float) -> dict[str, Fraction] | None:
        """Return the new value of every column of the cheapest solution, or ``None`` when there is none."""
        n = len(self.price)
        if not self.rows:
            return {}
        entries = [(i, k, v) for i, row in enumerate(self.rows) for k, v in row.items()]
        matrix = csr_array(
            ([v for _, _, v in entries], ([i for i, _, _ in entries], [k for _, k, _ in entries])),
            shape=(len(self.rows), n),
        )
        least = np.asarray(self.least) + margin * (np.abs(self.least) + 1) + np.asarray(self.strict) * 1e-7
        least = np.where([self._whole(row) for row in self.rows], self.least, least)
        lower, upper = np.asarray(self.lower), np.asarray([self._cap(k) for k in range(n)])
        solution: NDArray[np.float64] | None = None
        # The second run holds the choices at exactly 0 or 1: a binary of 0.999999 would leave a big row slightly open.
        for _ in range(2):
            found = milp(
                np.asarray(self.price),
                constraints=LinearConstraint(matrix, least, np.inf),
                integrality=np.asarray(self.integer),
                bounds=Bounds(lower, upper),
            )
            if found.x is None:
                return None
            solution = np.asarray(found.x, dtype=np.float64)
            chosen = np.rint(solution[self.binaries])
            lower, upper = lower.copy(), upper.copy()
            lower[self.binaries] = upper[self.binaries] = chosen
        return {name: self._rounded(name, solution) for name in self.up} if solution is not None else None

    def _whole(self, row: Mapping[int, float]) -> bool:
        return all(self.integer[k] for k in row)

    def _rounded(self, name: str, solution: NDArray[np.float64]) -> Fraction:
        start = self.base.number(name) or Fraction(0)
        place = self.up[name]
        change = float(solution[place] - solution[place + 1]) * self.scale[name]
        if abs(change) <= 1e-7 * self.scale[name]:
            return start
        kind = BY_NAME[name].kind
        if self.integer[place]:
            return start + round(change)
        step = Fraction(1, 100) if kind == "money" else Fraction(1, 10**6)
        # Round away from the start, so that a border reached within tolerance is truly reached.
        steps = Fraction(change) / step
        near = Fraction(round(steps))
        moved = near if abs(steps - near) < Fraction(1, 1000) else Fraction(ceil(steps) if change > 0 else floor(steps))
        return start + moved * step
