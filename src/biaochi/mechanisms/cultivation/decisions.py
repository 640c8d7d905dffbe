"""Facts and dated rules to decisions: one firm's standing in a set, and the duties a register's titles bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.evidence import Evidence, EvidenceGrade
from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.period import add_months, add_years
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.cultivation.model import LADDER, Duty, EndCause, Grant
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


@dataclass(frozen=True, slots=True)
class RegistryCheck:
    """What a register of titles asks for.

    Parameters
    ----------
    duties : tuple of Duty
        Ordered by due day.
    unlinked : tuple of str
        Firms that seem dead although a merger or a change of name without a known successor may hide them.
    """

    duties: tuple[Duty, ...]
    unlinked: tuple[str, ...]


def check_registry(grants: Sequence[Grant], *, at: date, parameters: Snapshot) -> RegistryCheck:
    """Find renewals, yearly updates, bans and unlinked successors of a register.

    Parameters
    ----------
    grants : sequence of Grant
        All titles.
    at : datetime.date
        Day of the check.
    parameters : Snapshot
        ``validity_years.<grade>``, ``yearly_update.<grade>``, ``ban_years.<grade>``.

    Returns
    -------
    RegistryCheck
        States: ``due`` (not yet past), ``overdue``, ``running`` (a ban that has not ended).
    """
    names = {g.firm for g in grants}
    duties: list[Duty] = []
    for grant in grants:
        duties += _duties(grant, at, parameters)
    lost = {
        g.firm
        for g in grants
        if g.end_cause in (EndCause.MERGED, EndCause.RENAMED) and (not g.successor or g.successor not in names)
    }
    return RegistryCheck(tuple(sorted(duties, key=lambda d: (d.due_on, d.firm, d.duty))), tuple(sorted(lost)))


def _duties(grant: Grant, at: date, parameters: Snapshot) -> Iterable[Duty]:
    if grant.ended_on is not None and grant.ended_on <= at:
        yield from _bans(grant, at, parameters)
        return
    ends = valid_to(grant, parameters)
    if ends is not None:
        yield Duty(grant.firm, "renew", ends, "overdue" if ends < at else "due")
    update = parameters.get(f"yearly_update.{grant.grade}")
    if update is not None and (ends is None or ends >= at):
        month, day = (int(part) for part in str(update.value).split("-"))
        due = date(at.year, month, day)
        due = due if due >= at else date(at.year + 1, month, day)
        if grant.granted_on < due and (ends is None or due <= ends):
            yield Duty(grant.firm, "yearly_update", due, "due")


def _bans(grant: Grant, at: date, parameters: Snapshot) -> Iterable[Duty]:
    if grant.end_cause in (EndCause.MERGED, EndCause.RENAMED) and grant.ended_on is not None:
        report = parameters.get(f"report_change_months.{grant.grade}")
        if report is not None:
            due = add_months(grant.ended_on, int(str(report.value)))
            if due >= at:
                yield Duty(grant.firm, "report_change", due, "due")
    ban = parameters.get(f"ban_years.{grant.grade}")
    if grant.end_cause is EndCause.REMOVED and ban is not None and grant.ended_on is not None:
        until = add_years(grant.ended_on, int(str(ban.value)))
        if until > at:
            yield Duty(grant.firm, "barred_until", until, "running")


def valid_to(grant: Grant, parameters: Snapshot) -> date | None:
    """Return a title's last day: as recorded, else its grant plus the grade's term."""
    if grant.valid_to is not None:
        return grant.valid_to
    term = parameters.get(f"validity_years.{grant.grade}")
    return add_years(grant.granted_on, int(str(term.value))) if term is not None else None


@dataclass(frozen=True)
class PartInputs:
    """Cultivation's inputs in a programme: all rule sets, the firms, their evidence and the register of titles."""

    rulesets: tuple[RuleSet, ...]
    firms: pd.DataFrame
    evidence: pd.DataFrame | None
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class PartResult:
    """How many firms stand how in each set, and the duties ahead.

    Parameters
    ----------
    firms : int
        Firms assessed.
    assessment : Assessment
        Every firm against every set.
    check : RegistryCheck
        Duties and unlinked successors of the register.
    """

    firms: int
    assessment: Assessment
    check: RegistryCheck


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Assess every firm of the programme and check its register."""
    evidence = inputs.evidence
    if evidence is not None:
        evidence = evidence[[d is None or d <= turn.as_of for d in evidence["observed_on"]]]
    found = evaluate(list(inputs.rulesets), inputs.firms, at=turn.at, evidence=evidence)
    return PartResult(len(inputs.firms), found, check_registry(inputs.grants, at=turn.at, parameters=parameters))
