"""The files of patient capital."""

from biaochi.mechanisms.capital.files.part import read_part
from biaochi.mechanisms.capital.files.reading import DEALS, FLOWS, read_deals, read_flows, read_terms, read_tiers

__all__ = ["DEALS", "FLOWS", "read_deals", "read_flows", "read_part", "read_terms", "read_tiers"]
