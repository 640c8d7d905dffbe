"""``biaochi transfer``: check, survival."""

from biaochi.mechanisms.transfer.cli.verbs import app

__all__ = ["app"]
