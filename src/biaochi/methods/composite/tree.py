"""The tree of indicators: nodes, levels, weights, and the quantities indicators are divided by.

A leaf stands on level 1, a node one above its highest child; a branch may therefore skip levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Self

from biaochi.core.canonical import digest
from biaochi.core.text import Text


class Polarity(StrEnum):
    """Whether more is better, less is better, or a band is best."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    BAND = "band"


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree; a leaf carries an indicator.

    Parameters
    ----------
    code, name, parent, weight
        Identity, label, code above (empty for the root), weight among its siblings (not negative).
    polarity : Polarity or None
        ``None`` for nodes that are no leaf.
    band : tuple of float or None
        Best range of a ``band`` leaf; ``None`` means that no office has set it: the leaf is not scored.
    denominator, scale : str, float
        The indicator is scored as ``scale · value / denominator``.
    worst, best, target : float or None
        Goalposts and target in the leaf's own (denominated) units.
    facet, stage, cycle : str
        ``level intensity change``; ``effort process outcome``; ``short medium long``.
    window_years, window_statistic, lag_years
        The score rests on the ``median`` (or ``mean``) of so many years; a period matures ``lag_years`` after its end.
    pair_with, gaming_guard, shadows
        The indicator to be read together with, the guard in words, independent series it is checked against.
    cost, cost_reporting : float or None
        Cost of one unit of doing, and of merely reporting it, in the same unit of account.
    misreport : float or None
        Largest share by which a value may be misreported without being found.
    """

    code: str
    name: Text
    parent: str = ""
    weight: float = 1.0
    polarity: Polarity | None = None
    unit: str = ""
    band: tuple[float, float] | None = None
    denominator: str = ""
    scale: float = 1.0
    worst: float | None = None
    best: float | None = None
    target: float | None = None
    facet: str = ""
    stage: str = ""
    cycle: str = ""
    window_years: int = 1
    window_statistic: str = "median"
    lag_years: float = 0.0
    pair_with: str = ""
    gaming_guard: str = ""
    shadows: tuple[str, ...] = ()
    cost: float | None = None
    cost_reporting: float | None = None
    misreport: float | None = None
    owner: str = ""
    source: str = ""

    @property
    def scored(self) -> bool:
        """Whether the leaf can be scored: a band leaf needs its band."""
        return self.polarity is not Polarity.BAND or self.band is not None


@dataclass(frozen=True, slots=True)
class Denominator:
    """A quantity indicators are divided by; observed like an indicator, never scored."""

    code: str
    name: Text
    unit: str = ""


@dataclass(frozen=True)
class Tree:
    """Nodes and denominators of a framework, validated; what data and methods need to know of it."""

    code: str
    version: str
    name: Text
    effective_on: date | None
    nodes: tuple[Node, ...]
    denominators: tuple[Denominator, ...] = ()
    units: tuple[str, ...] = ()

    @cached_property
    def by_code(self) -> dict[str, Node]:
        """Every node by its code."""
        return {n.code: n for n in self.nodes}

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """Codes below each node that is no leaf, in declared order."""
        below: dict[str, list[str]] = {}
        for n in self.nodes:
            if n.parent:
                below.setdefault(n.parent, []).append(n.code)
        return {code: tuple(c) for code, c in below.items()}

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Indicator codes in declared order."""
        return tuple(n.code for n in self.nodes if n.code not in self.children)

    @cached_property
    def levels(self) -> dict[str, int]:
        """Level of each node: 1 for a leaf, one above the highest child otherwise."""
        known: dict[str, int] = {}

        def level(code: str) -> int:
            if code not in known:
                known[code] = 1 + max((level(c) for c in self.children.get(code, ())), default=0)
            return known[code]

        return {n.code: level(n.code) for n in self.nodes}

    @cached_property
    def root(self) -> str:
        """Code of the node above all others."""
        return next(n.code for n in self.nodes if not n.parent)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """Nodes that are no leaf, lowest level first, then in declared order."""
        inner = [n.code for n in self.nodes if n.code in self.children]
        return tuple(sorted(inner, key=self.levels.__getitem__))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Leaves, then all other nodes from the lowest level up: the column order of every result."""
        return (*self.leaves, *self.parents)

    @cached_property
    def effective_weights(self) -> dict[str, float]:
        """Product of the within-parent weights from each node up to the root (1 for the root)."""
        weights = {self.root: 1.0}
        for parent in reversed(self.parents):
            total = sum(self.by_code[c].weight for c in self.children[parent])
            for c in self.children[parent]:
                weights[c] = weights[parent] * self.by_code[c].weight / total
        return weights

    def under(self, code: str) -> tuple[str, ...]:
        """Return the leaves below a node (the leaf itself for a leaf)."""
        if code not in self.children:
            return (code,)
        return tuple(leaf for c in self.children[code] for leaf in self.under(c))

    @property
    def digest(self) -> str:
        """SHA-256 of the tree's content."""
        return digest({"code": self.code, "version": self.version, "nodes": self.nodes})

    def with_bands(self, bands: Mapping[str, tuple[float, float]]) -> Self:
        """Return the framework with the bands an office has set, by leaf code."""
        nodes = tuple(replace(n, band=bands[n.code]) if n.code in bands else n for n in self.nodes)
        return replace(self, nodes=nodes)

    def without(self, code: str) -> Self | None:
        """Return the framework with a node and all below it removed; ``None`` when nothing would be left.

        A parent left without children goes too.
        """
        gone = {code}
        changed = True
        while changed:
            changed = False
            for n in self.nodes:
                if n.code in gone:
                    continue
                below = self.children.get(n.code)
                if n.parent in gone or (below and all(c in gone for c in below)):
                    gone.add(n.code)
                    changed = True
        if self.root in gone:
            return None
        return replace(self, nodes=tuple(n for n in self.nodes if n.code not in gone))
