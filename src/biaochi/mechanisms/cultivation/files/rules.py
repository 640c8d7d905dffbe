"""The rule sets that ship with cultivation."""

from __future__ import annotations

from importlib.resources import files

from biaochi.mechanisms.cultivation.model import in_order
from biaochi.methods.rules import RuleSet

PACKAGE = "biaochi.mechanisms.cultivation"
SCHEMA = "biaochi.ruleset/1"


def shipped_rules() -> list[RuleSet]:
    """Return every version of every shipped rule set, in order."""
    folder = files(PACKAGE) / "parameters"
    texts = [e.read_text(encoding="utf-8") for e in folder.iterdir() if e.name.endswith(".yaml")]
    return in_order(RuleSet.from_yaml(t) for t in texts if t.startswith(f"schema: {SCHEMA}"))
