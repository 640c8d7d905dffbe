"""``gap``: what one firm lacks and its cheapest way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from biaochi.core.errors import UsageError
from biaochi.core.period import add_years
from biaochi.core.text import Text
from biaochi.exchange.command import Invocation
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.cultivation.files.tables import BY_COLUMN, COST_COLUMNS, RECODED
from biaochi.methods.rules import Cost, Plan, RuleSet, evaluate, plan, resolve
from biaochi.methods.rules.explain import shown
from biaochi.methods.rules.gap import firm_gaps
from biaochi.methods.rules.ruleset import Purpose
from biaochi.methods.rules.single import Firm


def read_costs(call: Invocation, path: Path | None, *, wan: bool) -> dict[str, Cost]:
    """Return the cost of changing each column; unit costs are in yuan, limits in the unit of the columns."""
    if path is None:
        return {}
    faults = Faults(path.name)
    frame = call.table(path, COST_COLUMNS, key=("column",), faults=faults).frame
    faults.recode(RECODED, BY_COLUMN)
    faults.check()
    factor = 10_000.0 if wan else 1.0
    return {
        str(r["column"]): Cost(
            float(r["unit_cost"]), None if np.isnan(r["max_change"]) else float(r["max_change"]) * factor
        )
        for r in frame.to_dict("records")
    }


def firm_row(slices: Iterable[pd.DataFrame], firm: str) -> pd.DataFrame:
    """Return the one-row table of a firm; the whole file is read, so that its faults are found."""
    kept = [f[f["firm"].astype(str) == firm] for f in slices]
    found = [f for f in kept if len(f)]
    if not found:
        raise UsageError(Text(f"表中没有企业 {firm}", f"the table has no firm {firm}"))
    return found[0].reset_index(drop=True)


def gaps_and_plans(
    row: pd.DataFrame,
    rulesets: Sequence[RuleSet],
    call: Invocation,
    purpose: Purpose,
    evidence: pd.DataFrame | None,
    costs: dict[str, Cost],
    horizon: int,
) -> dict[str, object]:
    """Return ``gaps`` under the rules of the day and ``plans`` under those of the day the plan ends."""
    assessed = evaluate(rulesets, row, at=call.at, purpose=purpose, evidence=evidence)
    firm = Firm.of(assessed.facts, 0)
    gaps = [g.to_dict() for r in assessed.results if r.rules for g in firm_gaps(r.rules, firm, call.at, purpose)]
    later = resolve(rulesets, add_years(call.at, horizon), purpose)
    plans: list[dict[str, object]] = []
    for rules in later.values():
        if rules is not None and costs:
            plans += [_plan_record(p) for p in plan(rules, firm, costs, at=call.at, horizon=horizon, purpose=purpose)]
    return {"gaps": gaps, "plans": plans}


def _plan_record(found: Plan) -> dict[str, object]:
    return {
        "set": found.set,
        "at": found.at,
        "cost": round(found.cost, 2),
        "steps": [{"column": s.column, "from": _plain(s.start), "to": _plain(s.end)} for s in found.steps],
        "open": list(found.open),
        "verdict": found.verdict.value,
    }


def _plain(value: Fraction) -> object:
    return shown(value, None)
