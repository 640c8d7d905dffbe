"""Reading the files of cultivation: firms, evidence, costs, registers, rule sets, a programme folder."""

from biaochi.mechanisms.cultivation.files.part import read_part

__all__ = ["read_part"]
