"""``biaochi sharing``: check, utilisation."""

from biaochi.mechanisms.sharing.cli.verbs import app

__all__ = ["app"]
