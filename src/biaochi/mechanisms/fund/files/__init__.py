"""The files of the exploration fund."""

from biaochi.mechanisms.fund.files.decisions_table import DECISIONS, read_decisions
from biaochi.mechanisms.fund.files.part import read_part

__all__ = ["DECISIONS", "read_decisions", "read_part"]
