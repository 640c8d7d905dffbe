"""What a register of titles asks of its holders: renewals, yearly updates, bans, and names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from biaochi.core.parameters import Snapshot
from biaochi.core.period import add_months, add_years
from biaochi.mechanisms.cultivation.model import Duty, EndCause, Grant


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
        yield Duty(grant.firm, "renew", ends, "overdue" if ends < at else "due", grant.grade)
    update = parameters.get(f"yearly_update.{grant.grade}")
    if update is not None and (ends is None or ends >= at):
        month, day = (int(part) for part in str(update.value).split("-"))
        due = date(at.year, month, day)
        due = due if due >= at else date(at.year + 1, month, day)
        if grant.granted_on < due and (ends is None or due <= ends):
            yield Duty(grant.firm, "yearly_update", due, "due", grant.grade)


def _bans(grant: Grant, at: date, parameters: Snapshot) -> Iterable[Duty]:
    if grant.end_cause in (EndCause.MERGED, EndCause.RENAMED) and grant.ended_on is not None:
        report = parameters.get(f"report_change_months.{grant.grade}")
        if report is not None:
            due = add_months(grant.ended_on, int(str(report.value)))
            if due >= at:
                yield Duty(grant.firm, "report_change", due, "due", grant.grade)
    ban = parameters.get(f"ban_years.{grant.grade}")
    if grant.end_cause is EndCause.REMOVED and ban is not None and grant.ended_on is not None:
        until = add_years(grant.ended_on, int(str(ban.value)))
        if until > at:
            yield Duty(grant.firm, "barred_until", until, "running", grant.grade)


def firm_duties(grants: Sequence[Grant], *, at: date, parameters: Snapshot) -> tuple[Duty, ...]:
    """Return the duties of one firm's titles by their day, each once, whichever of its sources tells of the title."""
    latest: dict[str, Grant] = {}
    for grant in grants:
        known = latest.get(grant.grade)
        if known is None or (grant.valid_to or date.max) >= (known.valid_to or date.max):
            latest[grant.grade] = grant
    return check_registry(list(latest.values()), at=at, parameters=parameters).duties


def valid_to(grant: Grant, parameters: Snapshot) -> date | None:
    """Return a title's last day: as recorded, else its grant plus the grade's term."""
    if grant.valid_to is not None:
        return grant.valid_to
    term = parameters.get(f"validity_years.{grant.grade}")
    return add_years(grant.granted_on, int(str(term.value))) if term is not None else None


def ending_by_month(grants: Sequence[Grant], *, at: date, parameters: Snapshot, months: int = 24) -> dict[str, int]:
    """Return how many titles in force end in each of the coming months, months without any included.

    Returns
    -------
    dict
        ``YYYY-MM`` → number of titles, ``months`` + 1 entries from the month of ``at`` on.
    """
    first = at.replace(day=1)
    found = {add_months(first, k).strftime("%Y-%m"): 0 for k in range(months + 1)}
    for grant in grants:
        if grant.granted_on > at or (grant.ended_on is not None and grant.ended_on <= at):
            continue
        ends = valid_to(grant, parameters)
        if ends is not None and ends >= at and (month := ends.strftime("%Y-%m")) in found:
            found[month] += 1
    return found
