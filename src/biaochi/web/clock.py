"""The clock: each minute it makes the moves that are due, tells people, and tidies up.

It is idempotent (a second run at the same instant does nothing), catches up after an outage in order, and one
mechanism's error does not stop the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.utils import timezone

from biaochi.exchange.parameter_files import office_values
from biaochi.registry import hooks, office, telling
from biaochi.registry.models.keys import IdempotentAnswer
from biaochi.registry.models.people import OneTimeLink
from biaochi.registry.models.work import ClockMark
from biaochi.registry.transition import run_overdue
from biaochi.web import reminders
from biaochi.web.sites import sites

log = logging.getLogger("biaochi.clock")
MINUTE = 60.0


def tick(now: datetime) -> int:
    """Do everything that is due at an instant; return how many things were done."""
    with office_values(office.added_values):
        return _everything(now)


def _everything(now: datetime) -> int:
    models = [model for site in sites() for model in site.models]
    done = _guarded("overdue", lambda: run_overdue(models, now))
    for site in sites():
        if site.clock is not None:
            work = site.clock
            done += _guarded(site.code, lambda work=work: work(now))  # type: ignore[misc]
    done += _guarded("reminders", lambda: reminders.remind(models, now))
    done += _guarded("telling", lambda: telling.deliver(now))
    done += _guarded("webhooks", lambda: hooks.deliver(now))
    _guarded("tidying", lambda: _tidy(now))
    ClockMark.objects.update_or_create(code="clock", defaults={"until": now})
    return done


def _guarded(name: str, work: Callable[[], int]) -> int:
    try:
        return work()
    except Exception:
        log.exception("the clock could not finish %s", name)
        return 0


def _tidy(now: datetime) -> int:
    """Once a day: sessions, links and idempotent answers that are over."""
    mark = ClockMark.objects.filter(code="tidied").first()
    if mark is not None and (now - mark.until).total_seconds() < 86_400:
        return 0
    SessionStore.clear_expired()
    OneTimeLink.objects.filter(expires_at__lt=now).delete()
    IdempotentAnswer.objects.filter(at__lt=now - timedelta(days=2)).delete()
    ClockMark.objects.update_or_create(code="tidied", defaults={"until": now})
    return 1


class Clock(threading.Thread):
    """Runs :func:`tick` each minute until stopped."""

    def __init__(self) -> None:
        super().__init__(name="clock", daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        """Tick, wait, tick."""
        while not self._over.is_set():
            close_old_connections()
            _guarded("tick", lambda: tick(timezone.now()))
            self._over.wait(MINUTE)

    def stop(self) -> None:
        """End after the present tick."""
        self._over.set()
