"""The clock of the sandbox: what falls due by itself, each at its own instant, in order, also after an outage."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta

from django.db import transaction as database

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK
from biaochi.mechanisms.sandbox.model import start_of_day
from biaochi.mechanisms.sandbox.web.models import ZONE, Grant, SandboxCase, Voucher
from biaochi.mechanisms.sandbox.web.watching import look
from biaochi.registry.models import Governed
from biaochi.registry.transition import transition

_DAY = timedelta(days=1)


def keep_time(now: datetime) -> int:
    """Do what is due until ``now``; return how much was done.  A second run at the same instant does nothing."""
    return _cases(now) + _grants(now) + _vouchers(now)


def catch_up(trial: SandboxCase, now: datetime) -> None:
    """Do what is due of one case before somebody decides on it."""
    while trial.next_check_at is not None and trial.next_check_at <= now:
        _look_at(trial.pk, trial.next_check_at)
        trial.refresh_from_db()


def _cases(now: datetime) -> int:
    due = SandboxCase.objects.filter(next_check_at__lte=now).values_list("next_check_at", "pk")
    waiting = [(at, pk) for at, pk in due if at is not None]
    heapq.heapify(waiting)
    done = 0
    while waiting:
        at, pk = heapq.heappop(waiting)
        following = _look_at(pk, at)
        done += 1
        if following is not None and following <= now:
            heapq.heappush(waiting, (following, pk))
    return done


def _look_at(pk: int, at: datetime) -> datetime | None:
    with database.atomic():
        trial = SandboxCase.objects.select_for_update(of=("self",)).filter(pk=pk, next_check_at=at).first()
        if trial is None:
            return SandboxCase.objects.filter(pk=pk).values_list("next_check_at", flat=True).first()
        look(trial, at)
        return trial.next_check_at


def _grants(now: datetime) -> int:
    today, done = now.astimezone(ZONE).date(), 0
    for grant in Grant.objects.filter(state="approved", start_on__lte=today).order_by("start_on", "pk"):
        begun = start_of_day(grant.start_on, ZONE)
        done += _move(grant, "activate", max(begun, grant.entered_at))
    for grant in Grant.objects.filter(state__in=("approved", "active"), end_on__lt=today).order_by("end_on", "pk"):
        done += _move(grant, "expire", max(start_of_day(grant.end_on + _DAY, ZONE), grant.entered_at))
    return done


def _vouchers(now: datetime) -> int:
    today = now.astimezone(ZONE).date()
    rows = Voucher.objects.filter(state__in=("issued", "reserved", "consumed"), scheme__end_on__lt=today)
    done = 0
    for voucher in rows.select_related("scheme", "holder").order_by("scheme__end_on", "pk"):
        done += _move(voucher, "expire", max(start_of_day(voucher.scheme.end_on + _DAY, ZONE), voucher.entered_at))
    return done


def _move(obj: Governed, name: str, at: datetime) -> int:
    try:
        transition(obj, name, CLOCK, now=at)
    except RefusedError:
        return 0
    return 1
