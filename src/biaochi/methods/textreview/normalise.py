"""The shadow a text is read in: NFKC, lower case, with a way back to the offsets of the text as given."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
_CAPITALS = {i: i + 32 for i in range(0x41, 0x5B)}
_DIRECT = {
    **{full: _CAPITALS.get(half, half) for full, half in _FULL_WIDTH.items()},
    **_CAPITALS,
    0x3002: 0x3002,
    0xA0: 0x20,
}


@dataclass(frozen=True, slots=True)
class Shadow:
    """The text as patterns see it.

    Attributes
    ----------
    text : str
        NFKC form in lower case.
    offsets : tuple of int or None
        For each character of the shadow the offset of its origin, and one more for the end; ``None`` when the two
        texts have the same offsets.
    """

    text: str
    offsets: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span of the given text that a span of the shadow comes from."""
        if self.offsets is None:
            return start, end
        last = self.offsets[end - 1] if end > start else self.offsets[end]
        stop = end
        while stop < len(self.offsets) - 1 and self.offsets[stop] == last:
            stop += 1
        return self.offsets[start], self.offsets[stop]


def shadow(text: str) -> Shadow:
    """Return the NFKC, lower-case shadow of a text.

    Examples
    --------
    >>> shadow("注册资本（≥５００万）").text
    '注册资本(≥500万)'
    >>> shadow("㎡为平方米").span(0, 2)
    (0, 1)
    """
    quick = text.translate(_DIRECT)
    if quick.isascii() or (unicodedata.is_normalized("NFKC", quick) and quick == quick.lower()):
        return Shadow(quick)
    pieces: list[str] = []
    offsets: list[int] = []
    for position, character in enumerate(text):
        form = unicodedata.normalize("NFKC", character).lower() if not character.isascii() else character.lower()
        pieces.append(form)
        offsets.extend([position] * len(form))
    joined = "".join(pieces)
    if len(joined) == len(text) and len(set(offsets)) == len(offsets):
        return Shadow(joined)
    return Shadow(joined, (*offsets, len(text)))
