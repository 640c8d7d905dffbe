"""What each mechanism contributes to the site, in their order."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from biaochi.registry.site import Site
from biaochi.web.rooms import web_rooms


@cache
def sites() -> tuple[Site, ...]:
    """Return the ``SITE`` of every mechanism that has a web room."""
    return tuple(import_module(f"biaochi.mechanisms.{m}.web.site").SITE for m in web_rooms())
