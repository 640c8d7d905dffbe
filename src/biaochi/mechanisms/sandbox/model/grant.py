"""Data under lock, what somebody wants to take out of it, what accelerators do, and what rule a case would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DataGrant:
    """The right to use data where they are: purpose, basis, fields, dates, rows a day, smallest cell of an export."""

    id: str
    case: str
    purpose: str
    basis: str
    fields: frozenset[str]
    start_on: date
    end_on: date
    rows_per_day: int
    smallest_cell: int
    state: str = "active"


@dataclass(frozen=True, slots=True)
class Export:
    """A result asked to be taken out; ``smallest_count`` is the least number of persons or units behind any cell."""

    id: str
    grant: str
    fields: frozenset[str]
    rows: int
    smallest_count: int | None
    purpose: str
    requested_by: str
    released_by: str
    rows_released_today: int = 0


@dataclass(frozen=True, slots=True)
class AcceleratorService:
    """A service for a case: mentors, a pilot line, vouchers, a first customer; with its outcome."""

    id: str
    case: str
    kind: str
    provider: str
    need: str
    start_on: date | None = None
    end_on: date | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A proposal that comes out of a case: which clause, what text, on what evidence, to which authority."""

    clause: str
    text: str
    evidence: tuple[str, ...]
    authority: str

    @property
    def complete(self) -> bool:
        """Whether every part is there."""
        return all((self.clause.strip(), self.text.strip(), self.evidence, self.authority.strip()))
