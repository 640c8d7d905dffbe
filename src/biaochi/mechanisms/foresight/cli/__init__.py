"""Commands of foresight: ``biaochi foresight <verb>``."""

from biaochi.mechanisms.foresight.cli import forecasts
from biaochi.mechanisms.foresight.cli.frame import app

__all__ = ["app", "forecasts"]
