"""Reminders: once a day, those who may act are told of what falls due within three days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import Transition
from biaochi.registry import telling
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.work import ClockMark, Notification

AHEAD = timedelta(days=3)
CODE = "reminded"
_MOST = 500


def remind(models: Sequence[type[Governed]], now: datetime) -> int:
    """Queue a message for each person who may make a move that falls due soon; return how many.

    Runs once a calendar day, whatever the number of ticks; what the clock itself will do reminds nobody.
    """
    today = timezone.localdate(now)
    mark = ClockMark.objects.filter(code=CODE).first()
    if mark is not None and timezone.localdate(mark.until) >= today:
        return 0
    notes = [note for model in models for row, move in _soon(model, now) for note in _notes(row, move, now)]
    Notification.objects.bulk_create(notes)
    ClockMark.objects.update_or_create(code=CODE, defaults={"until": now})
    return len(notes)


def _soon(model: type[Governed], now: datetime) -> Iterator[tuple[Governed, Transition]]:
    """Yield objects with the move that falls due within the time ahead."""
    moves = [t for t in model.workflow.transitions if t.deadline is not None and set(t.roles) != {Role.CLOCK}]
    states = {s for t in moves for s in t.sources}
    if not states:
        return
    rows = model._default_manager.filter(state__in=states).select_related("organisation", "region", "creator")
    for row in rows.order_by("entered_at")[:_MOST]:
        for move in moves:
            if row.state in move.sources and move.deadline is not None:
                left = row.entered_at + move.deadline - now
                if timedelta(0) < left <= AHEAD:
                    yield row, move


def _notes(row: Governed, move: Transition, now: datetime) -> Iterator[Notification]:
    assert move.deadline is not None
    on = timezone.localdate(row.entered_at + move.deadline)
    title = row.title
    text = Text(
        f"{title.zh}：须在 {on:%Y-%m-%d} 前{move.name.zh}",
        f"{title.en}: {move.name.en} is due by {on:%Y-%m-%d}",
    )
    for person in sorted(telling.who_may(row, move.roles)):
        yield Notification(
            person_id=person, subject=row.public_id, text_zh=text.zh, text_en=text.en, tell_at=now, informed_at=now
        )
