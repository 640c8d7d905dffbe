"""The files of patient capital."""

from biaochi.mechanisms.capital.files.money import DEALS, FLOWS, read_deals, read_flows, read_tiers
from biaochi.mechanisms.capital.files.part import read_part
from biaochi.mechanisms.capital.files.terms import TERMS_SCHEMA, read_terms, terms_of

__all__ = [
    "DEALS",
    "FLOWS",
    "TERMS_SCHEMA",
    "read_deals",
    "read_flows",
    "read_part",
    "read_terms",
    "read_tiers",
    "terms_of",
]
