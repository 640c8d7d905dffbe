"""The ruler's files: framework, observations, units, plan, design; and its part of a programme folder."""

from biaochi.mechanisms.ruler.files.part import read_part
from biaochi.mechanisms.ruler.files.reading import Loaded, load, placed, read_design, read_plan

__all__ = ["Loaded", "load", "placed", "read_design", "read_part", "read_plan"]
