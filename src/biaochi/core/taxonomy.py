"""Six directions and the tracks below them, with aliases and dated national flags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from biaochi.core.errors import DefinitionError
from biaochi.core.text import Text


class Direction(StrEnum):
    """The six directions of 工信部联科〔2024〕12号."""

    MANUFACTURING = "manufacturing"
    INFORMATION = "information"
    MATERIALS = "materials"
    ENERGY = "energy"
    SPACE = "space"
    HEALTH = "health"

    @property
    def text(self) -> Text:
        """The direction in words."""
        return _DIRECTION_TEXT[self]


_DIRECTION_TEXT = {
    Direction.MANUFACTURING: Text("未来制造", "future manufacturing"),
    Direction.INFORMATION: Text("未来信息", "future information"),
    Direction.MATERIALS: Text("未来材料", "future materials"),
    Direction.ENERGY: Text("未来能源", "future energy"),
    Direction.SPACE: Text("未来空间", "future space"),
    Direction.HEALTH: Text("未来健康", "future health"),
}


@dataclass(frozen=True, slots=True)
class Track:
    """A track below a direction.

    ``national`` holds the dates on which a national document named the track; being a national priority is a dated
    fact, never a constant.
    """

    code: str
    name: Text
    direction: Direction
    aliases: tuple[str, ...] = ()
    national: tuple[date, ...] = ()

    def national_since(self, day: date) -> date | None:
        """Return the first day the track was named nationally, if that is not after ``day``."""
        earlier = [d for d in self.national if d <= day]
        return min(earlier) if earlier else None


class Taxonomy:
    """All tracks in their order; looked up by code, or by any name or alias.

    Examples
    --------
    >>> quantum = Track("quantum", Text("量子科技", "Quantum technology"), Direction.INFORMATION, ("量子信息",))
    >>> Taxonomy([quantum]).find("量子信息").code
    'quantum'
    """

    def __init__(self, tracks: Iterable[Track]) -> None:
        ordered = list(tracks)
        self._tracks = {t.code: t for t in ordered}
        if len(self._tracks) != len(ordered):
            raise DefinitionError("taxonomy", ["two tracks share a code"])
        self._by_name: dict[str, str] = {}
        for track in ordered:
            for name in (track.code, track.name.zh, track.name.en, *track.aliases):
                other = self._by_name.setdefault(name.casefold(), track.code)
                if other != track.code:
                    raise DefinitionError("taxonomy", [f"{name!r} names both {other} and {track.code}"])

    def __iter__(self) -> Iterator[Track]:
        return iter(self._tracks.values())

    def __len__(self) -> int:
        return len(self._tracks)

    def __getitem__(self, code: str) -> Track:
        return self._tracks[code]

    def __contains__(self, code: str) -> bool:
        return code in self._tracks

    def find(self, name: str) -> Track | None:
        """Return the track with this code, name or alias, whatever its case; ``None`` when there is none."""
        code = self._by_name.get(name.strip().casefold())
        return self._tracks[code] if code else None

    def of(self, direction: Direction) -> tuple[Track, ...]:
        """Return the tracks of one direction, in order."""
        return tuple(t for t in self if t.direction is direction)
