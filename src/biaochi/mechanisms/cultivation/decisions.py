"""Facts and dated rules to decisions: one firm's standing in a set, and the duties a register's titles bring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from biaochi.mechanisms.cultivation.model import Duty, EndCause, Grant
from biaochi.methods.rules import Assessment, RuleSet, evaluate
from biaochi.methods.rules.explain import findings, reason, shown, threshold_of, unit_of
from biaochi.methods.rules.single import Firm, judge

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
