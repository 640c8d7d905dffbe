"""What counts as a region entering a track between two windows.

``loose``: RCA below 1, then at or above 1.  ``strict``: RCA below 0.5, then at or above 1, which is nearer to what a
future industry means.  ``absolute``: value below A, then at or above A.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.specialisation.location_quotient import quotients

Array = NDArray[np.float64]
EventKind = Literal["loose", "strict", "absolute"]


@dataclass(frozen=True, slots=True)
class EntryEvent:
    """An entry event.

    Parameters
    ----------
    kind : {"loose", "strict", "absolute"}
    amount : float
        A of ``absolute``, above 0; ignored otherwise.

    Examples
    --------
    >>> EntryEvent.parse("absolute:20").code, EntryEvent.parse("strict").code
    ('absolute:20', 'strict')
    """

    kind: EventKind
    amount: float = 0.0

    def __post_init__(self) -> None:
        if self.kind == "absolute" and not (np.isfinite(self.amount) and self.amount > 0):
            raise ValueError(f"absolute needs an amount above 0, seen {self.amount}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``loose``, ``strict`` or ``absolute:A``; raise ``ValueError`` otherwise."""
        kind, _, amount = text.partition(":")
        if kind == "loose" and not amount:
            return cls("loose")
        if kind == "strict" and not amount:
            return cls("strict")
        if kind == "absolute":
            return cls("absolute", float(amount))
        raise ValueError(f"an event is loose, strict or absolute:A, seen {text!r}")

    @property
    def code(self) -> str:
        """The event as it is written."""
        return f"absolute:{self.amount:g}" if self.kind == "absolute" else self.kind

    def candidates(self, x: Array) -> NDArray[np.bool_]:
        """Return the cells from which the event can happen; never a region or track without activity."""
        quotient = quotients(x)
        with np.errstate(invalid="ignore"):
            if self.kind == "absolute":
                return np.asarray((x < self.amount) & ~np.isnan(quotient), dtype=bool)
            return np.asarray(quotient < (1.0 if self.kind == "loose" else 0.5), dtype=bool)

    def reached(self, x: Array) -> NDArray[np.bool_]:
        """Return the cells where the event's end is reached."""
        with np.errstate(invalid="ignore"):
            return np.asarray(x >= self.amount if self.kind == "absolute" else quotients(x) >= 1.0, dtype=bool)
