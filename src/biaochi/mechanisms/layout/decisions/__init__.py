"""Decisions of the layout, each with its reasons; none obliges a region."""

from biaochi.mechanisms.layout.decisions.crowding import decide_crowding

__all__ = ["decide_crowding"]
