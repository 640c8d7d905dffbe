"""The addresses of one model's room: list, new, object."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from biaochi.registry.views.creation import CreateView
from biaochi.registry.views.lists import ListView
from biaochi.registry.views.objects import ObjectView


def room_urls(
    folder: str, *, listing: type[ListView], page: type[ObjectView], creation: type[CreateView] | None = None
) -> list[URLPattern]:
    """Return the addresses of a model below ``folder`` (empty for the mechanism's first model).

    Names are ``<model>_list``, ``<model>_new`` and ``<model>``, inside the mechanism's namespace.
    """
    name = page.model._meta.model_name
    stem = f"{folder}/" if folder else ""
    found: list[Any] = [path(stem, listing.as_view(), name=f"{name}_list")]
    if creation is not None:
        found.append(path(f"{stem}new/", creation.as_view(), name=f"{name}_new"))
    found.append(path(f"{stem}<slug:public_id>/", page.as_view(), name=name))
    return found
