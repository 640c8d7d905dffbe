"""The cheapest way to a title by a mixed-integer programme, and then the word of the exact engine.

Years shift over the horizon: what was ``_1`` becomes ``_2``, the new year starts at last year's values, the past is
fixed.  Change of a column costs ``unit_cost`` a unit either way, up to ``max_change``.  A quotient against a threshold
is linear once it is written top − t·bottom; ``any`` and scores choose by binary variables.  The optimum is rounded to
the fen and to whole numbers and judged by the exact engine; a plan that engine does not call met, or met but for open
reviews, is not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from biaochi.core.period import add_years
from biaochi.core.verdict import Verdict
from biaochi.methods.rules.columns import BY_NAME
from biaochi.methods.rules.gap import WAITING
from biaochi.methods.rules.milp import Cost, Programme
from biaochi.methods.rules.ruleset import Purpose, RuleSet
from biaochi.methods.rules.single import Firm, Value, judge

PLANS = 3
MARGIN = 1e-7


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one column."""

    column: str
    start: Fraction
    end: Fraction


@dataclass(frozen=True, slots=True)
class Plan:
    """A way to a title.

    Parameters
    ----------
    set : str
        Rule set.
    at : datetime.date
        Day by which it is reached.
    cost : float
        Sum of the costs of its steps.
    steps : tuple of Step
        Changes against standing still.
    open : tuple of str
        Criteria that still need a person (reviews, evidence, unverified rule values).
    verdict : Verdict
        What the exact engine says of the changed firm.
    """

    set: str
    at: date
    cost: float
    steps: tuple[Step, ...]
    open: tuple[str, ...]
    verdict: Verdict


def shifted(firm: Firm, years: int) -> Firm:
    """Return the firm some fiscal years later, standing still: years move up, the new one repeats the last.

    Examples
    --------
    >>> later = shifted(Firm("a", {"rd_1": Fraction(3), "rd_2": Fraction(2), "segment_years": Fraction(1)}, {}), 1)
    >>> later.values["rd_1"], later.values["rd_2"], later.values["segment_years"]
    (Fraction(3, 1), Fraction(3, 1), Fraction(2, 1))
    """
    values: dict[str, Value] = dict(firm.values)
    for _ in range(years):
        before = dict(values)
        for name, spec in BY_NAME.items():
            if spec.year is not None and spec.year > 1 and name in before:
                # Where the year between was never a column (staff of two years ago) the shifted value is unknown.
                values[name] = before.get(f"{spec.stem}_{spec.year - 1}")
        for name in (*WAITING, "fiscal_year"):
            value = before.get(name)
            if isinstance(value, Fraction):
                values[name] = value + 1
    return firm.with_values(values)


def plan(
    rules: RuleSet,
    firm: Firm,
    costs: Mapping[str, Cost],
    *,
    at: date,
    horizon: int = 1,
    purpose: Purpose = "entry",
) -> list[Plan]:
    """Find up to three cheapest ways to a title.

    Parameters
    ----------
    rules : RuleSet
        The version aimed at.
    firm : Firm
        The firm today.
    costs : mapping
        Column → :class:`Cost`; columns without one are not touched.  A yearly column means its new years.
    at : datetime.date
        Today.
    horizon : int
        Years ahead; 0 plans for today.
    purpose : {"entry", "recheck"}
        What for.

    Returns
    -------
    list of Plan
        Cheapest first; each changes a different set of columns.  Empty when there is no way.
    """
    day = add_years(at, horizon)
    base = shifted(firm, horizon)
    found: list[Plan] = []
    model = Programme(base, costs, day, horizon, purpose)
    if not model.require(rules):
        return found
    while len(found) < PLANS:
        made = _next(model, rules, base, day, purpose)
        if made is None:
            break
        found.append(made)
        if not made.steps:
            break
        model.forbid([s.column for s in made.steps])
    return sorted(found, key=lambda p: p.cost)


def _next(model: Programme, rules: RuleSet, base: Firm, day: date, purpose: Purpose) -> Plan | None:
    for margin in (0.0, MARGIN, 100 * MARGIN):
        changes = model.solve(margin)
        if changes is None:
            return None
        steps = tuple(
            Step(name, base.number(name) or Fraction(0), end)
            for name, end in sorted(changes.items())
            if end != base.number(name)
        )
        steps = _pulled_back(steps, rules, base, day, purpose)
        judged = judge(rules, base.with_values({s.column: s.end for s in steps}), day, purpose)
        if judged.verdict in (Verdict.MET, Verdict.MANUAL_REVIEW):
            reviews = zip(rules.criteria, judged.outcomes, strict=True)
            still = tuple(c.code for c, o in reviews if o.verdict is Verdict.MANUAL_REVIEW)
            cost = sum(model.costs[model.priced(s.column)].unit_cost * abs(float(s.end - s.start)) for s in steps)
            return Plan(rules.code, day, cost, steps, still, judged.verdict)
    return None


def _pulled_back(steps: tuple[Step, ...], rules: RuleSet, base: Firm, day: date, purpose: Purpose) -> tuple[Step, ...]:
    """Undo the last fen that only the solver's tolerance asked for, as long as the engine's answer stays."""
    values = {s.column: s.end for s in steps}
    wanted = judge(rules, base.with_values(values), day, purpose).verdict
    for step in steps:
        unit = Fraction(1, 100) if BY_NAME[step.column].kind == "money" else Fraction(1, 10**6)
        unit = Fraction(1) if BY_NAME[step.column].kind in ("integer", "rank") else unit
        toward = unit if step.start > step.end else -unit
        for _ in range(3):
            trial = {**values, step.column: values[step.column] + toward}
            passed = (trial[step.column] - step.start) * toward > 0
            if passed or judge(rules, base.with_values(trial), day, purpose).verdict is not wanted:
                break
            values = trial
    return tuple(Step(s.column, s.start, values[s.column]) for s in steps)
