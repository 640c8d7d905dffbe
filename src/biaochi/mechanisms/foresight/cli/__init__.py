"""Commands of foresight: ``biaochi foresight <verb>``."""

from biaochi.mechanisms.foresight.cli import checking, forecasts, outlooks, reporting, surveys
from biaochi.mechanisms.foresight.cli.frame import app

__all__ = ["app", "checking", "forecasts", "outlooks", "reporting", "surveys"]
