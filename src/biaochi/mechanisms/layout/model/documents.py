"""A plan document on its way into the table: coded by two people, agreement measured, published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodedDocument:
    """A document with what two people read in it.

    Parameters
    ----------
    document : str
        Title with number.
    first, second : frozenset of str
        Track codes each person found; ``second`` is None before the second coding.
    coder, second_coder : str
        Who; they must differ.
    seen : bool
        Whether the text itself was seen, not a copy or a memory of it.
    disputed : bool
        Whether a region disputes the coding.
    """

    document: str
    first: frozenset[str]
    second: frozenset[str] | None
    coder: str
    second_coder: str = ""
    seen: bool = True
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A stored document as its life cycle's guards see it."""

    coder: str
    second_coder: str
    agreed: bool


def cohen_kappa(first: Collection[str], second: Collection[str], tracks: Collection[str]) -> float:
    """Return Cohen's κ of two codings over all tracks; 1 when both name the same, whatever chance says.

    Source: Cohen (1960), doi 10.1177/001316446002000104.

    Examples
    --------
    >>> round(cohen_kappa({"a", "b"}, {"a"}, ["a", "b", "c", "d"]), 3)
    0.5
    """
    n = len(tracks)
    one, other = set(first), set(second)
    if one == other or not n:
        return 1.0
    agreed = sum((t in one) == (t in other) for t in tracks) / n
    p, q = sum(t in one for t in tracks) / n, sum(t in other for t in tracks) / n
    chance = p * q + (1 - p) * (1 - q)
    return (agreed - chance) / (1 - chance) if chance < 1 else 0.0
