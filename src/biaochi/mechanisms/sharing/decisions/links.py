"""融通发展: who is linked to whom, how far a leader reaches, and which small firm hangs on one buyer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class LinkKind(StrEnum):
    """How a large and a small firm work together."""

    SUPPLY = "supply"
    JOINT_RD = "joint_rd"
    SCENE = "scene"
    EQUITY = "equity"
    PLATFORM = "platform"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Link:
    """A link between a leading and a small firm; ``amount`` in yuan weighs it, one when unknown."""

    leader: str
    small: str
    kind: LinkKind
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class LinkSummary:
    """The network in figures.

    Parameters
    ----------
    reach : dict
        Leader → number of small firms linked to it.
    hhi : float
        Concentration of links over leaders, 0..1.
    dependent : dict
        Small firm → share of its supply that goes to its largest buyer, where that is the limit or more.
    """

    reach: dict[str, int]
    hhi: float
    dependent: dict[str, float]


def summarise_links(links: Iterable[Link], *, limit: float) -> LinkSummary:
    """Summarise links.

    Examples
    --------
    >>> supply = [Link("A", "x", LinkKind.SUPPLY, 9.0), Link("B", "x", LinkKind.SUPPLY, 1.0)]
    >>> links = [*supply, Link("A", "y", LinkKind.SCENE)]
    >>> found = summarise_links(links, limit=0.5)
    >>> found.reach, found.dependent
    ({'A': 2, 'B': 1}, {'x': 0.9})
    """
    reached: dict[str, set[str]] = {}
    supply: dict[str, dict[str, float]] = {}
    counts: dict[str, int] = {}
    for link in links:
        reached.setdefault(link.leader, set()).add(link.small)
        counts[link.leader] = counts.get(link.leader, 0) + 1
        if link.kind is LinkKind.SUPPLY:
            buyers = supply.setdefault(link.small, {})
            buyers[link.leader] = buyers.get(link.leader, 0.0) + link.amount
    total = sum(counts.values())
    top = {small: max(b.values()) / sum(b.values()) for small, b in supply.items() if sum(b.values()) > 0}
    return LinkSummary(
        {leader: len(small) for leader, small in reached.items()},
        sum((n / total) ** 2 for n in counts.values()) if total else 0.0,
        {small: share for small, share in top.items() if share >= limit},
    )
