"""Commands of patient capital: ``biaochi capital <verb>``."""

from biaochi.mechanisms.capital.cli import commands
from biaochi.mechanisms.capital.cli.commands import app

__all__ = ["app", "commands"]
