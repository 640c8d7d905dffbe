"""What is stored of the layout: plan documents, pilot zones, uploaded tables, menus, computed readings."""

from biaochi.mechanisms.layout.web.models.activity import ActivityTable, Concordance
from biaochi.mechanisms.layout.web.models.menus import Menu, MenuAnswer
from biaochi.mechanisms.layout.web.models.plans import DemandRange, PlanDocument, TrackOutlook
from biaochi.mechanisms.layout.web.models.reading import Reading
from biaochi.mechanisms.layout.web.models.zones import Objection, Zone

__all__ = [
    "ActivityTable",
    "Concordance",
    "DemandRange",
    "Menu",
    "MenuAnswer",
    "Objection",
    "PlanDocument",
    "Reading",
    "TrackOutlook",
    "Zone",
]
