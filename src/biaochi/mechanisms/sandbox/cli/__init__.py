"""The commands of the sandbox."""

from biaochi.mechanisms.sandbox.cli.verbs import app

__all__ = ["app"]
