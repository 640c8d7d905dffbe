"""``biaochi scene``: match, check, outcomes."""

from biaochi.mechanisms.scene.cli.verbs import app

__all__ = ["app"]
