"""Which mechanisms have a web room; reads the list and imports none of them, so that settings may ask."""

from __future__ import annotations

from importlib.util import find_spec

from biaochi.mechanisms import MECHANISMS


def web_rooms() -> tuple[str, ...]:
    """Return the mechanisms that have a web room, in their order."""
    return tuple(m for m in MECHANISMS if find_spec(f"biaochi.mechanisms.{m}.web") is not None)
