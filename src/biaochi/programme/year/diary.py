"""The diary of a year: days counted from its start, working hours of the office, and short words for what is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

from biaochi.core.roles import Role
from biaochi.programme.year.act import Act, Form, Opening, Upload

OFFICE = timezone(timedelta(hours=8))
SATURDAY = 5


@dataclass
class Diary:
    """Acts as they are written down; :meth:`acts` gives them in order.

    Parameters
    ----------
    start : date
        First day of the year.

    Examples
    --------
    >>> diary = Diary(date(2026, 1, 5))
    >>> diary.at(5, 9).isoformat()
    '2026-01-12T09:00:00+08:00'
    """

    start: date
    _acts: list[tuple[float, Act | Opening]] = field(default_factory=list)

    def day(self, number: int) -> date:
        """Return a day of the year; a weekend moves on to Monday."""
        found = self.start + timedelta(days=number)
        over = found.weekday() - SATURDAY
        return found + timedelta(days=2 - over) if over >= 0 else found

    def at(self, number: int, hour: float) -> datetime:
        """Return an instant of a day, by the office's clock."""
        day = self.day(number)
        return datetime(day.year, day.month, day.day, tzinfo=OFFICE) + timedelta(hours=hour)

    def open(self, number: int, mechanism: str, hour: float = 8) -> None:
        """Write down that a mechanism opens."""
        self._write(number, hour, Opening(self.at(number, hour), mechanism))

    def send(
        self,
        number: int,
        hour: float,
        role: Role,
        address: str,
        fields: Form | None = None,
        *,
        person: int = 1,
        keeps: str = "",
        pattern: str = "",
        files: Mapping[str, Upload] | None = None,
    ) -> None:
        """Write down a form."""
        when = self.at(number, hour)
        form, given = dict(fields or {}), files or {}
        self._write(number, hour, Act(when, role, address, form, given, number=person, keeps=keeps, pattern=pattern))

    def move(
        self,
        number: int,
        hour: float,
        role: Role,
        address: str,
        move: str,
        reason: str = "",
        *,
        person: int = 1,
        **fields: str,
    ) -> None:
        """Write down a move of the object at an address; the fields of its form carry the move's prefix."""
        form = {"move": move, "reason": reason, **{f"{move}-{name}": value for name, value in fields.items()}}
        self.send(number, hour, role, address, form, person=person)

    def look(self, number: int, hour: float, role: Role, address: str, keeps: str, pattern: str) -> None:
        """Write down that somebody follows a link of a page."""
        self._write(number, hour, Act(self.at(number, hour), role, address, keeps=keeps, pattern=pattern))

    def post(self, number: int, hour: float, address: str, rows: tuple[Mapping[str, object], ...], key: str) -> None:
        """Write down readings a firm's machine posts; weekends are no rest for machines."""
        day = self.start + timedelta(days=number)
        when = datetime(day.year, day.month, day.day, tzinfo=OFFICE) + timedelta(hours=hour)
        self._write(number, hour, Act(when, Role.FIRM, address, rows=rows, key=key))

    def acts(self) -> tuple[Act | Opening, ...]:
        """Return what was written down, in order; what a weekend pushed together follows minute by minute."""
        found: list[Act | Opening] = []
        for _, act in sorted(self._acts, key=lambda pair: pair[0]):
            last = found[-1].at + timedelta(minutes=1) if found else act.at
            found.append(act if act.at >= last else replace(act, at=last))
        return tuple(found)

    def _write(self, number: int, hour: float, act: Act | Opening) -> None:
        self._acts.append((number + hour / 24, act))
