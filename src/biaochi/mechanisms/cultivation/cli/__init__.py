"""``biaochi cultivation``: assess, gap, cohort, rules."""

from biaochi.mechanisms.cultivation.cli.verbs import app

__all__ = ["app"]
