"""What sharing is about: resources with a capacity, bookings of them, links between large and small firms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ResourceKind(StrEnum):
    """What may be shared."""

    EQUIPMENT = "equipment"
    PILOT_LINE = "pilot_line"
    COMPUTE = "compute"
    DATASET = "dataset"
    TALENT = "talent"
    TECHNOLOGY = "technology"
    CAPITAL = "capital"
    STANDARD = "standard"
    JOINT_PROJECT = "joint_project"


class BookingStatus(StrEnum):
    """Where a booking stands."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    USED = "used"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    REFUSED = "refused"


HOLDING = frozenset({BookingStatus.CONFIRMED, BookingStatus.USED, BookingStatus.NO_SHOW})
"""Statuses that hold capacity."""
ACCEPTED = HOLDING
SINGLE = frozenset({ResourceKind.TALENT})
"""Kinds whose capacity is one whatever is declared: a person works in one place at a time."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that can be booked.

    Parameters
    ----------
    resource, owner : str
        Identifier and owner.
    kind : ResourceKind or None
        What it is.
    unit : str
        What is counted.
    declared : float or None
        Declared capacity in units; an exclusive licence declares one.
    open_from, open_to : datetime or None
        When it can be used, ``[from, to)``.
    row : int
        Spreadsheet row.
    """

    resource: str
    owner: str = ""
    kind: ResourceKind | None = None
    unit: str = ""
    declared: float | None = None
    open_from: datetime | None = None
    open_to: datetime | None = None
    row: int = 0

    @property
    def capacity(self) -> float:
        """Units that may be in use at once; nothing when not declared."""
        if self.kind in SINGLE:
            return 1.0
        return self.declared or 0.0


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """A resource as its life cycle sees it."""

    owner: str


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """A booking as its life cycle sees it."""

    owner: str
    user: str
    capacity_left: bool
    price_listed: bool
