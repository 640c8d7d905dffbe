"""Which mechanisms have a web room; reads the list and imports none of the rooms, so that settings may ask."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from biaochi.mechanisms import MECHANISMS


def web_rooms() -> tuple[str, ...]:
    """Return the mechanisms that have a web room (a ``web/site.py``), in their order."""
    return tuple(m for m in MECHANISMS if _has_room(m))


def _has_room(mechanism: str) -> bool:
    found = find_spec(f"biaochi.mechanisms.{mechanism}.web")
    places = found.submodule_search_locations if found else None
    return any((Path(place) / "site.py").is_file() for place in places or ())
