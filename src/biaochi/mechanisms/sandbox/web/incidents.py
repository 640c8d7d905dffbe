"""Reporting an incident: kept, written to the ledger, and followed by what the plan says of its severity."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction as database

from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import Fault, InputError, RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.model import Severity, read_instant
from biaochi.mechanisms.sandbox.web import watching
from biaochi.mechanisms.sandbox.web.models import ZONE, IncidentRow, SandboxCase
from biaochi.registry.transition import record

_TAKES = ("admitted", "running", "suspended", "exit_review", "extended", "aftercare")


def report_incident(
    trial: SandboxCase, occurred_at: str, severity: str, text: str, actor: Actor, now: datetime
) -> tuple[IncidentRow, list[dict[str, object]]]:
    """Keep an incident; serious harm stops the case at once.  Returns it and the alarms it raised.

    Raises
    ------
    InputError
        When time or severity cannot be read, or it was reported before it happened.
    RefusedError
        ``not_supervised`` where no trial is under way.
    """
    occurred = _occurred(occurred_at, now)
    if severity not in tuple(Severity):
        raise _fault("severity", severity, Text("没有这种严重程度", "there is no such severity"))
    with database.atomic():
        held = SandboxCase.objects.select_for_update(of=("self",)).get(pk=trial.pk)
        if held.state not in _TAKES:
            raise RefusedError("not_supervised", Text("没有在进行的试验", "no trial is under way"))
        row = IncidentRow.objects.create(
            trial=held,
            code=f"I{held.incidents.count() + 1}",
            occurred_at=occurred,
            reported_at=now,
            severity=severity,
            text=text.strip()[:2000],
        )
        told = Severity(severity).text
        reason = Reason(
            "incident", Verdict.NOT_APPLICABLE, Text(f"{row.code}:{told.zh}", f"{row.code}: {told.en}"), severity
        )
        decision = Decision("reported", (reason,), now, facts={"occurred_at": occurred.isoformat()})
        record(held, "incident", actor, "", decision, now=now)
        alarms = watching.settle(held, now)
        watching.set_next_check(held, now)
    return row, watching.new_alarms(held, alarms)


def _occurred(text: str, now: datetime) -> datetime:
    try:
        occurred = read_instant(text, ZONE)
    except ValueError as error:
        raise _fault("occurred_at", text, Text("不是时刻", "this is not an instant"), "bad_date") from error
    if occurred > now:
        raise _fault(
            "occurred_at", text, Text("报告早于发生", "it was reported before it happened"), "received_before_at"
        )
    return occurred


def _fault(column: str, seen: str, message: Text, code: str = "unknown_value") -> InputError:
    fix = {
        "severity": Text("可选：minor、moderate、serious、fatal", "choose minor, moderate, serious or fatal"),
        "occurred_at": Text("请写成 2026-03-31T09:30，且不晚于现在", "write it as 2026-03-31T09:30, not after now"),
    }[column]
    return InputError([Fault(code, message, fix, file="incident", row=0, column=column, seen=seen)])
