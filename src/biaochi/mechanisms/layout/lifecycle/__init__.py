"""The life cycles of the layout, as data: plan document, pilot zone, menu."""

from biaochi.core.workflow import Workflow
from biaochi.mechanisms.layout.lifecycle.document import DOCUMENT
from biaochi.mechanisms.layout.lifecycle.menu import MENU
from biaochi.mechanisms.layout.lifecycle.zone import ZONE

WORKFLOWS: tuple[Workflow, ...] = (DOCUMENT, ZONE, MENU)

__all__ = ["DOCUMENT", "MENU", "WORKFLOWS", "ZONE"]
