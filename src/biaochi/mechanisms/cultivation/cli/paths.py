"""``gap`` and ``cohort``: what one firm lacks and its cheapest way; how titles last, rise and lapse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import Invocation
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.cultivation.files.tables import BY_COLUMN, COST_COLUMNS, RECODED
from biaochi.mechanisms.cultivation.model import EndCause, Grant
from biaochi.methods.rules import Cost, Plan, RuleSet, evaluate, plan, resolve
from biaochi.methods.rules.explain import shown
from biaochi.methods.rules.gap import firm_gaps
from biaochi.methods.rules.ruleset import Purpose
from biaochi.methods.rules.single import Firm
from biaochi.methods.survival import aalen_johansen, kaplan_meier

DAYS_IN_YEAR = 365.25


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
    goal = call.at.replace(year=call.at.year + horizon) if (call.at.month, call.at.day) != (2, 29) else call.at
    later = resolve(rulesets, goal, purpose)
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


def cohort_tables(
    grants: Sequence[Grant], grade: str, to: str, by: str, as_of: date, level: float
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return ``survival`` and ``incidence`` of one grade's titles, in years since the grant, by group.

    A change of name or a merger with a known successor is no end: the successor's spell is joined to it.
    """
    joined = linked([g for g in grants if g.grade == grade], [g for g in grants if to and g.grade == to])
    survival: list[dict[str, object]] = []
    incidence: list[dict[str, object]] = []
    groups: dict[str, list[tuple[float, int, float]]] = {}
    for grant, cause, ended in joined:
        end = min(ended or as_of, as_of)
        entry = grant.listed_from or grant.granted_on
        time, start = _years(grant.granted_on, end), _years(grant.granted_on, entry)
        if time <= max(start, 0.0):
            continue
        seen = ended is not None and ended <= as_of
        groups.setdefault(str(getattr(grant, by)) if by else "all", []).append(
            (time, _CAUSES.index(cause) + 1 if seen and cause else 0, start if start > 0 else -1.0)
        )
    for group, spells in sorted(groups.items()):
        times = np.array([t for t, _, _ in spells])
        causes = np.array([c for _, c, _ in spells])
        entries = np.array([e for _, _, e in spells])
        curve = kaplan_meier(times, causes > 0, entry=entries, level=level)
        survival += _records({"group": group}, curve.to_frame())
        for code, found in aalen_johansen(times, causes, entry=entries, level=level).items():
            incidence += _records({"group": group, "cause": _CAUSES[code - 1]}, found.to_frame())
    return survival, incidence


def _records(labels: dict[str, object], frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{**labels, **{str(k): v for k, v in r.items()}} for r in frame.to_dict("records")]


_CAUSES = ("promoted", "lapsed", "removed")


def _years(start: date, end: date) -> float:
    return (end - start).days / DAYS_IN_YEAR


def linked(grants: Sequence[Grant], goals: Sequence[Grant]) -> list[tuple[Grant, str, date | None]]:
    """Return each title with the cause and day of its end, successors followed, promotions to a goal grade found."""
    heirs = {g.successor: g for g in grants if g.successor and g.end_cause in (EndCause.MERGED, EndCause.RENAMED)}
    by_firm: dict[str, list[Grant]] = {}
    for grant in grants:
        by_firm.setdefault(grant.firm, []).append(grant)
    reached = {}
    for goal in sorted(goals, key=lambda g: g.granted_on, reverse=True):
        reached[goal.firm] = goal.granted_on
    found: list[tuple[Grant, str, date | None]] = []
    for grant in grants:
        if grant.firm in heirs and _continues(grant, heirs[grant.firm]):
            continue
        last, names = grant, [grant.firm]
        while last.end_cause in (EndCause.MERGED, EndCause.RENAMED) and last.successor in by_firm:
            following = [g for g in by_firm[last.successor] if g.firm not in names]
            if not following:
                break
            last = following[0]
            names.append(last.firm)
        promoted = min((reached[n] for n in names if n in reached and reached[n] > grant.granted_on), default=None)
        cause = last.end_cause.value if last.end_cause else ""
        ended = last.ended_on
        if promoted is not None and (ended is None or promoted <= ended):
            cause, ended = EndCause.PROMOTED.value, promoted
        if cause in (EndCause.MERGED.value, EndCause.RENAMED.value):
            # The successor is not in the register: the end is unseen, not a lapse.
            found.append((grant, "", ended))
        else:
            found.append((grant, cause or ("lapsed" if ended else ""), ended))
    return found


def _continues(grant: Grant, former: Grant) -> bool:
    """Whether a title only carries on that of the firm's former name, and so is no spell of its own."""
    begun = grant.listed_from or grant.granted_on
    return grant.granted_on == former.granted_on or (former.ended_on is not None and begun >= former.ended_on)
