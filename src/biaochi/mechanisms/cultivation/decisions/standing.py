"""Facts and dated rules to decisions: how one firm stands in every set, its rung, its gaps and its way up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.evidence import Evidence, EvidenceGrade
from biaochi.core.parameters import Citation
from biaochi.core.period import add_years
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.cultivation.model import LADDER
from biaochi.methods.rules import Assessment, Cost, Gap, Plan, RuleSet, evaluate, plan, resolve
from biaochi.methods.rules.explain import findings, reason, shown, threshold_of, unit_of
from biaochi.methods.rules.gap import firm_gaps
from biaochi.methods.rules.single import NEVER, Firm, judge

GRADES: dict[str, EvidenceGrade] = {g.value: g for g in EvidenceGrade}


def assess_firm(assessment: Assessment, firm: str, code: str) -> Decision:
    """Decide how one firm stands in one rule set.

    Parameters
    ----------
    assessment : Assessment
        The table with the firm, assessed.
    firm, code : str
        The firm's identifier and the set's name.

    Returns
    -------
    Decision
        ``outcome`` is the verdict; one reason a criterion.  A verdict prepares a decision; it recognises nobody.
    """
    result = assessment[code]
    if result.rules is None:
        text = Text("当日没有有效的版本", "no version is in force on the day")
        return Decision(Verdict.NOT_APPLICABLE.value, (Reason(code, Verdict.NOT_APPLICABLE, text),), assessment.at)
    found = Firm.named(assessment.facts, firm)
    told = findings(result.rules, judge(result.rules, found, assessment.at, assessment.purpose))
    reasons = tuple(
        Reason(
            f.criterion.code,
            f.verdict,
            reason(f.criterion, f.outcome),
            shown(f.outcome.value, f.outcome.decided_by),
            threshold_of(f.outcome.decided_by),
            unit_of(f.outcome.decided_by),
            Citation(f.criterion.citation),
        )
        for f in told
    )
    verdict = judge(result.rules, found, assessment.at, assessment.purpose).verdict
    grade = GRADES.get(str(found.values.get("grade") or "C"), EvidenceGrade.C)
    evidence = (Evidence(f"facts of {firm}", "table of firms", None, grade),)
    facts: dict[str, Scalar] = {"set": result.code, "version": result.version, "valid_from": result.rules.valid_from}
    return Decision(verdict.value, reasons, assessment.at, evidence, facts=facts)


@dataclass(frozen=True, slots=True)
class Expiry:
    """A title that a firm holds or held by its file, and its last day."""

    column: str
    until: date
    valid: bool


@dataclass(frozen=True)
class FirmStanding:
    """Where one firm stands on the ladder, what the next rung asks, and what expires when.

    Parameters
    ----------
    firm : Firm
        The facts as judged.
    held, aim : str
        Highest rung whose title is valid on the day (empty for none), and the rung above it (empty at the top).
    decisions : mapping
        Set code → decision with its reasons, for every set in force.
    gaps : tuple of Gap
        What keeps the firm from the rung it aims at.
    plans : tuple of Plan
        Cheapest ways there, cheapest first; none without costs.
    expiries : tuple of Expiry
        Titles of the file by their last day.
    """

    firm: Firm
    held: str
    aim: str
    decisions: Mapping[str, Decision]
    gaps: tuple[Gap, ...]
    plans: tuple[Plan, ...]
    expiries: tuple[Expiry, ...]


def stand(
    frame: pd.DataFrame,
    rulesets: Sequence[RuleSet],
    *,
    at: date,
    costs: Mapping[str, Cost],
    horizon: int = 1,
    held: Iterable[str] = (),
    evidence: pd.DataFrame | None = None,
) -> FirmStanding:
    """Judge the one firm of a table in every set, find its rung, and plan the way to the next.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row of the table of firms, money in yuan.
    rulesets : sequence of RuleSet
        All versions of all sets.
    at : datetime.date
        Day of the assessment.
    costs : mapping
        Column → cost of changing it; empty: no plan is made.
    horizon : int
        Years the plan may take; it is judged by the rules of the day it ends.
    held : iterable of str
        Grades that the register says are valid, beside those of the file.
    evidence : pandas.DataFrame or None
        Grades of evidence for single columns.
    """
    found = evaluate(list(rulesets), frame, at=at, evidence=evidence)
    firm = Firm.of(found.facts, 0)
    expiries = _expiries(firm, at)
    valid = {e.column.removesuffix("_until") for e in expiries if e.valid} | set(held)
    rung = max((i for i, code in enumerate(LADDER) if code in valid), default=-1)
    aim = LADDER[rung + 1] if rung + 1 < len(LADDER) else ""
    decisions = {r.code: assess_firm(found, firm.name, r.code) for r in found.results if r.rules is not None}
    now = next((r.rules for r in found.results if r.code == aim), None)
    gaps = tuple(firm_gaps(now, firm, at)) if now is not None else ()
    goal = resolve(rulesets, add_years(at, horizon)).get(aim)
    plans = tuple(plan(goal, firm, costs, at=at, horizon=horizon)) if goal is not None and costs else ()
    return FirmStanding(firm, LADDER[rung] if rung >= 0 else "", aim, decisions, gaps, plans, expiries)


def _expiries(firm: Firm, at: date) -> tuple[Expiry, ...]:
    days = {name: firm.day(name) for name in firm.values if name.endswith("_until")}
    known = [Expiry(n, d, d >= at) for n, d in days.items() if d is not None and d != NEVER]
    return tuple(sorted(known, key=lambda e: (e.until, e.column)))
