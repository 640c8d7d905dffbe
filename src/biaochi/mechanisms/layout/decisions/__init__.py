"""Decisions of the layout, each with its reasons; none obliges a region."""

from biaochi.mechanisms.layout.decisions.crowding import decide_crowding
from biaochi.mechanisms.layout.decisions.documents import decide_document, decide_publication
from biaochi.mechanisms.layout.decisions.gate import decide_gate
from biaochi.mechanisms.layout.decisions.menu import decide_answer, decide_menu_item
from biaochi.mechanisms.layout.decisions.part import run_part, study_rules
from biaochi.mechanisms.layout.decisions.zones import decide_zone_admission, decide_zone_assessment

__all__ = [
    "decide_answer",
    "decide_crowding",
    "decide_document",
    "decide_gate",
    "decide_menu_item",
    "decide_publication",
    "decide_zone_admission",
    "decide_zone_assessment",
    "run_part",
    "study_rules",
]
