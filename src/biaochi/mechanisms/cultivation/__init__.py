"""梯度培育：企业离哪一级最近、还缺什么、怎样最省、何时可报；机关看谁够、谁升、谁到期。

Cultivation: which grade a firm is near, what is missing, the cheapest way and the earliest day; for the office, who
qualifies, rises or lapses.  A verdict prepares a decision; it recognises nobody.
"""

from biaochi.mechanisms.cultivation.decisions import assess_firm, check_registry
from biaochi.mechanisms.cultivation.lifecycle import WORKFLOWS
from biaochi.mechanisms.cultivation.model import SETS, Duty, Grant

__all__ = ["SETS", "WORKFLOWS", "Duty", "Grant", "assess_firm", "check_registry"]
