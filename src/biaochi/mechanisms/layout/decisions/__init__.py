"""Decisions of the layout, each with its reasons; none obliges a region."""

from biaochi.mechanisms.layout.decisions.crowding import decide_crowding
from biaochi.mechanisms.layout.decisions.gate import decide_gate
from biaochi.mechanisms.layout.decisions.menu import decide_menu_item

__all__ = ["decide_crowding", "decide_gate", "decide_menu_item"]
