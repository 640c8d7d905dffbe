"""Supervising a case from what is stored: alarms, the moves they make, and when to look again.

The states kept for each guardrail say *whether* something crossed; what exactly is an alarm is always told by
``supervise`` over the whole record, so that the site, the command line and an evidence bundle never differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.source import Source
from biaochi.mechanisms.sandbox.decisions import health_now, microseconds, moment, supervise
from biaochi.mechanisms.sandbox.files import Readings, arranged
from biaochi.mechanisms.sandbox.model import Action, Alarm, Case, Incident, Supervision, start_of_day
from biaochi.mechanisms.sandbox.web.models import ZONE, AlarmRow, FeedMark, Reading, SandboxCase
from biaochi.registry.transition import record, transition

_COLUMNS = ("metric", "at", "received", "seq", "revision", "value", "exposure", "low", "high", "source")
_DAY = timedelta(days=1)
NO_WAIVER = Text("豁免全部终止，试验没有依据", "every waiver has ended; the trial has no ground left")


def stored_readings(trial: SandboxCase) -> Readings:
    """Return everything that arrived of a case, as the files room arranges it."""
    rows = Reading.objects.filter(trial=trial).values_list(*_COLUMNS)
    frame = pd.DataFrame.from_records(list(rows), columns=list(_COLUMNS)).rename(columns={"received": "received_at"})
    frame.insert(0, "row", np.arange(2, len(frame) + 2))
    frame.insert(1, "case", trial.public_id)
    numbers = dict.fromkeys(("at", "received_at", "seq", "revision"), "int64")
    frame = frame.astype(numbers | dict.fromkeys(("value", "exposure", "low", "high"), "float64"))
    return arranged(frame, Source("readings.csv", b""))


def stored_incidents(trial: SandboxCase) -> tuple[Incident, ...]:
    """Return the reported incidents in the order files have them."""
    found = [row.to_incident() for row in trial.incidents.all()]
    return tuple(sorted(found, key=lambda i: (i.reported_at, i.occurred_at, i.id)))


def supervised(
    trial: SandboxCase, as_of: datetime, readings: Readings | None = None, case: Case | None = None
) -> Supervision:
    """Return how a case stands at an instant."""
    rows = readings if readings is not None else stored_readings(trial)
    return supervise(
        case or trial.to_case(), rows.by_case.get(trial.public_id, {}), stored_incidents(trial), as_of=as_of, zone=ZONE
    )


def settle(trial: SandboxCase, as_of: datetime) -> list[Alarm]:
    """Raise every alarm that is new, make the moves that follow, and keep the case's health; return the new alarms."""
    found = supervised(trial, as_of)
    known = {row.key() for row in trial.alarms.all()}
    new = []
    for alarm in found.alarms:
        row = AlarmRow.of(trial, alarm, jsonable(alarm.to_dict()))
        if row.key() in known:
            continue
        row.save(force_insert=True)
        known.add(row.key())
        new.append(alarm)
        _follow(trial, alarm)
    since = trial.alarms.filter(received_at__gte=trial.entered_at).values_list("action", flat=True)
    health = health_now(trial.state, [f.status for f in found.feeds], [Action(a) for a in since])
    trial.health = health
    SandboxCase.objects.filter(pk=trial.pk).update(health=health)
    return new


def _follow(trial: SandboxCase, alarm: Alarm) -> None:
    """Suspend or stop as the plan registered; an alarm that moves nothing is told and kept in the ledger."""
    seen, limit = (float(f"{x:.6g}") for x in (alarm.statistic, alarm.threshold))
    reason = Reason(alarm.kind.value, Verdict.UNMET, alarm.message, seen, limit)
    at = max(alarm.received_at, trial.entered_at)
    move = _move(trial, alarm)
    decision = Decision(move or "notify", (reason,), at, facts={"metric": alarm.metric, "path": alarm.path})
    if move:
        transition(trial, move, CLOCK, alarm.message.zh, decision, now=at)
    else:
        record(trial, "alarm", CLOCK, alarm.message.zh, decision, now=alarm.received_at)


def _move(trial: SandboxCase, alarm: Alarm) -> str:
    if alarm.action is Action.STOP and trial.state in ("running", "suspended"):
        return "to_exit"
    fresh = alarm.received_at >= trial.entered_at
    return "suspend" if alarm.action is Action.PAUSE and trial.state == "running" and fresh else ""


def look(trial: SandboxCase, at: datetime) -> None:
    """Do what the calendar asks of one case at one instant: waivers begin and end, the case starts, silence counts.

    The caller holds the row's lock; afterwards ``next_check_at`` lies after ``at``.
    """
    day = at.astimezone(ZONE).date()
    if trial.state in ("admitted", "running"):
        ready = trial.waivers.filter(state="granted", start_on__lte=day, end_on__gte=day)
        for waiver in ready.order_by("start_on"):
            begun = start_of_day(waiver.start_on, ZONE)
            transition(waiver, "activate", CLOCK, now=max(begun, waiver.entered_at))
    if trial.state == "admitted" and trial.waivers.filter(state="active").exists():
        _start(trial, at)
    if trial.state in ("running", "suspended"):
        settle(trial, at)
    for waiver in trial.waivers.filter(state__in=("granted", "active", "suspended"), end_on__lt=day).order_by("end_on"):
        ended = start_of_day(waiver.end_on + _DAY, ZONE)
        transition(waiver, "expire", CLOCK, now=max(ended, waiver.entered_at))
    held = trial.waivers.filter(state__in=("granted", "active", "suspended")).exists()
    if trial.state in ("running", "suspended") and not held:
        reason = Reason("waiver_in_force", Verdict.UNMET, NO_WAIVER, 0, 1)
        when = max(at, trial.entered_at)
        transition(trial, "to_exit", CLOCK, NO_WAIVER.zh, Decision("exit_review", (reason,), when), now=when)
        settle(trial, when)
    set_next_check(trial, at)


def _start(trial: SandboxCase, at: datetime) -> None:
    """Start on the first waiver's day; where a guard still holds it, the case waits for the regulator."""
    reason = Reason(
        "waiver_in_force", Verdict.MET, Text("豁免已生效", "a waiver is in force"), at.astimezone(ZONE).date()
    )
    try:
        when = max(at, trial.entered_at)
        transition(trial, "start", CLOCK, "", Decision("start", (reason,), when), now=when)
    except RefusedError:
        return


def set_next_check(trial: SandboxCase, after: datetime) -> None:
    """Keep the next instant at which something falls due by itself."""
    due = min((t for t in _instants(trial) if t > after), default=None)
    trial.next_check_at = due
    SandboxCase.objects.filter(pk=trial.pk).update(next_check_at=due)


def _instants(trial: SandboxCase) -> Iterable[datetime]:
    if trial.state not in ("admitted", "running", "suspended"):
        return
    case = trial.to_case()
    for waiver in case.waivers:
        yield start_of_day(waiver.start_on, ZONE)
        yield start_of_day(waiver.end_on + _DAY, ZONE)
    if case.ethics.next_review_on is not None:
        yield start_of_day(case.ethics.next_review_on + _DAY, ZONE)
    if trial.state != "admitted":
        yield from _silences(case, {m.metric: m.beat for m in FeedMark.objects.filter(trial=trial)})


def _silences(case: Case, beats: Mapping[str, int]) -> Iterable[datetime]:
    starts = [start_of_day(w.start_on, ZONE) for w in case.waivers]
    if case.plan is None:
        return
    begin = microseconds(min(starts, default=case.plan.registered_at))
    for feed in case.plan.feeds:
        beat = max(begin, beats.get(feed.metric, begin))
        for hours in (feed.amber_after_hours, feed.suspend_after_hours):
            yield moment(beat + round(hours * 3.6e9))


def new_alarms(trial: SandboxCase, found: Sequence[Alarm]) -> list[dict[str, object]]:
    """Return alarms as the API tells them."""
    return [dict(jsonable(a.to_dict())) for a in found]
