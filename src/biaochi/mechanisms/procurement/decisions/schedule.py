"""Working days: counted without the first day; a year without a calendar counts Monday to Friday and says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingCalendar:
    """Days that were declared working or not; a year is known when the calendar names at least one of its days.

    Examples
    --------
    >>> WorkingCalendar().between(date(2026, 3, 2), date(2026, 3, 30)).days
    20
    """

    declared: Mapping[date, bool] | None = None

    @property
    def years(self) -> frozenset[int]:
        """Years the calendar covers."""
        return frozenset(d.year for d in self.declared or {})

    def working(self, day: date) -> bool:
        """Whether a day is a working day: as declared, else Monday to Friday."""
        return (self.declared or {}).get(day, day.weekday() < 5)

    def between(self, start: date, end: date) -> Span:
        """Count the working days after ``start`` up to and including ``end``."""
        days, day = 0, start
        while day < end:
            day += _DAY
            days += self.working(day)
        years = set(range(start.year, max(start, end).year + 1))
        return Span(days, years <= self.years)

    def after(self, start: date, days: int) -> date:
        """Return the day on which that many working days after ``start`` have passed."""
        day, left = start, days
        while left > 0:
            day += _DAY
            left -= self.working(day)
        return day


@dataclass(frozen=True, slots=True)
class Span:
    """A number of working days, and whether every year touched has a declared calendar."""

    days: int
    known: bool
