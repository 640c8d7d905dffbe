"""Things said together: several slots in one sentence, in any order, near each other.

A condition is rarely worded in one order: “须在本市设有仓库”, “仓库须设在本市” and “没有本市仓库的” say
the same.  A frame names its slots, not the words between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Most places of one slot that are tried before a frame gives up.
_TRIES = 4
_END = re.compile(r"[。;!?\n]|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text; the part of a match that readers need."""

    start: int
    end: int

    def span(self) -> tuple[int, int]:
        """Return the half-open span."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Together:
    """A frame: every slot must be found within one sentence, each at most ``gap`` characters from those before it.

    No word serves two slots.

    Parameters
    ----------
    slots : tuple of pattern
        What must be said; the rarest first, since the search starts from it.
    gap : int
        Most characters between neighbouring slots.

    Examples
    --------
    >>> frame = Together((re.compile("本市"), re.compile("仓库")), 6)
    >>> [m.span() for m in frame.finditer("仓库须设在本市。本市欢迎您")]
    [(0, 7)]
    """

    slots: tuple[re.Pattern[str], ...]
    gap: int

    def finditer(self, text: str) -> Iterator[Place]:
        """Yield the places of a shadow where all slots come together, from left to right."""
        after = 0
        for first in self.slots[0].finditer(text):
            if first.start() < after:
                continue
            found = self._around(text, *first.span())
            if found is not None:
                yield found
                after = found.end

    def _around(self, text: str, start: int, end: int) -> Place | None:
        left = max((m.end() for m in _END.finditer(text, max(0, start - 400), start)), default=max(0, start - 400))
        stop = _END.search(text, end)
        right = stop.start() if stop else len(text)
        spans = self._fitted(1, text, ((start, end),), (left, right))
        return Place(min(a for a, _ in spans), max(b for _, b in spans)) if spans else None

    def _fitted(
        self, position: int, text: str, taken: tuple[tuple[int, int], ...], bounds: tuple[int, int]
    ) -> tuple[tuple[int, int], ...]:
        """Return the spans of all slots, the nearest first tried; empty when they do not fit together."""
        if position == len(self.slots):
            return taken
        start, end = min(a for a, _ in taken), max(b for _, b in taken)
        reach = self.gap + 30
        near: list[tuple[int, int, int]] = []
        for match in self.slots[position].finditer(text, max(bounds[0], start - reach), min(bounds[1], end + reach)):
            begin, stop = match.span()
            distance = max(0, begin - end, start - stop)
            if begin != stop and distance <= self.gap and not any(begin < b and a < stop for a, b in taken):
                near.append((distance, begin, stop))
        for _, begin, stop in sorted(near)[:_TRIES]:
            found = self._fitted(position + 1, text, (*taken, (begin, stop)), bounds)
            if found:
                return found
        return ()
