"""Commands of the exploration fund: ``biaochi fund <verb>``."""

from biaochi.mechanisms.fund.cli import advice, packet, reading
from biaochi.mechanisms.fund.cli.frame import app

__all__ = ["advice", "app", "packet", "reading"]
