"""Spans that do not overlap, asked in logarithmic time which of them a new span meets."""

from __future__ import annotations

from bisect import bisect_right


class Apart:
    """A growing set of half-open spans, no two of which overlap.

    Examples
    --------
    >>> spans = Apart()
    >>> spans.add(3, 5)
    >>> spans.meets(4, 9), spans.meets(5, 9)
    (0, None)
    """

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._held: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> None:
        """Add a span that meets none; its number is how many were added before it."""
        place = bisect_right(self._starts, start)
        number = len(self._held)
        self._starts.insert(place, start)
        self._held.insert(place, (end, number))

    def meets(self, start: int, end: int) -> int | None:
        """Return the number of the first span that overlaps a span, or None."""
        place = bisect_right(self._starts, start)
        if place and self._held[place - 1][0] > start:
            return self._held[place - 1][1]
        if place < len(self._starts) and self._starts[place] < end:
            return self._held[place][1]
        return None
