"""Dated rules: criteria as data, verdicts by chain, scores as intervals, exact borders, gaps and checked plans.

``RuleSet`` and ``resolve`` hold and choose versions, ``evaluate`` assesses a table, ``gaps`` and ``plan`` say what is
missing and the cheapest way there.
"""

from biaochi.methods.rules.engine import SetResult
from biaochi.methods.rules.evaluate import Assessment, evaluate
from biaochi.methods.rules.gap import Gap, firm_gaps, gaps
from biaochi.methods.rules.milp import Cost
from biaochi.methods.rules.plan import Plan, Step, plan
from biaochi.methods.rules.resolve import resolve
from biaochi.methods.rules.ruleset import Criterion, RuleSet, diff

__all__ = [
    "Assessment",
    "Cost",
    "Criterion",
    "Gap",
    "Plan",
    "RuleSet",
    "SetResult",
    "Step",
    "diff",
    "evaluate",
    "firm_gaps",
    "gaps",
    "plan",
    "resolve",
]
