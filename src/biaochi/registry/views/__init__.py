"""The generic pages every mechanism's room is made of: list, object with its moves, creation, import."""

from biaochi.registry.views.creation import CreateView
from biaochi.registry.views.imports import ImportView
from biaochi.registry.views.lists import ListColumn, ListFilter, ListView
from biaochi.registry.views.objects import Item, ObjectView, Section
from biaochi.registry.views.rooms import room_urls

__all__ = [
    "CreateView",
    "ImportView",
    "Item",
    "ListColumn",
    "ListFilter",
    "ListView",
    "ObjectView",
    "Section",
    "room_urls",
]
