"""Periods of observation: years, quarters, months; and the reading of dates."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import total_ordering
from typing import Literal, Self

_PATTERN = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A year (``2024``), a quarter (``2024-Q3``) or a month (``2024-07``).

    Examples
    --------
    >>> Period.parse("2024-Q3").end
    datetime.date(2024, 9, 30)
    >>> Period.parse("2024-12").shift(1).code
    '2025-01'
    """

    year: int
    kind: Literal["year", "quarter", "month"]
    part: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a period; raise ``ValueError`` when it is none."""
        match = _PATTERN.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not a period (YYYY, YYYY-Qn or YYYY-MM): {text!r}")
        year, quarter, month = match.groups()
        if quarter:
            return cls(int(year), "quarter", int(quarter))
        return cls(int(year), "month", int(month)) if month else cls(int(year), "year")

    @property
    def code(self) -> str:
        """The period as files write it."""
        suffix = {"year": "", "quarter": f"-Q{self.part}", "month": f"-{self.part:02d}"}[self.kind]
        return f"{self.year:04d}{suffix}"

    @property
    def months(self) -> int:
        """Length in months."""
        return {"year": 12, "quarter": 3, "month": 1}[self.kind]

    @property
    def start(self) -> date:
        """First day."""
        return date(self.year, (self.part - 1) * self.months + 1, 1)

    @property
    def end(self) -> date:
        """Last day."""
        month = self.part * self.months
        return date(self.year, month, monthrange(self.year, month)[1])

    def shift(self, steps: int) -> Self:
        """Return the period that many steps of its own kind later (or earlier, when negative)."""
        per_year = 12 // self.months
        index = self.year * per_year + self.part - 1 + steps
        return type(self)(index // per_year, self.kind, index % per_year + 1)

    def __lt__(self, other: Period) -> bool:
        return (self.start, self.end) < (other.start, other.end)


def date_or_end(text: str) -> date:
    """Read ``YYYY-MM-DD``; ``YYYY``, ``YYYY-Qn`` and ``YYYY-MM`` mean their last day.

    Examples
    --------
    >>> date_or_end("2025-10")
    datetime.date(2025, 10, 31)
    """
    stripped = text.strip()
    return date.fromisoformat(stripped) if stripped.count("-") == 2 else Period.parse(stripped).end


def add_years(day: date, years: int) -> date:
    """Return the same day that many years later; 29 February becomes 28 February where it must."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def add_months(day: date, months: int) -> date:
    """Return the same day that many months later, or the month's last day where there is none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
