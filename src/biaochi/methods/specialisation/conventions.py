"""The conventions of economic geography that differ from package to package, said aloud.

Two programmes that both "compute complexity" may disagree in the diagonal of proximity, the scale of PCI and the sign
of everything.  A result carries the conventions it was computed with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

ProximityKind = Literal["conditional", "correlation", "association", "cosine", "jaccard"]
Diagonal = Literal["zero", "one"]
PciScale = Literal["eci", "own"]
AnchorKind = Literal["tracks", "pci", "gdp"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """What tells which end of the complexity axis is the complex one.

    Parameters
    ----------
    kind : {"tracks", "pci", "gdp"}
        ``tracks``: codes known to be complex (values are ignored); ``pci``: external complexity of tracks;
        ``gdp``: GDP per head of regions.
    values : mapping of str to float
        Code of a track, or of a region for ``gdp``, to its value.
    name : str
        How the anchor is called in results.
    """

    kind: AnchorKind
    values: Mapping[str, float]
    name: str = ""

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("an anchor needs at least one track or region")


@dataclass(frozen=True, slots=True)
class Conventions:
    """How indicators are computed.

    Parameters
    ----------
    threshold : float
        RCA from which a region counts as active, above 0; RCA is compared unrounded.
    proximity : str
        ``conditional``, ``correlation``, ``association``, ``cosine`` or ``jaccard``.
    diagonal : {"zero", "one"}
        Proximity of a track to itself.
    pci_scale : {"eci", "own"}
        Whether PCI is scaled by ECI's mean and standard deviation or by its own.
    anchor : Anchor or None
        What fixes the sign of complexity; without one it may stay undetermined.

    Examples
    --------
    >>> Conventions(proximity="cosine").to_dict()["diagonal"]
    'zero'
    """

    threshold: float = 1.0
    proximity: ProximityKind = "conditional"
    diagonal: Diagonal = "zero"
    pci_scale: PciScale = "eci"
    anchor: Anchor | None = field(default=None)

    def __post_init__(self) -> None:
        if not self.threshold > 0:
            raise ValueError(f"threshold must be above 0, seen {self.threshold}")
        for name, value, allowed in (
            ("proximity", self.proximity, get_args(ProximityKind)),
            ("diagonal", self.diagonal, get_args(Diagonal)),
            ("pci_scale", self.pci_scale, get_args(PciScale)),
        ):
            if value not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, seen {value!r}")

    def to_dict(self) -> dict[str, object]:
        """Return the conventions as results carry them."""
        return {
            "threshold": self.threshold,
            "proximity": self.proximity,
            "diagonal": self.diagonal,
            "pci_scale": self.pci_scale,
            "anchor": None if self.anchor is None else self.anchor.name or self.anchor.kind,
        }
