"""Commands of the layout: ``biaochi layout <verb>``."""

from biaochi.mechanisms.layout.cli.commands import app

__all__ = ["app"]
