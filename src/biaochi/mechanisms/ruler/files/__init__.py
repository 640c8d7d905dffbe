"""The ruler's files: framework, observations, units, plan, design, bands; and its part of a programme folder."""

from biaochi.mechanisms.ruler.files.bands import Bands, read_bands
from biaochi.mechanisms.ruler.files.bundle import Bundle, rebuild
from biaochi.mechanisms.ruler.files.editing import FIELDS, node_fields, with_fields
from biaochi.mechanisms.ruler.files.part import read_part
from biaochi.mechanisms.ruler.files.reading import Loaded, load, placed, read_design, read_plan

__all__ = [
    "FIELDS",
    "Bands",
    "Bundle",
    "Loaded",
    "load",
    "node_fields",
    "placed",
    "read_bands",
    "read_design",
    "read_part",
    "read_plan",
    "rebuild",
    "with_fields",
]
