"""The local day on which a guard asks: a waiver ends with its own zone's midnight, not with that of UTC."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def local_day(subject: object, now: datetime) -> date:
    """Return the day of ``now`` in the subject's ``zone``; without one its ``today``, else the day ``now`` carries."""
    zone = getattr(subject, "zone", None)
    if isinstance(zone, ZoneInfo):
        return now.astimezone(zone).date()
    today = getattr(subject, "today", None)
    return today if isinstance(today, date) else now.date()
