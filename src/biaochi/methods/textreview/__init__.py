"""Reading rules of law in the words of a text: clauses, force, dated rule packs, findings with their stages."""

from biaochi.methods.textreview.engine import Facts, Finding, Review, State, review
from biaochi.methods.textreview.explain import explain
from biaochi.methods.textreview.force import Force, read_force
from biaochi.methods.textreview.rule_pack import ActivePack, Rule, RulePack
from biaochi.methods.textreview.segment import Clause, segment, whole

__all__ = [
    "ActivePack",
    "Clause",
    "Facts",
    "Finding",
    "Force",
    "Review",
    "Rule",
    "RulePack",
    "State",
    "explain",
    "read_force",
    "review",
    "segment",
    "whole",
]
