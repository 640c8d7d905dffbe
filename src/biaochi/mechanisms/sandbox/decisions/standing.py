"""What follows from the calendar and from incidents alone: expiries, overdue reviews, stops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from biaochi.core.text import Text
from biaochi.mechanisms.sandbox.model import (
    Action,
    Alarm,
    AlarmKind,
    Case,
    Incident,
    IncidentRule,
    Severity,
    WaiverStatus,
    end_of_day,
    start_of_day,
)


def standing_of_waivers(case: Case, as_of: datetime, zone: ZoneInfo, due_state: str) -> tuple[WaiverStatus, ...]:
    """Return each waiver's status; a waiver past its last day is expired whatever else holds."""
    held = due_state in ("suspended", "exit_review")
    today = as_of.astimezone(zone).date()
    found = []
    for waiver in case.waivers:
        if as_of >= end_of_day(waiver.end_on, zone):
            status = "expired"
        elif as_of < start_of_day(waiver.start_on, zone):
            status = "pending"
        else:
            status = "suspended" if held else "active"
        found.append(WaiverStatus(waiver.id, status, waiver.end_on, (waiver.end_on - today).days))
    return tuple(found)


def calendar_alarms(case: Case, as_of: datetime, zone: ZoneInfo) -> Iterable[Alarm]:
    """Give a notice at the end of each waiver's last day and of the day a review was due."""
    for waiver in case.waivers:
        yield from _day_alarm(
            case.id,
            waiver.id,
            AlarmKind.EXPIRY,
            waiver.end_on,
            as_of,
            zone,
            Text(f"豁免 {waiver.id} 已到期，自行终止", f"waiver {waiver.id} has ended by itself"),
        )
    due = case.ethics.next_review_on
    if due is not None:
        yield from _day_alarm(
            case.id,
            "ethics",
            AlarmKind.ETHICS_OVERDUE,
            due,
            as_of,
            zone,
            Text("伦理跟踪审查已逾期", "the continuing ethics review is overdue"),
        )


def _day_alarm(
    case: str, subject: str, kind: AlarmKind, day: date, as_of: datetime, zone: ZoneInfo, message: Text
) -> Iterable[Alarm]:
    at = end_of_day(day, zone).astimezone(UTC)
    if as_of >= at:
        yield Alarm(case, None, subject, kind, at, at, Action.NOTIFY, message, 0.0, 0.0)


def incident_alarms(
    case: str, rule: IncidentRule | None, incidents: Sequence[Incident], as_of: datetime
) -> Iterable[Alarm]:
    """Stop at an incident as grave as the plan says; notify of one that was reported late.

    Without a rule in the plan, serious harm still stops the case.
    """
    limits = rule or IncidentRule()
    for incident in incidents:
        if incident.reported_at > as_of:
            continue
        severity = Severity(incident.severity)
        if severity.rank >= limits.stop_at.rank:
            yield Alarm(
                case,
                None,
                incident.id,
                AlarmKind.INCIDENT,
                incident.occurred_at,
                incident.reported_at,
                Action.STOP,
                Text(
                    f"事件 {incident.id}：{severity.text.zh}，达到停止线（{limits.stop_at.text.zh}）",
                    f"incident {incident.id}: {severity.text.en}, which stops the case (from {limits.stop_at.text.en})",
                ),
                float(severity.rank),
                float(limits.stop_at.rank),
            )
        late = (incident.reported_at - incident.occurred_at).total_seconds() / 3600
        if rule is not None and late > rule.report_within_hours:
            yield Alarm(
                case,
                None,
                incident.id,
                AlarmKind.LATE_INCIDENT,
                incident.occurred_at,
                incident.reported_at,
                Action.NOTIFY,
                Text(
                    f"事件 {incident.id} 在 {late:.4g} 小时后才报告，限期 {rule.report_within_hours:g} 小时",
                    f"incident {incident.id} was reported after {late:.4g} hours, due within "
                    f"{rule.report_within_hours:g}",
                ),
                late,
                rule.report_within_hours,
            )


def health_now(state: str, feeds: Iterable[str], since: Sequence[Action]) -> str:
    """Return a case's health on the site: what holds now, not what ever was.

    Parameters
    ----------
    state : str
        State of the case.
    feeds : iterable of str
        Status of each feed.
    since : sequence of Action
        Actions of the alarms raised since the present state was entered.

    Examples
    --------
    >>> health_now("running", ["on_time"], []), health_now("running", ["amber"], []), health_now("suspended", [], [])
    ('green', 'amber', 'red')
    """
    if state in ("suspended", "exit_review"):
        return "red"
    return "amber" if since or set(feeds) - {"on_time"} else "green"
