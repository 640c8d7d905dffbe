"""``biaochi fairness``: review a text, explain a rule on a clause, list the rules, score against labels."""

from biaochi.mechanisms.fairness.cli.verbs import app

__all__ = ["app"]
