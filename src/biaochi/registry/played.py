"""A played year: its clock, its chance, and the label on what is made in it.  Outside of one, the machine's own.

A simulation plays a year in a minute through the same services as everybody, and must give the same ledger again.  So
identifiers, salts and sealing keys ask here for chance, and the present can be moved.  Whatever protects a living
installation (API keys, one-time links, passwords) never asks here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID


@dataclass
class _Year:
    """The one played year of this process, if any."""

    at: datetime | None = None
    chance: random.Random | None = None
    simulated: bool = field(default=False)


_year = _Year()
_MACHINE = random.SystemRandom()


def now() -> datetime:
    """Return the present: the instant the played year has come to, else the machine's.

    Examples
    --------
    >>> start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    >>> with year(seed=1):
    ...     move_to(start)
    ...     first = now(), chance().randbytes(4)
    >>> with year(seed=1):
    ...     move_to(start)
    ...     first == (now(), chance().randbytes(4))
    True
    """
    return _year.at or datetime.now(UTC)


def move_to(at: datetime) -> None:
    """Move the present of the played year; only inside :func:`year`."""
    if _year.chance is None:
        raise RuntimeError("the present moves only while a year is played")
    _year.at = at


def chance() -> random.Random:
    """Return where chance comes from: the machine, or the seed of the played year."""
    return _year.chance or _MACHINE


def new_uuid() -> UUID:
    """Return a random UUID (version 4) of this chance, for rows whose order must say nothing.

    Examples
    --------
    >>> new_uuid().version
    4
    """
    return UUID(bytes=chance().randbytes(16), version=4)


def labelled() -> bool:
    """Whether what is made now is simulated by its making."""
    return _year.simulated


def label(simulated: bool) -> None:
    """Say whether what is made from now on is simulated; only inside :func:`year`."""
    _year.simulated = simulated and _year.chance is not None


@contextmanager
def year(seed: int) -> Iterator[None]:
    """Play a year in this process: chance comes from a seed, the present stands where it is moved to."""
    if _year.chance is not None:
        raise RuntimeError("a year is being played already")
    _year.chance = random.Random(seed)
    try:
        yield
    finally:
        _year.at, _year.chance, _year.simulated = None, None, False
