"""Instants as files write them: with an offset, or in the case's own time zone; a day or a month means its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from biaochi.core.period import date_or_end

_DAY_ENDS = time(23, 59, 59, 999_999)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last microsecond of a day.

    Examples
    --------
    >>> end_of_day(date(2026, 12, 31), ZoneInfo("Asia/Shanghai")).astimezone(UTC).isoformat()
    '2026-12-31T15:59:59.999999+00:00'
    """
    return datetime.combine(day, _DAY_ENDS, zone)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day."""
    return datetime.combine(day, time.min, zone)


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read ISO 8601; without an offset in ``zone``; ``YYYY-MM-DD``, ``YYYY-MM`` and ``YYYY-Qn`` mean their end.

    Returns
    -------
    datetime
        Aware, in UTC.

    Raises
    ------
    ValueError
        When the text is none of these.

    Examples
    --------
    >>> read_instant("2026-01-05T09:00", ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-01-05T01:00:00+00:00'
    >>> read_instant("2023-02", ZoneInfo("UTC")).isoformat()
    '2023-02-28T23:59:59.999999+00:00'
    """
    stripped = text.strip()
    if len(stripped) <= 10:
        return end_of_day(date_or_end(stripped), zone).astimezone(UTC)
    moment = datetime.fromisoformat(stripped)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def hours(value: float) -> timedelta:
    """Return a number of hours as a duration."""
    return timedelta(hours=value)
