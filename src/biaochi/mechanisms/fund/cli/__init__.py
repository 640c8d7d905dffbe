"""Commands of the exploration fund: ``biaochi fund <verb>``."""

from biaochi.mechanisms.fund.cli import advice, reading
from biaochi.mechanisms.fund.cli.frame import app

__all__ = ["advice", "app", "reading"]
